/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The diff a person reads, and that patch(1) would take. */
#include <stdlib.h>
#include <string.h>

#include "change/fatia-change.h"

static char *
diff (const char *before, const char *after)
{
  g_autoptr (GBytes) a = before ? g_bytes_new (before, strlen (before)) : NULL;
  g_autoptr (GBytes) b = after ? g_bytes_new (after, strlen (after)) : NULL;

  return fatia_diff ("/f", a, b);
}

#define ASSERT_DIFF(before, after, expected)                                                       \
  do                                                                                               \
    {                                                                                              \
      g_autofree char *text = diff ((before), (after));                                            \
      g_assert_cmpstr (text, ==, (expected));                                                      \
    }                                                                                              \
  while (0)

static void
test_small (void)
{
  ASSERT_DIFF ("a\n", "a\n", "");
  ASSERT_DIFF (NULL, NULL, "");
  ASSERT_DIFF ("a\nb\nc\n", "a\nB\nc\n", "--- /f\n+++ /f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
  ASSERT_DIFF (NULL, "a\n", "--- /dev/null\n+++ /f\n@@ -0,0 +1 @@\n+a\n");
  ASSERT_DIFF ("a\n", NULL, "--- /f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
  ASSERT_DIFF ("", "a\n", "--- /f\n+++ /f\n@@ -0,0 +1 @@\n+a\n");
  ASSERT_DIFF (NULL, "", "--- /dev/null\n+++ /f\n");
}

static void
test_no_newline (void)
{
  ASSERT_DIFF ("a\nb", "a\nb\n",
               "--- /f\n+++ /f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
}

static void
test_hunks (void)
{
  ASSERT_DIFF ("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "one\n2\n3\n4\n5\n6\n7\n8\n9\nten\n",
               "--- /f\n+++ /f\n"
               "@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n"
               "@@ -7,4 +7,4 @@\n 7\n 8\n 9\n-10\n+ten\n");
  /* Six lines between two changes: their contexts touch, so it is one hunk. */
  ASSERT_DIFF ("1\n2\n3\n4\n5\n6\n7\n8\n", "one\n2\n3\n4\n5\n6\n7\neight\n",
               "--- /f\n+++ /f\n"
               "@@ -1,8 +1,8 @@\n-1\n+one\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+eight\n");
}

static void
test_binary (void)
{
  g_autoptr (GBytes) a = g_bytes_new_static ("\0\xff", 2);
  g_autoptr (GBytes) b = g_bytes_new_static ("\0\xfe", 2);
  g_autofree char *created = fatia_diff ("/f", NULL, a);
  g_autofree char *replaced = fatia_diff ("/f", b, a);
  g_autofree char *removed = fatia_diff ("/f", a, NULL);

  g_assert_cmpstr (created, ==,
                   "New file, 2 bytes, sha256 "
                   "06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8");
  g_assert_true (g_str_has_prefix (replaced, "Replaced file, 2 bytes, sha256 06eb"));
  g_assert_cmpstr (removed, ==, "File removed, 2 bytes");
}

static GBytes *
make_lines (guint n)
{
  g_autoptr (GString) text = g_string_new (NULL);

  while (n--)
    g_string_append_c (text, '\n');
  return g_string_free_to_bytes (g_steal_pointer (&text));
}

/* What costs more than a person could read is not compared. */
static void
test_many_lines (void)
{
  g_autoptr (GBytes) many = make_lines (20000);
  g_autoptr (GBytes) more = make_lines (20001);
  g_autofree char *shown = fatia_diff ("/f", NULL, many);
  g_autofree char *not_shown = fatia_diff ("/f", NULL, more);
  g_autofree char *not_replaced = fatia_diff_alone ("/f", more, many);

  g_assert_true (g_str_has_prefix (shown, "--- /dev/null\n+++ /f\n@@ -0,0 +1,20000 @@\n+\n"));
  g_assert_true (g_str_has_prefix (not_shown, "New file, 20001 bytes, sha256 "));
  g_assert_true (g_str_has_prefix (not_replaced, "Replaced file, 20000 bytes, sha256 "));
}

/* A ROM may look like a text. */
static void
test_no_text (void)
{
  g_autoptr (GBytes) a = g_bytes_new_static ("a\n", 2);
  g_autoptr (GBytes) b = g_bytes_new_static ("b\n", 2);
  g_autofree char *created = fatia_diff_bytes (NULL, a);
  g_autofree char *replaced = fatia_diff_bytes (b, a);
  g_autofree char *removed = fatia_diff_bytes (a, NULL);
  g_autofree char *same = fatia_diff_bytes (a, a);

  g_assert_true (g_str_has_prefix (created, "New file, 2 bytes, sha256 87428fc5"));
  g_assert_true (g_str_has_prefix (replaced, "Replaced file, 2 bytes, sha256 87428fc5"));
  g_assert_cmpstr (removed, ==, "File removed, 2 bytes");
  g_assert_cmpstr (same, ==, "");
}

/* What is no UTF-8 is shown all the same, as D-Bus can carry it. */
static void
test_old_encoding (void)
{
  g_autoptr (GBytes) a = g_bytes_new_static ("# caf\xe9\nx=1\n", 11);
  g_autoptr (GBytes) b = g_bytes_new_static ("# caf\xe9\nx=2\n", 11);
  g_autoptr (GBytes) c = g_bytes_new_static ("# caf\xe8\nx=1\n", 11);
  g_autofree char *changed = fatia_diff ("/f", a, b);
  g_autofree char *letter = fatia_diff ("/f", a, c);

  g_assert_cmpstr (changed, ==,
                   "--- /f\n+++ /f\n@@ -1,2 +1,2 @@\n # caf\xef\xbf\xbd\n-x=1\n+x=2\n");
  /* Two that look alike are still two. */
  g_assert_cmpstr (letter, ==,
                   "--- /f\n+++ /f\n@@ -1,2 +1,2 @@\n-# caf\xef\xbf\xbd\n+# caf\xef\xbf\xbd\n"
                   " x=1\n");
}

static void
copy_until (GString *made, char **lines, guint *at, guint to)
{
  while (*at < to)
    g_string_append_printf (made, "%s\n", lines[(*at)++]);
}

/* The line before which a hunk begins, counted from 0: an empty range names the line before. */
static guint
hunk_start (const char *head)
{
  char *end;
  guint line = strtoul (head + strlen ("@@ -"), &end, 10);

  return line - (strtol (*end == ',' ? end + 1 : "1", NULL, 10) != 0);
}

/* What the diff makes of @before, as patch(1) would, is @after. */
static void
check_patch (const char *before, const char *after)
{
  g_autofree char *text = diff (before, after);
  g_auto (GStrv) old = g_strsplit (before, "\n", -1);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) made = g_string_new (NULL);
  guint at = 0;

  for (guint i = 2; *text && *lines[i]; i++)
    {
      if (lines[i][0] == '@')
        {
          copy_until (made, old, &at, hunk_start (lines[i]));
          continue;
        }
      if (lines[i][0] != '+')
        g_assert_cmpstr (lines[i] + 1, ==, old[at++]);
      if (lines[i][0] != '-')
        g_string_append_printf (made, "%s\n", lines[i] + 1);
    }
  copy_until (made, old, &at, g_strv_length (old) - 1);
  g_assert_cmpstr (made->str, ==, after);
}

static char *
random_text (guint n_lines, guint alphabet)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n_lines; i++)
    g_string_append_printf (text, "%c\n", 'a' + g_test_rand_int_range (0, alphabet));
  return g_string_free (text, FALSE);
}

static void
test_random (void)
{
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *a = random_text (g_test_rand_int_range (1, 40), 4);
      g_autofree char *b = random_text (g_test_rand_int_range (1, 40), 4);

      check_patch (a, b);
    }
}

/* Beyond the table's bounds the changed part is one block, in no time and little memory. */
static void
test_large (void)
{
  g_autofree char *a = random_text (20000, 26);
  g_autofree char *b = random_text (20000, 26);

  check_patch (a, b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diff/small", test_small);
  g_test_add_func ("/diff/no-newline", test_no_newline);
  g_test_add_func ("/diff/hunks", test_hunks);
  g_test_add_func ("/diff/binary", test_binary);
  g_test_add_func ("/diff/many-lines", test_many_lines);
  g_test_add_func ("/diff/no-text", test_no_text);
  g_test_add_func ("/diff/old-encoding", test_old_encoding);
  g_test_add_func ("/diff/random", test_random);
  g_test_add_func ("/diff/large", test_large);
  return g_test_run ();
}
