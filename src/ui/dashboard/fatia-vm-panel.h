/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* The VM: what it does, start and stop, what it has. Signal "show-screen". */
#define FATIA_TYPE_VM_PANEL (fatia_vm_panel_get_type ())
G_DECLARE_FINAL_TYPE (FatiaVmPanel, fatia_vm_panel, FATIA, VM_PANEL, AdwBin)

void fatia_vm_panel_set_setup (FatiaVmPanel *self, FatiaSetup *setup);

G_END_DECLS
