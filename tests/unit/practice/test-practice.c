/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A practice host's folder and guest: made, taken up again, closed without a trace. */
#include "practice/fatia-practice.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "tree.h"

static FatiaPractice *
open_practice (const char *tree, const char *folder)
{
  g_autoptr (GError) error = NULL;
  FatiaPractice *practice = fatia_practice_new (tree, folder, &error);

  g_assert_no_error (error);
  return practice;
}

static void
assert_refused (const char *tree, const char *folder, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fatia_practice_new (tree, folder, &error));
  g_assert_error (error, G_IO_ERROR, code);
}

/* What the tree itself leaves to practice: the chip holds the practice image. */
static void
take_firmware_chip_out (FatiaPractice *practice)
{
  const char *root = fatia_practice_get_root (practice);
  g_autofree char *chip = g_build_filename (root, "dev/mtd0ro", NULL);
  g_autofree char *size = g_build_filename (root, "sys/class/mtd/mtd0/size", NULL);
  g_autofree char *data = NULL;
  g_autofree char *image = NULL;
  gsize length, image_length;

  g_assert_true (g_file_get_contents (chip, &data, &length, NULL));
  g_assert_true (g_file_get_contents (fatia_practice_get_firmware_image (practice), &image,
                                      &image_length, NULL));
  g_assert_cmpmem (data, length, image, image_length);
  g_assert_cmpint (g_unlink (chip), ==, 0);
  g_assert_true (g_file_set_contents (size, "16777216\n", -1, NULL));
}

static void
test_temporary (void)
{
  g_autoptr (FatiaPractice) practice = open_practice (NULL, NULL);
  g_autofree char *folder = g_strdup (fatia_practice_get_folder (practice));
  g_autofree char *source = g_test_build_filename (G_TEST_DIST, "data/practice/radxa-x4", NULL);
  g_autofree char *expected = tree_snapshot (source);
  g_autofree char *copied = NULL;
  struct stat info;

  take_firmware_chip_out (practice);
  copied = tree_snapshot (fatia_practice_get_root (practice));
  g_assert_cmpstr (copied, ==, expected);
  g_assert_cmpint (stat (folder, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0700);
  fatia_practice_close (practice);
  g_assert_false (tree_has ("/", folder));
  fatia_practice_close (practice);
}

static void
test_dropped (void)
{
  FatiaPractice *practice = open_practice ("amd", NULL);
  g_autofree char *folder = g_strdup (fatia_practice_get_folder (practice));

  g_object_unref (practice);
  g_assert_false (tree_has ("/", folder));
}

static void
test_taken_up (void)
{
  g_autofree char *parent = tree_make_folder ();
  g_autofree char *folder = g_build_filename (parent, "a practice host", NULL);
  g_autoptr (FatiaPractice) first = open_practice ("stock-i915", folder);
  g_autoptr (FatiaPractice) second = NULL;

  tree_write (fatia_practice_get_root (first), "etc/fatia/kept", "yes");
  assert_refused ("stock-i915", folder, G_IO_ERROR_BUSY);
  fatia_practice_close (first);
  assert_refused ("radxa-x4", folder, G_IO_ERROR_EXISTS);
  second = open_practice (NULL, folder);
  g_assert_true (tree_has (fatia_practice_get_root (second), "etc/fatia/kept"));
  g_assert_cmpstr (fatia_practice_get_glass_path (first), ==,
                   fatia_practice_get_glass_path (second));
  fatia_practice_close (second);
  tree_remove (parent);
}

/* A power cut came while the tree was copied. */
static void
test_half_made (void)
{
  g_autofree char *folder = tree_make_folder ();
  g_autoptr (FatiaPractice) practice = NULL;

  tree_write (folder, "lock", "");
  tree_write (folder, "root.making/etc/os-release", "");
  tree_write (folder, "root/odd", "");
  practice = open_practice ("amd", folder);
  g_assert_true (tree_has (folder, "root/.fatia-practice"));
  g_assert_false (tree_has (folder, "root/odd"));
  g_assert_false (tree_has (folder, "root.making"));
  fatia_practice_close (practice);
  tree_remove (folder);
}

static void
test_refused (void)
{
  g_autofree char *folder = tree_make_folder ();
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  tree_write (folder, "thesis.txt", "years of work");
  before = tree_snapshot (folder);
  assert_refused (NULL, folder, G_IO_ERROR_NOT_EMPTY);
  after = tree_snapshot (folder);
  g_assert_cmpstr (after, ==, before);
  assert_refused ("nowhere", NULL, G_IO_ERROR_NOT_FOUND);
  assert_refused ("../practice/amd", NULL, G_IO_ERROR_NOT_FOUND);
  assert_refused (NULL, "/proc/practice", G_IO_ERROR_NOT_FOUND);
  tree_remove (folder);
}

/* A temporary folder that came to nothing goes, too: in a process that has one place for them. */
static void
test_refused_temporary (void)
{
  g_autofree char *place = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  if (!g_test_subprocess ())
    {
      place = tree_make_folder ();
      g_setenv ("TMPDIR", place, TRUE);
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      g_unsetenv ("TMPDIR");
      tree_remove (place);
      return;
    }
  before = tree_snapshot (g_getenv ("TMPDIR"));
  assert_refused ("nowhere", NULL, G_IO_ERROR_NOT_FOUND);
  after = tree_snapshot (g_getenv ("TMPDIR"));
  g_assert_cmpstr (after, ==, before);
}

static void
test_spec (void)
{
  g_autoptr (FatiaPractice) practice = open_practice (NULL, NULL);
  FatiaFacts facts = { .memory = G_GUINT64_CONSTANT (16) << 30, .cpus = 4 };
  g_autoptr (FatiaDomainSpec) spec = fatia_domain_spec_new (&facts);
  g_autoptr (GError) error = NULL;

  spec->iso = g_strdup (fatia_practice_get_iso (practice));
  fatia_practice_adapt_spec (practice, spec);
  g_assert_true (spec->tcg);
  g_assert_true (g_str_has_prefix (spec->disk, fatia_practice_get_folder (practice)));
  g_assert_cmpstr (spec->glass_path, ==, fatia_practice_get_glass_path (practice));
  g_assert_true (fatia_media_check_windows (spec->iso, &error));
  g_assert_no_error (error);
  g_assert_true (fatia_domain_spec_validate (spec, &facts, &error));
  g_assert_no_error (error);
}

static gboolean
comes (const char *path)
{
  for (guint i = 0; i < 1000; i++)
    {
      struct stat info;

      if (stat (path, &info) == 0 && info.st_size > 0)
        return TRUE;
      g_usleep (10000);
    }
  return FALSE;
}

/* How many processes have @word among their arguments. */
static guint
count_processes (const char *word)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc", name, "cmdline", NULL);
      g_autofree char *text = NULL;
      gsize length = 0;

      if (g_ascii_isdigit (*name) && g_file_get_contents (path, &text, &length, NULL) &&
          memmem (text, length, word, strlen (word)) != NULL)
        n++;
    }
  return n;
}

/* A process shows no arguments for the moment in which it becomes another program. */
static void
assert_processes (const char *word, guint n)
{
  for (guint i = 0; count_processes (word) != n; i++)
    {
      g_assert_cmpuint (i, <, 200);
      g_usleep (10 * G_TIME_SPAN_MILLISECOND);
    }
}

static void
test_guest (void)
{
  g_autoptr (FatiaPractice) practice = open_practice (NULL, NULL);
  g_autofree char *glass = g_strdup (fatia_practice_get_glass_path (practice));
  g_autoptr (GError) error = NULL;

  g_assert_true (fatia_practice_start_guest (practice, 800, 600, &error));
  g_assert_no_error (error);
  g_assert_true (comes (glass));
  assert_processes (glass, 1);
  g_assert_true (fatia_practice_start_guest (practice, 1024, 768, &error));
  g_assert_no_error (error);
  assert_processes (glass, 1);
  fatia_practice_stop_guest (practice);
  g_assert_cmpuint (count_processes (glass), ==, 0);
  g_assert_true (fatia_practice_start_guest (practice, 800, 600, &error));
  g_assert_no_error (error);
  fatia_practice_close (practice);
  g_assert_cmpuint (count_processes (glass), ==, 0);
  g_assert_false (tree_has ("/", glass));
}

static void
test_no_guest (void)
{
  g_autoptr (FatiaPractice) practice = open_practice (NULL, NULL);
  g_autofree char *before = g_strdup (g_getenv ("FATIA_LIBEXEC_DIR"));
  g_autoptr (GError) error = NULL;

  g_setenv ("FATIA_LIBEXEC_DIR", "/nowhere", TRUE);
  g_assert_false (fatia_practice_start_guest (practice, 800, 600, &error));
  g_assert_nonnull (strstr (error->message, "/nowhere/fatia-practice-guest"));
  g_setenv ("FATIA_LIBEXEC_DIR", before, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/practice/temporary", test_temporary);
  g_test_add_func ("/practice/dropped", test_dropped);
  g_test_add_func ("/practice/taken-up", test_taken_up);
  g_test_add_func ("/practice/half-made", test_half_made);
  g_test_add_func ("/practice/refused", test_refused);
  g_test_add_func ("/practice/refused-temporary", test_refused_temporary);
  g_test_add_func ("/practice/spec", test_spec);
  g_test_add_func ("/practice/guest", test_guest);
  g_test_add_func ("/practice/no-guest", test_no_guest);
  return g_test_run ();
}
