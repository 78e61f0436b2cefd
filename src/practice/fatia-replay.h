/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/*
 * What a kernel would do in a practice tree, where there is none: the tree's files are the
 * kernel's state.
 */

/* Whether @root is a practice tree (it has the file .fatia-practice) and may be replayed. */
gboolean fatia_replay_is_practice (FatiaHostRoot *root);
/* A boot: the boot loader's configuration becomes /proc/cmdline; drivers, IOMMU groups and VFs
 * follow from it and from what is kept over restarts. */
gboolean fatia_replay_boot (FatiaHostRoot *root, GError **error);
/* Makes the VFs' folders and links agree with sriov_numvfs, as the PCI core does. */
gboolean fatia_replay_virtual_functions (FatiaHostRoot *root, GError **error);

/* A thread that does the latter while something else writes the tree (the helper waits for the
 * VFs it asked for). */
typedef struct _FatiaReplay FatiaReplay;
FatiaReplay *fatia_replay_start (FatiaHostRoot *root);
void fatia_replay_stop (FatiaReplay *replay);

G_END_DECLS
