/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <glib/gi18n.h>

/* The verb read-firmware. */

static void
print_outcome (const char *path, gsize length, guint64 unread)
{
  g_autofree char *size = g_format_size (unread);

  if (ctl_options.json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      ctl_json_add (builder, "file", path);
      json_builder_set_member_name (builder, "size");
      json_builder_add_int_value (builder, (gint64) length);
      json_builder_set_member_name (builder, "unread");
      json_builder_add_int_value (builder, (gint64) unread);
      json_builder_end_object (builder);
      ctl_print_json (builder);
      return;
    }
  /* TRANSLATORS: a number of bytes, and a file's path */
  g_print (_ ("%lu bytes were written to %s.\n"), (gulong) length, path);
  if (unread > 0)
    g_print (_ ("%s of it the chipset keeps to itself: bytes 0xff stand in its place.\n"), size);
}

/**
 * ctl_read_firmware:
 * @args: the file it goes to
 *
 * The verb "read-firmware".
 *
 * Returns: the exit status
 */
int
ctl_read_firmware (char **args)
{
  g_autoptr (FatiaHost) host = NULL;
  g_autoptr (GVariant) firmware = NULL;
  g_autoptr (GVariant) data = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  guint64 unread;

  host = ctl_open_host (&error);
  if (host)
    firmware = ctl_wait_variant (fatia_host_read_firmware (host), &error);
  ctl_progress_end ();
  if (!firmware)
    return ctl_fail_setup (error);
  g_variant_get (firmware, "(@ayt)", &data, &unread);
  bytes = g_variant_get_data_as_bytes (data);
  if (!ctl_write_output (args[0], NULL, bytes, &error))
    return ctl_fail (error);
  print_outcome (args[0], g_bytes_get_size (bytes), unread);
  return CTL_OK;
}
