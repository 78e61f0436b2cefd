/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The module kvmfr, as a boot loads it. */
#include "practice/fatia-replay-tree.h"

#include "host/fatia-kernel-module.h"

#define LOAD   "/etc/modules-load.d/fatia-kvmfr.conf"
#define MODULE "/sys/module/kvmfr/refcnt"
/* Only root may make a device. A folder stands for it, which is no plain file; with something in
 * it, since empty ones are tidied away. */
#define DEVICE "/dev/kvmfr0/device"

gboolean
fatia_replay_tree_boot_memory (FatiaReplayTree *self, GError **error)
{
  gboolean loaded;

  if (!fatia_replay_tree_reset (self, DEVICE, error) ||
      !fatia_replay_tree_reset (self, MODULE, error))
    return FALSE;
  /* What was loaded is so no more. */
  fatia_replay_tree_tidy (self);
  loaded = fatia_host_root_exists (self->root, LOAD) &&
           fatia_kernel_module_look (self->root, "kvmfr") == FATIA_YES;
  return !loaded || (fatia_replay_tree_set (self, MODULE, "0\n", error) &&
                     fatia_replay_tree_set (self, DEVICE, "kvmfr0\n", error));
}
