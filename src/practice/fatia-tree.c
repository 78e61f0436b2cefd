/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copying and removing folders as they are: links stay links, modes stay modes. */
#include "practice/fatia-tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "host/fatia-fd.h"

/* A practice tree has a depth of about ten. */
#define MAX_DEPTH 64

static gboolean
fail (GError **error, const char *name)
{
  int saved_errno = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s: %s", name,
               g_strerror (saved_errno));
  return FALSE;
}

static gboolean
copy_bytes (int from, int to)
{
  char buffer[65536];
  gssize n;

  while ((n = read (from, buffer, sizeof buffer)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      for (gssize done = 0; done < n;)
        {
          gssize written = write (to, buffer + done, n - done);

          if (written < 0 && errno != EINTR)
            return FALSE;
          done += MAX (written, 0);
        }
    }
  return TRUE;
}

static gboolean
copy_file (int from, int to, const char *name, mode_t mode, GError **error)
{
  fatia_autofd int in = openat (from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  fatia_autofd int out =
    in < 0 ? -1 : openat (to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (out < 0 || !copy_bytes (in, out) || fchmod (out, mode & 07777) < 0)
    return fail (error, name);
  return TRUE;
}

static gboolean
copy_link (int from, int to, const char *name, GError **error)
{
  char target[PATH_MAX];
  gssize n = readlinkat (from, name, target, sizeof target - 1);

  if (n < 0)
    return fail (error, name);
  target[n] = '\0';
  return symlinkat (target, to, name) == 0 || fail (error, name);
}

static gboolean copy_folder (int from, int to, guint depth, GError **error);

static gboolean
copy_entry (int from, int to, const char *name, guint depth, GError **error)
{
  fatia_autofd int in = -1;
  fatia_autofd int out = -1;
  struct stat info;

  if (fstatat (from, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
    return fail (error, name);
  if (S_ISREG (info.st_mode))
    return copy_file (from, to, name, info.st_mode, error);
  if (S_ISLNK (info.st_mode))
    return copy_link (from, to, name, error);
  if (!S_ISDIR (info.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                   _ ("%s is neither a file nor a folder nor a link"), name);
      return FALSE;
    }
  in = openat (from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (in < 0 || mkdirat (to, name, 0700) < 0)
    return fail (error, name);
  out = openat (to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (out < 0)
    return fail (error, name);
  if (!copy_folder (in, out, depth + 1, error))
    return FALSE;
  /* Last: the mode may forbid writing. */
  return fchmod (out, info.st_mode & 07777) == 0 || fail (error, name);
}

typedef gboolean (*EntryFunc) (int folder, const char *name, gpointer data, GError **error);

static gboolean
for_each (int folder, EntryFunc func, gpointer data, GError **error)
{
  int copy = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = copy < 0 ? NULL : fdopendir (copy);
  struct dirent *entry;
  gboolean good = TRUE;

  if (dir == NULL)
    {
      fatia_clear_fd (&copy);
      return fail (error, ".");
    }
  while (good && (entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      good = func (folder, entry->d_name, data, error);
  closedir (dir);
  return good;
}

typedef struct
{
  int to;
  guint depth;
} Copy;

static gboolean
copy_one (int folder, const char *name, gpointer data, GError **error)
{
  Copy *copy = data;

  return copy_entry (folder, copy->to, name, copy->depth, error);
}

static gboolean
copy_folder (int from, int to, guint depth, GError **error)
{
  Copy copy = { to, depth };

  if (depth > MAX_DEPTH)
    {
      errno = ELOOP;
      return fail (error, ".");
    }
  return for_each (from, copy_one, &copy, error);
}

/**
 * fatia_tree_copy:
 * @from: a folder
 * @to: the path of a folder that is not there yet
 *
 * Copies files, folders and links with their modes. Anything else is an error.
 */
gboolean
fatia_tree_copy (const char *from, const char *to, GError **error)
{
  fatia_autofd int in = open (from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  fatia_autofd int out = -1;
  struct stat info;

  if (in < 0 || fstat (in, &info) < 0)
    return fail (error, from);
  if (mkdir (to, 0700) < 0)
    return fail (error, to);
  out = open (to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (out < 0)
    return fail (error, to);
  return copy_folder (in, out, 0, error) &&
         (fchmod (out, info.st_mode & 07777) == 0 || fail (error, to));
}

static gboolean
remove_one (int folder, const char *name, gpointer data, GError **error)
{
  guint depth = GPOINTER_TO_UINT (data);
  fatia_autofd int fd = -1;

  if (unlinkat (folder, name, 0) == 0 || errno == ENOENT)
    return TRUE;
  if (errno != EISDIR && errno != EPERM)
    return fail (error, name);
  fd = openat (folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || depth > MAX_DEPTH)
    return fail (error, name);
  /* What can't be changed can't be emptied. */
  if (fchmod (fd, 0700) < 0 || !for_each (fd, remove_one, GUINT_TO_POINTER (depth + 1), error))
    return error && *error ? FALSE : fail (error, name);
  return unlinkat (folder, name, AT_REMOVEDIR) == 0 || fail (error, name);
}

/**
 * fatia_tree_remove_at:
 * @folder: a descriptor of a folder, or AT_FDCWD
 * @name: of what is to go, with all that is in it; links are not followed
 *
 * Returns: whether it is gone; what was not there is
 */
gboolean
fatia_tree_remove_at (int folder, const char *name, GError **error)
{
  return remove_one (folder, name, NULL, error);
}

/**
 * fatia_tree_remove:
 */
gboolean
fatia_tree_remove (const char *path, GError **error)
{
  return fatia_tree_remove_at (AT_FDCWD, path, error);
}
