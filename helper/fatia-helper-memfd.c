/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-helper-memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "change/fatia-change.h"
#include "host/fatia-fd.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

static GBytes *
invalid (GError **error, const char *message)
{
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID, message);
  return NULL;
}

/* pread: the position in the file is shared with whoever sent it. */
static GBytes *
read_exactly (int fd, gsize size, GError **error)
{
  g_autofree guint8 *data = g_malloc (size);
  gsize done = 0;

  while (done < size)
    {
      gssize n = pread (fd, data + done, size - done, done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return invalid (error, _ ("The memory file can't be read."));
      done += n;
    }
  return g_bytes_new_take (g_steal_pointer (&data), size);
}

/**
 * fatia_helper_memfd_read:
 * @fds: (nullable): what came with the message
 * @handle: which of them
 * @limit: how many bytes it may have
 *
 * Takes bulk bytes from a caller. Only a memfd sealed against writing, shrinking and growing
 * will do (only memory files can be sealed): it can neither change while it is read nor be a
 * device or pipe that holds us up.
 *
 * Returns: (transfer full) (nullable): its bytes, %FATIA_CHANGE_ERROR_INVALID
 */
GBytes *
fatia_helper_memfd_read (GUnixFDList *fds, int handle, gsize limit, GError **error)
{
  fatia_autofd int fd = -1;
  struct stat info;
  int seals;

  if (fds == NULL || handle < 0 || handle >= g_unix_fd_list_get_length (fds))
    return invalid (error, _ ("No memory file came with the call."));
  fd = g_unix_fd_list_get (fds, handle, error);
  if (fd < 0)
    return NULL;
  seals = fcntl (fd, F_GET_SEALS);
  if (seals < 0 || (seals & SEALS) != SEALS)
    return invalid (error, _ ("The memory file is not sealed."));
  if (fstat (fd, &info) < 0 || !S_ISREG (info.st_mode))
    return invalid (error, _ ("The memory file can't be read."));
  if (info.st_size == 0 || (gsize) info.st_size > limit)
    return invalid (error, _ ("The memory file is empty or too large."));
  return read_exactly (fd, info.st_size, error);
}
