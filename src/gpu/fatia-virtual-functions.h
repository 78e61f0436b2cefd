/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

/* Where the count that is kept over restarts stands, and the links that make systemd run our
 * units (installed with the helper) at boot, and before the computer sleeps. */
#define FATIA_VIRTUAL_FUNCTIONS_CONF "/etc/fatia/virtual-functions.conf"
#define FATIA_VIRTUAL_FUNCTIONS_WANTS                                                              \
  "/etc/systemd/system/multi-user.target.wants/fatia-virtual-functions.service"
#define FATIA_VIRTUAL_FUNCTIONS_SLEEP                                                              \
  "/etc/systemd/system/sleep.target.requires/fatia-virtual-functions-sleep.service"

/* What is wished for. */
typedef struct
{
  const char *pf;      /* the physical function's address, "0000:00:02.0" */
  guint count;         /* how many it is to have, 0: none */
  gboolean keep;       /* made again at each boot; none are never kept */
  const char *profile; /* how they share its time, one of fatia_scheduling_list_profiles() */
  gboolean sleep;      /* of kept ones: taken away while the computer sleeps */
} FatiaVirtualFunctions;

/* Adds to @set what makes it so, all of them bound to vfio-pci. Errors in words for: an address
 * that is none, no such device, not Intel's display class, more than sriov_totalvfs, a VF in
 * use, a profile that is none or that the driver does not offer. */
gboolean fatia_virtual_functions_plan (FatiaHostRoot *root,
                                       const FatiaVirtualFunctions *wish,
                                       FatiaChangeSet *set,
                                       GError **error);
/* Whether no virtual machine has a virtual function that @set takes away; plan asks it too. */
gboolean
fatia_virtual_functions_check_free (FatiaHostRoot *root, FatiaChangeSet *set, GError **error);
/* Before the computer sleeps: takes them away, or refuses where a virtual machine has one. This and
 * the next wait (bounded) for a change that is under way. */
gboolean fatia_virtual_functions_suspend (FatiaHostRoot *root, guint lock_seconds, GError **error);
/* At boot, and when it wakes: waits (bounded) for the driver, then enables what the conf says. */
gboolean fatia_virtual_functions_restore (FatiaHostRoot *root,
                                          guint driver_seconds,
                                          guint lock_seconds,
                                          GError **error);

G_END_DECLS
