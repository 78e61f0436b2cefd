/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "firmware/fatia-firmware-tree.h"

G_BEGIN_DECLS

/* One part of an image in the list: what it is called, what and where it is, what was noted. */
#define FATIA_TYPE_TREE_ROW (fatia_tree_row_get_type ())
G_DECLARE_FINAL_TYPE (FatiaTreeRow, fatia_tree_row, FATIA, TREE_ROW, AdwBin)

GtkWidget *fatia_tree_row_new (void);
void fatia_tree_row_show (FatiaTreeRow *self, FatiaFirmwareItem *item);
char *fatia_tree_row_describe (FatiaTreeRow *self);

G_END_DECLS
