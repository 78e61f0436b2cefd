/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the computer from being switched off or put to sleep in the midst of a change: the boot
 * loader's tool would be killed half way through its menu. */
#include "fatia-helper-inhibit.h"

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n-lib.h>

#define LOGIN_NAME      "org.freedesktop.login1"
#define LOGIN_PATH      "/org/freedesktop/login1"
#define LOGIN_INTERFACE "org.freedesktop.login1.Manager"
/* It has the answer at hand; a change does not wait for one that hangs. */
#define ANSWER_MS 5000

static int
take_descriptor (GVariant *reply, GUnixFDList *fds)
{
  gint32 handle;

  g_variant_get (reply, "(h)", &handle);
  return fds && handle >= 0 && handle < g_unix_fd_list_get_length (fds)
           ? g_unix_fd_list_get (fds, handle, NULL)
           : -1;
}

/*
 * fatia_helper_inhibit:
 *
 * Asks logind to put off shutting down and sleep; see org.freedesktop.login1(5). An administrator
 * may still insist, and a system without logind knows no such thing: what is interrupted then is
 * settled at the next start.
 *
 * Returns: a descriptor that is closed when the change is done, or -1
 */
int
fatia_helper_inhibit (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  g_autoptr (GVariant) reply = NULL;

  if (bus)
    reply = g_dbus_connection_call_with_unix_fd_list_sync (
      bus, LOGIN_NAME, LOGIN_PATH, LOGIN_INTERFACE, "Inhibit",
      g_variant_new ("(ssss)", "shutdown:sleep", "Fatia",
                     _ ("This computer’s configuration is being changed"), "block"),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, ANSWER_MS, NULL, &fds, NULL, &error);
  if (reply)
    return take_descriptor (reply, fds);
  g_message ("Shutting down is not put off: %s", error->message);
  return -1;
}
