/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of a walk, and its text. */
#include "fuzz.h"

#include <string.h>

#include "firmware/fatia-walk-record.h"

#define OUTPUT (128 * 1024)
#define ITEMS  100

static guint
count_items (FatiaFirmwareItem *root)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();
  guint count = 0;

  g_ptr_array_add (waiting, root);
  while (waiting->len > 0)
    {
      FatiaFirmwareItem *item = g_ptr_array_steal_index (waiting, waiting->len - 1);

      count++;
      for (guint i = 0; i < fatia_firmware_item_get_n_children (item); i++)
        {
          FatiaFirmwareItem *child = fatia_firmware_item_get_child (item, i);

          g_assert_true (fatia_firmware_item_get_parent (child) == item);
          g_ptr_array_add (waiting, child);
        }
    }
  return count;
}

static guint
count_lines (const char *text)
{
  guint count = 0;

  while ((text = strchr (text, '\n')) != NULL)
    {
      count++;
      text++;
    }
  return count;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (FatiaFirmwareItem) root =
    fatia_firmware_item_new (NULL, FATIA_FIRMWARE_ITEM_IMAGE, "image", 0, size);
  const FatiaWalkVisitor visitor = { .tree = root, .tree_limit = ITEMS, .output_limit = OUTPUT };
  g_autoptr (GBytes) image = g_bytes_new_static (data, size);
  g_autofree char *text = NULL;
  FatiaWalkSummary summary;
  guint count;

  g_assert_true (fatia_walk (image, &visitor, NULL, NULL, NULL, NULL, &summary, NULL));
  count = count_items (root);
  /* Besides those of the walk: the image, a capsule, the regions */
  g_assert_cmpuint (count, <=, ITEMS + 2 + FATIA_WALK_REGIONS);
  text = fatia_firmware_tree_format (root, NULL, NULL);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpuint (count_lines (text), ==, count);
  return 0;
}
