/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pure edit, case by case; a real shell judges each result. */
#include "boot/fatia-grub.h"

#include <string.h>

#include "grub-cases.h"
#include "grub-oracle.h"

static GStrv
split_words (const char *line)
{
  return g_strsplit (line, " ", -1);
}

static char *
edit (const char *name, const char *text, GStrv wanted, GError **error)
{
  return fatia_grub_edit (name, text, strlen (text), (const char *const *) wanted, error);
}

/* What holds of every result: a shell agrees, nothing else is set, and once more changes nothing.
 */
static void
check_result (const char *before, const char *after, GStrv wanted)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments_before = oracle_arguments ("bash", before);
  g_auto (GStrv) arguments_after = oracle_arguments ("bash", after);
  g_autofree char *others_before = oracle_others (before);
  g_autofree char *others_after = oracle_others (after);
  g_autofree char *again = edit ("grub", after, wanted, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, after);
  oracle_check ((const char *const *) arguments_before, (const char *const *) arguments_after,
                (const char *const *) wanted);
  g_assert_cmpstr (others_before, ==, others_after);
}

static void
check_refusal (GError *error, const char *name, const char *words, GStrv wanted)
{
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
  if (!strstr (error->message, words))
    g_error ("%s: “%s” is not in: %s", name, words, error->message);
  g_assert_nonnull (strstr (error->message, name));
  /* What to add by hand. */
  g_assert_nonnull (strstr (error->message, wanted[0]));
}

static void
test_case (gconstpointer data)
{
  const GrubCase *test = data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) wanted = split_words (test->wanted ? test->wanted : OURS);
  g_autofree char *text = edit ("/etc/default/grub", test->before, wanted, &error);

  if (test->after == NULL)
    {
      g_assert_null (text);
      check_refusal (error, "/etc/default/grub", test->refused, wanted);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, test->after);
  check_result (test->before, text, wanted);
}

/* A distribution's own file: NAME.in, and NAME.out or the words of NAME.refused. */
static void
test_file (gconstpointer data)
{
  const char *stem = data;
  g_autofree char *in_path = g_strconcat (stem, ".in", NULL);
  g_autofree char *out_path = g_strconcat (stem, ".out", NULL);
  g_autofree char *refused_path = g_strconcat (stem, ".refused", NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) wanted = split_words (OURS);
  g_autofree char *before = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (in_path, &before, NULL, NULL));
  text = edit (in_path, before, wanted, &error);
  if (g_file_get_contents (refused_path, &expected, NULL, NULL))
    {
      g_assert_null (text);
      check_refusal (error, in_path, g_strchomp (expected), wanted);
      return;
    }
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (out_path, &expected, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
  check_result (before, text, wanted);
}

static void
test_limits (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) wanted = split_words (OURS);
  g_autofree char *large = g_strnfill (256 * 1024 + 1, '#');
  g_autofree char *fitting = g_strnfill (250 * 1024, '#');
  g_autofree char *deep = NULL;
  g_autofree char *result = NULL;
  GString *nested = g_string_new ("X=");
  const char nul[] = "GRUB_TIMEOUT=5\nX=\0\n";

  g_assert_null (edit ("grub", large, wanted, &error));
  check_refusal (error, "grub", "256 KiB", wanted);
  g_clear_error (&error);
  result = edit ("grub", fitting, wanted, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (result, fitting));

  g_assert_null (
    fatia_grub_edit ("grub", nul, sizeof nul - 1, (const char *const *) wanted, &error));
  check_refusal (error, "grub", "line 2", wanted);
  g_clear_error (&error);

  for (int i = 0; i < 10000; i++)
    g_string_append (nested, "$(");
  deep = g_string_free (nested, FALSE);
  g_assert_null (edit ("grub", deep, wanted, &error));
  check_refusal (error, "grub", "too deeply", wanted);
}

/* A variable that doubles itself must not fill the memory. */
static void
test_growth (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) wanted = split_words (OURS);
  g_autofree char *text = NULL;
  GString *bomb = g_string_new ("A=aaaaaaaa\n");

  for (int i = 0; i < 1000; i++)
    g_string_append (bomb, "A=$A$A$A$A\n");
  g_string_append (bomb, "GRUB_CMDLINE_LINUX_DEFAULT=\"$A\"\n");
  text = g_string_free (bomb, FALSE);
  g_assert_null (edit ("grub", text, wanted, &error));
  check_refusal (error, "grub", "line 1002", wanted);
}

static void
add_files (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "tests/unit/boot/grub", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".in"))
      {
        g_autofree char *stem = g_strndup (name, strlen (name) - strlen (".in"));
        g_autofree char *path = g_strconcat ("/grub/file/", stem, NULL);

        g_test_add_data_func_full (path, g_build_filename (folder, stem, NULL), test_file, g_free);
        n++;
      }
  if (n == 0)
    g_error ("no files in %s", folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < n_grub_cases; i++)
    {
      g_autofree char *path = g_strconcat ("/grub/case/", grub_cases[i].name, NULL);

      g_test_add_data_func (path, &grub_cases[i], test_case);
    }
  add_files ();
  g_test_add_func ("/grub/limits", test_limits);
  g_test_add_func ("/grub/growth", test_growth);
  return g_test_run ();
}
