/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any file as a maker offers it: archives and programs, and what stands in them. */
#include "fuzz.h"

#include "firmware/fatia-firmware-source.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) file = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaFirmwareSource) source =
    fatia_firmware_source_new (file, "file", NULL, NULL, NULL, NULL, &error);

  g_assert_true ((source == NULL) == (error != NULL));
  if (source)
    {
      g_autofree char *trail = fatia_firmware_source_describe (source);

      g_assert_true (g_utf8_validate (trail, -1, NULL));
      g_assert_cmpuint (g_bytes_get_size (source->image), <=, 64 * 1024 * 1024);
    }
  return 0;
}
