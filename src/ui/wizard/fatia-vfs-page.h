/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/wizard/fatia-wizard-page.h"

G_BEGIN_DECLS

/* The slices of the GPU. */
#define FATIA_TYPE_VFS_PAGE (fatia_vfs_page_get_type ())
G_DECLARE_FINAL_TYPE (FatiaVfsPage, fatia_vfs_page, FATIA, VFS_PAGE, FatiaWizardPage)

G_END_DECLS
