/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A firmware image: what is in it, and which of it is the driver. */
#include "fuzz.h"

#include "firmware/fatia-firmware.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) image = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = fatia_firmware_list (image, NULL, NULL, NULL, &error);
  g_autoptr (GPtrArray) candidates = NULL;

  g_assert_true ((files == NULL) == (error != NULL));
  g_clear_error (&error);
  candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, &error);
  g_assert_true ((candidates == NULL) == (error != NULL));
  for (guint i = 0; candidates && i < candidates->len; i++)
    {
      const FatiaGopCandidate *candidate = g_ptr_array_index (candidates, i);
      g_autoptr (GBytes) rom = fatia_option_rom_build (candidate->pe, 0x8086, 0x46d1, NULL);

      if (rom)
        g_assert_cmpuint (g_bytes_get_size (rom), >, g_bytes_get_size (candidate->pe));
    }
  return 0;
}
