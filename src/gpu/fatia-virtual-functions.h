/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

/* Where the count that is kept over restarts stands, and the link that makes systemd run our
 * unit (installed with the helper) at boot. */
#define FATIA_VIRTUAL_FUNCTIONS_CONF "/etc/fatia/virtual-functions.conf"
#define FATIA_VIRTUAL_FUNCTIONS_WANTS                                                              \
  "/etc/systemd/system/multi-user.target.wants/fatia-virtual-functions.service"

/* Adds to @set what gives @pf @count virtual functions (0: none), all of them bound to
 * vfio-pci; kept over restarts where @keep. Errors in words for: an address that
 * is none, no such device, not Intel's display class, more than sriov_totalvfs, a VF in use. */
gboolean fatia_virtual_functions_plan (FatiaHostRoot *root,
                                       const char *pf,
                                       guint count,
                                       gboolean keep,
                                       FatiaChangeSet *set,
                                       GError **error);
/* Whether no virtual machine has a virtual function that @set takes away; plan asks it too. */
gboolean
fatia_virtual_functions_check_free (FatiaHostRoot *root, FatiaChangeSet *set, GError **error);
/* At boot: waits (bounded) for the driver, then enables what the conf says. */
gboolean fatia_virtual_functions_restore (FatiaHostRoot *root, guint wait_seconds, GError **error);

G_END_DECLS
