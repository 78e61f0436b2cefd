/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/wizard/fatia-wizard-page.h"

G_BEGIN_DECLS

/* The VM's screen. */
#define FATIA_TYPE_SCREEN_PAGE (fatia_screen_page_get_type ())
G_DECLARE_FINAL_TYPE (FatiaScreenPage, fatia_screen_page, FATIA, SCREEN_PAGE, FatiaWizardPage)

G_END_DECLS
