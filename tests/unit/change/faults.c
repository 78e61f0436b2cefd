/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sys.h"

static struct
{
  Fault fault;
  guint at;
  int error_number;
  guint calls;
  guint tools;
} faults;

void
faults_set (Fault fault, guint at, int error_number)
{
  faults.fault = fault;
  faults.at = at;
  faults.error_number = error_number;
  faults.calls = 0;
  faults.tools = 0;
}

guint
faults_get_calls (void)
{
  return faults.calls;
}

guint
faults_get_tools (void)
{
  return faults.tools;
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

/* Where space is given to a file late, the fsync after its writing finds that there is none. */
static gboolean
is_written_file (int fd)
{
  struct stat info;

  return fstat (fd, &info) == 0 && S_ISREG (info.st_mode) &&
         (fcntl (fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
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

WRAP (fsync, (int fd), (fd), is_written_file (fd))
WRAP (fchmod, (int fd, mode_t mode), (fd, mode), FALSE)
WRAP (fchmodat, (int fd, const char *path, mode_t mode, int flags), (fd, path, mode, flags), FALSE)
WRAP (fsetxattr,
      (int fd, const char *name, const void *value, size_t size, int flags),
      (fd, name, value, size, flags),
      TRUE)
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

/* (transfer full) (nullable): the path of an attribute below /sys, which is on no disk */
static char *
get_attribute (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (link, NULL);

  return path && strstr (path, "/sys/") ? g_steal_pointer (&path) : NULL;
}

ssize_t __real_write (int fd, const void *data, size_t length);
ssize_t __wrap_write (int fd, const void *data, size_t length);

ssize_t
__wrap_write (int fd, const void *data, size_t length)
{
  g_autofree char *attribute = get_attribute (fd);
  ssize_t result;

  if (fails (attribute == NULL))
    return -1;
  if (faults.fault == FAULT_TORN && faults.calls == faults.at)
    length /= 2;
  result = __real_write (fd, data, length);
  if (attribute && result > 0)
    sys_written (attribute);
  done ();
  return result;
}

#define SPAWN_PARAMETERS                                                                           \
  const char *folder, const char *const *argv, const char *const *envp, GSpawnFlags flags,         \
    GSpawnChildSetupFunc child_setup, gpointer user_data, int stdin_fd, int stdout_fd,             \
    int stderr_fd, const int *source_fds, const int *target_fds, gsize n_fds, GPid *pid,           \
    int *stdin_pipe, int *stdout_pipe, int *stderr_pipe, GError **error
gboolean __real_g_spawn_async_with_pipes_and_fds (SPAWN_PARAMETERS);
gboolean __wrap_g_spawn_async_with_pipes_and_fds (SPAWN_PARAMETERS);

/* A tool that can't be started, one that fails, one that is killed, and one that is ended with the
 * computer. */
gboolean
__wrap_g_spawn_async_with_pipes_and_fds (SPAWN_PARAMETERS)
{
  static const char *const failing[] = { "/bin/false", NULL };
  g_auto (GStrv) environment = NULL;
  gboolean started, now = ++faults.tools == faults.at;

  if (fails (FALSE))
    {
      g_set_error_literal (error, G_SPAWN_ERROR, G_SPAWN_ERROR_FORK, g_strerror (errno));
      return FALSE;
    }
  if ((faults.fault == FAULT_TOOL && now) ||
      (faults.fault == FAULT_GONE && faults.tools >= faults.at) ||
      (faults.fault == FAULT_FULL && faults.calls >= faults.at))
    argv = failing;
  if (faults.fault == FAULT_HALF && now)
    {
      environment = g_environ_setenv (g_strdupv ((char **) envp), "FATIA_FAULT", "half", TRUE);
      envp = (const char *const *) environment;
    }
  started = __real_g_spawn_async_with_pipes_and_fds (
    folder, argv, envp, flags, child_setup, user_data, stdin_fd, stdout_fd, stderr_fd, source_fds,
    target_fds, n_fds, pid, stdin_pipe, stdout_pipe, stderr_pipe, error);
  if (started && faults.fault == FAULT_TORN && faults.calls == faults.at)
    {
      kill (-*pid, SIGKILL);
      kill (*pid, SIGKILL);
      waitpid (*pid, NULL, 0);
    }
  done ();
  return started;
}

#define SPAWN_SYNC_PARAMETERS                                                                      \
  const char *folder, char **argv, char **envp, GSpawnFlags flags,                                 \
    GSpawnChildSetupFunc child_setup, gpointer user_data, char **output, char **errors,            \
    int *status, GError **error

gboolean __real_g_spawn_sync (SPAWN_SYNC_PARAMETERS);
gboolean __wrap_g_spawn_sync (SPAWN_SYNC_PARAMETERS);

gboolean
__wrap_g_spawn_sync (SPAWN_SYNC_PARAMETERS)
{
  gboolean started;

  if (fails (FALSE))
    {
      g_set_error_literal (error, G_SPAWN_ERROR, G_SPAWN_ERROR_FORK, g_strerror (errno));
      return FALSE;
    }
  started = __real_g_spawn_sync (folder, argv, envp, flags, child_setup, user_data, output, errors,
                                 status, error);
  done ();
  return started;
}

int __real_syncfs (int fd);
int __wrap_syncfs (int fd);

/* Where space is given to files late, this finds that there is none. */
int
__wrap_syncfs (int fd)
{
  int result;

  if (fails (TRUE))
    return -1;
  result = __real_syncfs (fd);
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
