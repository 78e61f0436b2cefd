/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice/fatia-replay-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "host/fatia-fd.h"
#include "practice/fatia-tree.h"

#define MARK "/.fatia-practice"
/* Only the driver that makes virtual functions has it. */
#define MODULE_PARAMETER "/sys/module/i915/parameters/max_vfs"
/* What a boot changed, as it was before; gone when everything is as it was. */
#define MEMORY "/.fatia-replay"
#define LIMIT  (1024 * 1024)
/* A kept file's first letter: this, or what was in it. */
#define WAS_ABSENT "-"
#define WAS_THERE  "+"

static gboolean
fail (GError **error, const char *path)
{
  int saved_errno = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s: %s", path,
               g_strerror (saved_errno));
  return FALSE;
}

/**
 * fatia_replay_tree_load:
 *
 * Reads .fatia-practice, group [practice]: what the computer the tree plays can do.
 *
 * Returns: (transfer full) (nullable): %NULL where @root is no practice tree
 */
FatiaReplayTree *
fatia_replay_tree_load (FatiaHostRoot *root, GError **error)
{
  g_autoptr (FatiaReplayTree) self = NULL;
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *text = NULL;

  if (fatia_host_root_is_system (root))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           _ ("This is a real computer, not practice."));
      return NULL;
    }
  text = fatia_host_root_read (root, MARK, LIMIT, NULL, error);
  if (text == NULL || !g_key_file_load_from_data (keys, text, -1, G_KEY_FILE_NONE, error))
    return NULL;
  self = g_new0 (FatiaReplayTree, 1);
  self->root = g_object_ref (root);
  self->pf = g_key_file_get_string (keys, "practice", "Pf", NULL);
  self->total_vfs = CLAMP (g_key_file_get_integer (keys, "practice", "TotalVfs", NULL), 0, 63);
  self->module_comes = g_key_file_get_boolean (keys, "practice", "SriovModule", NULL);
  self->sriov_module = self->module_comes || fatia_host_root_exists (root, MODULE_PARAMETER);
  self->dmar = g_key_file_get_boolean (keys, "practice", "Dmar", NULL);
  return g_steal_pointer (&self);
}

void
fatia_replay_tree_free (FatiaReplayTree *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->root);
  g_free (self->pf);
  g_free (self);
}

/* Opens the folder of @path; @name: its last part. */
static int
open_parent (FatiaReplayTree *self, const char *path, char **name, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);

  *name = g_path_get_basename (path);
  return fatia_host_root_open (self->root, parent, O_RDONLY | O_DIRECTORY, error);
}

gboolean
fatia_replay_tree_write (FatiaReplayTree *self, const char *path, const char *text, GError **error)
{
  fatia_autofd int fd =
    fatia_host_root_open (self->root, path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, error);
  gsize length = strlen (text);

  if (fd < 0)
    return FALSE;
  return write (fd, text, length) == (gssize) length || fail (error, path);
}

gboolean
fatia_replay_tree_link (FatiaReplayTree *self, const char *path, const char *target, GError **error)
{
  g_autofree char *name = NULL;
  fatia_autofd int folder = open_parent (self, path, &name, error);

  if (folder < 0)
    return FALSE;
  return symlinkat (target, folder, name) == 0 || errno == EEXIST || fail (error, path);
}

static char *
memory_path (const char *path)
{
  g_autofree char *name = g_strdup (path);

  return g_strconcat (MEMORY "/", g_strdelimit (name, "/", '%'), NULL);
}

static gboolean
make_memory (FatiaReplayTree *self, GError **error)
{
  fatia_autofd int root = fatia_host_root_open (self->root, "/", O_RDONLY | O_DIRECTORY, error);

  if (root < 0)
    return FALSE;
  return mkdirat (root, MEMORY + 1, 0755) == 0 || errno == EEXIST || fail (error, MEMORY);
}

gboolean
fatia_replay_tree_is_set (FatiaReplayTree *self, const char *path)
{
  g_autofree char *kept = memory_path (path);

  return fatia_host_root_exists (self->root, kept);
}

/* Keeps what is at @path now, unless something older is kept already. */
static gboolean
keep (FatiaReplayTree *self, const char *path, GError **error)
{
  g_autofree char *kept = memory_path (path);
  g_autofree char *before = NULL;
  g_autofree char *text = NULL;

  if (fatia_replay_tree_is_set (self, path))
    return TRUE;
  before = fatia_host_root_read (self->root, path, LIMIT, NULL, NULL);
  text = before ? g_strconcat (WAS_THERE, before, NULL) : g_strdup (WAS_ABSENT);
  return make_memory (self, error) && fatia_replay_tree_write (self, kept, text, error);
}

gboolean
fatia_replay_tree_set (FatiaReplayTree *self, const char *path, const char *text, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *now = fatia_host_root_read (self->root, path, LIMIT, NULL, NULL);

  if (g_strcmp0 (now, text) == 0)
    return TRUE;
  return fatia_replay_tree_make_folder (self, folder, error) && keep (self, path, error) &&
         fatia_replay_tree_write (self, path, text, error);
}

gboolean
fatia_replay_tree_reset (FatiaReplayTree *self, const char *path, GError **error)
{
  g_autofree char *kept = memory_path (path);
  g_autofree char *text = fatia_host_root_read (self->root, kept, LIMIT, NULL, NULL);

  if (text == NULL)
    return TRUE;
  if (g_str_has_prefix (text, WAS_THERE))
    {
      if (!fatia_replay_tree_write (self, path, text + 1, error))
        return FALSE;
    }
  else if (!fatia_replay_tree_remove (self, path, error))
    return FALSE;
  return fatia_replay_tree_remove (self, kept, error);
}

gboolean
fatia_replay_tree_make_folder (FatiaReplayTree *self, const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *name = NULL;
  fatia_autofd int folder = -1;

  if (fatia_host_root_exists (self->root, path))
    return TRUE;
  if (!fatia_replay_tree_make_folder (self, parent, error) || !keep (self, path, error))
    return FALSE;
  folder = open_parent (self, path, &name, error);
  if (folder < 0)
    return FALSE;
  return mkdirat (folder, name, 0755) == 0 || fail (error, path);
}

gboolean
fatia_replay_tree_remove (FatiaReplayTree *self, const char *path, GError **error)
{
  g_autofree char *name = NULL;
  fatia_autofd int folder = open_parent (self, path, &name, NULL);

  return folder < 0 || fatia_tree_remove_at (folder, name, error);
}

const char *
fatia_replay_tree_get_workshop (FatiaReplayTree *self, GError **error)
{
  static const char workshop[] = MEMORY "/workshop";
  g_autofree char *name = NULL;
  fatia_autofd int folder = -1;

  if (!make_memory (self, error) || !fatia_replay_tree_remove (self, workshop, error))
    return NULL;
  folder = open_parent (self, workshop, &name, error);
  if (folder < 0)
    return NULL;
  return mkdirat (folder, name, 0755) == 0 || fail (error, workshop) ? workshop : NULL;
}

gboolean
fatia_replay_tree_move (FatiaReplayTree *self, const char *from, const char *to, GError **error)
{
  g_autofree char *from_name = NULL;
  g_autofree char *to_name = NULL;
  fatia_autofd int from_folder = open_parent (self, from, &from_name, error);
  fatia_autofd int to_folder = from_folder < 0 ? -1 : open_parent (self, to, &to_name, error);

  if (to_folder < 0)
    return FALSE;
  return renameat (from_folder, from_name, to_folder, to_name) == 0 || fail (error, to);
}

static int
compare_longest_first (gconstpointer a, gconstpointer b)
{
  return (int) strlen (*(const char *const *) b) - (int) strlen (*(const char *const *) a);
}

void
fatia_replay_tree_tidy (FatiaReplayTree *self)
{
  g_auto (GStrv) names = fatia_host_root_list (self->root, MEMORY, NULL);
  fatia_autofd int root = -1;

  if (names == NULL)
    return;
  /* Inner folders before those they are in. */
  qsort (names, g_strv_length (names), sizeof *names, compare_longest_first);
  for (guint i = 0; names[i]; i++)
    {
      g_autofree char *path = g_strdup (names[i]);
      g_autofree char *kept = g_strconcat (MEMORY "/", names[i], NULL);
      g_autofree char *name = NULL;
      fatia_autofd int folder = open_parent (self, g_strdelimit (path, "%", '/'), &name, NULL);

      if (folder < 0 || unlinkat (folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        fatia_replay_tree_remove (self, kept, NULL);
    }
  root = fatia_host_root_open (self->root, "/", O_RDONLY | O_DIRECTORY, NULL);
  if (root >= 0)
    (void) !unlinkat (root, MEMORY + 1, AT_REMOVEDIR);
}

int
fatia_replay_tree_read_number (FatiaReplayTree *self, const char *path, int fallback)
{
  g_autofree char *text = fatia_host_root_read_line (self->root, path);
  gint64 number;

  if (text == NULL || !g_ascii_string_to_signed (text, 10, -65536, 65536, &number, NULL))
    return fallback;
  return number;
}

char *
fatia_replay_tree_device_folder (FatiaReplayTree *self, const char *address)
{
  g_autofree char *entry = g_build_filename (FATIA_REPLAY_DEVICES, address, NULL);
  g_autofree char *target = fatia_host_root_read_link (self->root, entry);

  return target ? g_canonicalize_filename (target, FATIA_REPLAY_DEVICES) : g_steal_pointer (&entry);
}

char *
fatia_replay_relative (const char *from, const char *to)
{
  g_auto (GStrv) here = g_strsplit (from + 1, "/", -1);
  g_auto (GStrv) there = g_strsplit (to + 1, "/", -1);
  GString *relative = g_string_new (NULL);
  guint same = 0;

  while (here[same + 1] && there[same + 1] && g_str_equal (here[same], there[same]))
    same++;
  for (guint i = same; here[i + 1]; i++)
    g_string_append (relative, "../");
  for (guint i = same; there[i]; i++)
    g_string_append_printf (relative, "%s%s", there[i], there[i + 1] ? "/" : "");
  return g_string_free (relative, FALSE);
}
