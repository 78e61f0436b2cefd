/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/wizard/fatia-wizard-page.h"

G_BEGIN_DECLS

/* What is to be installed on this computer: packages, the graphics driver, its key. */
#define FATIA_TYPE_SOFTWARE_PAGE (fatia_software_page_get_type ())
G_DECLARE_FINAL_TYPE (FatiaSoftwarePage, fatia_software_page, FATIA, SOFTWARE_PAGE, FatiaWizardPage)

G_END_DECLS
