/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "gpu/fatia-virtual-functions.h"

G_BEGIN_DECLS

/* In the file that keeps them. */
#define FATIA_VIRTUAL_FUNCTIONS_GROUP "virtual-functions"
#define FATIA_VIRTUAL_FUNCTIONS_LIMIT 4096

gboolean fatia_virtual_functions_is_address (const char *pf);
gboolean fatia_virtual_functions_is_in_use (FatiaHostRoot *root, const char *numvfs, guint *number);
gboolean fatia_virtual_functions_keep (FatiaHostRoot *root,
                                       const FatiaVirtualFunctions *wish,
                                       FatiaChangeSet *set,
                                       GError **error);

G_END_DECLS
