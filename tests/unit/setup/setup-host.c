/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup-host.h"

#include <sys/stat.h>

#include <glib/gstdio.h>

static DexFuture *
wake (DexFuture *future, gpointer data)
{
  return dex_ref (future);
}

static DexFuture *
settle (DexFuture *future)
{
  DexFuture *settled = dex_future_finally (future, wake, NULL, NULL);

  while (dex_future_is_pending (settled))
    g_main_context_iteration (NULL, TRUE);
  return settled;
}

gboolean
wait_for (DexFuture *future, GError **error)
{
  g_autoptr (DexFuture) settled = settle (future);

  return dex_future_get_value (settled, error) != NULL;
}

gpointer
wait_for_object (DexFuture *future, GError **error)
{
  g_autoptr (DexFuture) settled = settle (future);
  const GValue *value = dex_future_get_value (settled, error);

  return value ? g_value_dup_object (value) : NULL;
}

SetupHost *
setup_host_new (const char *practice)
{
  SetupHost *self = g_new0 (SetupHost, 1);

  self->tree = host_tree_new (practice);
  setup_host_open_again (self);
  return self;
}

static void
close_setup (SetupHost *self)
{
  g_clear_object (&self->setup);
  g_clear_object (&self->host);
}

void
setup_host_free (SetupHost *self)
{
  close_setup (self);
  host_tree_free (self->tree);
  g_free (self);
}

void
setup_host_open_again (SetupHost *self)
{
  g_autoptr (GError) error = NULL;

  close_setup (self);
  self->host = fatia_host_new_tree (self->tree->path, &error);
  g_assert_no_error (error);
  self->setup = fatia_setup_new (self->host);
  setup_host_refresh (self);
}

void
setup_host_refresh (SetupHost *self)
{
  g_autoptr (GError) error = NULL;

  wait_for (fatia_setup_refresh (self->setup), &error);
  g_assert_no_error (error);
}

void
setup_host_restart (SetupHost *self)
{
  g_autoptr (GError) error = NULL;

  wait_for (fatia_host_restart (self->host), &error);
  g_assert_no_error (error);
  setup_host_refresh (self);
}

const char *
setup_host_state (SetupHost *self, const char *step)
{
  return fatia_step_state_to_string (
    fatia_step_get_state (fatia_setup_get_step (self->setup, step)));
}

void
setup_host_apply (SetupHost *self, const char *id)
{
  FatiaStep *step = fatia_setup_get_step (self->setup, id);
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  plan = wait_for_object (fatia_step_plan (step), &error);
  g_assert_no_error (error);
  g_assert_false (fatia_plan_is_empty (plan));
  wait_for (fatia_step_apply (step, plan), &error);
  g_assert_no_error (error);
  g_assert_false (fatia_step_is_busy (step));
}

static char *
checksum (const char *path)
{
  g_autofree char *data = NULL;
  gsize length;

  /* Attributes of a practice tree may be write-only. */
  if (!g_file_get_contents (path, &data, &length, NULL))
    return g_strdup ("?");
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) data, length);
}

static void
add_folder (const char *root, const char *relative, GPtrArray *lines)
{
  g_autofree char *folder = g_build_filename (root, relative, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (relative, name, NULL);
      g_autofree char *full = g_build_filename (root, path, NULL);
      g_autofree char *content = NULL;
      struct stat info;

      g_assert_cmpint (lstat (full, &info), ==, 0);
      if (S_ISLNK (info.st_mode))
        content = g_file_read_link (full, NULL);
      else if (S_ISREG (info.st_mode))
        content = checksum (full);
      g_ptr_array_add (lines,
                       g_strdup_printf ("%s %o %s", path, info.st_mode, content ? content : ""));
      if (S_ISDIR (info.st_mode))
        add_folder (root, path, lines);
    }
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

char *
setup_host_snapshot (SetupHost *self)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  add_folder (self->tree->path, "/", lines);
  g_ptr_array_sort (lines, compare);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}
