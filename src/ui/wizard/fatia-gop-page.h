/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/wizard/fatia-wizard-page.h"

G_BEGIN_DECLS

/* Intel's GOP driver out of the board's firmware file. */
#define FATIA_TYPE_GOP_PAGE (fatia_gop_page_get_type ())
G_DECLARE_FINAL_TYPE (FatiaGopPage, fatia_gop_page, FATIA, GOP_PAGE, FatiaWizardPage)

void fatia_gop_page_read (FatiaGopPage *self, GFile *file);

G_END_DECLS
