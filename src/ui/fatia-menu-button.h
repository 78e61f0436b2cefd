/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The main menu, the same in every header bar. */
#define FATIA_TYPE_MENU_BUTTON (fatia_menu_button_get_type ())
G_DECLARE_FINAL_TYPE (FatiaMenuButton, fatia_menu_button, FATIA, MENU_BUTTON, AdwBin)

G_END_DECLS
