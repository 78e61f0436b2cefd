/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libdex.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* The setup's VM switched on and off. Each resolves to a boolean and rejects in words. In
 * practice the practice guest comes and goes with it. */
DexFuture *fatia_vm_start (FatiaSetup *setup);
DexFuture *fatia_vm_shut_down (FatiaSetup *setup);
DexFuture *fatia_vm_force_off (FatiaSetup *setup);
DexFuture *fatia_vm_delete (FatiaSetup *setup, gboolean with_disk);

/* (transfer none) (nullable): the file its picture is in */
const char *fatia_vm_get_glass_path (FatiaSetup *setup);
/* What it does, in a word or two for people. */
const char *fatia_vm_state_word (FatiaDomain *domain);
gboolean fatia_vm_is_on (FatiaDomain *domain);
/* Keeps *@domain the setup's VM, and @update called, with @object, when its state changes. */
void fatia_vm_follow (FatiaSetup *setup, FatiaDomain **domain, GCallback update, gpointer object);

G_END_DECLS
