/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-firmware-tree.h"

G_BEGIN_DECLS

/* Which parts of a firmware's tree are shown: those looked for, and what they stand in. */
typedef struct _FatiaFirmwareSearch FatiaFirmwareSearch;

FatiaFirmwareSearch *
fatia_firmware_search_new (FatiaFirmwareItem *root, const char *words, gboolean only_noted);
void fatia_firmware_search_free (FatiaFirmwareSearch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaFirmwareSearch, fatia_firmware_search_free)

guint fatia_firmware_search_count (FatiaFirmwareSearch *self);
/* A FatiaFirmwareShown; @search: the search */
gboolean fatia_firmware_search_shows (FatiaFirmwareItem *item, gpointer search);

G_END_DECLS
