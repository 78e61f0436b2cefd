/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the host's tools wrote, on the disk: they leave that to the kernel, which takes its time. */
#include "change/fatia-sync.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "change/fatia-change-private.h"
#include "host/fatia-fd.h"

static gboolean
sync_folder (FatiaHostRoot *root, const char *path, GError **error)
{
  fatia_autofd int fd = fatia_host_root_open (root, path, O_RDONLY | O_DIRECTORY, NULL);

  /* Most hosts have but one or two of them. */
  if (fd < 0 || syncfs (fd) == 0)
    return TRUE;
  fatia_change_set_errno (error, path, errno);
  return FALSE;
}

/**
 * fatia_sync_written:
 *
 * Waits until what was written to the file systems that boot loaders' tools, package managers and
 * DKMS write to is on the disk: a change that counts as done must be done after a power cut, too.
 * See syncfs(2).
 *
 * Returns: whether it is, else %G_IO_ERROR
 */
gboolean
fatia_sync_written (FatiaHostRoot *root, GError **error)
{
  static const char *const folders[] = {
    "/", "/usr", "/var", "/etc", "/boot", "/boot/efi", "/efi"
  };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    if (!sync_folder (root, folders[i], error))
      return FALSE;
  return TRUE;
}
