/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packages made to harm: opening ends soon, in little memory, and says why. */
#include "corpus.h"

#include <sys/resource.h>

#include "firmware/fatia-firmware-source.h"

/* Generous, for a sanitized build on a busy machine; unbounded work takes minutes. */
#define SECONDS_LIMIT 20
#define MIB           1024 /* KiB */

static GBytes *
read_package (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".pkg", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "tests/unit/firmware", file, NULL);
  g_autoptr (GError) error = NULL;
  GBytes *bytes = fatia_firmware_open (path, &error);

  g_assert_no_error (error);
  return bytes;
}

static glong
peak (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return usage.ru_maxrss;
}

typedef struct
{
  const char *name;
  int code;
  const char *words; /* that the message has */
} Refusal;

static const Refusal refusals[] = {
  { "bomb_zip", FATIA_FIRMWARE_ERROR_BUDGET, "far too many bytes" },
  { "bomb_zip_many", FATIA_FIRMWARE_ERROR_BUDGET, "far too many bytes" },
  { "bomb_seven", FATIA_FIRMWARE_ERROR_BUDGET, "far too many bytes" },
  { "bomb_gz", FATIA_FIRMWARE_ERROR_BUDGET, "far too many bytes" },
  { "lying_size", FATIA_FIRMWARE_ERROR_DAMAGED, "ZIP archive" },
  { "nested_deep", FATIA_FIRMWARE_ERROR_BUDGET, "too deep" },
  { "many_members", FATIA_FIRMWARE_ERROR_WRAPPED, "far more files" },
  { "claims_members", FATIA_FIRMWARE_ERROR_WRAPPED, "far more files" },
  { "claims_streams", FATIA_FIRMWARE_ERROR_WRAPPED, "far more files" },
  { "claims_list", FATIA_FIRMWARE_ERROR_WRAPPED, "far more files" },
  { "claims_memory", FATIA_FIRMWARE_ERROR_WRAPPED, "far more files" },
  { "claims_nothing", FATIA_FIRMWARE_ERROR_DAMAGED, "list of members" },
};

static void
test_refused (gconstpointer data)
{
  const Refusal *self = data;
  g_autoptr (GBytes) bytes = read_package (self->name);
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  g_assert_null (fatia_firmware_source_new (bytes, self->name, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, self->code);
  g_assert_nonnull (strstr (error->message, self->words));
  g_test_message ("%s", error->message);
  g_assert_cmpint (g_get_monotonic_time () - start, <, SECONDS_LIMIT * G_USEC_PER_SEC);
}

static void
open_all (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaFirmwareSource) source =
    fatia_firmware_source_new (bytes, NULL, NULL, NULL, NULL, NULL, &error);

  g_assert_true ((source == NULL) == (error != NULL));
}

/* Each length, in a block of its own, for the sanitizer to see the first byte after it. */
static void
test_prefixes (gconstpointer name)
{
  g_autoptr (GBytes) bytes = read_package (name);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  gsize step = 1;

  for (gsize length = 1; length < size; length += step)
    {
      g_autoptr (GBytes) prefix = g_bytes_new (data, length);

      open_all (prefix);
      step = length < 4096 ? 1 : 61;
    }
}

static void
test_changed_bytes (gconstpointer name)
{
  g_autoptr (GBytes) bytes = read_package (name);
  g_autoptr (GRand) rand = g_rand_new_with_seed (0xFA71A);
  const guint8 nasty[] = { 0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF };
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  for (guint round = 0; round < 500; round++)
    {
      guint8 *copy = g_memdup2 (data, size);
      g_autoptr (GBytes) changed = g_bytes_new_take (copy, size);

      /* Mostly among the headers, which are at either end. */
      for (guint i = g_rand_int_range (rand, 1, 5); i > 0; i--)
        {
          gsize at = g_rand_int_range (rand, 0, MIN (size, 600));

          if (g_rand_int_range (rand, 0, 3) == 0)
            at = size - 1 - at;
          copy[at] = g_rand_boolean (rand) ? nasty[g_rand_int_range (rand, 0, sizeof nasty)]
                                           : copy[at] ^ 1 << g_rand_int_range (rand, 0, 8);
        }
      open_all (changed);
    }
}

/* After all of the above, in one process. */
static void
test_memory (gconstpointer before)
{
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpint (peak () - *(const glong *) before, <, 64 * MIB);
#endif
  g_test_message ("%ld MiB", peak () / MIB);
}

int
main (int argc, char **argv)
{
  const char *const changed[] = {
    "pfat_signed", "pfat_twice",  "capsule_aptio", "capsule_toshiba", "fmp_signed",
    "zip_equals",  "seven_maker", "rar_4",         "rar_5",           "cabinet",
    "tar_gz",      "program_zip", "dell_plain",    "dell_part_cut",   "dell_far",
    "ucp_plain",   "ucp_packed",  "insyde_cut",    "rom_packed",      "rom_bios",
  };
  const char *const cut[] = { "pfat_signed", "fmp_plain",  "zip_equals", "dell_plain",
                              "dell_far",    "ucp_packed", "rom_packed" };
  glong before = peak ();

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strconcat ("/firmware-package-hostile/", refusals[i].name, NULL);

      g_test_add_data_func (path, &refusals[i], test_refused);
    }
  for (guint i = 0; i < G_N_ELEMENTS (cut); i++)
    {
      g_autofree char *path = g_strconcat ("/firmware-package-hostile/prefixes/", cut[i], NULL);

      g_test_add_data_func (path, cut[i], test_prefixes);
    }
  for (guint i = 0; i < G_N_ELEMENTS (changed); i++)
    {
      g_autofree char *path = g_strconcat ("/firmware-package-hostile/changed/", changed[i], NULL);

      g_test_add_data_func (path, changed[i], test_changed_bytes);
    }
  g_test_add_data_func ("/firmware-package-hostile/memory", &before, test_memory);
  return g_test_run ();
}
