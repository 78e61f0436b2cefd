/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders beneath a host root, and what happens to the names in them. */
#include "change/fatia-atomic-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change/fatia-change-private.h"
#include "host/fatia-fd.h"

gboolean
fatia_is_not_found (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/* The folder @path stands in, open for *at() calls and for fsync, and its name there. */
int
fatia_folder_open (FatiaHostRoot *root, const char *path, char **name, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  *name = g_path_get_basename (path);
  return fatia_host_root_open (root, folder, O_RDONLY | O_DIRECTORY, error);
}

gboolean
fatia_folder_sync (int folder, const char *path, GError **error)
{
  /* EINVAL: a file system that knows no fsync of folders. */
  if (fsync (folder) < 0 && errno != EINVAL)
    {
      fatia_change_set_errno (error, path, errno);
      return FALSE;
    }
  return TRUE;
}

static gboolean
has_path (GPtrArray *folders, const char *path)
{
  return g_ptr_array_find_with_equal_func (folders, path, g_str_equal, NULL);
}

/**
 * fatia_folders_missing:
 * @path: a file's path
 * @folders: (element-type filename): gets the folders above @path that are not there,
 *   outermost first, each once
 */
gboolean
fatia_folders_missing (FatiaHostRoot *root, const char *path, GPtrArray *folders, GError **error)
{
  for (const char *slash = strchr (path + 1, '/'); slash; slash = strchr (slash + 1, '/'))
    {
      g_autofree char *folder = g_strndup (path, slash - path);
      g_autoptr (GError) local = NULL;
      fatia_autofd int fd = fatia_host_root_open (root, folder, O_PATH | O_DIRECTORY, &local);

      if (fatia_is_not_found (local))
        {
          if (!has_path (folders, folder))
            g_ptr_array_add (folders, g_steal_pointer (&folder));
        }
      else if (local)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return TRUE;
}

/* Makes one folder; one that is there already is left as it is. */
gboolean
fatia_folder_make (FatiaHostRoot *root, const char *path, guint mode, GError **error)
{
  g_autofree char *name = NULL;
  fatia_autofd int folder = fatia_folder_open (root, path, &name, error);

  if (folder < 0)
    return FALSE;
  if (mkdirat (folder, name, mode) < 0)
    {
      if (errno == EEXIST)
        return TRUE;
      fatia_change_set_errno (error, path, errno);
      return FALSE;
    }
  /* The mode that was asked for, whatever the umask says. */
  if (fchmodat (folder, name, mode, 0) < 0)
    {
      fatia_change_set_errno (error, path, errno);
      return FALSE;
    }
  return fatia_folder_sync (folder, path, error);
}

/**
 * fatia_folders_make_above:
 * @path: of a file that is put back
 *
 * Makes the folders above @path that are not there any more: an earlier change made them, and when
 * it was undone they were empty. The journal still names them as its own, and takes them away with
 * the last change.
 */
gboolean
fatia_folders_make_above (FatiaHostRoot *root, const char *path, GError **error)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);

  if (!fatia_folders_missing (root, path, folders, error))
    return FALSE;
  for (guint i = 0; i < folders->len; i++)
    if (!fatia_folder_make (root, g_ptr_array_index (folders, i), 0755, error))
      return FALSE;
  return TRUE;
}

/* Removes a folder where it is empty: what others put there keeps it. */
void
fatia_folder_remove (FatiaHostRoot *root, const char *path)
{
  g_autofree char *name = NULL;
  fatia_autofd int folder = fatia_folder_open (root, path, &name, NULL);

  if (folder >= 0 && unlinkat (folder, name, AT_REMOVEDIR) == 0)
    fatia_folder_sync (folder, path, NULL);
}

/* The file or folder @name, so that what was made of it can be had on the disk; -1 and no error:
 * it is a link or an odd file, whose name is all there is. */
static int
open_renamed (int folder, const char *name, const char *path, GError **error)
{
  struct stat info;
  int fd;

  if (fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG (info.st_mode) &&
      !S_ISDIR (info.st_mode))
    return -1;
  fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    fatia_change_set_errno (error, path, errno);
  return fd;
}

/* Lets go of a file whose name is gone, and has that on the disk, too: on FAT the sync of a folder
 * is also one of the table of clusters. Else fsck would find them after a power cut, and keep them
 * as FSCK0000.REC. */
static gboolean
give_up (int *fd, int folder, const char *path, GError **error)
{
  if (*fd < 0)
    return TRUE;
  close (fatia_steal_fd (fd));
  return fatia_folder_sync (folder, path, error);
}

/**
 * fatia_rename_in:
 * @path: of @to, for words
 *
 * Renames within the open folder, over what may be at @to, and has it on the disk.
 *
 * The order is what FAT needs, which keeps no journal, and where boot loaders have their entries.
 * There a rename makes two changes (the kernel's fs/fat/namei_vfat.c): the old name is struck out
 * in the folder, and the record of @to, within one sector, is given the new file's place, the
 * latter only when the inode is written. In the wrong order a power cut leaves two names for the
 * same clusters, which fsck mends by emptying one of them; in this one there is the old file, and
 * then the new one. What was at @to is held open until then: else its clusters would be given up
 * on the disk while the name still leads to them. So all that a cut can leave there are clusters
 * of no name.
 */
gboolean
fatia_rename_in (int folder, const char *from, const char *to, const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  fatia_autofd int moved = open_renamed (folder, from, path, &local);
  fatia_autofd int replaced = openat (folder, to, O_PATH | O_NOFOLLOW | O_CLOEXEC);

  if (local)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (renameat (folder, from, folder, to) < 0)
    {
      fatia_change_set_errno (error, path, errno);
      return FALSE;
    }
  return fatia_folder_sync (folder, path, error) &&
         (moved < 0 || fatia_folder_sync (moved, path, error)) &&
         give_up (&replaced, folder, path, error);
}

/* Removes a file or a link, and has it on the disk before its place is given up: see above. That
 * there is none is no error. */
gboolean
fatia_remove_in (int folder, const char *name, const char *path, GError **error)
{
  fatia_autofd int removed = openat (folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

  if (unlinkat (folder, name, 0) < 0 && errno != ENOENT)
    {
      fatia_change_set_errno (error, path, errno);
      return FALSE;
    }
  return fatia_folder_sync (folder, path, error) && give_up (&removed, folder, path, error);
}

/* Renames within one folder, and has it on the disk. */
gboolean
fatia_rename (FatiaHostRoot *root, const char *from, const char *to, GError **error)
{
  g_autofree char *from_name = g_path_get_basename (from);
  g_autofree char *to_name = NULL;
  fatia_autofd int folder = fatia_folder_open (root, to, &to_name, error);

  return folder >= 0 && fatia_rename_in (folder, from_name, to_name, to, error);
}
