/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* The VM's screen with what there is to say about it: start it, wait for it, what is wrong. */
#define FATIA_TYPE_SCREEN (fatia_screen_get_type ())
G_DECLARE_FINAL_TYPE (FatiaScreen, fatia_screen, FATIA, SCREEN, AdwBin)

void fatia_screen_set_setup (FatiaScreen *self, FatiaSetup *setup);
/* Only a screen that is looked at reads the VM's memory. */
void fatia_screen_open (FatiaScreen *self);
void fatia_screen_close (FatiaScreen *self);

G_END_DECLS
