/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images made to harm: the walk ends soon, in little memory, and says why. */
#include "corpus.h"

#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "firmware/fatia-firmware-tree.h"
#include "firmware/fatia-walk.h"

#define KIB 1024
#define MIB (1024 * KIB)
#define GIB (1024 * (guint64) MIB)

/* What the walk may take beside the mapped image */
#define MEMORY_LIMIT (64 * MIB)
/* Each look is after a step of work that is bounded; honest images of 16 MiB take some 20,000. */
#define LOOKS_LIMIT 2000000
/* Of small images */
#define OUTPUT_LIMIT (320 * (guint64) MIB)

/* Sanitizers keep what was freed, and a shadow of everything. */
#ifdef __SANITIZE_ADDRESS__
#define MEASURES_MEMORY FALSE
#else
#define MEASURES_MEMORY TRUE
#endif

/* In bytes; @name: "VmRSS" or "VmHWM", the most it has been */
static guint64
read_memory (const char *name)
{
  g_autofree char *status = NULL;
  g_autoptr (GError) error = NULL;
  const char *line;

  g_file_get_contents ("/proc/self/status", &status, NULL, &error);
  g_assert_no_error (error);
  line = strstr (status, name);
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen (name) + 1, NULL, 10) * KIB;
}

/* From here on VmHWM is what will be. */
static void
forget_peak (void)
{
  int fd = open ("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, "5", 1), ==, 1);
  close (fd);
}

static void
count_leaf (FatiaWalkNode *node,
            FatiaWalkLeaf kind,
            GBytes *bytes,
            gsize offset,
            gsize length,
            gpointer count)
{
  *(guint64 *) count += length;
}

/* Work and memory are bounded, whatever is asked of the image. In a process of its own, so that
 * its memory is of this image alone. */
static void
assert_bounded (GBytes *image)
{
  const FatiaWalkVisitor visitor = { .leaf = count_leaf };
  guint64 before = read_memory ("VmRSS"), given = 0;
  g_autoptr (FatiaFirmwareItem) tree = NULL;
  g_autoptr (GPtrArray) candidates = NULL;
  g_autoptr (GError) error = NULL;
  FatiaWalkSummary summary;

  forget_peak ();
  g_assert_true (fatia_walk (image, &visitor, &given, NULL, NULL, NULL, &summary, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (summary.looks, <, LOOKS_LIMIT);
  g_assert_cmpuint (summary.output, <=, OUTPUT_LIMIT);
  /* "Each byte comes once." */
  g_assert_cmpuint (given, <=, g_bytes_get_size (image) + summary.output);
  candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, NULL);
  g_clear_pointer (&candidates, g_ptr_array_unref);
  tree = fatia_firmware_tree_read (image, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  if (MEASURES_MEMORY)
    g_assert_cmpuint (read_memory ("VmHWM") - before, <=,
                      MEMORY_LIMIT + MIN (g_bytes_get_size (image), 64 * MIB));
}

/* An error, or what was found all the same: none of it is chosen, and each says why. */
static void
assert_told (GBytes *image)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, &error);

  if (candidates == NULL)
    {
      g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_BUDGET);
      g_assert_nonnull (strstr (error->message, "not read to its end"));
    }
  for (guint i = 0; candidates && i < candidates->len; i++)
    {
      const FatiaGopCandidate *candidate = candidates->pdata[i];

      g_assert_false (candidate->chosen);
      g_assert_nonnull (strstr (candidate->why, "not read to its end"));
    }
}

static void
test_refused (gconstpointer data)
{
  g_autoptr (GBytes) image = corpus_open (data);

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  assert_bounded (image);
  assert_told (image);
}

/* Beside what is left out the driver is found; it is not chosen, and told why. */
static void
test_driver_beside (void)
{
  g_autoptr (GBytes) image = corpus_open ("driver_beside_bomb");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, &error);
  const FatiaGopCandidate *best;

  g_assert_no_error (error);
  g_assert_cmpuint (candidates->len, ==, 1);
  best = candidates->pdata[0];
  g_assert_true (best->driver);
  g_assert_false (best->chosen);
  g_assert_nonnull (strstr (best->why, "not read to its end"));
}

/* 3 GiB that are not on the disk: nothing, or a volume and a file that claim them all. */
static void
test_sparse (gconstpointer beginning)
{
  g_autofree char *path = NULL;
  g_autoptr (GBytes) image = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  fd = g_file_open_tmp ("fatia-sparse-XXXXXX", &path, &error);
  g_assert_no_error (error);
  if (beginning)
    {
      g_autoptr (GBytes) volume = corpus_open (beginning);
      gsize size = g_bytes_get_size (volume);

      g_assert_cmpint (write (fd, g_bytes_get_data (volume, NULL), size), ==, size);
    }
  g_assert_cmpint (ftruncate (fd, 3 * GIB), ==, 0);
  close (fd);
  image = fatia_firmware_open (path, &error);
  g_unlink (path);
  g_assert_no_error (error);
  assert_bounded (image);
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

typedef struct
{
  GCancellable *cancellable;
  guint calls;
} Cancelling;

static void
cancel_in_the_middle (guint64 done, guint64 total, gpointer data)
{
  Cancelling *self = data;

  g_assert_cmpuint (done, <=, total);
  self->calls++;
  g_cancellable_cancel (self->cancellable);
}

/* Nothing more is told once the walk knows. */
static void
test_cancel (void)
{
  g_autoptr (GBytes) image = corpus_open ("signatures");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Cancelling cancelling = { cancellable, 0 };

  g_assert_null (
    fatia_gop_find (image, NULL, cancel_in_the_middle, &cancelling, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (cancelling.calls, ==, 1);
}

int
main (int argc, char **argv)
{
  const char *const refused[] = {
    "bomb_one",   "bomb_each",     "bomb_many",           "bomb_nested",
    "bomb_tiano", "deep",          "headers_overlapping", "signatures",
    "many_files", "many_sections", "sizes_lie",           "refers_to_itself"
  };

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
  g_test_add_func ("/firmware-hostile/driver-beside", test_driver_beside);
  g_test_add_data_func ("/firmware-hostile/3-gib-of-zeros", NULL, test_sparse);
  g_test_add_data_func ("/firmware-hostile/3-gib-volume", "sparse_volume", test_sparse);
  g_test_add_data_func ("/firmware-hostile/3-gib-file", "sparse_file", test_sparse);
  g_test_add_func ("/firmware-hostile/cancel", test_cancel);
  return g_test_run ();
}
