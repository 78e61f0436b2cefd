/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A search through a firmware's tree, which keeps what the parts that are found stand in. */
#include "fatia-firmware-search.h"

#include <string.h>

struct _FatiaFirmwareSearch
{
  GStrv words; /* each of them is to be found */
  gboolean only_noted;
  guint found;
  GHashTable *shown; /* (element-type FatiaFirmwareItem) */
};

static gboolean
has_word (FatiaFirmwareItem *item, const char *word)
{
  const char *texts[] = {
    fatia_firmware_item_get_name (item),
    fatia_firmware_item_get_guid (item),
    fatia_firmware_item_get_type_name (item),
    fatia_firmware_item_get_note (item),
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i] && strcasestr (texts[i], word))
      return TRUE;
  return FALSE;
}

static gboolean
matches (FatiaFirmwareSearch *self, FatiaFirmwareItem *item)
{
  if (self->only_noted && fatia_firmware_item_get_note (item) == NULL)
    return FALSE;
  for (guint i = 0; self->words[i]; i++)
    if (*self->words[i] && !has_word (item, self->words[i]))
      return FALSE;
  return TRUE;
}

static void
show (FatiaFirmwareSearch *self, FatiaFirmwareItem *item)
{
  self->found++;
  for (; item && g_hash_table_add (self->shown, item); item = fatia_firmware_item_get_parent (item))
    ;
}

/**
 * fatia_firmware_search_new:
 * @root: a tree, which must outlive the search
 * @words: words that are all in a part's name, GUID, kind or note, in any letter case
 * @only_noted: only parts with a note, that is, what was passed over or is damaged
 *
 * Returns: (transfer full): what was found
 */
FatiaFirmwareSearch *
fatia_firmware_search_new (FatiaFirmwareItem *root, const char *words, gboolean only_noted)
{
  FatiaFirmwareSearch *self;
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();

  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (root), NULL);
  g_return_val_if_fail (words != NULL, NULL);

  self = g_new0 (FatiaFirmwareSearch, 1);
  self->words = g_strsplit_set (words, " \t\n", -1);
  self->only_noted = only_noted;
  self->shown = g_hash_table_new (NULL, NULL);
  g_ptr_array_add (waiting, root);
  while (waiting->len > 0)
    {
      FatiaFirmwareItem *item = g_ptr_array_steal_index_fast (waiting, waiting->len - 1);

      if (matches (self, item))
        show (self, item);
      for (guint i = 0; i < fatia_firmware_item_get_n_children (item); i++)
        g_ptr_array_add (waiting, fatia_firmware_item_get_child (item, i));
    }
  return self;
}

/**
 * fatia_firmware_search_free:
 * @self: (transfer full) (nullable):
 */
void
fatia_firmware_search_free (FatiaFirmwareSearch *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->words);
  g_hash_table_unref (self->shown);
  g_free (self);
}

/**
 * fatia_firmware_search_count:
 *
 * Returns: how many parts were found, those that they stand in not counted
 */
guint
fatia_firmware_search_count (FatiaFirmwareSearch *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->found;
}

/**
 * fatia_firmware_search_shows:
 * @item: a part of the tree
 * @search: a #FatiaFirmwareSearch
 *
 * Returns: whether @item was found, or something in it
 */
gboolean
fatia_firmware_search_shows (FatiaFirmwareItem *item, gpointer search)
{
  FatiaFirmwareSearch *self = search;

  g_return_val_if_fail (self != NULL, FALSE);
  return g_hash_table_contains (self->shown, item);
}
