/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz-tree.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

static FuzzTree *made;

/* The process ends by exit(), also where a target fails. */
static void
remove_tree (void)
{
  const char *rm[] = { "rm", "-rf", made->path, NULL };

  g_spawn_sync (NULL, (char **) rm, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

FuzzTree *
fuzz_tree_new (const char *const *files, guint n_files)
{
  FuzzTree *self = g_new0 (FuzzTree, 1);
  g_autoptr (GError) error = NULL;

  self->path = g_build_filename (g_access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir (),
                                 "fatia-fuzz-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (self->path));
  self->root = fatia_host_root_new (self->path, &error);
  g_assert_no_error (error);
  self->files = files;
  self->n_files = n_files;
  self->there = g_new0 (gboolean, n_files);
  made = self;
  atexit (remove_tree);
  return self;
}

void
fuzz_tree_put (FuzzTree *self, const char *name, const char *bytes, gsize length)
{
  g_autofree char *path = g_build_filename (self->path, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_file_set_contents_full (path, bytes, length, G_FILE_SET_CONTENTS_NONE, 0644, &error);
  g_assert_no_error (error);
}

/* A program that does nothing. */
void
fuzz_tree_put_tool (FuzzTree *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->path, name, NULL);
  g_autofree char *program = NULL;
  gsize length;

  g_assert_true (g_file_get_contents ("/bin/true", &program, &length, NULL));
  fuzz_tree_put (self, name, program, length);
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
}

/* Makes the files that @data has, and takes away those it has not. */
void
fuzz_tree_fill (FuzzTree *self, const uint8_t *data, size_t size)
{
  g_autofree gboolean *fills = g_new0 (gboolean, self->n_files);

  while (size > 0)
    {
      const uint8_t *next = memchr (data + 1, FUZZ_SEPARATOR, size - 1);
      gsize length = next ? (gsize) (next - data) : size;

      if (*data == FUZZ_SEPARATOR && length > 1)
        {
          guint which = (guint) (data[1] - 'a') % self->n_files;

          fuzz_tree_put (self, self->files[which], (const char *) data + 2, length - 2);
          fills[which] = TRUE;
        }
      data += length;
      size -= length;
    }
  for (guint i = 0; i < self->n_files; i++)
    {
      g_autofree char *path = g_build_filename (self->path, self->files[i], NULL);

      if (self->there[i] && !fills[i])
        g_unlink (path);
      self->there[i] = fills[i];
    }
}

/* (transfer full): every one of the files as it is */
char *
fuzz_tree_look (FuzzTree *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->n_files; i++)
    {
      g_autofree char *path = g_build_filename (self->path, self->files[i], NULL);
      g_autofree char *bytes = NULL;
      gsize length;

      if (!g_file_get_contents (path, &bytes, &length, NULL))
        continue;
      g_string_append_printf (text, "%s %zu\n", self->files[i], length);
      g_string_append_len (text, bytes, length);
    }
  return g_string_free (text, FALSE);
}
