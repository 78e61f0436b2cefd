/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

static gboolean
write_all (int fd, const guint8 *data, gsize length)
{
  while (length > 0)
    {
      gssize n = write (fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

/**
 * fatia_memfd_new_sealed:
 * @name: what it is called below /proc/self/fd
 * @bytes: its content
 *
 * Memory that nobody can change any more, so that what the helper checks is what it writes.
 *
 * Returns: a file descriptor the caller owns, at its beginning; -1 with @error set
 */
int
fatia_memfd_new_sealed (const char *name, GBytes *bytes, GError **error)
{
  g_autofd int fd = memfd_create (name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  if (fd < 0 || !write_all (fd, data, length) || lseek (fd, 0, SEEK_SET) < 0 ||
      fcntl (fd, F_ADD_SEALS, SEALS) < 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "memfd: %s",
                   g_strerror (saved_errno));
      return -1;
    }
  return g_steal_fd (&fd);
}

/**
 * fatia_memfd_map:
 * @fd: of a memfd that can't shrink any more; it may be closed afterwards
 *
 * Returns: (transfer full) (nullable): its content; nobody can take it away while it is read
 */
GBytes *
fatia_memfd_map (int fd, GError **error)
{
  g_autoptr (GMappedFile) file = NULL;
  int seals = fcntl (fd, F_GET_SEALS);

  if (seals < 0 || (seals & (F_SEAL_SHRINK | F_SEAL_WRITE)) != (F_SEAL_SHRINK | F_SEAL_WRITE))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "memfd: not sealed");
      return NULL;
    }
  file = g_mapped_file_new_from_fd (fd, FALSE, error);
  return file ? g_mapped_file_get_bytes (file) : NULL;
}
