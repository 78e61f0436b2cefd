/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that is said to be a driver, wrapped as an option ROM. */
#include "fuzz.h"

#include "firmware/fatia-firmware.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) pe = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) rom = fatia_option_rom_build (pe, 0x8086, 0x46d1, &error);

  g_assert_true ((rom == NULL) == (error != NULL));
  if (rom)
    {
      g_assert_cmpuint (g_bytes_get_size (rom), >, size);
      g_assert_cmpuint (g_bytes_get_size (rom) % 512, ==, 0);
    }
  return 0;
}
