/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PCI option ROMs with an EFI image: UEFI specification 14.4.2, PCI firmware specification 3.x. */
#include "fatia-firmware.h"

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"
#include "fatia-pe.h"

#define UNIT 512
/* EFI_PCI_EXPANSION_ROM_HEADER */
#define ROM_SIGNATURE     0xAA55
#define ROM_SIZE          2
#define ROM_EFI_SIGNATURE 4
#define EFI_SIGNATURE     0x0EF1
#define ROM_SUBSYSTEM     8
#define ROM_MACHINE       10
#define ROM_IMAGE_OFFSET  22
#define ROM_PCIR_OFFSET   24
/* PCI data structure, revision 3, on the next 4-byte boundary */
#define PCIR              28
#define PCIR_VENDOR       (PCIR + 4)
#define PCIR_DEVICE       (PCIR + 6)
#define PCIR_LENGTH       (PCIR + 10)
#define PCIR_REVISION     (PCIR + 12)
#define PCIR_CLASS        (PCIR + 13)
#define PCIR_IMAGE_LENGTH (PCIR + 16)
#define PCIR_CODE_TYPE    (PCIR + 20)
#define PCIR_INDICATOR    (PCIR + 21)
#define PCIR_SIZE         28
#define CODE_TYPE_EFI     3
#define LAST_IMAGE        0x80
#define CLASS_DISPLAY     0x03 /* base class; VGA compatible is sub-class 0 */
#define HEADERS_SIZE      (PCIR + PCIR_SIZE)
#define PADDING           0xFF
/* QEMU's option ROM BAR, and the reach of real ones */
#define ROM_LIMIT (16 * 1024 * 1024)

static gboolean
check_driver (const guint8 *data, gsize size, FatiaPe *pe, GError **error)
{
  const char *why = NULL;

  if (!fatia_pe_read (data, size, pe))
    why = _ ("This is no EFI driver (no PE image), so no option ROM can be made of it.");
  else if (pe->machine != FATIA_PE_MACHINE_X64)
    why = _ ("This driver is not for x64 firmware, so a guest's firmware would not load it.");
  else if (pe->subsystem != FATIA_PE_EFI_BOOT_DRIVER &&
           pe->subsystem != FATIA_PE_EFI_RUNTIME_DRIVER)
    why = _ ("This is a program but no EFI driver, so no option ROM can be made of it.");
  else if (pe->size > size)
    why = _ ("The end of this driver is missing. Take it from the firmware image again.");
  else if (size > ROM_LIMIT - HEADERS_SIZE)
    why = _ ("This driver is too large for an option ROM (more than 16 MiB).");
  if (why)
    g_set_error_literal (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_NOT_A_DRIVER, why);
  return why == NULL;
}

/**
 * fatia_option_rom_build:
 * @pe: an EFI driver for x64
 * @vendor: PCI vendor id of the function it is for
 * @device: PCI device id
 * @error: return location for %FATIA_FIRMWARE_ERROR_NOT_A_DRIVER
 *
 * Wraps @pe, uncompressed, in the headers of an option ROM. The total is a multiple of 512
 * bytes; the padding stands between the headers and the driver and is of ones, as EDK II's
 * EfiRom has it.
 *
 * Returns: (transfer full) (nullable): the option ROM
 */
GBytes *
fatia_option_rom_build (GBytes *pe, guint16 vendor, guint16 device, GError **error)
{
  g_autofree guint8 *rom = NULL;
  gsize size, total;
  const guint8 *data;
  FatiaPe headers;

  g_return_val_if_fail (pe != NULL, NULL);

  data = g_bytes_get_data (pe, &size);
  if (!check_driver (data, size, &headers, error))
    return NULL;
  total = (HEADERS_SIZE + size + UNIT - 1) / UNIT * UNIT;
  rom = g_malloc (total);
  memset (rom, 0, HEADERS_SIZE);
  memset (rom + HEADERS_SIZE, PADDING, total - size - HEADERS_SIZE);

  fatia_write_u16 (rom, ROM_SIGNATURE);
  fatia_write_u16 (rom + ROM_SIZE, total / UNIT);
  fatia_write_u32 (rom + ROM_EFI_SIGNATURE, EFI_SIGNATURE);
  fatia_write_u16 (rom + ROM_SUBSYSTEM, headers.subsystem);
  fatia_write_u16 (rom + ROM_MACHINE, headers.machine);
  fatia_write_u16 (rom + ROM_IMAGE_OFFSET, total - size);
  fatia_write_u16 (rom + ROM_PCIR_OFFSET, PCIR);

  memcpy (rom + PCIR, "PCIR", 4);
  fatia_write_u16 (rom + PCIR_VENDOR, vendor);
  fatia_write_u16 (rom + PCIR_DEVICE, device);
  fatia_write_u16 (rom + PCIR_LENGTH, PCIR_SIZE);
  rom[PCIR_REVISION] = 3;
  rom[PCIR_CLASS + 2] = CLASS_DISPLAY;
  fatia_write_u16 (rom + PCIR_IMAGE_LENGTH, total / UNIT);
  rom[PCIR_CODE_TYPE] = CODE_TYPE_EFI;
  rom[PCIR_INDICATOR] = LAST_IMAGE;

  memcpy (rom + total - size, data, size);
  return g_bytes_new_take (g_steal_pointer (&rom), total);
}
