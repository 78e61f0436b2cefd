/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-apply.h"
#include "change/fatia-journal.h"

G_BEGIN_DECLS

const char *fatia_change_step_title (const char *step);
gboolean fatia_record_is_in_effect (const FatiaRecord *record);
FatiaRecord *fatia_records_find_applied (GPtrArray *records, const char *id, GError **error);
FatiaChangeSet *fatia_record_plan_undo (GPtrArray *records,
                                        FatiaRecord *record,
                                        FatiaHostRoot *root,
                                        const FatiaUndoOptions *options,
                                        GError **error);

G_END_DECLS
