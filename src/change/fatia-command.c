/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's own tools, run with a clean environment, a bounded time, and no shell. */
#include "change/fatia-command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-change-private.h"
#include "host/fatia-fd.h"

#define LINE_LIMIT 2048
/* How much of what a tool said is worth to be told with the error. */
#define TAIL_LIMIT 1024
#define POLL_MS    100
/* The unit of the tool that changes the host; there is never more than one. */
#define TOOL_UNIT "fatia-tool.service"
/* How long a tool's unit may take to end what it was told to. */
#define STOP_SECONDS 10
/* systemctl(1) ends so for a unit that is not there, as the LSB has it of a service. */
#define UNIT_NOT_LOADED 5
/* A tool that has closed its output is about to end. */
#define ENDING_MS 2

typedef struct
{
  const char *name;
  FatiaHostRoot *root;
  gboolean alone;
  GPid pid;
  int output;
  gint64 deadline;
  gboolean timed_out;
  int status;
  GString *line;
  GString *tail;
  FatiaProgress progress;
  gpointer user_data;
} Run;

/* The path, outside the root, of what is at @path in it; NULL: nothing. */
static char *
resolve (FatiaHostRoot *root, const char *path)
{
  fatia_autofd int fd = fatia_host_root_open (root, path, O_PATH, NULL);
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);

  return fd < 0 ? NULL : g_file_read_link (link, NULL);
}

/* On the running system by its own name: kmod and others are many programs in one, and go by the
 * name of the link they are called by. */
static char *
locate (FatiaHostRoot *root, const char *path)
{
  if (!fatia_host_root_is_system (root))
    return resolve (root, path);
  return fatia_host_root_exists (root, path) ? g_strdup (path) : NULL;
}

/* A program is looked for in the tree, and run from there. */
static char *
find_program (FatiaHostRoot *root, const char *name, GError **error)
{
  static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };
  char *program = g_path_is_absolute (name) ? locate (root, name) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (folders) && program == NULL && !strchr (name, '/'); i++)
    {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);

      program = locate (root, path);
    }
  if (program == NULL)
    g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_COMMAND, _ ("%s is not installed."),
                 name);
  return program;
}

/**
 * fatia_command_is_there:
 *
 * Returns: whether the host has the program @name, else %FATIA_CHANGE_ERROR_COMMAND
 */
gboolean
fatia_command_is_there (FatiaHostRoot *root, const char *name, GError **error)
{
  g_autofree char *program = find_program (root, name, error);

  return program != NULL;
}

/*
 * On a running system the tool gets a unit of its own: the helper's is locked down further than
 * a boot loader's tool, which looks at disks and mounts them, can work with.
 */
void
fatia_command_add_unit (GPtrArray *argv, const char *systemd_run, const FatiaCommandLimits *limits)
{
  g_ptr_array_add (argv, g_strdup (systemd_run));
  g_ptr_array_add (argv, g_strdup ("--quiet"));
  g_ptr_array_add (argv, g_strdup ("--collect"));
  g_ptr_array_add (argv, g_strdup ("--wait"));
  g_ptr_array_add (argv, g_strdup ("--pipe"));
  if (limits->alone)
    g_ptr_array_add (argv, g_strdup ("--unit=" TOOL_UNIT));
  g_ptr_array_add (argv, g_strdup_printf ("--property=RuntimeMaxSec=%u", limits->seconds));
  g_ptr_array_add (argv, g_strdup_printf ("--property=TimeoutStopSec=%d", STOP_SECONDS));
  if (!limits->network)
    g_ptr_array_add (argv, g_strdup ("--property=IPAddressDeny=any"));
  g_ptr_array_add (argv, g_strdup ("--setenv=PATH=/usr/sbin:/usr/bin:/sbin:/bin"));
  g_ptr_array_add (argv, g_strdup ("--setenv=LC_ALL=C"));
  g_ptr_array_add (argv, g_strdup ("--setenv=DEBIAN_FRONTEND=noninteractive"));
  g_ptr_array_add (argv, g_strdup ("--"));
}

static gboolean
has_units (FatiaHostRoot *root)
{
  return fatia_host_root_is_system (root) && fatia_host_root_exists (root, "/run/systemd/system");
}

static void
add_unit (FatiaHostRoot *root, GPtrArray *argv, const FatiaCommandLimits *limits)
{
  g_autofree char *systemd_run = NULL;

  if (!has_units (root))
    return;
  systemd_run = find_program (root, "systemd-run", NULL);
  if (systemd_run)
    fatia_command_add_unit (argv, systemd_run, limits);
}

/**
 * fatia_command_end_left:
 *
 * Ends the tool that another process left running, and waits for its end: one that changes the
 * host has a unit of its own, which outlives a helper that was killed.
 *
 * Returns: whether none runs, else %FATIA_CHANGE_ERROR_COMMAND
 */
gboolean
fatia_command_end_left (FatiaHostRoot *root, GError **error)
{
  g_autofree char *systemctl = has_units (root) ? find_program (root, "systemctl", NULL) : NULL;
  const char *argv[] = { systemctl, "stop", TOOL_UNIT, NULL };
  g_autoptr (GError) local = NULL;
  g_autofree char *said = NULL;
  int status;

  if (systemctl == NULL)
    return TRUE;
  if (g_spawn_sync ("/", (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &said, &status,
                    &local) &&
      (g_spawn_check_wait_status (status, &local) ||
       g_error_matches (local, G_SPAWN_EXIT_ERROR, UNIT_NOT_LOADED)))
    return TRUE;
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_COMMAND,
               _ ("A tool that was started earlier may still be at work, and could not be ended "
                  "(%s): %s%s"),
               TOOL_UNIT, local->message, said ? said : "");
  return FALSE;
}

static GStrv
make_environment (FatiaHostRoot *root)
{
  g_autoptr (GPtrArray) environment = g_ptr_array_new ();

  g_ptr_array_add (environment, g_strdup ("PATH=/usr/sbin:/usr/bin:/sbin:/bin"));
  g_ptr_array_add (environment, g_strdup ("LC_ALL=C"));
  /* debconf of Debian and its kin asks nobody: there is nobody to answer. */
  g_ptr_array_add (environment, g_strdup ("DEBIAN_FRONTEND=noninteractive"));
  if (!fatia_host_root_is_system (root))
    g_ptr_array_add (environment,
                     g_strconcat ("FATIA_HOST_ROOT=", fatia_host_root_get_path (root), NULL));
  g_ptr_array_add (environment, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&environment), FALSE);
}

/* In the child: a process group, so that a tool is ended with all it started. */
static void
lead_group (gpointer user_data)
{
  setpgid (0, 0);
}

/* Memory with @input in it, at its beginning: no name in any folder, gone with its last reader.
 * -1 and no error: there is none. */
static int
open_input (GBytes *input, const char *name, GError **error)
{
  fatia_autofd int fd = -1;
  gsize length;
  const char *data = input ? g_bytes_get_data (input, &length) : NULL;

  if (data == NULL)
    return -1;
  fd = memfd_create ("fatia-input", MFD_CLOEXEC);
  while (fd >= 0 && length > 0)
    {
      gssize n = write (fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        break;
      data += n;
      length -= n;
    }
  if (fd >= 0 && length == 0 && lseek (fd, 0, SEEK_SET) == 0)
    return fatia_steal_fd (&fd);
  fatia_change_set_errno (error, name, errno);
  return -1;
}

static gboolean
start (Run *run,
       FatiaHostRoot *root,
       const char *const *argv,
       const FatiaCommandLimits *limits,
       GError **error)
{
  g_autoptr (GError) local = NULL;
  fatia_autofd int input = -1;
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) environment = make_environment (root);
  g_autofree char *program = find_program (root, argv[0], error);
  fatia_autofd int output = -1;
  int ends[2];
  gboolean started;

  if (program == NULL)
    return FALSE;
  input = open_input (limits->input, argv[0], &local);
  if (local)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  add_unit (root, words, limits);
  g_ptr_array_add (words, g_steal_pointer (&program));
  for (guint i = 1; argv[i]; i++)
    g_ptr_array_add (words, g_strdup (argv[i]));
  g_ptr_array_add (words, NULL);
  if (pipe2 (ends, O_CLOEXEC) < 0)
    {
      fatia_change_set_errno (error, argv[0], errno);
      return FALSE;
    }
  run->output = ends[0];
  output = ends[1];
  started = g_spawn_async_with_pipes_and_fds (
    fatia_host_root_get_path (root), (const char *const *) words->pdata,
    (const char *const *) environment, G_SPAWN_DO_NOT_REAP_CHILD, lead_group, NULL, input, output,
    output, NULL, NULL, 0, &run->pid, NULL, NULL, NULL, error);
  if (!started)
    g_prefix_error (error, "%s: ", argv[0]);
  return started;
}

static void
end_line (Run *run)
{
  g_autofree char *text = g_utf8_make_valid (run->line->str, run->line->len);

  g_string_truncate (run->line, 0);
  if (*g_strstrip (text) == '\0')
    return;
  if (run->progress)
    run->progress (text, run->user_data);
  g_string_append_printf (run->tail, "\n%s", text);
  if (run->tail->len > TAIL_LIMIT)
    {
      const char *feed = strchr (run->tail->str + run->tail->len - TAIL_LIMIT, '\n');

      g_string_erase (run->tail, 0, feed ? feed - run->tail->str : (gssize) run->tail->len);
    }
}

static void
take_output (Run *run, const char *data, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (data[i] == '\n' || run->line->len >= LINE_LIMIT)
      end_line (run);
    else if (data[i] != '\0')
      g_string_append_c (run->line, data[i]);
}

/* Reads what is there within @timeout ms. FALSE: nothing more will come, or not now. */
static gboolean
read_output (Run *run, int timeout)
{
  struct pollfd waited = { .fd = run->output, .events = POLLIN };
  char buffer[4096];
  gssize n;

  if (poll (&waited, 1, timeout) <= 0)
    return FALSE;
  n = read (run->output, buffer, sizeof buffer);
  if (n > 0)
    take_output (run, buffer, n);
  else if (n == 0)
    fatia_clear_fd (&run->output);
  return n > 0;
}

static void
wait_for_end (Run *run)
{
  while (waitpid (run->pid, &run->status, WNOHANG) == 0)
    {
      /* poll() with no descriptor just waits. */
      read_output (run, run->output < 0 ? ENDING_MS : POLL_MS);
      if (g_get_monotonic_time () < run->deadline)
        continue;
      run->timed_out = TRUE;
      kill (-run->pid, SIGKILL);
      if (run->alone)
        fatia_command_end_left (run->root, NULL);
      while (waitpid (run->pid, &run->status, 0) < 0 && errno == EINTR)
        ;
      break;
    }
  /* What is left in the pipe; not what a child in the background may still say. */
  while (run->output >= 0 && g_get_monotonic_time () < run->deadline && read_output (run, 0))
    ;
  end_line (run);
}

static gboolean
judge (Run *run, guint seconds, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (run->timed_out)
    g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_COMMAND,
                 _ ("%s did not finish within %u seconds and was stopped."), run->name, seconds);
  else if (!g_spawn_check_wait_status (run->status, &local))
    g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_COMMAND, "%s: %s%s", run->name,
                 local->message, run->tail->str);
  return !run->timed_out && local == NULL;
}

/**
 * fatia_command_run:
 *
 * Like fatia_command_run_within(), without network and input.
 *
 * Returns: whether it ended well, else %FATIA_CHANGE_ERROR_COMMAND with the last it said
 */
gboolean
fatia_command_run (FatiaHostRoot *root,
                   const char *const *argv,
                   guint seconds,
                   FatiaProgress progress,
                   gpointer user_data,
                   GError **error)
{
  const FatiaCommandLimits limits = { .seconds = seconds };

  return fatia_command_run_within (root, argv, &limits, progress, user_data, error);
}

/**
 * fatia_command_run_within:
 * @argv: a program's name or path, and its arguments. It is looked for in @root, and run from
 *   there; where @root is a tree, FATIA_HOST_ROOT tells it which.
 * @limits: how long it may take, what it may do, what it reads
 * @progress: (nullable): gets each line it prints
 *
 * Returns: whether it ended well, else %FATIA_CHANGE_ERROR_COMMAND with the last it said
 */
gboolean
fatia_command_run_within (FatiaHostRoot *root,
                          const char *const *argv,
                          const FatiaCommandLimits *limits,
                          FatiaProgress progress,
                          gpointer user_data,
                          GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GString) tail = g_string_new (NULL);
  /* A unit ends itself in time, with all that is in it. */
  guint grace = has_units (root) ? 2 * STOP_SECONDS : 0;
  Run run = {
    .name = argv[0],
    .root = root,
    .alone = limits->alone,
    .output = -1,
    .line = line,
    .tail = tail,
    .progress = progress,
    .user_data = user_data,
    .deadline = g_get_monotonic_time () + (limits->seconds + grace) * G_USEC_PER_SEC,
  };
  gboolean started = start (&run, root, argv, limits, error);

  if (started)
    wait_for_end (&run);
  fatia_clear_fd (&run.output);
  return started && judge (&run, limits->seconds, error);
}
