/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FATIA_PE_MACHINE_IA32    0x014C
#define FATIA_PE_MACHINE_X64     0x8664
#define FATIA_PE_MACHINE_AARCH64 0xAA64

#define FATIA_PE_EFI_APPLICATION    0x0A
#define FATIA_PE_EFI_BOOT_DRIVER    0x0B
#define FATIA_PE_EFI_RUNTIME_DRIVER 0x0C
#define FATIA_PE_EFI_ROM            0x0D

typedef struct
{
  guint16 machine;
  guint16 subsystem;
  guint64 size; /* as its headers tell: may be more than there is */
} FatiaPe;

gboolean fatia_pe_read (const guint8 *data, gsize size, FatiaPe *pe);
gboolean fatia_pe_is_efi (const FatiaPe *pe);
const char *fatia_pe_machine_name (guint16 machine);

G_END_DECLS
