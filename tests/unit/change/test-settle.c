/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of a change that failed or was cut off when its tool fails for long, when others
 * were at the file meanwhile, and when the tool is gone. */
#include "change/fatia-apply.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "tree.h"

#define FILE_NAME "etc/default/grub"
#define MENU      "boot/grub.cfg"
#define TOOL      "usr/sbin/update-grub"
#define QUIET     "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"
#define OURS      "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1\"\n"
#define COPY      "cp \"$FATIA_HOST_ROOT/" FILE_NAME "\" \"$FATIA_HOST_ROOT/" MENU "\"\n"
#define WORKS     "#!/bin/sh\n" COPY
/* Killed with half a menu, each time. */
#define FAILS "#!/bin/sh\nprintf half >\"$FATIA_HOST_ROOT/" MENU "\"\nexit 143\n"

static void
set_up (Tree *tree, gconstpointer data)
{
  tree_set_up (tree, data);
  tree_write (tree, FILE_NAME, QUIET);
  tree_write (tree, MENU, QUIET);
  tree_write_mode (tree, TOOL, WORKS, 0755);
}

static char *
apply (Tree *tree, const char *tool, GError **error)
{
  static const char *const argv[] = { "update-grub", NULL };
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autoptr (GBytes) before = g_bytes_new_static (QUIET, strlen (QUIET));
  g_autoptr (GBytes) after = g_bytes_new_static (OURS, strlen (OURS));

  tree_write_mode (tree, TOOL, tool, 0755);
  fatia_change_set_add_file (set, "/" FILE_NAME, before, after, 0644);
  fatia_change_set_add_command (set, argv, "Makes the menu anew");
  return fatia_change_set_apply (set, tree->root, NULL, NULL, error);
}

static gboolean
undo (Tree *tree, GVariant *decisions, GError **error)
{
  const FatiaUndoOptions options = { .decisions = decisions };

  return fatia_changes_undo (tree->root, "0001-boot", &options, NULL, NULL, NULL, error);
}

static void
recover (Tree *tree)
{
  g_autoptr (GError) error = NULL;

  fatia_changes_recover (tree->root, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_text (Tree *tree, const char *name, const char *expected)
{
  g_autofree char *text = tree_read (tree, name);

  g_assert_cmpstr (text, ==, expected);
}

static guint
count_changes (Tree *tree)
{
  g_autoptr (GVariant) changes = fatia_changes_list (tree->root, NULL);

  g_assert_nonnull (changes);
  return g_variant_n_children (changes);
}

static void
assert_as_before (Tree *tree)
{
  assert_text (tree, FILE_NAME, QUIET);
  assert_text (tree, MENU, QUIET);
  g_assert_false (fatia_host_root_exists (tree->root, "/var"));
}

/* The menu is half until the tool can run: as long, the journal knows. */
static void
test_tool_fails (Tree *tree, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (apply (tree, FAILS, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_COMMAND);
  g_assert_nonnull (strstr (error->message, "Fatia runs it again"));
  assert_text (tree, FILE_NAME, QUIET);
  for (guint i = 0; i < 2; i++, recover (tree))
    {
      g_assert_cmpuint (count_changes (tree), ==, 1);
      assert_text (tree, MENU, "half");
    }
  tree_write_mode (tree, TOOL, WORKS, 0755);
  recover (tree);
  assert_as_before (tree);
}

/* A later change that works is not taken back with the earlier one that waits for its tool. */
static void
test_tool_works_later (Tree *tree, gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (apply (tree, FAILS, NULL));
  id = apply (tree, WORKS, &error);
  g_assert_no_error (error);
  recover (tree);
  assert_text (tree, FILE_NAME, OURS);
  assert_text (tree, MENU, OURS);
  fatia_changes_undo (tree->root, id, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_as_before (tree);
}

static void
test_undo_tool_fails (Tree *tree, gconstpointer data)
{
  g_autofree char *id = apply (tree, WORKS, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (id);
  tree_write_mode (tree, TOOL, FAILS, 0755);
  g_assert_false (undo (tree, NULL, &error));
  g_assert_nonnull (strstr (error->message, "The files are as they were before"));
  assert_text (tree, FILE_NAME, QUIET);
  g_assert_cmpuint (count_changes (tree), ==, 1);
  tree_write_mode (tree, TOOL, WORKS, 0755);
  g_clear_error (&error);
  g_assert_true (undo (tree, NULL, &error));
  g_assert_no_error (error);
  assert_as_before (tree);
}

static void
test_tool_is_gone (Tree *tree, gconstpointer data)
{
  g_autofree char *id = apply (tree, WORKS, NULL);
  g_autofree char *path = tree_path (tree, TOOL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (id);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_true (undo (tree, NULL, &error));
  g_assert_no_error (error);
  assert_text (tree, FILE_NAME, QUIET);
  g_assert_cmpuint (count_changes (tree), ==, 0);
}

/* A tool that writes its own file, or a person who saved it just then. */
static void
test_others_meanwhile (Tree *tree, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (apply (tree,
                        "#!/bin/sh\nf=\"$FATIA_HOST_ROOT/" FILE_NAME "\"\n"
                        "grep -q theirs \"$f\" || { echo '# theirs' >>\"$f\"; exit 1; }\n" COPY,
                        &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_COMMAND);
  assert_text (tree, FILE_NAME, QUIET "# theirs\n");
  assert_text (tree, MENU, QUIET "# theirs\n");
  g_assert_cmpuint (count_changes (tree), ==, 0);
}

static void
test_others_at_our_words (Tree *tree, gconstpointer data)
{
  g_autoptr (GVariant) decisions =
    g_variant_parse (G_VARIANT_TYPE ("a{sb}"), "{'/" FILE_NAME "': true}", NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (apply (tree,
                        "#!/bin/sh\nf=\"$FATIA_HOST_ROOT/" FILE_NAME "\"\n" COPY
                        "grep -q B=1 \"$f\" || exit 0\nsed -i s/B=1/B=2/ \"$f\"\nexit 1\n",
                        &error));
  g_assert_nonnull (strstr (error->message, "/" FILE_NAME " was changed meanwhile"));
  g_assert_null (strstr (error->message, "Everything was put back"));
  g_clear_error (&error);
  /* It is the person's to decide, also after a start. */
  recover (tree);
  g_assert_cmpuint (count_changes (tree), ==, 1);
  g_assert_false (undo (tree, NULL, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_TOUCHED);
  g_clear_error (&error);
  g_assert_true (undo (tree, decisions, &error));
  g_assert_no_error (error);
  assert_as_before (tree);
}

/* The process ends while its tool runs, as with the computer; then a person saves the file. */
static void
test_others_after_a_cut (Tree *tree, gconstpointer data)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      apply (tree, "#!/bin/sh\nkill -9 $PPID\n", NULL);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  assert_text (tree, FILE_NAME, OURS);
  tree_write (tree, FILE_NAME, "# theirs\n" OURS);
  tree_write_mode (tree, TOOL, WORKS, 0755);
  recover (tree);
  assert_text (tree, FILE_NAME, "# theirs\n" QUIET);
  assert_text (tree, MENU, "# theirs\n" QUIET);
  g_assert_cmpuint (count_changes (tree), ==, 0);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/settle/" name, Tree, NULL, set_up, function, tree_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("tool-fails", test_tool_fails);
  ADD ("tool-works-later", test_tool_works_later);
  ADD ("undo-tool-fails", test_undo_tool_fails);
  ADD ("tool-is-gone", test_tool_is_gone);
  ADD ("others-meanwhile", test_others_meanwhile);
  ADD ("others-at-our-words", test_others_at_our_words);
  ADD ("others-after-a-cut", test_others_after_a_cut);
  return g_test_run ();
}
