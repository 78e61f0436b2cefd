/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-gop.h"

#include <glib/gi18n.h>

#include "firmware/fatia-firmware-search.h"

/* firmware --tree: all that the walk through an image met and passed over. */

static void
add_number (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_item (JsonBuilder *builder, FatiaFirmwareItem *item)
{
  json_builder_begin_object (builder);
  ctl_json_add (builder, "type", fatia_firmware_item_get_type_name (item));
  ctl_json_add (builder, "guid", fatia_firmware_item_get_guid (item));
  ctl_json_add (builder, "name", fatia_firmware_item_get_name (item));
  ctl_json_add (builder, "note", fatia_firmware_item_get_note (item));
  add_number (builder, "offset", fatia_firmware_item_get_offset (item));
  add_number (builder, "size", fatia_firmware_item_get_size (item));
  json_builder_set_member_name (builder, "unpacked");
  json_builder_add_boolean_value (builder, fatia_firmware_item_is_unpacked (item));
  json_builder_set_member_name (builder, "parts");
  json_builder_begin_array (builder);
}

static void
end_item (JsonBuilder *builder)
{
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

typedef struct
{
  FatiaFirmwareItem *item;
  guint next; /* of its parts */
} Open;

static void
begin (JsonBuilder *builder, GArray *open, FatiaFirmwareItem *item)
{
  Open entry = { item, 0 };

  add_item (builder, item);
  g_array_append_val (open, entry);
}

/* Parts in parts, without recursion: how deep they stand the image decides. */
static void
print_json (FatiaFirmwareItem *root, FatiaFirmwareSearch *search)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (Open));

  begin (builder, open, root);
  while (open->len > 0)
    {
      Open *last = &g_array_index (open, Open, open->len - 1);
      FatiaFirmwareItem *part = fatia_firmware_item_get_child (last->item, last->next++);

      if (part == NULL)
        {
          end_item (builder);
          g_array_set_size (open, open->len - 1);
        }
      else if (search == NULL || fatia_firmware_search_shows (part, search))
        begin (builder, open, part);
    }
  ctl_print_json (builder);
}

/**
 * ctl_firmware_print_tree:
 *
 * Prints @image's tree, or what --search looks for in it.
 *
 * Returns: the exit status: %CTL_NOTHING where nothing was found
 */
int
ctl_firmware_print_tree (GBytes *image)
{
  g_autoptr (FatiaFirmwareItem) root = NULL;
  g_autoptr (FatiaFirmwareSearch) search = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  root = fatia_firmware_tree_read (image, ctl_walk_progress, NULL, NULL, &error);
  ctl_progress_end ();
  if (!root)
    return ctl_fail (error);
  if (ctl_options.search)
    search = fatia_firmware_search_new (root, ctl_options.search, FALSE);
  if (search && fatia_firmware_search_count (search) == 0)
    {
      ctl_error (_ ("no part has “%s” in its name, GUID, kind or note"), ctl_options.search);
      return CTL_NOTHING;
    }
  if (ctl_options.json)
    {
      print_json (root, search);
      return CTL_OK;
    }
  text = fatia_firmware_tree_format (root, search ? fatia_firmware_search_shows : NULL, search);
  g_print ("%s", text);
  return CTL_OK;
}
