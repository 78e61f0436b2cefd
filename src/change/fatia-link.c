/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symbolic links that are ours to make, replaced as a whole like files. */
#include "change/fatia-atomic-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-change-private.h"
#include "host/fatia-fd.h"

/**
 * fatia_link_read:
 * @target: (out) (nullable): what the link says, %NULL where there is none
 *
 * Returns: whether there is a link or nothing; %FATIA_CHANGE_ERROR_REFUSED where something
 *   else is there
 */
gboolean
fatia_link_read (FatiaHostRoot *root, const char *path, char **target, GError **error)
{
  g_autoptr (GError) local = NULL;
  fatia_autofd int fd = fatia_host_root_open (root, path, O_PATH | O_NOFOLLOW, &local);

  *target = NULL;
  if (fatia_is_not_found (local))
    return TRUE;
  if (local)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *target = fatia_host_root_read_link (root, path);
  return *target != NULL ||
         fatia_file_refuse (error, path, _ ("no symbolic link, where one is to be"));
}

/**
 * fatia_link_stage:
 *
 * Makes the new version of the link @path beside it, to wait for fatia_file_commit().
 */
gboolean
fatia_link_stage (FatiaHostRoot *root, const char *path, const char *target, GError **error)
{
  g_autofree char *staging = fatia_staging_path (path);
  g_autofree char *name = NULL;
  fatia_autofd int folder = fatia_folder_open (root, staging, &name, error);

  if (folder < 0 || !fatia_file_discard (root, path, error))
    return FALSE;
  if (symlinkat (target, folder, name) < 0)
    {
      fatia_change_set_errno (error, path, errno);
      return FALSE;
    }
  return TRUE;
}

/* Like fatia_file_take_back(), for a link. */
gboolean
fatia_link_take_back (FatiaHostRoot *root, const char *path, const char *target, GError **error)
{
  g_autofree char *aside = fatia_aside_path (path);
  g_autofree char *old = fatia_host_root_read_link (root, aside);

  if (g_strcmp0 (old, target) == 0)
    return fatia_rename (root, aside, path, error);
  return fatia_folders_make_above (root, path, error) &&
         fatia_link_stage (root, path, target, error) && fatia_file_commit (root, path, error);
}
