/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

char *fatia_efi_current_program (FatiaHostRoot *root);
char *fatia_efi_program_find (FatiaHostRoot *root, const char *path);
char *fatia_efi_program_name (FatiaHostRoot *root, const char *path);

G_END_DECLS
