/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

#define FATIA_TYPE_WINDOW (fatia_window_get_type ())
G_DECLARE_FINAL_TYPE (FatiaWindow, fatia_window, FATIA, WINDOW, AdwApplicationWindow)

FatiaWindow *fatia_window_new (GtkApplication *application);
void fatia_window_open (FatiaWindow *self, FatiaSetup *setup);
void fatia_window_read_firmware (FatiaWindow *self, GFile *file);
void fatia_window_show_problem (FatiaWindow *self, const char *message);

G_END_DECLS
