/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files and links replaced as a whole beneath a host root: the new one is written beside the
 * old, flushed to the disk and renamed over it, so that a power cut leaves one or the other.
 */
#include "change/fatia-atomic.h"

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

/* Where the old version stays until the whole change is made: to take it back needs no room on
 * a disk that may be full by then. */
static char *
aside_path (const char *path)
{
  return beside (path, "fatia-old");
}

FatiaFile *
fatia_file_new (GBytes *bytes, guint mode)
{
  FatiaFile *file = g_new0 (FatiaFile, 1);

  file->bytes = bytes ? g_bytes_ref (bytes) : NULL;
  file->mode = mode;
  file->uid = geteuid ();
  file->gid = getegid ();
  return file;
}

void
fatia_file_free (FatiaFile *file)
{
  g_clear_pointer (&file->bytes, g_bytes_unref);
  g_free (file);
}

/* The folder @path stands in, open for *at() calls and for fsync, and its name there. */
static int
open_folder (FatiaHostRoot *root, const char *path, char **name, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  *name = g_path_get_basename (path);
  return fatia_host_root_open (root, folder, O_RDONLY | O_DIRECTORY, error);
}

static gboolean
sync_folder (int folder, const char *path, GError **error)
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
refuse (GError **error, const char *path, const char *what)
{
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
               _ ("%s is %s. Fatia changes plain files only and left it alone."), path, what);
  return FALSE;
}

static gboolean
check_plain (const struct stat *info, const char *path, GError **error)
{
  if (S_ISLNK (info->st_mode))
    return refuse (error, path, _ ("a symbolic link"));
  if (!S_ISREG (info->st_mode))
    return refuse (error, path, _ ("not a regular file"));
  if (info->st_nlink > 1)
    return refuse (error, path, _ ("a file with more than one name (a hard link)"));
  if (info->st_size > FATIA_FILE_LIMIT)
    return refuse (error, path, _ ("larger than a file of its kind can be"));
  return TRUE;
}

/* Opens the file @name for reading where it is a plain one. @present says whether it is there;
 * -1 and no error: it is not. A device is never opened, only looked at. */
static int
open_plain (int folder, const char *name, const char *path, struct stat *info, GError **error)
{
  struct stat opened;
  fatia_autofd int fd = -1;

  if (fstatat (folder, name, info, AT_SYMLINK_NOFOLLOW) < 0)
    {
      if (errno != ENOENT)
        fatia_change_set_errno (error, path, errno);
      return -1;
    }
  if (!check_plain (info, path, error))
    return -1;
  fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &opened) < 0)
    {
      fatia_change_set_errno (error, path, errno);
      return -1;
    }
  if (opened.st_dev != info->st_dev || opened.st_ino != info->st_ino)
    {
      refuse (error, path, _ ("being replaced by another program"));
      return -1;
    }
  return fatia_steal_fd (&fd);
}

static GBytes *
read_all (int fd, const char *path, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 buffer[16384];

  for (;;)
    {
      gssize n = read (fd, buffer, sizeof buffer);

      if (n == 0)
        return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          fatia_change_set_errno (error, path, errno);
          return NULL;
        }
      if (bytes->len + n > FATIA_FILE_LIMIT)
        {
          refuse (error, path, _ ("larger than a file of its kind can be"));
          return NULL;
        }
      g_byte_array_append (bytes, buffer, n);
    }
}

static gboolean
is_not_found (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/**
 * fatia_file_read:
 * @path: an absolute path below @root
 *
 * Reads a file that may be replaced: a regular one of one name. A file that is not there, nor
 * its folder, is one with bytes %NULL.
 *
 * Returns: (transfer full) (nullable): the file, or %NULL: %FATIA_CHANGE_ERROR_REFUSED for a
 *   link or an odd file, else what the system says
 */
FatiaFile *
fatia_file_read (FatiaHostRoot *root, const char *path, GError **error)
{
  g_autoptr (FatiaFile) file = fatia_file_new (NULL, 0644);
  g_autoptr (GError) local = NULL;
  g_autofree char *name = NULL;
  fatia_autofd int folder = open_folder (root, path, &name, &local);
  fatia_autofd int fd = -1;
  struct stat info;

  if (is_not_found (local))
    return g_steal_pointer (&file);
  if (folder >= 0)
    fd = open_plain (folder, name, path, &info, &local);
  if (fd >= 0)
    file->bytes = read_all (fd, path, &local);
  if (local)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (fd >= 0)
    {
      file->mode = info.st_mode & 07777;
      file->uid = info.st_uid;
      file->gid = info.st_gid;
    }
  return g_steal_pointer (&file);
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
      if (n < 0 || fsetxattr (to, kept_attributes[i], value, n, 0) < 0)
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
  fatia_autofd int present = open_plain (folder, name, path, &info, &local);

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
  fatia_autofd int folder = open_folder (root, path, &name, NULL);

  if (folder < 0 || unlinkat (folder, name, 0) == 0 || errno == ENOENT)
    return TRUE;
  fatia_change_set_errno (error, path, errno);
  return FALSE;
}

/* Takes away what waits beside @path, whether a crash, an error or success left it. */
gboolean
fatia_file_discard (FatiaHostRoot *root, const char *path, GError **error)
{
  g_autofree char *staging = fatia_staging_path (path);
  g_autofree char *aside = aside_path (path);

  return remove_name (root, staging, error) && remove_name (root, aside, error);
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
  fatia_autofd int folder = open_folder (root, path, &name, error);
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

  if (renameat (folder, staged_name, folder, name) < 0)
    {
      fatia_change_set_errno (error, path, errno);
      unlinkat (folder, staged_name, 0);
      return FALSE;
    }
  return sync_folder (folder, path, error);
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
  g_autofree char *aside = aside_path (path);
  g_autofree char *aside_name = g_path_get_basename (aside);
  g_autofree char *name = NULL;
  fatia_autofd int folder = open_folder (root, path, &name, error);

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
  g_autofree char *aside = aside_path (path);

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
  g_autofree char *aside = aside_path (path);
  g_autofree char *aside_name = g_path_get_basename (aside);
  g_autofree char *name = NULL;
  fatia_autofd int folder = open_folder (root, path, &name, NULL);

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
  g_autofree char *aside = aside_path (path);
  g_autoptr (FatiaFile) old = fatia_file_read (root, aside, NULL);

  if (old && fatia_bytes_equal0 (old->bytes, file->bytes))
    return fatia_rename (root, aside, path, error);
  return fatia_file_write (root, path, file, error);
}

/* Replaces @path at once and keeps nothing beside it. */
gboolean
fatia_file_write (FatiaHostRoot *root, const char *path, const FatiaFile *file, GError **error)
{
  g_autofree char *name = NULL;
  fatia_autofd int folder = open_folder (root, path, &name, error);

  return folder >= 0 && fatia_file_stage (root, path, file, error) &&
         rename_staged (folder, path, error);
}

/* Removes a file or a link; that there is none is no error. */
gboolean
fatia_file_remove (FatiaHostRoot *root, const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *name = NULL;
  fatia_autofd int folder = open_folder (root, path, &name, &local);

  if (is_not_found (local))
    return TRUE;
  if (local)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (unlinkat (folder, name, 0) < 0 && errno != ENOENT)
    {
      fatia_change_set_errno (error, path, errno);
      return FALSE;
    }
  return sync_folder (folder, path, error);
}

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
  if (is_not_found (local))
    return TRUE;
  if (local)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *target = fatia_host_root_read_link (root, path);
  return *target != NULL || refuse (error, path, _ ("no symbolic link, where one is to be"));
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
  fatia_autofd int folder = open_folder (root, staging, &name, error);

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
  g_autofree char *aside = aside_path (path);
  g_autofree char *old = fatia_host_root_read_link (root, aside);

  if (g_strcmp0 (old, target) == 0)
    return fatia_rename (root, aside, path, error);
  return fatia_link_stage (root, path, target, error) && fatia_file_commit (root, path, error);
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

      if (is_not_found (local))
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
  fatia_autofd int folder = open_folder (root, path, &name, error);

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
  return sync_folder (folder, path, error);
}

/* Removes a folder where it is empty: what others put there keeps it. */
void
fatia_folder_remove (FatiaHostRoot *root, const char *path)
{
  g_autofree char *name = NULL;
  fatia_autofd int folder = open_folder (root, path, &name, NULL);

  if (folder >= 0 && unlinkat (folder, name, AT_REMOVEDIR) == 0)
    sync_folder (folder, path, NULL);
}

/* Renames within one folder, and has it on the disk. */
gboolean
fatia_rename (FatiaHostRoot *root, const char *from, const char *to, GError **error)
{
  g_autofree char *from_name = g_path_get_basename (from);
  g_autofree char *to_name = NULL;
  fatia_autofd int folder = open_folder (root, to, &to_name, error);

  if (folder < 0)
    return FALSE;
  if (renameat (folder, from_name, folder, to_name) < 0)
    {
      fatia_change_set_errno (error, from, errno);
      return FALSE;
    }
  return sync_folder (folder, to, error);
}
