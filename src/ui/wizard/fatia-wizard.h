/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* The setup, page after page. Signal "finished": on to the dashboard. */
#define FATIA_TYPE_WIZARD (fatia_wizard_get_type ())
G_DECLARE_FINAL_TYPE (FatiaWizard, fatia_wizard, FATIA, WIZARD, AdwBin)

GtkWidget *fatia_wizard_new (FatiaSetup *setup);
GtkWidget *fatia_wizard_new_with_firmware (FatiaSetup *setup, GFile *file);
void fatia_wizard_start_over (FatiaWizard *self);

G_END_DECLS
