/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-plan.h"

G_BEGIN_DECLS

/* Files that others changed where Fatia did: both versions of each, and the choice between them.
 * Signal "decided" with each choice. */
#define FATIA_TYPE_CONFLICT_LIST (fatia_conflict_list_get_type ())
G_DECLARE_FINAL_TYPE (FatiaConflictList, fatia_conflict_list, FATIA, CONFLICT_LIST, GtkBox)

GtkWidget *fatia_conflict_list_new (void);
void fatia_conflict_list_set_plan (FatiaConflictList *self, FatiaPlan *plan);
gboolean fatia_conflict_list_is_empty (FatiaConflictList *self);
gboolean fatia_conflict_list_is_decided (FatiaConflictList *self);
/* (transfer floating): a{sb}: of those decided, by path, whether what was there before comes back
 */
GVariant *fatia_conflict_list_get_decisions (FatiaConflictList *self);

G_END_DECLS
