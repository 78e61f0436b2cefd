/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver is found, whole and named, wherever and however packed it stands. */
#include "corpus.h"

typedef struct
{
  const char *image;
  const char *name; /* what the file is called, NULL: nothing */
  const char *path; /* how its path ends */
} Case;

#define DRIVER "FF0C8745-3270-4439-B74F-3E45F8C77064"
#define OTHER  "7755CA7B-CA8F-43C5-889B-E1F59A93D575"
#define FFS2   "8C8CE578-8A3D-4F1C-9935-896185C32DD3"
#define NAMED  "IntelGopDriver"

static const Case cases[] = {
  { "plain", NAMED, FFS2 "@0x0/" DRIVER },
  { "large", NAMED, "/" DRIVER },
  { "first_revision", NAMED, "7A9354D9-0468-444A-81CE-0BF617D890DF@0x0/" DRIVER },
  { "extended_header", NAMED, OTHER "@0x0/" DRIVER },
  { "lzma_guided", NAMED, "/" DRIVER },
  { "packed_each", NAMED, "/" DRIVER },
  { "lzma_end_mark", NAMED, "/" DRIVER },
  { "lzma_x86", NAMED, "/" DRIVER },
  { "tiano_guided", NAMED, "/" DRIVER },
  { "efi_guided", NAMED, "/" DRIVER },
  { "brotli", NAMED, "/" DRIVER },
  { "crc32", NAMED, "/" DRIVER },
  { "unknown_guided", NAMED, "/" DRIVER },
  { "disposable", NAMED, "/" DRIVER },
  { "stored", NAMED, "/" DRIVER },
  { "efi_1_1", NAMED, "/" DRIVER },
  { "tiano", NAMED, "/" DRIVER },
  { "lzma_vendor", NAMED, "/" DRIVER },
  { "lzma_shifted", NAMED, "/" DRIVER },
  { "lzma_bare_volume", NAMED, FFS2 "@0x0/" OTHER "/" FFS2 "/" DRIVER },
  { "nested", NAMED, FFS2 "@0x0/" OTHER "/" FFS2 "/" OTHER "/" FFS2 "/" DRIVER },
  { "capsule", NAMED, FFS2 "@0x50/" DRIVER },
  { "odd_offset", NAMED, FFS2 "@0x309/" DRIVER },
  { "descriptor", NAMED, FFS2 "@0x101000/" DRIVER },
  { "unknown_file_system", NAMED, FFS2 "@0x430/" DRIVER },
  { "vendor_file_system", NAMED, OTHER "@0x0/" DRIVER },
  { "raw_section", NULL, "/" DRIVER },
  { "raw_file", NULL, "/" DRIVER },
  { "freeform", NULL, "/A0327FE0-1FDA-4E5B-905D-B510C45A61D0" },
  { "raw_volume", NAMED, FFS2 "@0x6A/" DRIVER },
  { "pad_with_driver", NULL, "/FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF" },
  { "after_free_space", NAMED, "/" DRIVER },
  { "damaged_beside", NAMED, "/" DRIVER },
  { "setup_first", NAMED, "/" DRIVER },
  { "no_name", NULL, "/" DRIVER },
  { "ia32_beside", NAMED, "/" DRIVER },
  { "second_volume", NAMED, FFS2 "@0x53E7/" DRIVER },
  { "deleted_beside", NAMED, "/" DRIVER },
  { "deleted_same", NAMED, "/" DRIVER },
  { "deleted_volume_beside", NAMED, "/" DRIVER },
  { "deleted_only", NAMED, "/" DRIVER },
  { "pad_beside", NAMED, "/" DRIVER },
  { "same_twice", NAMED, FFS2 "@0x0/" DRIVER },
  { "truncated_before_whole", NULL, "/" DRIVER },
  { "odd_name",
    "A\xEF\xBF\xBD[31m\xEF\xBF\xBD\xEF\xBF\xBD"
    "B\xF0\x9F\x98\x80",
    "/" DRIVER },
};

static void
test_image (gconstpointer data)
{
  const Case *self = data;
  g_autoptr (GBytes) image = corpus_open (self->image);
  g_autoptr (GBytes) expected = corpus_open ("driver_pe");
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, expected);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) candidates = NULL;
  g_autoptr (GError) error = NULL;
  const FatiaGopCandidate *best;

  g_hash_table_insert (known, sha256, (char *) "our stand-in");
  candidates = fatia_gop_find (image, known, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (candidates->len, >=, 1);
  best = candidates->pdata[0];
  g_assert_true (best->driver);
  g_assert_true (best->chosen);
  g_assert_true (g_bytes_equal (best->pe, expected));
  g_assert_cmpuint (best->size, ==, g_bytes_get_size (expected));
  g_assert_cmpstr (best->sha256, ==, sha256);
  g_assert_cmpstr (best->known, ==, "our stand-in");
  g_assert_cmpstr (best->machine, ==, "x64");
  g_assert_cmpstr (best->name, ==, self->name);
  g_assert_nonnull (strstr (best->why, "Intel's GOP driver for x64"));
  if (!g_str_has_suffix (best->path, self->path))
    g_assert_cmpstr (best->path, ==, self->path);
  for (guint i = 1; i < candidates->len; i++)
    {
      const FatiaGopCandidate *other = candidates->pdata[i];

      g_assert_false (other->chosen);
      g_assert_null (other->known);
      /* What an update left behind has every mark, too. */
      g_assert_true (other->unused || !other->driver);
      g_assert_true (other->unused || other->score < best->score);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/firmware-images/", cases[i].image, NULL);

      g_test_add_data_func (path, &cases[i], test_image);
    }
  return g_test_run ();
}
