/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-gop.h"

#include <glib/gi18n.h>

/* The verb firmware: an image's files. */

/**
 * ctl_walk_progress:
 *
 * Shows on the terminal how far a walk through an image is.
 */
void
ctl_walk_progress (guint64 done, guint64 total, gpointer data)
{
  g_autofree char *text = NULL;

  text = g_strdup_printf (_ ("Reading the image: %d %%"),
                          total > 0 ? (int) (MIN (done, total) * 100.0 / total) : 0);
  ctl_progress (text);
}

static void
print_json_files (GPtrArray *files)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "files");
  json_builder_begin_array (builder);
  for (guint i = 0; i < files->len; i++)
    {
      const FatiaFirmwareFile *file = g_ptr_array_index (files, i);

      json_builder_begin_object (builder);
      ctl_json_add (builder, "guid", file->guid);
      ctl_json_add (builder, "name", file->name);
      json_builder_set_member_name (builder, "type");
      json_builder_add_int_value (builder, file->type);
      json_builder_set_member_name (builder, "size");
      json_builder_add_int_value (builder, (gint64) file->size);
      ctl_json_add (builder, "sha256", file->sha256);
      ctl_json_add (builder, "path", file->path);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ctl_print_json (builder);
}

/**
 * ctl_firmware:
 * @args: the image's path
 *
 * The verb "firmware".
 *
 * Returns: the exit status: %CTL_NOTHING where the image holds no file
 */
int
ctl_firmware (char **args)
{
  g_autoptr (FatiaFirmwareSource) source = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;

  source =
    fatia_firmware_source_open (args[0], ctl_options.member, ctl_walk_progress, NULL, NULL, &error);
  if (source && (ctl_options.tree || ctl_options.search))
    return ctl_firmware_print_tree (source->image);
  if (source)
    files = fatia_firmware_list (source->image, ctl_walk_progress, NULL, NULL, &error);
  ctl_progress_end ();
  if (!files)
    return ctl_fail (error);
  if (ctl_options.json)
    print_json_files (files);
  else
    for (guint i = 0; i < files->len; i++)
      {
        const FatiaFirmwareFile *file = g_ptr_array_index (files, i);

        /* The type is a number of the PI specification, in hexadecimal as it is there. */
        g_print ("%s  %02x %10" G_GUINT64_FORMAT "  %s\n", file->guid, file->type, file->size,
                 file->name ? file->name : "");
      }
  return files->len > 0 ? CTL_OK : CTL_NOTHING;
}
