/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-command.h"
#include "change/fatia-journal.h"

G_BEGIN_DECLS

/* What is at an item's path now. */
typedef enum
{
  FATIA_PRESENT_BEFORE, /* what was there before the change */
  FATIA_PRESENT_AFTER,  /* what the change made of it */
  FATIA_PRESENT_OTHER,  /* other hands' work */
} FatiaPresent;

FatiaPresent
fatia_record_item_look (const FatiaRecordItem *item, FatiaHostRoot *root, GBytes **present);
const FatiaRecordItem *fatia_record_first (FatiaRecord *record, const FatiaRecordItem *item);
gboolean
fatia_record_put_back_attributes (FatiaRecord *record, FatiaHostRoot *root, GError **error);
gboolean fatia_record_put_back (FatiaRecord *record, FatiaHostRoot *root, GError **error);
void fatia_record_discard (FatiaRecord *record, FatiaHostRoot *root);
gboolean fatia_record_run_again (FatiaRecord *record,
                                 FatiaHostRoot *root,
                                 FatiaProgress progress,
                                 gpointer user_data,
                                 GError **error);
gboolean fatia_changes_recover_locked (FatiaHostRoot *root,
                                       FatiaProgress progress,
                                       gpointer user_data,
                                       GError **error);

G_END_DECLS
