/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-helper.h"

#include <sys/socket.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-change.h"
#include "host/fatia-fd.h"

#define PEER_FD 3 /* in the helper; the first after the standard ones */

/* What the polkit authority itself answers with; GDBus knows no code for it. */
#define POLKIT_ERROR_PREFIX "org.freedesktop.PolicyKit1.Error."

static char *
helper_path (void)
{
  const char *folder = g_getenv ("FATIA_LIBEXEC_DIR");

  return g_build_filename (folder ? folder : FATIA_LIBEXECDIR, "fatia-helper", NULL);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (DexPromise) promise = user_data;
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_finish (result, &error);

  if (connection)
    dex_promise_resolve_object (promise, connection);
  else
    dex_promise_reject (promise, g_steal_pointer (&error));
}

static GIOStream *
stream_for (int fd, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, error);

  if (!socket)
    {
      close (fd);
      return NULL;
    }
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

/**
 * fatia_helper_spawn:
 * @root: a tree
 * @process: (out) (transfer full): the helper's process
 *
 * Starts the real helper on a folder, the other end of a socket pair its only peer.
 *
 * Returns: (transfer full): resolves to the #GDBusConnection (object)
 */
DexFuture *
fatia_helper_spawn (FatiaHostRoot *root, GSubprocess **process)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = helper_path ();
  g_autofree char *peer = g_strdup_printf ("%d", PEER_FD);
  DexPromise *promise;
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
    return dex_future_new_for_errno (errno);
  /* Standard output is the caller's, who may be writing JSON to it. */
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_subprocess_launcher_take_fd (launcher, fds[1], PEER_FD);
  stream = stream_for (fds[0], &error);
  if (!stream)
    return dex_future_new_for_error (g_steal_pointer (&error));

  g_clear_object (process);
  *process = g_subprocess_launcher_spawn (launcher, &error, path, "--host-root",
                                          fatia_host_root_get_path (root), "--peer-fd", peer, NULL);
  if (!*process)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                  _ ("Fatia's helper could not be started: %s"), error->message);
  /* Ours of the other end goes, so that the helper's end is noticed. */
  g_subprocess_launcher_close (launcher);

  promise = dex_promise_new ();
  g_dbus_connection_new (stream, NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL,
                         on_connected, dex_ref (promise));
  return DEX_FUTURE (promise);
}

static gboolean
is_missing (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_FILE_INVALID);
}

/**
 * fatia_helper_error_is_refusal:
 *
 * Returns: whether @error says that the caller was not authorised
 */
gboolean
fatia_helper_error_is_refusal (const GError *error)
{
  g_autofree char *name = NULL;

  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_AUTH_FAILED))
    return TRUE;
  name = g_dbus_error_get_remote_error (error);
  return name != NULL &&
         (g_str_equal (name, "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired") ||
          g_str_has_prefix (name, POLKIT_ERROR_PREFIX));
}

static gboolean
is_end (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED);
}

/**
 * fatia_helper_error_in_words:
 * @error: (transfer full): what a call failed with
 *
 * Errors of the helper itself keep their domain and lose only the bus's prefix; those of the
 * bus become a #GIOErrorEnum whose words say what to do.
 *
 * Returns: (transfer full): the error for callers
 */
GError *
fatia_helper_error_in_words (GError *error)
{
  g_autoptr (GError) given = error;

  if (is_missing (given))
    return g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                        _ ("Fatia's helper is not installed on this computer, and only it may "
                           "change the system. Install the package fatia-helper and try again."));
  if (fatia_helper_error_is_refusal (given))
    return g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                        _ ("You were not authorised to do this, so nothing was changed. Try again "
                           "and confirm with an administrator's password."));
  if (is_end (given))
    return g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED,
                        _ ("Fatia's helper ended before it answered. What it had begun is finished "
                           "or put back when it starts again: try again."));
  if (g_error_matches (given, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_CANCELLED))
    {
      g_dbus_error_strip_remote_error (given);
      return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, given->message);
    }
  g_dbus_error_strip_remote_error (given);
  return g_steal_pointer (&given);
}
