/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host root: nothing in a tree leads out of it, and odd files are refused. */
#include "host/fatia-host-root.h"

#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

typedef struct
{
  char *path;
  FatiaHostRoot *root;
} Tree;

static void
tree_set_up (Tree *tree, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *etc = NULL;

  tree->path = g_dir_make_tmp ("fatia-root-XXXXXX", &error);
  g_assert_no_error (error);
  etc = g_build_filename (tree->path, "etc", NULL);
  g_assert_cmpint (g_mkdir (etc, 0755), ==, 0);
  tree->root = fatia_host_root_new (tree->path, &error);
  g_assert_no_error (error);
}

static void
tree_tear_down (Tree *tree, gconstpointer data)
{
  const char *rm[] = { "rm", "-rf", tree->path, NULL };

  g_clear_object (&tree->root);
  g_assert_true (g_spawn_sync (NULL, (char **) rm, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (tree->path);
}

static void
tree_write (Tree *tree, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (tree->path, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
tree_link (Tree *tree, const char *target, const char *name)
{
  g_autofree char *path = g_build_filename (tree->path, name, NULL);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
test_read (Tree *tree, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  gsize length;

  tree_write (tree, "etc/name", " Radxa X4\n");
  text = fatia_host_root_read (tree->root, "/etc/name", 100, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, " Radxa X4\n");
  g_assert_cmpuint (length, ==, 10);
  line = fatia_host_root_read_line (tree->root, "etc/name");
  g_assert_cmpstr (line, ==, "Radxa X4");
  g_assert_null (fatia_host_root_read (tree->root, "/etc/name", 9, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
}

static void
test_links_stay_inside (Tree *tree, gconstpointer data)
{
  g_autofree char *absolute = NULL;
  g_autofree char *upward = NULL;
  g_autofree char *target = NULL;

  tree_write (tree, "etc/passwd", "inside");
  tree_link (tree, "/etc/passwd", "absolute");
  tree_link (tree, "../../../../../../etc/passwd", "upward");
  absolute = fatia_host_root_read_line (tree->root, "/absolute");
  g_assert_cmpstr (absolute, ==, "inside");
  upward = fatia_host_root_read_line (tree->root, "/upward");
  g_assert_cmpstr (upward, ==, "inside");
  target = fatia_host_root_read_link (tree->root, "/absolute");
  g_assert_cmpstr (target, ==, "/etc/passwd");
}

static void
test_odd_files (Tree *tree, gconstpointer data)
{
  g_autofree char *pipe = g_build_filename (tree->path, "pipe", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkfifo (pipe, 0644), ==, 0);
  g_assert_null (fatia_host_root_read (tree->root, "/pipe", 100, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_clear_error (&error);
  g_assert_null (fatia_host_root_read (tree->root, "/etc", 100, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_null (fatia_host_root_read (tree->root, "/nowhere", 100, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/nowhere"));
}

static void
test_list (Tree *tree, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;
  const char *const expected[] = { "a", "b", "c", NULL };

  tree_write (tree, "etc/b", "");
  tree_write (tree, "etc/c", "");
  tree_write (tree, "etc/a", "");
  names = fatia_host_root_list (tree->root, "/etc", &error);
  g_assert_no_error (error);
  g_assert_cmpstrv (names, expected);
  g_assert_true (fatia_host_root_exists (tree->root, "/etc/a"));
  g_assert_false (fatia_host_root_exists (tree->root, "/etc/d"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Tree, NULL, tree_set_up, func, tree_tear_down)
  ADD ("/host-root/read", test_read);
  ADD ("/host-root/links-stay-inside", test_links_stay_inside);
  ADD ("/host-root/odd-files", test_odd_files);
  ADD ("/host-root/list", test_list);
  return g_test_run ();
}
