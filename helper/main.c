/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fatia-helper: the privileged service. It is started by the bus, and ends when idle. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>
#include <gio/gunixconnection.h>
#include <glib-unix.h>
#include <glib/gi18n.h>

#include "change/fatia-apply.h"
#include "fatia-helper-inhibit.h"
#include "fatia-helper-service.h"
#include "gpu/fatia-virtual-functions.h"
#include "host/fatia-fd.h"
#include "host/fatia-locale.h"

#define IDLE_SECONDS 60
#define IDLE_MAX     3600
/* How long the graphics driver may take to load at boot. */
#define DRIVER_SECONDS 30
/* How long a change may still go on that was under way when the computer started or woke, and one
 * when it is to sleep, which a person waits for. */
#define RESTORE_SECONDS 600
#define SUSPEND_SECONDS 20

typedef struct
{
  GMainLoop *loop;
  FatiaHelperService *service;
  guint seconds;    /* how long it stays when idle */
  guint idle;       /* source id */
  gboolean leaving; /* as soon as no call is under way */
  gboolean lasting; /* a private connection lasts as long as its other end */
} Helper;

typedef struct
{
  char *host_root;
  int peer_fd;
  int idle_seconds;
  gboolean restore;
  gboolean suspend;
  gboolean recover;
  gboolean version;
} Options;

static gboolean
on_idle_long_enough (gpointer user_data)
{
  Helper *helper = user_data;

  helper->idle = 0;
  g_main_loop_quit (helper->loop);
  return G_SOURCE_REMOVE;
}

static void
on_idle_changed (FatiaHelperService *service, gpointer user_data)
{
  Helper *helper = user_data;

  g_clear_handle_id (&helper->idle, g_source_remove);
  if (!fatia_helper_service_is_idle (service))
    return;
  if (helper->leaving)
    g_main_loop_quit (helper->loop);
  else if (!helper->lasting)
    helper->idle = g_timeout_add_seconds (helper->seconds, on_idle_long_enough, helper);
}

/* What is under way is brought to its end first. */
static void
leave (Helper *helper)
{
  helper->leaving = TRUE;
  on_idle_changed (helper->service, helper);
}

static gboolean
on_terminated (gpointer user_data)
{
  leave (user_data);
  return G_SOURCE_CONTINUE;
}

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer user_data)
{
  leave (user_data);
}

static void
on_name_lost (GDBusConnection *connection, const char *name, gpointer user_data)
{
  leave (user_data);
}

static GDBusConnection *
open_peer (int fd, GError **error)
{
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, error);
  g_autoptr (GSocketConnection) stream = NULL;

  if (socket == NULL)
    return NULL;
  stream = g_socket_connection_factory_create_connection (socket);
  /* No message is handled before the object is there. */
  return g_dbus_connection_new_sync (G_IO_STREAM (stream), guid,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER |
                                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER |
                                       G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                                     NULL, NULL, error);
}

static GDBusConnection *
open_connection (const Options *options, GError **error)
{
  GDBusConnection *connection = options->peer_fd >= 0
                                  ? open_peer (options->peer_fd, error)
                                  : g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, error);

  if (connection)
    g_dbus_connection_set_exit_on_close (connection, FALSE);
  return connection;
}

static gboolean
serve (const Options *options, FatiaHostRoot *root, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  gboolean peer = options->peer_fd >= 0;
  g_autoptr (FatiaHelperService) service = fatia_helper_service_new (root, !peer);
  Helper helper = {
    .loop = loop, .service = service, .seconds = options->idle_seconds, .lasting = peer
  };
  g_autoptr (GDBusConnection) connection = open_connection (options, error);
  guint name = 0;

  if (connection == NULL || !fatia_helper_service_export (service, connection, error))
    return FALSE;
  g_signal_connect (service, "idle-changed", G_CALLBACK (on_idle_changed), &helper);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), &helper);
  g_unix_signal_add (SIGTERM, on_terminated, &helper);
  g_unix_signal_add (SIGINT, on_terminated, &helper);
  if (peer)
    g_dbus_connection_start_message_processing (connection);
  else
    name = g_bus_own_name_on_connection (connection, FATIA_HELPER_NAME, G_BUS_NAME_OWNER_FLAGS_NONE,
                                         NULL, on_name_lost, &helper, NULL);
  on_idle_changed (service, &helper);
  g_main_loop_run (loop);
  if (name)
    g_bus_unown_name (name);
  g_signal_handlers_disconnect_by_data (connection, &helper);
  g_signal_handlers_disconnect_by_data (service, &helper);
  g_dbus_connection_flush_sync (connection, NULL, NULL);
  return TRUE;
}

static gboolean
parse_options (int *argc, char ***argv, Options *options, GError **error)
{
  const GOptionEntry entries[] = {
    { "host-root", 0, 0, G_OPTION_ARG_FILENAME, &options->host_root,
      N_ ("Read and change the host below DIR"), N_ ("DIR") },
    { "peer-fd", 0, 0, G_OPTION_ARG_INT, &options->peer_fd,
      N_ ("Serve the private connection on descriptor N, without polkit"), N_ ("N") },
    { "idle-seconds", 0, 0, G_OPTION_ARG_INT, &options->idle_seconds,
      N_ ("Stay for N seconds after the last call on the system bus"), N_ ("N") },
    { "restore-virtual-functions", 0, 0, G_OPTION_ARG_NONE, &options->restore,
      N_ ("Make the virtual functions that are kept, and exit"), NULL },
    { "suspend-virtual-functions", 0, 0, G_OPTION_ARG_NONE, &options->suspend,
      N_ ("Take the virtual functions away before the computer sleeps, and exit"), NULL },
    { "recover", 0, 0, G_OPTION_ARG_NONE, &options->recover,
      N_ ("Settle a change that was interrupted, and exit"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, N_ ("Print the version and exit"),
      NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (options->idle_seconds >= 1 && options->idle_seconds <= IDLE_MAX)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("--idle-seconds is a number from 1 to %d"), IDLE_MAX);
  return FALSE;
}

/* Without polkit, nothing but a tree of the caller's own may be changed. */
static gboolean
check_root (const Options *options, FatiaHostRoot *root, GError **error)
{
  struct stat system, tree;

  if (options->peer_fd < 0)
    return TRUE;
  if (stat ("/", &system) == 0 && stat (fatia_host_root_get_path (root), &tree) == 0 &&
      (system.st_dev != tree.st_dev || system.st_ino != tree.st_ino))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                       _ ("A private connection can't be used to change this computer itself."));
  return FALSE;
}

/* Who has the lock has settled what was to be settled before its own change; what makes functions
 * at boot has not, and is started after this. */
static gboolean
recover (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GError) local = NULL;
  fatia_autofd int inhibitor = fatia_helper_inhibit ();

  if (fatia_changes_recover (root, NULL, NULL, &local) ||
      g_error_matches (local, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_BUSY))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
run (const Options *options, GError **error)
{
  g_autoptr (FatiaHostRoot) root =
    fatia_host_root_new (options->host_root ? options->host_root : "/", error);

  if (root == NULL || !check_root (options, root, error))
    return FALSE;
  if (options->restore)
    return fatia_virtual_functions_restore (root, DRIVER_SECONDS, RESTORE_SECONDS, error);
  if (options->suspend)
    return fatia_virtual_functions_suspend (root, SUSPEND_SECONDS, error);
  if (options->recover)
    return recover (root, error);
  return serve (options, root, error);
}

int
main (int argc, char **argv)
{
  Options options = { .peer_fd = -1, .idle_seconds = IDLE_SECONDS };
  g_autoptr (GError) error = NULL;
  gboolean done;

  fatia_locale_init ();
  umask (022);
  done = parse_options (&argc, &argv, &options, &error);
  if (done && options.version)
    g_print ("%s\n", FATIA_VERSION);
  else if (done)
    done = run (&options, &error);
  if (!done)
    g_printerr ("fatia-helper: %s\n", error->message);
  g_free (options.host_root);
  return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
