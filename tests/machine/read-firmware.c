/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For the machine that is tried: what the helper's ReadFirmware gives, to the standard output.
 * busctl can take no descriptor. */
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <unistd.h>

static int
fail (const GError *error)
{
  g_printerr ("%s\n", error->message);
  return 1;
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  char buffer[65536];
  gssize n;
  int fd;

  if (bus == NULL)
    return fail (error);
  reply = g_dbus_connection_call_with_unix_fd_list_sync (
    bus, "dev.fatia.Helper", "/dev/fatia/Helper", "dev.fatia.Helper1", "ReadFirmware", NULL,
    G_VARIANT_TYPE ("(ha(tt))"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, &fds, NULL, &error);
  if (reply == NULL)
    return fail (error);
  fd = g_unix_fd_list_get (fds, 0, &error);
  if (fd < 0)
    return fail (error);
  for (goffset at = 0; (n = pread (fd, buffer, sizeof buffer, at)) > 0; at += n)
    if (fwrite (buffer, 1, n, stdout) != (gsize) n)
      return 1;
  return n < 0 || fflush (stdout) != 0;
}
