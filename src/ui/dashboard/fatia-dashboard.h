/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* What the program is once the VM is there: the VM, its screen, what was changed, the findings. */
#define FATIA_TYPE_DASHBOARD (fatia_dashboard_get_type ())
G_DECLARE_FINAL_TYPE (FatiaDashboard, fatia_dashboard, FATIA, DASHBOARD, AdwBreakpointBin)

GtkWidget *fatia_dashboard_new (FatiaSetup *setup);

G_END_DECLS
