/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

char *
tree_path (Tree *tree, const char *name)
{
  return g_build_filename (tree->path, name, NULL);
}

void
tree_set_up (Tree *tree, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  /* In memory, where there is such a place: every change is flushed to the disk many times. */
  tree->path = g_build_filename (g_access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir (),
                                 "fatia-tree-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (tree->path));
  tree->root = fatia_host_root_new (tree->path, &error);
  g_assert_no_error (error);
}

static int
remove_entry (const char *path, const struct stat *info, int type, struct FTW *place)
{
  return remove (path);
}

void
tree_tear_down (Tree *tree, gconstpointer data)
{
  g_clear_object (&tree->root);
  g_assert_cmpint (nftw (tree->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
  g_clear_pointer (&tree->path, g_free);
}

void
tree_folder (Tree *tree, const char *name)
{
  g_autofree char *path = tree_path (tree, name);

  g_assert_cmpint (g_mkdir_with_parents (path, 0755), ==, 0);
}

/* Plain stdio-free writes would be wrapped in the tests of faults: GLib's are not. */
void
tree_write_bytes (Tree *tree, const char *name, const char *bytes, gsize length, guint mode)
{
  g_autofree char *path = tree_path (tree, name);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_file_set_contents (path, bytes, length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

void
tree_write_mode (Tree *tree, const char *name, const char *text, guint mode)
{
  tree_write_bytes (tree, name, text, strlen (text), mode);
}

void
tree_write (Tree *tree, const char *name, const char *text)
{
  tree_write_mode (tree, name, text, 0644);
}

void
tree_link (Tree *tree, const char *target, const char *name)
{
  g_autofree char *path = tree_path (tree, name);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

/* A variable of the Boot Loader Interface: four bytes of attributes, then UTF-16LE. */
void
tree_variable (Tree *tree, const char *name, const char *text)
{
  g_autofree char *path =
    g_strdup_printf ("sys/firmware/efi/efivars/%s-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f", name);
  g_autoptr (GString) bytes = g_string_new_len ("\6\0\0\0", 4);

  do
    {
      g_string_append_c (bytes, *text);
      g_string_append_c (bytes, '\0');
    }
  while (*text++ != '\0');
  tree_write_bytes (tree, path, bytes->str, bytes->len, 0644);
}

char *
tree_read (Tree *tree, const char *name)
{
  g_autofree char *path = tree_path (tree, name);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : NULL;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
snapshot_entry (GString *out, const char *path, const char *name, const char *skip)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;
  g_autofree char *sum = NULL;
  struct stat info;
  const char *child;
  GDir *dir;
  gsize length;

  if (g_strcmp0 (name, skip) == 0)
    return;
  g_assert_cmpint (g_lstat (path, &info), ==, 0);
  g_string_append_printf (out, "%s %o %u:%u", name, info.st_mode, info.st_uid, info.st_gid);
  if (S_ISLNK (info.st_mode))
    text = g_file_read_link (path, NULL);
  else if (S_ISREG (info.st_mode))
    {
      g_assert_true (g_file_get_contents (path, &sum, &length, NULL));
      text = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) sum, length);
    }
  g_string_append_printf (out, " %s\n", text ? text : "");
  if (!S_ISDIR (info.st_mode))
    return;
  dir = g_dir_open (path, 0, NULL);
  g_assert_nonnull (dir);
  while ((child = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (child));
  g_dir_close (dir);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *child_path = g_build_filename (path, g_ptr_array_index (names, i), NULL);
      g_autofree char *child_name = g_build_filename (name, g_ptr_array_index (names, i), NULL);

      snapshot_entry (out, child_path, child_name, skip);
    }
}

char *
tree_snapshot (Tree *tree, const char *skip)
{
  GString *out = g_string_new (NULL);

  snapshot_entry (out, tree->path, "/", skip);
  return g_string_free (out, FALSE);
}
