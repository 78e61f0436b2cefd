/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "change/fatia-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-change.h"
#include "change/fatia-atomic.h"
#include "change/fatia-change-private.h"
#include "host/fatia-fd.h"

#define LOCK_FOLDER "/run/fatia"
#define LOCK_FILE   LOCK_FOLDER "/lock"

/* A tree is its owner's alone: its own folder is locked and nothing is left in it. On a system,
 * anyone could lock "/". */
static int
open_lock (FatiaHostRoot *root, GError **error)
{
  if (!fatia_host_root_is_system (root))
    return fatia_host_root_open (root, "/", O_RDONLY | O_DIRECTORY, error);
  if (!fatia_folder_make (root, LOCK_FOLDER, 0700, error))
    return -1;
  return fatia_host_root_open (root, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW, error);
}

/**
 * fatia_lock_take:
 *
 * Keeps every other process, and every other thread, from changing the same host.
 *
 * Returns: a descriptor to be closed when done, or -1: %FATIA_CHANGE_ERROR_BUSY where another
 *   change is under way
 */
int
fatia_lock_take (FatiaHostRoot *root, GError **error)
{
  fatia_autofd int fd = open_lock (root, error);

  if (fd < 0)
    return -1;
  if (flock (fd, LOCK_EX | LOCK_NB) < 0)
    {
      if (errno == EWOULDBLOCK)
        g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_BUSY,
                             _ ("Another change is under way. Wait until it is done."));
      else
        fatia_change_set_errno (error, LOCK_FILE, errno);
      return -1;
    }
  return fatia_steal_fd (&fd);
}
