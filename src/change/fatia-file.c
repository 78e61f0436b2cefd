/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a file that is to be replaced: only a plain one will do. */
#include "change/fatia-atomic-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-change-private.h"
#include "host/fatia-fd.h"

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

gboolean
fatia_file_refuse (GError **error, const char *path, const char *what)
{
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
               _ ("%s is %s. Fatia changes plain files only and left it alone."), path, what);
  return FALSE;
}

static gboolean
check_plain (const struct stat *info, const char *path, GError **error)
{
  if (S_ISLNK (info->st_mode))
    return fatia_file_refuse (error, path, _ ("a symbolic link"));
  if (!S_ISREG (info->st_mode))
    return fatia_file_refuse (error, path, _ ("not a regular file"));
  if (info->st_nlink > 1)
    return fatia_file_refuse (error, path, _ ("a file with more than one name (a hard link)"));
  if (info->st_size > FATIA_FILE_LIMIT)
    return fatia_file_refuse (error, path, _ ("larger than a file of its kind can be"));
  return TRUE;
}

/* Opens the file @name for reading where it is a plain one. @present says whether it is there;
 * -1 and no error: it is not. A device is never opened, only looked at. */
int
fatia_file_open_plain (
  int folder, const char *name, const char *path, struct stat *info, GError **error)
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
      fatia_file_refuse (error, path, _ ("being replaced by another program"));
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
          fatia_file_refuse (error, path, _ ("larger than a file of its kind can be"));
          return NULL;
        }
      g_byte_array_append (bytes, buffer, n);
    }
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
  fatia_autofd int folder = fatia_folder_open (root, path, &name, &local);
  fatia_autofd int fd = -1;
  struct stat info;

  if (fatia_is_not_found (local))
    return g_steal_pointer (&file);
  if (folder >= 0)
    fd = fatia_file_open_plain (folder, name, path, &info, &local);
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
