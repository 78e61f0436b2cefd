/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Undoing after other hands, out of turn, and by what a person decided. */
#include "change/fatia-apply.h"

#include <string.h>

#include <glib/gstdio.h>

#include "tree.h"

#define GRUB     "/etc/default/grub"
#define QUIET    "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"
#define OURS     "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1\"\n"
#define BOTH     "GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1 theirs\"\n"
#define THEIRS   "GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet theirs\"\n"
#define CONFLICT "GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=2\"\n"

static char *
change (Tree *tree, const char *step, const char *path, const char *before, const char *after)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new (step);
  g_autoptr (GBytes) a = before ? g_bytes_new (before, strlen (before)) : NULL;
  g_autoptr (GBytes) b = after ? g_bytes_new (after, strlen (after)) : NULL;
  g_autoptr (GError) error = NULL;
  char *id;

  fatia_change_set_add_file (set, path, a, b, 0644);
  id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);
  g_assert_no_error (error);
  return id;
}

/* (nullable): decisions about one file */
static GVariant *
decide (const char *path, gboolean put_back)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sb}"));
  g_variant_builder_add (&builder, "{sb}", path, put_back);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/* The kinds of what undoing would do, "conflict file " */
static char *
plan_kinds (Tree *tree, const char *id, GVariant *decisions)
{
  const FatiaUndoOptions options = { .decisions = decisions };
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaChangeSet) set = fatia_changes_plan_undo (tree->root, id, &options, &error);
  g_autoptr (GVariant) items = NULL;
  GString *out = g_string_new (NULL);
  GVariantIter iter;
  const char *kind;

  g_assert_no_error (error);
  items = fatia_change_set_describe (set);
  g_variant_iter_init (&iter, items);
  while (g_variant_iter_next (&iter, "(&s&s&s&s)", &kind, NULL, NULL, NULL))
    g_string_append_printf (out, "%s ", kind);
  return g_string_free (out, FALSE);
}

static void
undo_decided (Tree *tree, const char *id, GVariant *decisions)
{
  const FatiaUndoOptions options = { .decisions = decisions };
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaChangeSet) set = fatia_changes_plan_undo (tree->root, id, &options, &error);
  g_autofree char *digest = NULL;

  g_assert_no_error (error);
  digest = fatia_change_set_get_digest (set);
  fatia_changes_undo (tree->root, id, &options, digest, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
undo (Tree *tree, const char *id)
{
  undo_decided (tree, id, NULL);
}

static void
assert_undo_fails (Tree *tree, const char *id, GVariant *decisions, int code, const char *words)
{
  const FatiaUndoOptions options = { .decisions = decisions };
  g_autofree char *before = tree_snapshot (tree, NULL);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (fatia_changes_undo (tree->root, id, &options, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

static void
assert_text (Tree *tree, const char *path, const char *expected)
{
  g_autofree char *text = tree_read (tree, path + 1);

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_no_journal (Tree *tree)
{
  g_assert_false (fatia_host_root_exists (tree->root, "/var"));
}

/* Ours goes, theirs stays, and so does the mode that others gave the file. */
static void
test_merged (Tree *tree, gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autofree char *kinds = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *after = NULL;

  tree_write_mode (tree, GRUB + 1, THEIRS, 0600);
  expected = tree_snapshot (tree, NULL);
  tree_write_mode (tree, GRUB + 1, QUIET, 0644);
  id = change (tree, "boot", GRUB, QUIET, OURS);
  tree_write_mode (tree, GRUB + 1, BOTH, 0600);
  kinds = plan_kinds (tree, id, NULL);
  g_assert_cmpstr (kinds, ==, "file ");
  undo (tree, id);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, expected);
}

/* What others took out of it already is nothing to be done. */
static void
test_taken_out (Tree *tree, gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autofree char *kinds = NULL;

  tree_write (tree, GRUB + 1, QUIET);
  id = change (tree, "boot", GRUB, QUIET, OURS);
  tree_write (tree, GRUB + 1, "# mine\n" QUIET);
  kinds = plan_kinds (tree, id, NULL);
  g_assert_cmpstr (kinds, ==, "");
  undo (tree, id);
  assert_text (tree, GRUB, "# mine\n" QUIET);
  assert_no_journal (tree);
}

static void
test_keep (Tree *tree, gconstpointer data)
{
  g_autoptr (GVariant) keep = decide (GRUB, FALSE);
  g_autofree char *id = NULL;
  g_autofree char *kinds = NULL;
  g_autofree char *decided = NULL;

  tree_write (tree, GRUB + 1, QUIET);
  id = change (tree, "boot", GRUB, QUIET, OURS);
  tree_write (tree, GRUB + 1, CONFLICT);
  kinds = plan_kinds (tree, id, NULL);
  g_assert_cmpstr (kinds, ==, "conflict ");
  assert_undo_fails (tree, id, NULL, FATIA_CHANGE_ERROR_TOUCHED, GRUB);
  decided = plan_kinds (tree, id, keep);
  g_assert_cmpstr (decided, ==, "kept ");
  undo_decided (tree, id, keep);
  assert_text (tree, GRUB, CONFLICT);
  assert_no_journal (tree);
}

static void
test_put_back (Tree *tree, gconstpointer data)
{
  g_autoptr (GVariant) put_back = decide (GRUB, TRUE);
  g_autofree char *id = NULL;
  g_autofree char *decided = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  tree_write_mode (tree, GRUB + 1, QUIET, 0640);
  before = tree_snapshot (tree, NULL);
  id = change (tree, "boot", GRUB, QUIET, OURS);
  tree_write_mode (tree, GRUB + 1, CONFLICT, 0640);
  decided = plan_kinds (tree, id, put_back);
  g_assert_cmpstr (decided, ==, "file ");
  undo_decided (tree, id, put_back);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

/* A file that is all ours: others' edit of it stays, or it goes, as a person decides. */
static void
test_our_file (Tree *tree, gconstpointer data)
{
  g_autoptr (GVariant) keep = decide ("/etc/made", FALSE);
  g_autoptr (GVariant) put_back = decide ("/etc/made", TRUE);
  g_autofree char *first = change (tree, "memory", "/etc/made", NULL, "ours\n");
  g_autofree char *second = NULL;

  tree_write (tree, "etc/made", "ours\nand theirs\n");
  assert_undo_fails (tree, first, NULL, FATIA_CHANGE_ERROR_TOUCHED, "/etc/made");
  undo_decided (tree, first, keep);
  assert_text (tree, "/etc/made", "ours\nand theirs\n");

  second = change (tree, "memory", "/etc/made", "ours\nand theirs\n", NULL);
  tree_write (tree, "etc/made", "theirs again\n");
  undo_decided (tree, second, put_back);
  assert_text (tree, "/etc/made", "ours\nand theirs\n");
  assert_no_journal (tree);
}

static void
test_link (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("vfs");
  g_autoptr (GVariant) put_back = decide ("/etc/link", TRUE);
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *path = tree_path (tree, "etc/link");
  g_autofree char *target = NULL;

  tree_folder (tree, "etc");
  tree_link (tree, "old", "etc/link");
  fatia_change_set_add_link (set, "/etc/link", "new");
  id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_remove (path), ==, 0);
  tree_link (tree, "theirs", "etc/link");
  assert_undo_fails (tree, id, NULL, FATIA_CHANGE_ERROR_TOUCHED, "/etc/link");
  undo_decided (tree, id, put_back);
  target = fatia_host_root_read_link (tree->root, "/etc/link");
  g_assert_cmpstr (target, ==, "old");
}

/* What is neither file nor link any more can only be kept. */
static void
test_odd (Tree *tree, gconstpointer data)
{
  g_autoptr (GVariant) keep = decide (GRUB, FALSE);
  g_autoptr (GVariant) put_back = decide (GRUB, TRUE);
  g_autofree char *path = tree_path (tree, GRUB + 1);
  g_autofree char *id = NULL;

  tree_write (tree, GRUB + 1, QUIET);
  id = change (tree, "boot", GRUB, QUIET, OURS);
  g_assert_cmpint (g_remove (path), ==, 0);
  tree_link (tree, "elsewhere", GRUB + 1);
  assert_undo_fails (tree, id, NULL, FATIA_CHANGE_ERROR_TOUCHED, GRUB);
  assert_undo_fails (tree, id, put_back, FATIA_CHANGE_ERROR_REFUSED, GRUB);
  undo_decided (tree, id, keep);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_SYMLINK));
}

static void
test_decisions_about_others (Tree *tree, gconstpointer data)
{
  g_autoptr (GVariant) other = decide ("/etc/passwd", TRUE);
  g_autofree char *id = NULL;

  tree_write (tree, GRUB + 1, QUIET);
  id = change (tree, "boot", GRUB, QUIET, OURS);
  assert_undo_fails (tree, id, other, FATIA_CHANGE_ERROR_INVALID, "/etc/passwd");
}

/* Two changes of one file, undone in either order with others' work between. */
static void
test_any_order (Tree *tree, gconstpointer data)
{
  static const char *const texts[] = { "a=1\nline=\"x\"\nb=1\n", "a=1\nline=\"x one\"\nb=1\n",
                                       "a=1\nline=\"x one two\"\nb=1\n",
                                       "a=1\nline=\"x one two three\"\nb=1\n" };
  static const guint orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                     { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    for (gboolean others = FALSE; others <= TRUE; others++)
      {
        char *ids[3];

        tree_write (tree, "etc/f", texts[0]);
        for (guint j = 0; j < 3; j++)
          ids[j] = change (tree, "boot", "/etc/f", texts[j], texts[j + 1]);
        if (others)
          tree_write (tree, "etc/f", "# c\na=1\nline=\"y x one two three z\"\nb=2\n");
        for (guint j = 0; j < 3; j++)
          undo (tree, ids[orders[i][j]]);
        assert_text (tree, "/etc/f", others ? "# c\na=1\nline=\"y x z\"\nb=2\n" : texts[0]);
        assert_no_journal (tree);
        for (guint j = 0; j < 3; j++)
          g_free (ids[j]);
      }
}

/* What a change that is undone by now had made does not come back by way of a later one. */
static void
test_undone_stays_undone (Tree *tree, gconstpointer data)
{
  g_autoptr (GVariant) put_back = decide ("/etc/f", TRUE);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  tree_write (tree, "etc/f", "line=\"x\"\n");
  first = change (tree, "boot", "/etc/f", "line=\"x\"\n", "line=\"x one\"\n");
  second = change (tree, "vfs", "/etc/f", "line=\"x one\"\n", "line=\"x one two\"\n");
  undo (tree, first);
  assert_text (tree, "/etc/f", "line=\"x two\"\n");
  tree_write (tree, "etc/f", "all new\n");
  undo_decided (tree, second, put_back);
  assert_text (tree, "/etc/f", "line=\"x\"\n");
}

/* A record that an earlier version wrote does not say what was written. */
static void
test_old_record (Tree *tree, gconstpointer data)
{
  g_autoptr (GVariant) keep = decide (GRUB, FALSE);
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = tree_path (tree, "var/lib/fatia/journal/0001-boot.applied");
  g_autofree char *id = NULL;

  tree_write (tree, GRUB + 1, QUIET);
  id = change (tree, "boot", GRUB, QUIET, OURS);
  g_key_file_load_from_file (keys, path, G_KEY_FILE_NONE, &error);
  g_assert_no_error (error);
  g_assert_true (g_key_file_remove_key (keys, "1", "written", NULL));
  g_assert_true (g_key_file_save_to_file (keys, path, NULL));
  tree_write (tree, GRUB + 1, BOTH);
  assert_undo_fails (tree, id, NULL, FATIA_CHANGE_ERROR_TOUCHED, GRUB);
  tree_write (tree, GRUB + 1, OURS);
  undo (tree, id);
  assert_text (tree, GRUB, QUIET);
}

/* Others' work after it was shown makes the plan stale. */
static void
test_stale (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *id = NULL;

  tree_write (tree, GRUB + 1, QUIET);
  id = change (tree, "boot", GRUB, QUIET, OURS);
  tree_write (tree, GRUB + 1, BOTH);
  set = fatia_changes_plan_undo (tree->root, id, NULL, &error);
  g_assert_no_error (error);
  digest = fatia_change_set_get_digest (set);
  tree_write (tree, GRUB + 1, "# more\n" BOTH);
  g_assert_false (fatia_changes_undo (tree->root, id, NULL, digest, NULL, NULL, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_STALE);
  assert_text (tree, GRUB, "# more\n" BOTH);
}

#define ADD(path, test) g_test_add (path, Tree, NULL, tree_set_up, test, tree_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/undo/merged", test_merged);
  ADD ("/undo/taken-out", test_taken_out);
  ADD ("/undo/keep", test_keep);
  ADD ("/undo/put-back", test_put_back);
  ADD ("/undo/our-file", test_our_file);
  ADD ("/undo/link", test_link);
  ADD ("/undo/odd", test_odd);
  ADD ("/undo/decisions-about-others", test_decisions_about_others);
  ADD ("/undo/any-order", test_any_order);
  ADD ("/undo/undone-stays-undone", test_undone_stays_undone);
  ADD ("/undo/old-record", test_old_record);
  ADD ("/undo/stale", test_stale);
  return g_test_run ();
}
