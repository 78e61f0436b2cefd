/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files and links replaced as a whole beneath a host root: the new one is written beside the
 * old, flushed to the disk and renamed over it, so that a power cut leaves one or the other.
 */
#include "change/fatia-atomic-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-change-private.h"
#include "host/fatia-fd.h"

/* What rename would lose; everything else a new file has from its folder. */
static const char *const kept_attributes[] = { "security.selinux", "system.posix_acl_access" };

/* A fixed name beside @path, so that what a crash left is found. */
static char *
beside (const char *path, const char *suffix)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);

  return g_strdup_printf ("%s/.%s.%s", g_str_equal (folder, "/") ? "" : folder, name, suffix);
}

/* Where the new version of @path waits. */
char *
fatia_staging_path (const char *path)
{
  return beside (path, "fatia-new");
}

char *
fatia_aside_path (const char *path)
{
  return beside (path, "fatia-old");
}

static gboolean
write_all (int fd, GBytes *bytes, const char *path, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  while (length > 0)
    {
      gssize n = write (fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          fatia_change_set_errno (error, path, n < 0 ? errno : EIO);
          return FALSE;
        }
      data += n;
      length -= n;
    }
  return TRUE;
}

/* Where SELinux does not run, a label that an earlier system left can be written by CAP_SYS_ADMIN
 * alone (cap_inode_setxattr), which the helper goes without, and says nothing: SELinux labels such
 * a system anew when it is switched on. */
static gboolean
may_be_left_out (const char *attribute)
{
  return errno == EPERM && g_str_equal (attribute, "security.selinux") &&
         access ("/sys/fs/selinux/enforce", F_OK) < 0;
}

static gboolean
copy_attributes (int from, int to, const char *path, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (kept_attributes); i++)
    {
      char value[4096], present[4096];
      gssize n = fgetxattr (from, kept_attributes[i], value, sizeof value);
      gssize m = fgetxattr (to, kept_attributes[i], present, sizeof present);

      if (n < 0 && (errno == ENODATA || errno == EOPNOTSUPP || errno == ENOSYS))
        continue;
      if (n >= 0 && n == m && memcmp (value, present, n) == 0)
        continue;
      if (n < 0 || (fsetxattr (to, kept_attributes[i], value, n, 0) < 0 &&
                    !may_be_left_out (kept_attributes[i])))
        {
          fatia_change_set_errno (error, path, errno);
          return FALSE;
        }
    }
  return TRUE;
}

/* Owner first: fchown takes the set-id bits away. */
static gboolean
set_owner_and_mode (int fd, const FatiaFile *file, const char *path, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) < 0 ||
      ((info.st_uid != file->uid || info.st_gid != file->gid) &&
       fchown (fd, file->uid, file->gid) < 0) ||
      fchmod (fd, file->mode) < 0)
    {
      fatia_change_set_errno (error, path, errno);
      return FALSE;
    }
  return TRUE;
}

static gboolean
fill_staged (
  int folder, int staged, const char *name, const char *path, const FatiaFile *file, GError **error)
{
  FatiaFile like = *file;
  GError *local = NULL;
  struct stat info;
  fatia_autofd int present = fatia_file_open_plain (folder, name, path, &info, &local);

  if (local)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  if (present >= 0)
    {
      like.mode = info.st_mode & 07777;
      like.uid = info.st_uid;
      like.gid = info.st_gid;
    }
  if (!write_all (staged, file->bytes, path, error) ||
      !set_owner_and_mode (staged, &like, path, error) ||
      (present >= 0 && !copy_attributes (present, staged, path, error)))
    return FALSE;
  if (fsync (staged) < 0)
    {
      fatia_change_set_errno (error, path, errno);
      return FALSE;
    }
  return TRUE;
}

static gboolean
remove_name (FatiaHostRoot *root, const char *path, GError **error)
{
  g_autofree char *name = NULL;
  fatia_autofd int folder = fatia_folder_open (root, path, &name, NULL);

  if (folder < 0 || unlinkat (folder, name, 0) == 0 || errno == ENOENT)
    return TRUE;
  fatia_change_set_errno (error, path, errno);
  return FALSE;
}

/* A name that a power cut brings back is taken away again at the next start of the helper: what
 * can't be synced is no failure. */
static void
sync_folder_of (FatiaHostRoot *root, const char *path)
{
  g_autofree char *name = NULL;
  fatia_autofd int folder = fatia_folder_open (root, path, &name, NULL);

  if (folder >= 0)
    fatia_folder_sync (folder, path, NULL);
}

/* Takes away what waits beside @path, whether a crash, an error or success left it. */
gboolean
fatia_file_discard (FatiaHostRoot *root, const char *path, GError **error)
{
  g_autofree char *staging = fatia_staging_path (path);
  g_autofree char *aside = fatia_aside_path (path);

  if (!fatia_host_root_exists (root, aside))
    return remove_name (root, staging, error);
  if (!remove_name (root, staging, error) || !remove_name (root, aside, error))
    return FALSE;
  sync_folder_of (root, path);
  return TRUE;
}

/**
 * fatia_file_stage:
 * @file: what is to be there; its bytes are not %NULL
 *
 * Writes the new version of @path beside it, down to the disk. It has the mode, the owner, the
 * SELinux label and the access list of the file that stands there, or where none does @file's
 * mode and owner.
 *
 * Returns: whether it waits for fatia_file_commit(); where not, nothing is left behind
 */
gboolean
fatia_file_stage (FatiaHostRoot *root, const char *path, const FatiaFile *file, GError **error)
{
  g_autofree char *staging = fatia_staging_path (path);
  g_autofree char *staged_name = g_path_get_basename (staging);
  g_autofree char *name = NULL;
  fatia_autofd int folder = fatia_folder_open (root, path, &name, error);
  fatia_autofd int staged = -1;

  if (folder < 0 || !fatia_file_discard (root, path, error))
    return FALSE;
  /* Nobody else's to read until it has the mode it is to have. */
  staged = openat (folder, staged_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (staged < 0)
    {
      fatia_change_set_errno (error, path, errno);
      return FALSE;
    }
  if (!fill_staged (folder, staged, name, path, file, error))
    {
      remove_name (root, staging, NULL);
      return FALSE;
    }
  return TRUE;
}

static gboolean
rename_staged (int folder, const char *path, GError **error)
{
  g_autofree char *staging = fatia_staging_path (path);
  g_autofree char *staged_name = g_path_get_basename (staging);
  g_autofree char *name = g_path_get_basename (path);

  if (fatia_rename_in (folder, staged_name, name, path, error))
    return TRUE;
  unlinkat (folder, staged_name, 0);
  return FALSE;
}

/**
 * fatia_file_commit:
 *
 * Renames what fatia_file_stage() or fatia_link_stage() made to @path. What was there stays beside
 * it until fatia_file_discard().
 */
gboolean
fatia_file_commit (FatiaHostRoot *root, const char *path, GError **error)
{
  g_autofree char *aside = fatia_aside_path (path);
  g_autofree char *aside_name = g_path_get_basename (aside);
  g_autofree char *name = NULL;
  fatia_autofd int folder = fatia_folder_open (root, path, &name, error);

  if (folder < 0)
    return FALSE;
  /* Where there was no file, or the file system knows no hard links, there is none beside. */
  if (linkat (folder, name, folder, aside_name, 0) < 0 && errno != ENOENT && errno != EPERM &&
      errno != EOPNOTSUPP)
    {
      fatia_change_set_errno (error, path, errno);
      return FALSE;
    }
  return rename_staged (folder, path, error);
}

/* Removes the file or link @path, which stays beside its place until fatia_file_discard(). */
gboolean
fatia_file_set_aside (FatiaHostRoot *root, const char *path, GError **error)
{
  g_autofree char *aside = fatia_aside_path (path);

  return fatia_rename (root, path, aside, error);
}

/* Whether the file aside is @path itself: a crash came before it was replaced. */
static gboolean
is_same_file (int folder, const char *name, const char *aside_name)
{
  struct stat info, aside;

  return fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         fstatat (folder, aside_name, &aside, AT_SYMLINK_NOFOLLOW) == 0 &&
         info.st_dev == aside.st_dev && info.st_ino == aside.st_ino;
}

/* Removes the staged name, and the one aside where it names the very file at @path. */
void
fatia_file_unstage (FatiaHostRoot *root, const char *path)
{
  g_autofree char *staging = fatia_staging_path (path);
  g_autofree char *aside = fatia_aside_path (path);
  g_autofree char *aside_name = g_path_get_basename (aside);
  g_autofree char *name = NULL;
  fatia_autofd int folder = fatia_folder_open (root, path, &name, NULL);

  if (folder < 0)
    return;
  remove_name (root, staging, NULL);
  if (is_same_file (folder, name, aside_name))
    unlinkat (folder, aside_name, 0);
}

/**
 * fatia_file_take_back:
 * @file: what was at @path; its bytes are not %NULL
 *
 * Puts @file back: the very file that fatia_file_commit() left beside @path where it is still
 * there, else a new one.
 */
gboolean
fatia_file_take_back (FatiaHostRoot *root, const char *path, const FatiaFile *file, GError **error)
{
  g_autofree char *aside = fatia_aside_path (path);
  g_autoptr (FatiaFile) old = fatia_file_read (root, aside, NULL);

  if (old && fatia_bytes_equal0 (old->bytes, file->bytes))
    return fatia_rename (root, aside, path, error);
  return fatia_folders_make_above (root, path, error) && fatia_file_write (root, path, file, error);
}

/* Replaces @path at once and keeps nothing beside it. */
gboolean
fatia_file_write (FatiaHostRoot *root, const char *path, const FatiaFile *file, GError **error)
{
  g_autofree char *name = NULL;
  fatia_autofd int folder = fatia_folder_open (root, path, &name, error);

  return folder >= 0 && fatia_file_stage (root, path, file, error) &&
         rename_staged (folder, path, error);
}

/* Removes a file or a link; that there is none is no error. */
gboolean
fatia_file_remove (FatiaHostRoot *root, const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *name = NULL;
  fatia_autofd int folder = fatia_folder_open (root, path, &name, &local);

  if (fatia_is_not_found (local))
    return TRUE;
  if (local)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return fatia_remove_in (folder, name, path, error);
}
