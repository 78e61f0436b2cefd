/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-steps.h"

G_BEGIN_DECLS

/* All that the walk through an image met and passed over, as a tree that can be searched. */
#define FATIA_TYPE_TREE_DIALOG (fatia_tree_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FatiaTreeDialog, fatia_tree_dialog, FATIA, TREE_DIALOG, AdwDialog)

AdwDialog *fatia_tree_dialog_new (FatiaGopStep *step);

G_END_DECLS
