/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <errno.h>
#include <unistd.h>

#include <glib.h>

G_BEGIN_DECLS

/* GLib has g_autofd since 2.76 only; the helper's floor is 2.74 (Debian 12). */

/**
 * fatia_clear_fd:
 * @fd: (inout): a file descriptor or -1; -1 afterwards
 *
 * Closes @fd where it is open, keeping errno.
 */
static inline void
fatia_clear_fd (int *fd)
{
  int saved_errno = errno;

  if (*fd >= 0)
    close (*fd);
  *fd = -1;
  errno = saved_errno;
}

/**
 * fatia_steal_fd:
 * @fd: (inout): a file descriptor or -1; -1 afterwards
 *
 * Returns: (transfer full): what @fd was
 */
static inline int
fatia_steal_fd (int *fd)
{
  int stolen = *fd;

  *fd = -1;
  return stolen;
}

/**
 * fatia_autofd:
 *
 * Marks an `int` variable whose file descriptor is closed when it goes out of scope.
 */
#define fatia_autofd __attribute__ ((cleanup (fatia_clear_fd)))

G_END_DECLS
