/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/wizard/fatia-wizard-page.h"

G_BEGIN_DECLS

/* What will happen, before anything does. */
#define FATIA_TYPE_WELCOME_PAGE (fatia_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (FatiaWelcomePage, fatia_welcome_page, FATIA, WELCOME_PAGE, FatiaWizardPage)

G_END_DECLS
