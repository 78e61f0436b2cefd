/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An undoing after other hands: a file that is merged, one whose edit is kept, one and a link that
 * go back as decided, and one that came to have ours later. Every system call of it goes wrong
 * once, the disk fills up at each, and the power is cut before and after each: it is then done or
 * can be done again as it was decided, and no file is ever anything but one of the two.
 */
#include "change/fatia-apply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "tree.h"

#define JOURNAL "/var/lib/fatia"

#define BEFORE "GRUB_CMDLINE_LINUX=\"quiet\"\n"
#define OURS   "GRUB_CMDLINE_LINUX=\"quiet intel_iommu=on\"\n"
#define BOTH   "# theirs\nGRUB_CMDLINE_LINUX=\"quiet intel_iommu=on theirs\"\n"
#define MERGED "# theirs\nGRUB_CMDLINE_LINUX=\"quiet theirs\"\n"

#define LATER_OURS "options ro intel_iommu=on\n"
#define LATER      "options ro\n"

/* What a file may have at any moment. */
static const struct
{
  const char *path;
  const char *from, *to;
} files[] = {
  { "etc/default/grub", BOTH, MERGED },
  { "etc/deep/made", "made and theirs\n", "made and theirs\n" },
  { "etc/gone", "back\n", "gone\n" },
  { "boot/later", LATER_OURS, LATER },
};

static void
add_file (FatiaChangeSet *set, const char *path, const char *before, const char *after)
{
  g_autoptr (GBytes) a = before ? g_bytes_new (before, strlen (before)) : NULL;
  g_autoptr (GBytes) b = after ? g_bytes_new (after, strlen (after)) : NULL;

  fatia_change_set_add_file (set, path, a, b, 0644);
}

static void
apply (Tree *tree)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  add_file (set, "/etc/default/grub", BEFORE, OURS);
  add_file (set, "/etc/gone", "gone\n", NULL);
  add_file (set, "/etc/deep/made", NULL, "made\n");
  fatia_change_set_add_link (set, "/etc/link", "new");
  id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* A host with a change of ours, and then others' work on the same files. */
static void
prepare (Tree *tree)
{
  g_autofree char *link = NULL;

  faults_set (FAULT_NONE, 0, 0);
  tree_set_up (tree, NULL);
  link = tree_path (tree, "etc/link");
  tree_write_mode (tree, "etc/default/grub", BEFORE, 0640);
  tree_write (tree, "etc/gone", "gone\n");
  tree_link (tree, "old", "etc/link");
  apply (tree);
  tree_write_mode (tree, "etc/default/grub", BOTH, 0640);
  tree_write (tree, "etc/deep/made", "made and theirs\n");
  tree_write (tree, "etc/gone", "back\n");
  tree_write (tree, "boot/later", LATER_OURS);
  g_assert_cmpint (remove (link), ==, 0);
  tree_link (tree, "theirs", "etc/link");
}

static gboolean
undo (Tree *tree)
{
  g_autoptr (GVariant) decisions = g_variant_ref_sink (
    g_variant_new_parsed ("{'/etc/deep/made': false, '/etc/gone': true, '/etc/link': true}"));
  g_autoptr (FatiaChangeSet) also = fatia_change_set_new ("boot");
  const FatiaUndoOptions options = { .decisions = decisions, .also = also };
  g_autofree char *later = tree_read (tree, "boot/later");

  add_file (also, "/boot/later", later, LATER);
  return fatia_changes_undo (tree->root, "0001-boot", &options, NULL, NULL, NULL, NULL);
}

static void
settle (Tree *tree)
{
  g_autoptr (GError) error = NULL;

  faults_set (FAULT_NONE, 0, 0);
  fatia_changes_recover (tree->root, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* How many calls it takes where nothing goes wrong, and what the host is like then. */
static guint
measure (char **after)
{
  Tree tree;
  guint calls;

  prepare (&tree);
  faults_set (FAULT_NONE, 0, 0);
  g_assert_true (undo (&tree));
  calls = faults_get_calls ();
  *after = tree_snapshot (&tree, NULL);
  g_assert_false (fatia_host_root_exists (tree.root, "/var"));
  tree_tear_down (&tree, NULL);
  g_assert_cmpuint (calls, >, 20);
  return calls;
}

static void
assert_no_file_is_half (Tree *tree)
{
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *text = tree_read (tree, files[i].path);

      if (g_strcmp0 (text, files[i].from) != 0)
        g_assert_cmpstr (text, ==, files[i].to);
    }
}

/* After anything at all: settled, and undone again where it was not, it is as it was to be. */
static void
assert_ends (Tree *tree, const char *after)
{
  g_autoptr (GVariant) changes = NULL;
  g_autofree char *end = NULL;

  assert_no_file_is_half (tree);
  settle (tree);
  assert_no_file_is_half (tree);
  changes = fatia_changes_list (tree->root, NULL);
  g_assert_nonnull (changes);
  if (g_variant_n_children (changes) > 0)
    g_assert_true (undo (tree));
  end = tree_snapshot (tree, NULL);
  g_assert_cmpstr (end, ==, after);
}

static void
test_fails (gconstpointer data)
{
  Fault fault = GPOINTER_TO_INT (data);
  g_autofree char *after = NULL;
  guint calls = measure (&after);

  for (guint at = 1; at <= calls; at++)
    {
      Tree tree;

      prepare (&tree);
      faults_set (fault, at, fault == FAULT_FULL ? ENOSPC : EIO);
      undo (&tree);
      assert_ends (&tree, after);
      tree_tear_down (&tree, NULL);
    }
}

/* Runs @work in a process of its own, which ends at the call @at. Whether it came that far. */
static gboolean
run_cut (Tree *tree, void (*work) (Tree *tree), Fault fault, guint at)
{
  int status;
  pid_t child = fork ();

  if (child == 0)
    {
      faults_set (fault, at, 0);
      work (tree);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status) == FAULT_EXIT;
}

static void
work_undo (Tree *tree)
{
  undo (tree);
}

static void
work_settle (Tree *tree)
{
  fatia_changes_recover (tree->root, NULL, NULL, NULL);
}

static void
test_power_cut (gconstpointer data)
{
  Fault fault = GPOINTER_TO_INT (data);
  g_autofree char *after = NULL;
  guint calls = measure (&after);

  for (guint at = 1; at <= calls; at++)
    {
      Tree tree;

      prepare (&tree);
      g_assert_true (run_cut (&tree, work_undo, fault, at));
      assert_ends (&tree, after);
      tree_tear_down (&tree, NULL);
    }
}

/* The power goes again while the first cut is being settled. */
static void
test_power_cut_twice (void)
{
  g_autofree char *after = NULL;
  guint calls = measure (&after);

  for (guint first = 1; first <= calls; first += 1 + calls / 6)
    for (guint second = 1;; second++)
      {
        Tree tree;
        gboolean came;

        prepare (&tree);
        g_assert_true (run_cut (&tree, work_undo, FAULT_CUT, first));
        came = run_cut (&tree, work_settle, FAULT_CUT, second);
        assert_ends (&tree, after);
        tree_tear_down (&tree, NULL);
        if (!came)
          break;
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/undo-faults/once", GINT_TO_POINTER (FAULT_ONCE), test_fails);
  g_test_add_data_func ("/undo-faults/disk-full", GINT_TO_POINTER (FAULT_FULL), test_fails);
  g_test_add_data_func ("/undo-faults/power-cut", GINT_TO_POINTER (FAULT_CUT), test_power_cut);
  g_test_add_data_func ("/undo-faults/power-cut-after", GINT_TO_POINTER (FAULT_TORN),
                        test_power_cut);
  g_test_add_func ("/undo-faults/power-cut-twice", test_power_cut_twice);
  return g_test_run ();
}
