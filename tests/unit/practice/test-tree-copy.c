/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies are equal to their source, and removing follows no link. */
#include "practice/fatia-tree.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"

static void
chmod_in (const char *root, const char *name, mode_t mode)
{
  g_autofree char *path = g_build_filename (root, name, NULL);

  g_assert_cmpint (chmod (path, mode), ==, 0);
}

static void
test_copy (void)
{
  g_autofree char *folder = tree_make_folder ();
  g_autofree char *from = g_build_filename (folder, "from", NULL);
  g_autofree char *to = g_build_filename (folder, "to", NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  tree_write (from, "usr/bin/tool", "#!/bin/sh\n");
  chmod_in (from, "usr/bin/tool", 0755);
  tree_write (from, "etc/secret", "x");
  chmod_in (from, "etc/secret", 0600);
  tree_write (from, "closed/file", "");
  chmod_in (from, "closed/file", 0444);
  chmod_in (from, "closed", 0555);
  tree_write (from, "etc/sticky", "");
  chmod_in (from, "etc/sticky", 04711);
  tree_link (from, "usr/sbin", "bin");
  tree_link (from, "etc/dangling", "/nowhere/at all");
  tree_link (from, "loop", "loop");

  g_assert_true (fatia_tree_copy (from, to, &error));
  g_assert_no_error (error);
  before = tree_snapshot (from);
  after = tree_snapshot (to);
  g_assert_cmpstr (before, ==, after);

  g_assert_false (fatia_tree_copy (from, to, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (fatia_tree_remove (folder, &error));
  g_assert_no_error (error);
  g_assert_false (tree_has ("/", folder));
}

static void
test_odd_entries (void)
{
  g_autofree char *folder = tree_make_folder ();
  g_autofree char *from = g_build_filename (folder, "from", NULL);
  g_autofree char *to = g_build_filename (folder, "to", NULL);
  g_autofree char *pipe = g_build_filename (from, "pipe", NULL);
  g_autoptr (GError) error = NULL;

  tree_write (from, "file", "");
  g_assert_cmpint (mkfifo (pipe, 0644), ==, 0);
  g_assert_false (fatia_tree_copy (from, to, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  tree_remove (folder);
}

static void
test_remove_follows_no_link (void)
{
  g_autofree char *folder = tree_make_folder ();
  g_autofree char *inner = g_build_filename (folder, "inner", NULL);
  g_autoptr (GError) error = NULL;

  tree_write (folder, "kept/file", "kept");
  tree_link (folder, "inner/link", "../kept");
  tree_link (folder, "link", "kept");
  g_assert_true (fatia_tree_remove (inner, &error));
  g_assert_no_error (error);
  g_assert_true (tree_has (folder, "kept/file"));
  g_assert_true (fatia_tree_remove (inner, &error));
  g_assert_no_error (error);
  tree_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tree/copy", test_copy);
  g_test_add_func ("/tree/odd-entries", test_odd_entries);
  g_test_add_func ("/tree/remove-follows-no-link", test_remove_follows_no_link);
  return g_test_run ();
}
