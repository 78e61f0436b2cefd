/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The option ROM, byte by byte. */
#include "corpus.h"

static GBytes *
driver_of (const char *name)
{
  g_autoptr (GBytes) image = corpus_open (name);
  g_autoptr (GPtrArray) candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, NULL);

  g_assert_nonnull (candidates);
  g_assert_cmpuint (candidates->len, >, 0);
  return g_bytes_ref (((FatiaGopCandidate *) candidates->pdata[0])->pe);
}

static void
test_layout (void)
{
  const guint8 expected[56] = {
    0x55, 0xAA, 0x11, 0x00,                         /* signature, 17 units of 512 bytes */
    0xF1, 0x0E, 0x00, 0x00,                         /* EFI */
    0x0B, 0x00, 0x64, 0x86, 0x00, 0x00,             /* boot driver, x64, not packed */
    0,    0,    0,    0,    0,    0,    0,    0,    /* reserved */
    0x00, 0x02, 0x1C, 0x00,                         /* where the image is, where the PCIR is */
    0,    0,                                        /* up to the next four */
    'P',  'C',  'I',  'R',  0x86, 0x80, 0xD1, 0x46, /* vendor, device */
    0x00, 0x00, 0x1C, 0x00, 0x03,                   /* device list, length, revision */
    0x00, 0x00, 0x03,                               /* display controller, VGA compatible */
    0x11, 0x00, 0x00, 0x00,                         /* units, code revision */
    0x03, 0x80,                                     /* EFI, the last image */
    0,    0,    0,    0,    0,    0,                /* run-time length, utility, DMTF */
  };
  g_autoptr (GBytes) pe = corpus_open ("driver_pe");
  g_autoptr (GBytes) rom = NULL;
  g_autoptr (GError) error = NULL;
  gsize size, pe_size;
  const guint8 *bytes;
  const void *pe_bytes = g_bytes_get_data (pe, &pe_size);

  rom = fatia_option_rom_build (pe, 0x8086, 0x46D1, &error);
  g_assert_no_error (error);
  bytes = g_bytes_get_data (rom, &size);
  /* The stand-in is 8,192 bytes long, 16 units: its headers take one more. */
  g_assert_cmpuint (pe_size, ==, 16 * 512);
  g_assert_cmpuint (size, ==, 17 * 512);
  g_assert_cmpmem (bytes, sizeof expected, expected, sizeof expected);
  for (gsize i = sizeof expected; i < size - pe_size; i++)
    g_assert_cmpuint (bytes[i], ==, 0xFF);
  g_assert_cmpmem (bytes + size - pe_size, pe_size, pe_bytes, pe_size);
}

/* A driver that is no multiple of 512: the padding stands before it. */
static void
test_padding (void)
{
  g_autoptr (GBytes) pe = corpus_open ("driver_pe");
  g_autoptr (GByteArray) odd = g_byte_array_new ();
  g_autoptr (GBytes) longer = NULL;
  g_autoptr (GBytes) rom = NULL;
  gsize size;
  const guint8 *bytes;

  g_byte_array_append (odd, g_bytes_get_data (pe, NULL), g_bytes_get_size (pe));
  g_byte_array_append (odd, (const guint8 *) "signature", 9);
  longer = g_byte_array_free_to_bytes (g_steal_pointer (&odd));
  rom = fatia_option_rom_build (longer, 0x8086, 0, NULL);
  g_assert_nonnull (rom);
  bytes = g_bytes_get_data (rom, &size);
  g_assert_cmpuint (size % 512, ==, 0);
  g_assert_cmpuint (bytes[22] | bytes[23] << 8, ==, size - g_bytes_get_size (longer));
  g_assert_cmpmem (bytes + size - 9, 9, "signature", 9);
}

static void
assert_refused (GBytes *pe, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fatia_option_rom_build (pe, 0x8086, 0x46D1, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_NOT_A_DRIVER);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_refused (void)
{
  g_autoptr (GBytes) ia32 = driver_of ("ia32_only");
  g_autoptr (GBytes) application = driver_of ("application");
  g_autoptr (GBytes) truncated = driver_of ("truncated_driver");
  g_autoptr (GBytes) text = g_bytes_new_static ("MZ and no more", 14);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) pe = corpus_open ("driver_pe");
  guint8 *large = g_malloc0 (17 * 1024 * 1024);
  g_autoptr (GBytes) huge = g_bytes_new_take (large, 17 * 1024 * 1024);

  memcpy (large, g_bytes_get_data (pe, NULL), g_bytes_get_size (pe));
  assert_refused (ia32, "not for x64");
  assert_refused (application, "no EFI driver");
  assert_refused (truncated, "end of this driver is missing");
  assert_refused (text, "no PE image");
  assert_refused (empty, "no PE image");
  assert_refused (huge, "too large");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/option-rom/layout", test_layout);
  g_test_add_func ("/option-rom/padding", test_padding);
  g_test_add_func ("/option-rom/refused", test_refused);
  return g_test_run ();
}
