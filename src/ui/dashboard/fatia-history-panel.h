/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* What was changed on the host, newest first, and undoing it, one by one or all. */
#define FATIA_TYPE_HISTORY_PANEL (fatia_history_panel_get_type ())
G_DECLARE_FINAL_TYPE (FatiaHistoryPanel, fatia_history_panel, FATIA, HISTORY_PANEL, AdwBin)

void fatia_history_panel_set_setup (FatiaHistoryPanel *self, FatiaSetup *setup);
void fatia_history_panel_refresh (FatiaHistoryPanel *self);

G_END_DECLS
