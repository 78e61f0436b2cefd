/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers of PE images: "PE Format", Microsoft. */
#include "fatia-pe.h"

#include "fatia-bytes.h"

#define DOS_HEADER_SIZE 64
#define DOS_PE_OFFSET   60
/* From "PE\0\0" on */
#define MACHINE       4
#define N_SECTIONS    6
#define OPTIONAL_SIZE 20
#define OPTIONAL      24
/* From the optional header on */
#define MAGIC_PE32      0x010B
#define MAGIC_PE32_PLUS 0x020B
#define HEADERS_SIZE    60
#define SUBSYSTEM       68
#define OPTIONAL_LEAST  70
/* A section's entry */
#define ENTRY_SIZE       40
#define ENTRY_RAW_SIZE   16
#define ENTRY_RAW_OFFSET 20
#define SECTIONS_LIMIT   96

/**
 * fatia_pe_read:
 * @pe: (out): what its headers say
 *
 * Returns: whether the headers of a PE image stand whole at @data
 */
gboolean
fatia_pe_read (const guint8 *data, gsize size, FatiaPe *pe)
{
  gsize at, entries, n_sections;
  guint16 magic;

  if (size < DOS_HEADER_SIZE || data[0] != 'M' || data[1] != 'Z')
    return FALSE;
  at = fatia_read_u32 (data + DOS_PE_OFFSET);
  if (at > size || size - at < OPTIONAL + OPTIONAL_LEAST || memcmp (data + at, "PE\0\0", 4) != 0)
    return FALSE;
  n_sections = fatia_read_u16 (data + at + N_SECTIONS);
  entries = at + OPTIONAL + fatia_read_u16 (data + at + OPTIONAL_SIZE);
  magic = fatia_read_u16 (data + at + OPTIONAL);
  if ((magic != MAGIC_PE32 && magic != MAGIC_PE32_PLUS) || n_sections == 0 ||
      n_sections > SECTIONS_LIMIT || entries > size || size - entries < n_sections * ENTRY_SIZE)
    return FALSE;
  pe->machine = fatia_read_u16 (data + at + MACHINE);
  pe->subsystem = fatia_read_u16 (data + at + OPTIONAL + SUBSYSTEM);
  pe->size = fatia_read_u32 (data + at + OPTIONAL + HEADERS_SIZE);
  for (gsize i = 0; i < n_sections; i++)
    {
      const guint8 *entry = data + entries + i * ENTRY_SIZE;
      guint64 raw_size = fatia_read_u32 (entry + ENTRY_RAW_SIZE);

      if (raw_size > 0)
        pe->size = MAX (pe->size, raw_size + fatia_read_u32 (entry + ENTRY_RAW_OFFSET));
    }
  return TRUE;
}

/**
 * fatia_pe_is_efi:
 *
 * Returns: whether it is made for firmware and not, say, for Windows
 */
gboolean
fatia_pe_is_efi (const FatiaPe *pe)
{
  return pe->subsystem >= FATIA_PE_EFI_APPLICATION && pe->subsystem <= FATIA_PE_EFI_ROM;
}

/**
 * fatia_pe_machine_name:
 *
 * Returns: (transfer none): "x64", "ia32", "aarch64" or "unknown"
 */
const char *
fatia_pe_machine_name (guint16 machine)
{
  switch (machine)
    {
    case FATIA_PE_MACHINE_X64:
      return "x64";
    case FATIA_PE_MACHINE_IA32:
      return "ia32";
    case FATIA_PE_MACHINE_AARCH64:
      return "aarch64";
    default:
      return "unknown";
    }
}
