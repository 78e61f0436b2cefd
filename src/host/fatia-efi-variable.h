/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/* Globally defined variables (UEFI specification, 3.3). */
#define FATIA_EFI_GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"
/* The Boot Loader Interface (systemd.io/BOOT_LOADER_INTERFACE). */
#define FATIA_EFI_LOADER "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

char *
fatia_efi_variable_read (FatiaHostRoot *root, const char *name, const char *guid, gsize *length);
char *fatia_efi_variable_read_text (FatiaHostRoot *root, const char *name, const char *guid);
char *fatia_efi_text (const char *bytes, gsize length);
gboolean fatia_efi_secure_boot_is_on (FatiaHostRoot *root);

G_END_DECLS
