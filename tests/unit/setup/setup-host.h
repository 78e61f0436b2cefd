/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "../host/host-tree.h"
#include "setup/fatia-steps.h"

/* A setup of a copied practice tree, with the real helper, for one test. */
typedef struct
{
  HostTree *tree;
  FatiaHost *host;
  FatiaSetup *setup;
} SetupHost;

SetupHost *setup_host_new (const char *practice);
void setup_host_free (SetupHost *self);
/* A new setup on the same tree, as when the program is opened again. */
void setup_host_open_again (SetupHost *self);
void setup_host_refresh (SetupHost *self);
void setup_host_restart (SetupHost *self);
const char *setup_host_state (SetupHost *self, const char *step);
void setup_host_apply (SetupHost *self, const char *step);
/* (transfer full): every path with its kind, mode and content's checksum, a line each */
char *setup_host_snapshot (SetupHost *self);

/* Waits for a future; NULL with @error set where it rejects. */
gboolean wait_for (DexFuture *future, GError **error);
gpointer wait_for_object (DexFuture *future, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SetupHost, setup_host_free)
