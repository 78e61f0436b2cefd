/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A practice tree as the replay writes it. */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

typedef struct
{
  FatiaHostRoot *root;
  char *pf; /* (nullable): "0000:00:02.0" */
  guint total_vfs;
  gboolean sriov_module; /* the PF's driver can make virtual functions */
  gboolean module_comes; /* it is the tree's own that does: others have to be installed */
  gboolean dmar;
} FatiaReplayTree;

#define FATIA_REPLAY_DEVICES "/sys/bus/pci/devices"
#define FATIA_REPLAY_GROUPS  "/sys/kernel/iommu_groups"

FatiaReplayTree *fatia_replay_tree_load (FatiaHostRoot *root, GError **error);
void fatia_replay_tree_free (FatiaReplayTree *self);

/* The kernel's own state, written over. */
gboolean
fatia_replay_tree_write (FatiaReplayTree *self, const char *path, const char *text, GError **error);
gboolean fatia_replay_tree_link (FatiaReplayTree *self,
                                 const char *path,
                                 const char *target,
                                 GError **error);
gboolean fatia_replay_tree_make_folder (FatiaReplayTree *self, const char *path, GError **error);
gboolean fatia_replay_tree_remove (FatiaReplayTree *self, const char *path, GError **error);
/* An empty folder, beside the tree's own, in which something is built that then appears whole. */
const char *fatia_replay_tree_get_workshop (FatiaReplayTree *self, GError **error);
gboolean
fatia_replay_tree_move (FatiaReplayTree *self, const char *from, const char *to, GError **error);

/* What a boot sets and a later boot gives back: the first set keeps what was there. */
gboolean
fatia_replay_tree_set (FatiaReplayTree *self, const char *path, const char *text, GError **error);
gboolean fatia_replay_tree_reset (FatiaReplayTree *self, const char *path, GError **error);
gboolean fatia_replay_tree_is_set (FatiaReplayTree *self, const char *path);
/* Forgets what is as it was: folders that were made and are empty, our own last. */
void fatia_replay_tree_tidy (FatiaReplayTree *self);

/* Where an attribute's number can't be read (it is being written, say): @fallback. */
int fatia_replay_tree_read_number (FatiaReplayTree *self, const char *path, int fallback);
/* (transfer full): the folder of a PCI device, behind the bus's link where it is one */
char *fatia_replay_tree_device_folder (FatiaReplayTree *self, const char *address);
/* (transfer full): what a relative link at @from says to point at @to, both from the root */
char *fatia_replay_relative (const char *from, const char *to);

/* What a boot makes of the Looking Glass memory that is set up. */
gboolean fatia_replay_tree_boot_memory (FatiaReplayTree *self, GError **error);
/* The two halves of the replay; the caller holds its lock. */
gboolean fatia_replay_tree_sync_vfs (FatiaReplayTree *self, GError **error);
/* Has every virtual function bound to @driver, as the helper does. */
gboolean fatia_replay_tree_bind_vfs (FatiaReplayTree *self, const char *driver, GError **error);
/* How the functions share time and memory: at a boot, before they are made and after they went,
 * and in between. */
gboolean fatia_replay_tree_boot_turns (FatiaReplayTree *self,
                                       const char *pf_folder,
                                       gboolean offered,
                                       GError **error);
gboolean
fatia_replay_tree_share (FatiaReplayTree *self, const char *pf_folder, guint count, GError **error);
gboolean fatia_replay_tree_unshare (FatiaReplayTree *self,
                                    const char *pf_folder,
                                    guint count,
                                    GError **error);
gboolean
fatia_replay_tree_sync_turns (FatiaReplayTree *self, const char *pf_folder, GError **error);
gboolean fatia_replay_tree_restore_turns (FatiaReplayTree *self,
                                          const char *pf_folder,
                                          const char *profile,
                                          guint count,
                                          gboolean made,
                                          GError **error);
gboolean fatia_replay_tree_boot (FatiaReplayTree *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaReplayTree, fatia_replay_tree_free)

G_END_DECLS
