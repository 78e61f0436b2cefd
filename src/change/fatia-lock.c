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
#define WAIT_STEP   (100 * 1000)

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

static gboolean
try_lock (int fd, GError **error)
{
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  if (errno == EWOULDBLOCK)
    g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_BUSY,
                         _ ("Another change is under way. Wait until it is done."));
  else
    fatia_change_set_errno (error, LOCK_FILE, errno);
  return FALSE;
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

  return fd >= 0 && try_lock (fd, error) ? fatia_steal_fd (&fd) : -1;
}

/**
 * fatia_lock_wait:
 * @seconds: how long to wait for a change that is under way
 *
 * As fatia_lock_take(), for what nobody is there to try again.
 */
int
fatia_lock_wait (FatiaHostRoot *root, guint seconds, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  fatia_autofd int fd = open_lock (root, error);
  gboolean told = FALSE;

  if (fd < 0)
    return -1;
  for (;;)
    {
      g_autoptr (GError) local = NULL;

      if (try_lock (fd, &local))
        return fatia_steal_fd (&fd);
      if (!g_error_matches (local, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_BUSY) ||
          g_get_monotonic_time () >= deadline)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return -1;
        }
      if (!told)
        g_message ("Waiting for a change that is under way");
      told = TRUE;
      g_usleep (WAIT_STEP);
    }
}
