/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A private libvirt daemon in session mode: its configuration, sockets, firmware variables and
 * TPM state lie in the practice folder (XDG_*), so a VM is still there when the folder is taken
 * up again. root has no session mode and would get the system's folders: for root the daemon runs
 * as "nobody" of a user namespace in which nobody is root's files' owner. Where the system allows
 * it, a PID namespace around the daemon makes that QEMU and swtpm end with it, however it ends.
 *
 * libvirt's driver in-process (qemu:///embed) was no choice: it has no storage driver, and no
 * other process (fatiactl, virsh) sees its VMs.
 */
#include "practice/fatia-private-libvirt.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "host/fatia-fd.h"
#include "practice/fatia-tree.h"

#define START_SECONDS     20
#define POLL_MILLISECONDS 20
#define STOP_MILLISECONDS 2000
/* What libvirt puts under the folder must fit a socket's address, which has 107 bytes:
 * /v/r/libvirt/qemu/run/channel/1-12345678901234567890/org.qemu.guest_agent.0 */
#define MAX_FOLDER 31

struct _FatiaPrivateLibvirt
{
  char *place; /* the practice folder, by a path that is short enough */
  char *link;  /* (nullable): a link we made for that */
  char *socket;
  GSubprocess *process;
  gboolean enclosed; /* QEMU ends with the process */
  DexPromise *uri;
  guint poll;
  gint64 deadline;
};

char *
fatia_private_libvirt_find (const char *program)
{
  char *path = g_find_program_in_path (program);

  if (path == NULL)
    {
      path = g_build_filename ("/usr/sbin", program, NULL);
      if (!g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        g_clear_pointer (&path, g_free);
    }
  return path;
}

static gboolean
fail (GError **error, const char *path)
{
  int saved_errno = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s: %s", path,
               g_strerror (saved_errno));
  return FALSE;
}

/* The same folder has the same link each time: paths of it stand in the VM's definition. */
static gboolean
choose_place (FatiaPrivateLibvirt *self, const char *folder, GError **error)
{
  g_autofree char *digest = NULL;
  g_autofree char *target = NULL;
  struct stat info;

  if (strlen (folder) <= MAX_FOLDER)
    {
      self->place = g_strdup (folder);
      return TRUE;
    }
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, folder, -1);
  self->place = g_strdup_printf ("/tmp/fatia-%.12s", digest);
  if (symlink (folder, self->place) < 0 && errno != EEXIST)
    return fail (error, self->place);
  target = g_file_read_link (self->place, error);
  if (target == NULL)
    return FALSE;
  errno = EEXIST;
  /* One that is not ours could lead elsewhere tomorrow. */
  if (!g_str_equal (target, folder) || lstat (self->place, &info) < 0 || info.st_uid != geteuid ())
    return fail (error, self->place);
  self->link = g_strdup (self->place);
  return TRUE;
}

static gboolean
write_file (FatiaPrivateLibvirt *self, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (self->place, "v", name, NULL);

  return g_file_set_contents (path, text, -1, error);
}

static gboolean
write_configuration (FatiaPrivateLibvirt *self, GError **error)
{
  static const char *const folders[] = { "v/r", "v/c/libvirt", "v/d", "v/k" };
  g_autofree char *daemon = g_strdup_printf (
    "unix_sock_dir = \"%s/v/r\"\nauth_unix_ro = \"none\"\nauth_unix_rw = \"none\"\n"
    "log_outputs = \"3:file:%s/v/log\"\n",
    self->place, self->place);
  g_autofree char *runtime = g_build_filename (self->place, "v/r", NULL);

  /* As after a restart of a computer: nothing runs that the last daemon left. */
  if (!fatia_tree_remove (runtime, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (self->place, folders[i], NULL);

      if (g_mkdir_with_parents (path, 0700) < 0)
        return fail (error, path);
    }
  self->socket = g_build_filename (runtime, "libvirt-sock", NULL);
  /* No virtlogd: it would be one more process to end. */
  return write_file (self, "libvirtd.conf", daemon, error) &&
         write_file (self, "c/libvirt/qemu.conf", "stdio_handler = \"file\"\n", error);
}

static gboolean
works (GStrvBuilder *builder)
{
  g_auto (GStrv) prefix = g_strv_builder_end (builder);
  g_autoptr (GStrvBuilder) command = g_strv_builder_new ();
  g_auto (GStrv) argv = NULL;
  int status = -1;

  g_strv_builder_addv (command, (const char **) prefix);
  g_strv_builder_add (command, "true");
  argv = g_strv_builder_end (command);
  /* Building took the words away. */
  g_strv_builder_addv (builder, (const char **) prefix);
  return g_spawn_sync (NULL, argv, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
                         G_SPAWN_STDERR_TO_DEV_NULL,
                       NULL, NULL, NULL, NULL, &status, NULL) &&
         g_spawn_check_wait_status (status, NULL);
}

/* (transfer full) (nullable): the words before the daemon's own; NULL where root can't be anyone
 * else. A shell is process 1 of the namespace and takes care of orphans. */
static GStrvBuilder *
choose_enclosure (FatiaPrivateLibvirt *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean root = geteuid () == 0;

  g_strv_builder_add_many (builder, "unshare", "--user", NULL);
  if (root)
    g_strv_builder_add_many (builder, "--map-user=65534", "--map-group=65534", NULL);
  else
    g_strv_builder_add (builder, "--map-current-user");
  g_strv_builder_add_many (builder, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                           NULL);
  self->enclosed = works (builder);
  if (self->enclosed)
    {
      g_strv_builder_add_many (builder, "sh", "-c", "\"$@\"; exit $?", "sh", NULL);
      return g_steal_pointer (&builder);
    }
  g_clear_pointer (&builder, g_strv_builder_unref);
  builder = g_strv_builder_new ();
  if (!root)
    return g_steal_pointer (&builder);
  g_strv_builder_add_many (builder, "unshare", "--user", "--map-user=65534", "--map-group=65534",
                           NULL);
  return works (builder) ? g_steal_pointer (&builder) : NULL;
}

static void
end_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, GPOINTER_TO_INT (data));
}

static void
set_folder (GSubprocessLauncher *launcher, const char *name, const char *place, const char *below)
{
  g_autofree char *path = g_build_filename (place, below, NULL);

  g_subprocess_launcher_setenv (launcher, name, path, TRUE);
}

static gboolean
spawn (FatiaPrivateLibvirt *self, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GStrvBuilder) builder = choose_enclosure (self);
  g_autofree char *libvirtd = fatia_private_libvirt_find ("libvirtd");
  g_autofree char *config = g_build_filename (self->place, "v/libvirtd.conf", NULL);
  g_autofree char *pid_file = g_build_filename (self->place, "v/pid", NULL);
  g_autofree char *output = g_build_filename (self->place, "v/output", NULL);
  g_auto (GStrv) argv = NULL;

  if (builder == NULL || libvirtd == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           _ ("A libvirt of its own can't be started here."));
      return FALSE;
    }
  g_strv_builder_add_many (builder, libvirtd, "--config", config, "--pid-file", pid_file, NULL);
  argv = g_strv_builder_end (builder);
  set_folder (launcher, "XDG_RUNTIME_DIR", self->place, "v/r");
  set_folder (launcher, "XDG_CONFIG_HOME", self->place, "v/c");
  set_folder (launcher, "XDG_DATA_HOME", self->place, "v/d");
  set_folder (launcher, "XDG_CACHE_HOME", self->place, "v/k");
  set_folder (launcher, "HOME", self->place, "v/d");
  g_subprocess_launcher_set_stdout_file_path (launcher, output);
  g_subprocess_launcher_set_stderr_file_path (launcher, output);
  /* KILL passes through unshare's --kill-child; a daemon alone had better end by itself. */
  g_subprocess_launcher_set_child_setup (
    launcher, end_with_parent, GINT_TO_POINTER (self->enclosed ? SIGKILL : SIGTERM), NULL);
  self->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, error);
  return self->process != NULL;
}

static gboolean
answers (FatiaPrivateLibvirt *self)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  fatia_autofd int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  g_strlcpy (address.sun_path, self->socket, sizeof address.sun_path);
  return fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0;
}

static gboolean
poll_daemon (gpointer data)
{
  FatiaPrivateLibvirt *self = data;

  if (answers (self))
    {
      g_autofree char *socket = g_uri_escape_string (self->socket, "/", FALSE);

      dex_promise_resolve_string (self->uri,
                                  g_strconcat ("qemu+unix:///session?socket=", socket, NULL));
    }
  else if (g_subprocess_get_identifier (self->process) == NULL ||
           g_get_monotonic_time () > self->deadline)
    dex_promise_reject (self->uri, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED,
                                                _ ("The private libvirt did not start; %s/v/log "
                                                   "and %s/v/output may tell why."),
                                                self->place, self->place));
  else
    return G_SOURCE_CONTINUE;
  self->poll = 0;
  return G_SOURCE_REMOVE;
}

/**
 * fatia_private_libvirt_start:
 * @folder: the practice folder; libvirt's own is `v` in it
 *
 * To be called in a thread that lives as long as the daemon shall: the main one.
 *
 * Returns: (transfer full) (nullable): the daemon, on its way; see
 *   fatia_private_libvirt_get_uri()
 */
FatiaPrivateLibvirt *
fatia_private_libvirt_start (const char *folder, GError **error)
{
  g_autoptr (FatiaPrivateLibvirt) self = g_new0 (FatiaPrivateLibvirt, 1);

  self->uri = dex_promise_new ();
  if (!choose_place (self, folder, error) || !write_configuration (self, error) ||
      !spawn (self, error))
    return NULL;
  self->deadline = g_get_monotonic_time () + START_SECONDS * G_USEC_PER_SEC;
  self->poll = g_timeout_add (POLL_MILLISECONDS, poll_daemon, self);
  return g_steal_pointer (&self);
}

/**
 * fatia_private_libvirt_get_uri:
 *
 * Returns: (transfer full): a string, once the daemon answers
 */
DexFuture *
fatia_private_libvirt_get_uri (FatiaPrivateLibvirt *self)
{
  return dex_ref (DEX_FUTURE (self->uri));
}

/* Without a PID namespace: what the daemon's own folder names as its VMs. */
static void
end_vms (FatiaPrivateLibvirt *self)
{
  g_autofree char *folder = g_build_filename (self->place, "v/r/libvirt/qemu/run", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = NULL;
      gint64 pid;

      if (g_str_has_suffix (name, ".pid") && !g_str_equal (name, "driver.pid") &&
          g_file_get_contents (path, &text, NULL, NULL) &&
          g_ascii_string_to_signed (g_strstrip (text), 10, 2, G_MAXINT32, &pid, NULL))
        kill (pid, SIGTERM);
    }
}

static void
end_process (FatiaPrivateLibvirt *self)
{
  if (!self->enclosed)
    end_vms (self);
  /* libvirt writes its files whole and renames them: nothing is lost by killing it. */
  g_subprocess_send_signal (self->process, self->enclosed ? SIGKILL : SIGTERM);
  for (guint i = 0; i < STOP_MILLISECONDS && g_subprocess_get_identifier (self->process); i++)
    g_usleep (1000);
  g_subprocess_force_exit (self->process);
  g_clear_object (&self->process);
}

/**
 * fatia_private_libvirt_stop:
 * @self: (transfer full) (nullable):
 *
 * Ends the daemon and every VM it runs; their definitions and disks stay.
 */
void
fatia_private_libvirt_stop (FatiaPrivateLibvirt *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->poll, g_source_remove);
  if (dex_future_is_pending (DEX_FUTURE (self->uri)))
    dex_promise_reject (self->uri, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                        _ ("Practice was closed.")));
  dex_unref (self->uri);
  if (self->process != NULL)
    end_process (self);
  if (self->link != NULL)
    g_unlink (self->link);
  g_free (self->place);
  g_free (self->link);
  g_free (self->socket);
  g_free (self);
}
