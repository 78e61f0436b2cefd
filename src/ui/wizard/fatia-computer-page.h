/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/wizard/fatia-wizard-page.h"

G_BEGIN_DECLS

/* What was found on this computer, and what to do about it. */
#define FATIA_TYPE_COMPUTER_PAGE (fatia_computer_page_get_type ())
G_DECLARE_FINAL_TYPE (FatiaComputerPage, fatia_computer_page, FATIA, COMPUTER_PAGE, FatiaWizardPage)

G_END_DECLS
