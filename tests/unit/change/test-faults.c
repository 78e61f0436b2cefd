/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every system call of an apply and of an undo goes wrong once, the disk fills up at each, and
 * the power is cut before and after each: the host is then as it was or as it was to be, never
 * in between, and nothing of ours is left that should not be.
 */
#include "change/fatia-apply.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "tree.h"

#define JOURNAL "/var/lib/fatia"

typedef gboolean (*Act) (Tree *tree);

static void
make_host (Tree *tree)
{
  tree_set_up (tree, NULL);
  tree_write_mode (tree, "etc/default/grub", "GRUB_CMDLINE_LINUX=\"quiet\"\n", 0640);
  tree_write (tree, "etc/gone", "gone\n");
  tree_write (tree, "sys/n", "0\n");
  tree_link (tree, "old", "etc/link");
  tree_link (tree, "old", "etc/link-gone");
}

static void
add_file (FatiaChangeSet *set, const char *path, const char *before, const char *after)
{
  g_autoptr (GBytes) a = before ? g_bytes_new (before, strlen (before)) : NULL;
  g_autoptr (GBytes) b = after ? g_bytes_new (after, strlen (after)) : NULL;

  fatia_change_set_add_file (set, path, a, b, 0644);
}

static gboolean
act_apply (Tree *tree)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autofree char *id = NULL;

  add_file (set, "/etc/default/grub", "GRUB_CMDLINE_LINUX=\"quiet\"\n",
            "GRUB_CMDLINE_LINUX=\"quiet intel_iommu=on\"\n");
  add_file (set, "/etc/gone", "gone\n", NULL);
  add_file (set, "/etc/deep/made", NULL, "made\n");
  fatia_change_set_add_link (set, "/etc/link", "new");
  fatia_change_set_add_link (set, "/etc/wants/unit", "unit");
  fatia_change_set_add_link (set, "/etc/link-gone", NULL);
  fatia_change_set_add_attribute (set, "/sys/n", "0", "2");
  id = fatia_change_set_apply (set, tree->root, NULL, NULL, NULL);
  return id != NULL;
}

static gboolean
act_undo (Tree *tree)
{
  return fatia_changes_undo (tree->root, "0001-boot", NULL, NULL, NULL, NULL);
}

static gboolean
act_recover (Tree *tree)
{
  g_autoptr (GError) error = NULL;
  gboolean done = fatia_changes_recover (tree->root, NULL, NULL, &error);

  g_assert_no_error (error);
  return done;
}

/* The host but for the journal. */
static char *
look (Tree *tree)
{
  return tree_snapshot (tree, JOURNAL);
}

/* A host before @act: plain for an apply, with the change applied for an undo. */
static void
prepare (Tree *tree, Act act)
{
  make_host (tree);
  faults_set (FAULT_NONE, 0, 0);
  if (act == act_undo)
    g_assert_true (act_apply (tree));
}

/* What it is like before and after the act where nothing goes wrong, and how many calls that
 * takes. */
static guint
measure (Act act, char **whole_before, char **before, char **after)
{
  Tree tree;
  guint calls;

  prepare (&tree, act);
  *whole_before = tree_snapshot (&tree, NULL);
  *before = look (&tree);
  faults_set (FAULT_NONE, 0, 0);
  g_assert_true (act (&tree));
  calls = faults_get_calls ();
  *after = look (&tree);
  tree_tear_down (&tree, NULL);
  g_assert_cmpstr (*before, !=, *after);
  g_assert_cmpuint (calls, >, 20);
  return calls;
}

/* What a host must look like when every trace is gone. */
static void
assert_pristine (Tree *tree)
{
  Tree fresh;
  g_autofree char *expected = NULL;
  g_autofree char *present = tree_snapshot (tree, NULL);

  make_host (&fresh);
  expected = tree_snapshot (&fresh, NULL);
  tree_tear_down (&fresh, NULL);
  if (!fatia_host_root_exists (tree->root, "/var"))
    g_assert_cmpstr (present, ==, expected);
}

/* After anything at all: settle, undo what is applied, and nothing may be left. */
static void
assert_comes_clean (Tree *tree)
{
  g_autoptr (GVariant) changes = NULL;

  faults_set (FAULT_NONE, 0, 0);
  act_recover (tree);
  changes = fatia_changes_list (tree->root, NULL);
  g_assert_nonnull (changes);
  if (g_variant_n_children (changes) > 0)
    g_assert_true (act_undo (tree));
  g_assert_false (fatia_host_root_exists (tree->root, "/var"));
  assert_pristine (tree);
}

/* One call fails: the act fails and nothing has changed, or it works all the same. */
static void
test_once (gconstpointer data)
{
  Act act = (Act) data;
  g_autofree char *whole = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint calls = measure (act, &whole, &before, &after);

  for (guint at = 1; at <= calls; at++)
    {
      Tree tree;
      g_autofree char *settled = NULL;
      gboolean done;

      prepare (&tree, act);
      faults_set (FAULT_ONCE, at, EIO);
      done = act (&tree);
      faults_set (FAULT_NONE, 0, 0);
      act_recover (&tree);
      settled = look (&tree);
      if (done || act == act_apply)
        g_assert_cmpstr (settled, ==, done ? after : before);
      assert_comes_clean (&tree);
      tree_tear_down (&tree, NULL);
    }
}

/* The disk is full from one call on: the change is taken back without any room. */
static void
test_full (gconstpointer data)
{
  Act act = (Act) data;
  g_autofree char *whole = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint calls = measure (act, &whole, &before, &after);

  for (guint at = 1; at <= calls; at++)
    {
      Tree tree;
      g_autofree char *settled = NULL;
      gboolean done;

      prepare (&tree, act);
      faults_set (FAULT_FULL, at, ENOSPC);
      done = act (&tree);
      /* Still full. */
      settled = look (&tree);
      if (done || act == act_apply)
        g_assert_cmpstr (settled, ==, done ? after : before);
      assert_comes_clean (&tree);
      tree_tear_down (&tree, NULL);
    }
}

static void
cut (Act act, Fault fault, guint calls, const char *before, const char *after)
{
  for (guint at = 1; at <= calls; at++)
    {
      Tree tree;
      g_autofree char *settled = NULL;
      int status;
      pid_t child;

      prepare (&tree, act);
      child = fork ();
      if (child == 0)
        {
          faults_set (fault, at, 0);
          act (&tree);
          _exit (0);
        }
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, FAULT_EXIT);
      act_recover (&tree);
      settled = look (&tree);
      if (strcmp (settled, before) != 0)
        g_assert_cmpstr (settled, ==, after);
      assert_comes_clean (&tree);
      tree_tear_down (&tree, NULL);
    }
}

static void
test_power_cut (gconstpointer data)
{
  Act act = (Act) data;
  g_autofree char *whole = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint calls = measure (act, &whole, &before, &after);

  cut (act, FAULT_CUT, calls, before, after);
  cut (act, FAULT_TORN, calls, before, after);
}

/* The power goes again while the first cut is being settled. */
static void
test_power_cut_twice (void)
{
  Tree tree;
  int status;
  pid_t child;

  for (guint first = 10; first <= 60; first += 10)
    for (guint second = 1;; second++)
      {
        make_host (&tree);
        child = fork ();
        if (child == 0)
          {
            faults_set (FAULT_CUT, first, 0);
            act_apply (&tree);
            _exit (0);
          }
        g_assert_cmpint (waitpid (child, &status, 0), ==, child);
        child = fork ();
        if (child == 0)
          {
            faults_set (FAULT_CUT, second, 0);
            fatia_changes_recover (tree.root, NULL, NULL, NULL);
            _exit (0);
          }
        g_assert_cmpint (waitpid (child, &status, 0), ==, child);
        assert_comes_clean (&tree);
        tree_tear_down (&tree, NULL);
        if (WEXITSTATUS (status) == 0)
          break;
      }
}

int
main (int argc, char **argv)
{
  /* Some thousand hosts are made, and every one is flushed to the disk many times. */
  g_setenv ("TMPDIR", "/dev/shm", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/faults/apply/once", act_apply, test_once);
  g_test_add_data_func ("/faults/apply/disk-full", act_apply, test_full);
  g_test_add_data_func ("/faults/apply/power-cut", act_apply, test_power_cut);
  g_test_add_data_func ("/faults/undo/once", act_undo, test_once);
  g_test_add_data_func ("/faults/undo/disk-full", act_undo, test_full);
  g_test_add_data_func ("/faults/undo/power-cut", act_undo, test_power_cut);
  g_test_add_func ("/faults/power-cut-twice", test_power_cut_twice);
  return g_test_run ();
}
