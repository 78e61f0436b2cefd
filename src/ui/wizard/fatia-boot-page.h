/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/wizard/fatia-wizard-page.h"

G_BEGIN_DECLS

/* The kernel command line, the way out if it goes wrong, and the restart. */
#define FATIA_TYPE_BOOT_PAGE (fatia_boot_page_get_type ())
G_DECLARE_FINAL_TYPE (FatiaBootPage, fatia_boot_page, FATIA, BOOT_PAGE, FatiaWizardPage)

G_END_DECLS
