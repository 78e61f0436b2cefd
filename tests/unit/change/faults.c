/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static struct
{
  Fault fault;
  guint at;
  int error_number;
  guint calls;
} faults;

void
faults_set (Fault fault, guint at, int error_number)
{
  faults.fault = fault;
  faults.at = at;
  faults.error_number = error_number;
  faults.calls = 0;
}

guint
faults_get_calls (void)
{
  return faults.calls;
}

/* Whether the call is to fail. @needs_room: it takes space on the disk. */
static gboolean
fails (gboolean needs_room)
{
  gboolean now = ++faults.calls == faults.at;
  gboolean later = faults.calls >= faults.at;

  if (faults.fault == FAULT_CUT && now)
    _exit (FAULT_EXIT);
  if ((faults.fault == FAULT_ONCE && now) || (faults.fault == FAULT_FULL && later && needs_room))
    {
      errno = faults.error_number;
      return TRUE;
    }
  return FALSE;
}

static void
done (void)
{
  if (faults.fault == FAULT_TORN && faults.calls == faults.at)
    _exit (FAULT_EXIT);
}

/* Where space is given to a file late, its fsync finds that there is none. */
static gboolean
is_file (int fd)
{
  struct stat info;

  return fstat (fd, &info) == 0 && S_ISREG (info.st_mode);
}

#define WRAP(name, params, args, needs_room)                                                       \
  int __real_##name params;                                                                        \
  int __wrap_##name params;                                                                        \
  int __wrap_##name params                                                                         \
  {                                                                                                \
    int result;                                                                                    \
    if (fails (needs_room))                                                                        \
      return -1;                                                                                   \
    result = __real_##name args;                                                                   \
    done ();                                                                                       \
    return result;                                                                                 \
  }

WRAP (fsync, (int fd), (fd), is_file (fd))
WRAP (fchmod, (int fd, mode_t mode), (fd, mode), FALSE)
WRAP (fchmodat, (int fd, const char *path, mode_t mode, int flags), (fd, path, mode, flags), FALSE)
WRAP (fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid), FALSE)
WRAP (mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode), TRUE)
WRAP (unlinkat, (int fd, const char *path, int flags), (fd, path, flags), FALSE)
WRAP (symlinkat, (const char *target, int fd, const char *path), (target, fd, path), TRUE)
WRAP (renameat,
      (int from, const char *from_path, int to, const char *to_path),
      (from, from_path, to, to_path),
      FALSE)
WRAP (linkat,
      (int from, const char *from_path, int to, const char *to_path, int flags),
      (from, from_path, to, to_path, flags),
      TRUE)

/* An attribute below /sys is on no disk. */
static gboolean
is_on_disk (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (link, NULL);

  return path == NULL || strstr (path, "/sys/") == NULL;
}

ssize_t __real_write (int fd, const void *data, size_t length);
ssize_t __wrap_write (int fd, const void *data, size_t length);

ssize_t
__wrap_write (int fd, const void *data, size_t length)
{
  ssize_t result;

  if (fails (is_on_disk (fd)))
    return -1;
  if (faults.fault == FAULT_TORN && faults.calls == faults.at)
    length /= 2;
  result = __real_write (fd, data, length);
  done ();
  return result;
}

int __real_openat64 (int fd, const char *path, int flags, mode_t mode);
int __wrap_openat64 (int fd, const char *path, int flags, mode_t mode);

int
__wrap_openat64 (int fd, const char *path, int flags, mode_t mode)
{
  int result;

  if ((flags & O_CREAT) == 0)
    return __real_openat64 (fd, path, flags, mode);
  if (fails (TRUE))
    return -1;
  result = __real_openat64 (fd, path, flags, mode);
  done ();
  return result;
}
