/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

char *
tree_make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("fatia-test-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

void
tree_remove (const char *path)
{
  const char *rm[] = { "rm", "-rf", path, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **) rm, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
}

/* Every entry's kind, mode, path and content, by find(1) and sha256sum(1): not by what is
 * tested. */
char *
tree_snapshot (const char *path)
{
  const char *sh[] = { "sh",
                       "-c",
                       "cd \"$1\" && find . -printf '%y %m %p -> %l\\n' | LC_ALL=C sort && "
                       "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum",
                       "sh",
                       path,
                       NULL };
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  int status;

  g_assert_true (g_spawn_sync (NULL, (char **) sh, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &text,
                               NULL, &status, &error));
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpuint (strlen (text), >, 0);
  return text;
}

static char *
make_parent (const char *root, const char *name)
{
  char *path = g_build_filename (root, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  return path;
}

void
tree_write (const char *root, const char *name, const char *text)
{
  g_autofree char *path = make_parent (root, name);
  FILE *file = fopen (path, "w");

  g_assert_nonnull (file);
  g_assert_cmpint (fputs (text, file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

char *
tree_read (const char *root, const char *name)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

void
tree_link (const char *root, const char *name, const char *target)
{
  g_autofree char *path = make_parent (root, name);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

gboolean
tree_has (const char *root, const char *name)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  struct stat info;

  return lstat (path, &info) == 0;
}

void
tree_replace (const char *root, const char *name, const char *old, const char *new)
{
  g_autofree char *text = tree_read (root, name);
  g_auto (GStrv) parts = g_strsplit (text, old, -1);
  g_autofree char *replaced = g_strjoinv (new, parts);

  g_assert_cmpuint (g_strv_length (parts), >, 1);
  tree_write (root, name, replaced);
}
