/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/wizard/fatia-wizard-page.h"

G_BEGIN_DECLS

/* The Windows VM. */
#define FATIA_TYPE_VM_PAGE (fatia_vm_page_get_type ())
G_DECLARE_FINAL_TYPE (FatiaVmPage, fatia_vm_page, FATIA, VM_PAGE, FatiaWizardPage)

G_END_DECLS
