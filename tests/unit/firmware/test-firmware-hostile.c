/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images made to harm: the walk ends soon, in little memory, and says why. */
#include "corpus.h"

#include <sys/resource.h>

/* Generous, for a sanitized build on a busy machine; unbounded work takes minutes. */
#define SECONDS_LIMIT 20

static void
test_refused (gconstpointer data)
{
  g_autoptr (GBytes) image = corpus_open (data);
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  g_assert_null (fatia_gop_find (image, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_BUDGET);
  g_assert_nonnull (strstr (error->message, "not read to its end"));
  g_assert_cmpint (g_get_monotonic_time () - start, <, SECONDS_LIMIT * G_USEC_PER_SEC);
}

static void
test_many_candidates (void)
{
  g_autoptr (GBytes) image = corpus_open ("many_candidates");
  g_autoptr (GError) error = NULL;

  g_assert_null (fatia_gop_find (image, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_BUDGET);
  g_assert_nonnull (strstr (error->message, "programs like the driver"));
}

static void
walk_all (GBytes *image)
{
  g_autoptr (GPtrArray) files = fatia_firmware_list (image, NULL, NULL, NULL, NULL);
  g_autoptr (GPtrArray) candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, NULL);

  /* Never more than there are bytes for. */
  if (files)
    g_assert_cmpuint (files->len, <, 10000);
  if (candidates)
    g_assert_cmpuint (candidates->len, <, 1000);
}

/* Each length, in a block of its own, for the sanitizer to see the first byte after it. */
static void
test_every_prefix (void)
{
  g_autoptr (GBytes) image = corpus_open ("small");
  gsize size;
  const guint8 *data = g_bytes_get_data (image, &size);

  g_assert_cmpuint (size, <, 32 * 1024);
  for (gsize length = 1; length < size; length++)
    {
      g_autoptr (GBytes) prefix = g_bytes_new (data, length);

      walk_all (prefix);
    }
}

/* Changes one to eight bytes, with a liking for the values that break bounds. */
static void
mutate (GRand *rand, guint8 *data, gsize size)
{
  const guint8 nasty[] = { 0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF };
  guint n = g_rand_int_range (rand, 1, 9);

  for (guint i = 0; i < n; i++)
    {
      gsize at = g_rand_int_range (rand, 0, size);

      if (g_rand_boolean (rand))
        data[at] = nasty[g_rand_int_range (rand, 0, G_N_ELEMENTS (nasty))];
      else
        data[at] ^= 1 << g_rand_int_range (rand, 0, 8);
    }
}

static void
test_changed_bytes (gconstpointer name)
{
  g_autoptr (GBytes) image = corpus_open (name);
  g_autoptr (GRand) rand = g_rand_new_with_seed (0xFA71A);
  gsize size;
  const guint8 *data = g_bytes_get_data (image, &size);

  for (guint round = 0; round < 2000; round++)
    {
      guint8 *copy = g_memdup2 (data, size);
      g_autoptr (GBytes) changed = g_bytes_new_take (copy, size);

      mutate (rand, copy, size);
      walk_all (changed);
    }
}

/* After all of the above, in one process. */
static void
test_memory (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  g_assert_cmpint (usage.ru_maxrss, <, 1024 * 1024); /* KiB */
}

int
main (int argc, char **argv)
{
  const char *const refused[] = { "bomb_one",   "bomb_many",  "bomb_nested",
                                  "bomb_tiano", "deep",       "headers_overlapping",
                                  "signatures", "many_files", "many_sections" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *path = g_strconcat ("/firmware-hostile/", refused[i], NULL);

      g_test_add_data_func (path, refused[i], test_refused);
    }
  g_test_add_func ("/firmware-hostile/many-candidates", test_many_candidates);
  g_test_add_func ("/firmware-hostile/every-prefix", test_every_prefix);
  g_test_add_data_func ("/firmware-hostile/changed-bytes", "small", test_changed_bytes);
  g_test_add_data_func ("/firmware-hostile/changed-bytes-tiano", "tiano", test_changed_bytes);
  g_test_add_func ("/firmware-hostile/memory", test_memory);
  return g_test_run ();
}
