/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/fatia-host-root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "host/fatia-fd.h"

/**
 * FatiaHostRoot:
 *
 * The folder below which a host is read and changed: `/` on a real machine, a tree in practice
 * and in tests. Every path is opened beneath it (openat2 RESOLVE_IN_ROOT, see openat2(2)), so
 * neither `..` nor a link in the tree leads out of it.
 */
struct _FatiaHostRoot
{
  GObject parent_instance;
  char *path;
  int fd;
};

G_DEFINE_FINAL_TYPE (FatiaHostRoot, fatia_host_root, G_TYPE_OBJECT)

static void
fatia_host_root_finalize (GObject *object)
{
  FatiaHostRoot *self = FATIA_HOST_ROOT (object);

  g_free (self->path);
  fatia_clear_fd (&self->fd);
  G_OBJECT_CLASS (fatia_host_root_parent_class)->finalize (object);
}

static void
fatia_host_root_class_init (FatiaHostRootClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fatia_host_root_finalize;
}

static void
fatia_host_root_init (FatiaHostRoot *self)
{
  self->fd = -1;
}

static void
set_errno_error (GError **error, const char *path, int saved_errno)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s: %s", path,
               g_strerror (saved_errno));
}

/**
 * fatia_host_root_new:
 * @path: a folder, `/` for this machine
 * @error: return location for a #GError in the domain %G_IO_ERROR
 *
 * Returns: (transfer full) (nullable): the host root, or %NULL where @path is no folder
 */
FatiaHostRoot *
fatia_host_root_new (const char *path, GError **error)
{
  g_autoptr (FatiaHostRoot) self = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_object_new (FATIA_TYPE_HOST_ROOT, NULL);
  self->path = g_canonicalize_filename (path, NULL);
  self->fd = open (self->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (self->fd < 0)
    {
      set_errno_error (error, self->path, errno);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * fatia_host_root_get_path:
 *
 * Returns: (transfer none): the root's absolute path
 */
const char *
fatia_host_root_get_path (FatiaHostRoot *self)
{
  g_return_val_if_fail (FATIA_IS_HOST_ROOT (self), NULL);
  return self->path;
}

/**
 * fatia_host_root_is_system:
 *
 * Returns: whether this is the machine the program runs on, and not a tree
 */
gboolean
fatia_host_root_is_system (FatiaHostRoot *self)
{
  g_return_val_if_fail (FATIA_IS_HOST_ROOT (self), FALSE);
  return g_str_equal (self->path, "/");
}

/**
 * fatia_host_root_open:
 * @path: the path below the root, with or without a leading slash
 * @flags: flags of open(2); O_CLOEXEC is added. O_CREAT makes a file of mode 0644.
 *
 * Returns: a file descriptor the caller owns, or -1 with @error set (%G_IO_ERROR, its message
 *   naming @path)
 */
int
fatia_host_root_open (FatiaHostRoot *self, const char *path, int flags, GError **error)
{
  struct open_how how = { 0 };
  int fd;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (self), -1);
  g_return_val_if_fail (path != NULL, -1);

  how.flags = flags | O_CLOEXEC;
  how.mode = (flags & O_CREAT) ? 0644 : 0;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  /* Every magic link is below /proc, and none is read from there. */
  do
    fd = syscall (SYS_openat2, self->fd, *path ? path : ".", &how, sizeof how);
  while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  if (fd < 0)
    set_errno_error (error, path, errno);
  return fd;
}

/**
 * fatia_host_root_read:
 * @path: a regular file below the root
 * @limit: how many bytes the file may have
 * @length: (out) (optional): how many were read
 *
 * Reads a whole file. Files of /proc and /sys, which tell no size, are read to their end.
 *
 * Returns: (transfer full) (nullable): the bytes with a NUL after them, or %NULL:
 *   %G_IO_ERROR_NOT_REGULAR_FILE, %G_IO_ERROR_MESSAGE_TOO_LARGE over @limit, or what open(2)
 *   and read(2) say
 */
char *
fatia_host_root_read (
  FatiaHostRoot *self, const char *path, gsize limit, gsize *length, GError **error)
{
  g_autoptr (GByteArray) bytes = NULL;
  fatia_autofd int fd = -1;
  struct stat info;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (self), NULL);

  /* O_NONBLOCK: a pipe somebody left there must not hold us. */
  fd = fatia_host_root_open (self, path, O_RDONLY | O_NONBLOCK, error);
  if (fd < 0)
    return NULL;
  if (fstat (fd, &info) < 0)
    {
      set_errno_error (error, path, errno);
      return NULL;
    }
  if (!S_ISREG (info.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, _ ("%s is not a regular file"),
                   path);
      return NULL;
    }
  bytes = g_byte_array_new ();
  for (;;)
    {
      guint8 buffer[4096];
      gssize n = read (fd, buffer, sizeof buffer);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          set_errno_error (error, path, errno);
          return NULL;
        }
      if (n == 0)
        break;
      if (bytes->len + (gsize) n > limit)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                       _ ("%s is larger than %lu bytes"), path, (gulong) limit);
          return NULL;
        }
      g_byte_array_append (bytes, buffer, n);
    }
  if (length)
    *length = bytes->len;
  g_byte_array_append (bytes, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (g_steal_pointer (&bytes), FALSE);
}

/**
 * fatia_host_root_read_line:
 *
 * Reads a small attribute file (sysfs, /proc) without the white space at its ends.
 *
 * Returns: (transfer full) (nullable): the text, or %NULL where it can't be read or is no UTF-8
 */
char *
fatia_host_root_read_line (FatiaHostRoot *self, const char *path)
{
  g_autofree char *text = fatia_host_root_read (self, path, 64 * 1024, NULL, NULL);

  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    return NULL;
  return g_strdup (g_strstrip (text));
}

/**
 * fatia_host_root_read_link:
 *
 * Returns: (transfer full) (nullable): what the symbolic link @path says, or %NULL where it is
 *   none
 */
char *
fatia_host_root_read_link (FatiaHostRoot *self, const char *path)
{
  char target[4096];
  fatia_autofd int fd = fatia_host_root_open (self, path, O_PATH | O_NOFOLLOW, NULL);
  gssize n = fd < 0 ? -1 : readlinkat (fd, "", target, sizeof target - 1);

  return n < 0 ? NULL : g_strndup (target, n);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * fatia_host_root_list:
 * @path: a folder below the root
 *
 * Returns: (transfer full) (nullable): the names in it, sorted by byte
 */
GStrv
fatia_host_root_list (FatiaHostRoot *self, const char *path, GError **error)
{
  fatia_autofd int fd = fatia_host_root_open (self, path, O_RDONLY | O_DIRECTORY, error);
  g_autofree char *proc_path = NULL;
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GPtrArray) names = NULL;
  const char *name;

  if (fd < 0)
    return NULL;
  /* The folder already opened, by its descriptor: GDir knows no other way in. */
  proc_path = g_strdup_printf ("/proc/self/fd/%d", fd);
  dir = g_dir_open (proc_path, 0, error);
  if (dir == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/**
 * fatia_host_root_exists:
 *
 * Returns: whether @path is there, links followed
 */
gboolean
fatia_host_root_exists (FatiaHostRoot *self, const char *path)
{
  fatia_autofd int fd = fatia_host_root_open (self, path, O_PATH, NULL);

  return fd >= 0;
}
