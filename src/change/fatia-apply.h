/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"
#include "change/fatia-command.h"

G_BEGIN_DECLS

/* Each blocks, and is for a thread of its own. None needs a main loop. */
char *fatia_change_set_apply (FatiaChangeSet *self,
                              FatiaHostRoot *root,
                              FatiaProgress progress,
                              gpointer user_data,
                              GError **error);
gboolean
fatia_change_set_write_attributes (FatiaChangeSet *self, FatiaHostRoot *root, GError **error);

GVariant *fatia_changes_list (FatiaHostRoot *root, GError **error);
/* How a change is to be undone, where that is not clear by itself. */
typedef struct
{
  /* (nullable): a{sb}: of files that others changed too, by path, whether what was there before
   * comes back (else what is there stays) */
  GVariant *decisions;
  /* (nullable): files that came to have what is the change's without its doing, and what is to be
   * left of them: they are undone with it */
  FatiaChangeSet *also;
} FatiaUndoOptions;

FatiaChangeSet *fatia_changes_get_made (FatiaHostRoot *root, const char *id, GError **error);
FatiaChangeSet *fatia_changes_plan_undo (FatiaHostRoot *root,
                                         const char *id,
                                         const FatiaUndoOptions *options,
                                         GError **error);
gboolean fatia_changes_undo (FatiaHostRoot *root,
                             const char *id,
                             const FatiaUndoOptions *options,
                             const char *digest,
                             FatiaProgress progress,
                             gpointer user_data,
                             GError **error);
gboolean fatia_changes_recover (FatiaHostRoot *root,
                                FatiaProgress progress,
                                gpointer user_data,
                                GError **error);

G_END_DECLS
