/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A journal entry in memory and as a key file: bytes in base64, the rest in words. */
#include "change/fatia-journal.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-command.h"
#include "change/fatia-pieces.h"

/* No change set has more; a file that says so is none of ours. */
#define ITEMS_LIMIT 256

static const char *const way_names[] = { "plain", "keep", "replace" };

static void
fatia_record_item_free (gpointer data)
{
  FatiaRecordItem *item = data;

  g_free (item->path);
  g_clear_pointer (&item->before, fatia_file_free);
  g_free (item->after);
  g_clear_pointer (&item->written, g_bytes_unref);
  g_free (item->found);
  g_clear_pointer (&item->to, g_bytes_unref);
  g_strfreev (item->argv);
  g_strfreev (item->inverse);
  g_free (item);
}

FatiaRecord *
fatia_record_new (const char *step)
{
  FatiaRecord *record = g_new0 (FatiaRecord, 1);

  record->step = g_strdup (step);
  record->time = g_get_real_time () / G_USEC_PER_SEC;
  record->folders = g_ptr_array_new_with_free_func (g_free);
  record->items = g_ptr_array_new_with_free_func (fatia_record_item_free);
  return record;
}

void
fatia_record_free (FatiaRecord *record)
{
  g_free (record->id);
  g_free (record->step);
  g_ptr_array_unref (record->folders);
  g_ptr_array_unref (record->items);
  g_free (record);
}

FatiaRecordItem *
fatia_record_add (FatiaRecord *record, FatiaChangeKind kind, const char *path)
{
  FatiaRecordItem *item = g_new0 (FatiaRecordItem, 1);

  item->kind = kind;
  item->path = g_strdup (path);
  g_ptr_array_add (record->items, item);
  return item;
}

/**
 * fatia_record_item_set_written:
 * @item: a file's, with what it replaces
 * @after: (nullable): what it becomes
 *
 * Takes down what undoing needs to know of it: how to tell it again and, where it replaces a text
 * by a text, all of it, to tell it from what others add to it.
 */
void
fatia_record_item_set_written (FatiaRecordItem *item, GBytes *after)
{
  if (after == NULL)
    return;
  item->after = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, after);
  if (item->before->bytes && fatia_pieces_are_text (item->before->bytes) &&
      fatia_pieces_are_text (after))
    item->written = g_bytes_ref (after);
}

/* What tells a file or a link again. */
static char *
name_bytes (const FatiaRecordItem *item, GBytes *bytes)
{
  if (bytes == NULL)
    return NULL;
  return item->kind == FATIA_CHANGE_LINK
           ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes))
           : g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
}

/**
 * fatia_record_item_set_way:
 * @found: (nullable): what is there now
 * @to: (nullable): what is to be there
 *
 * Says how the item will be undone.
 */
void
fatia_record_item_set_way (
  FatiaRecord *record, FatiaRecordItem *item, FatiaUndoWay way, GBytes *found, GBytes *to)
{
  record->changed = record->changed || way != FATIA_UNDO_PLAIN || item->way != way;
  item->way = way;
  g_clear_pointer (&item->found, g_free);
  g_clear_pointer (&item->to, g_bytes_unref);
  if (way != FATIA_UNDO_REPLACE)
    return;
  item->found = name_bytes (item, found);
  item->to = to ? g_bytes_ref (to) : NULL;
}

static void
store_bytes (GKeyFile *keys, const char *group, const char *key, GBytes *bytes)
{
  g_autofree char *text = NULL;
  gsize length;
  const guint8 *data;

  if (bytes == NULL)
    return;
  data = g_bytes_get_data (bytes, &length);
  text = g_base64_encode (data, length);
  g_key_file_set_string (keys, group, key, text);
}

static void
store_way (GKeyFile *keys, const char *group, const FatiaRecordItem *item)
{
  if (item->way == FATIA_UNDO_PLAIN)
    return;
  g_key_file_set_string (keys, group, "undo", way_names[item->way]);
  if (item->found)
    g_key_file_set_string (keys, group, "undo-found", item->found);
  store_bytes (keys, group, "undo-to", item->to);
}

static void
store_before (GKeyFile *keys, const char *group, const FatiaFile *before)
{
  if (before == NULL || before->bytes == NULL)
    return;
  store_bytes (keys, group, "before", before->bytes);
  g_key_file_set_integer (keys, group, "mode", before->mode);
  g_key_file_set_int64 (keys, group, "uid", before->uid);
  g_key_file_set_int64 (keys, group, "gid", before->gid);
}

static void
store_item (GKeyFile *keys, const char *group, const FatiaRecordItem *item)
{
  g_key_file_set_string (keys, group, "kind", fatia_change_kind_to_string (item->kind));
  if (item->path)
    g_key_file_set_string (keys, group, "path", item->path);
  store_before (keys, group, item->before);
  if (item->after)
    g_key_file_set_string (keys, group, "after", item->after);
  store_bytes (keys, group, "written", item->written);
  store_way (keys, group, item);
  if (item->argv)
    {
      g_key_file_set_string_list (keys, group, "command", (const char *const *) item->argv,
                                  g_strv_length (item->argv));
      g_key_file_set_boolean (keys, group, "again", item->again);
      g_key_file_set_integer (keys, group, "seconds", item->seconds);
      if (item->inverse)
        g_key_file_set_string_list (keys, group, "inverse", (const char *const *) item->inverse,
                                    g_strv_length (item->inverse));
    }
}

GKeyFile *
fatia_record_to_key_file (FatiaRecord *record)
{
  GKeyFile *keys = g_key_file_new ();

  g_key_file_set_string (keys, "change", "step", record->step);
  g_key_file_set_int64 (keys, "change", "time", record->time);
  g_key_file_set_string_list (keys, "change", "folders",
                              (const char *const *) record->folders->pdata, record->folders->len);
  g_key_file_set_integer (keys, "change", "items", record->items->len);
  for (guint i = 0; i < record->items->len; i++)
    {
      g_autofree char *group = g_strdup_printf ("%u", i + 1);

      store_item (keys, group, g_ptr_array_index (record->items, i));
    }
  return keys;
}

static gboolean
parse_kind (const char *name, FatiaChangeKind *kind)
{
  for (guint i = FATIA_CHANGE_FILE; i <= FATIA_CHANGE_DRIVER; i++)
    if (g_strcmp0 (fatia_change_kind_to_string (i), name) == 0)
      {
        *kind = i;
        return TRUE;
      }
  return FALSE;
}

/* (transfer full) (nullable) */
static GBytes *
load_bytes (GKeyFile *keys, const char *group, const char *key)
{
  g_autofree char *text = g_key_file_get_string (keys, group, key, NULL);
  gsize length;
  guint8 *data;

  if (text == NULL)
    return NULL;
  data = g_base64_decode (text, &length);
  return g_bytes_new_take (data, length);
}

/* A way that is not known must not be taken for another one. */
static gboolean
load_way (GKeyFile *keys, const char *group, FatiaRecordItem *item)
{
  g_autofree char *name = g_key_file_get_string (keys, group, "undo", NULL);

  for (guint i = FATIA_UNDO_PLAIN; name && i <= FATIA_UNDO_REPLACE; i++)
    if (g_strcmp0 (name, way_names[i]) == 0)
      item->way = i;
  item->found = g_key_file_get_string (keys, group, "undo-found", NULL);
  item->to = load_bytes (keys, group, "undo-to");
  return name == NULL || item->way != FATIA_UNDO_PLAIN;
}

static FatiaFile *
load_before (GKeyFile *keys, const char *group)
{
  FatiaFile *before = fatia_file_new (NULL, 0644);

  before->bytes = load_bytes (keys, group, "before");
  if (before->bytes == NULL)
    return before;
  before->mode = g_key_file_get_integer (keys, group, "mode", NULL) & 07777;
  before->uid = g_key_file_get_int64 (keys, group, "uid", NULL);
  before->gid = g_key_file_get_int64 (keys, group, "gid", NULL);
  return before;
}

static guint
load_seconds (GKeyFile *keys, const char *group)
{
  int seconds = g_key_file_get_integer (keys, group, "seconds", NULL);

  return seconds > 0 && seconds <= FATIA_COMMAND_LONG_SECONDS ? seconds : FATIA_COMMAND_SECONDS;
}

static gboolean
load_item (GKeyFile *keys, const char *group, FatiaRecord *record)
{
  g_autofree char *name = g_key_file_get_string (keys, group, "kind", NULL);
  g_autofree char *path = g_key_file_get_string (keys, group, "path", NULL);
  FatiaChangeKind kind;
  FatiaRecordItem *item;

  if (!parse_kind (name, &kind) ||
      (kind != FATIA_CHANGE_COMMAND && !(path && g_path_is_absolute (path))))
    return FALSE;
  item = fatia_record_add (record, kind, path);
  item->before = load_before (keys, group);
  item->after = g_key_file_get_string (keys, group, "after", NULL);
  item->written = load_bytes (keys, group, "written");
  item->argv = g_key_file_get_string_list (keys, group, "command", NULL, NULL);
  item->inverse = g_key_file_get_string_list (keys, group, "inverse", NULL, NULL);
  item->again = g_key_file_get_boolean (keys, group, "again", NULL);
  item->seconds = load_seconds (keys, group);
  if (!load_way (keys, group, item))
    return FALSE;
  return kind != FATIA_CHANGE_COMMAND ||
         (item->argv && item->argv[0] && (!item->inverse || item->inverse[0]));
}

static gboolean
load_items (GKeyFile *keys, FatiaRecord *record)
{
  int n_items = g_key_file_get_integer (keys, "change", "items", NULL);

  if (n_items < 0 || n_items > ITEMS_LIMIT)
    return FALSE;
  for (int i = 0; i < n_items; i++)
    {
      g_autofree char *group = g_strdup_printf ("%d", i + 1);

      if (!load_item (keys, group, record))
        return FALSE;
    }
  return TRUE;
}

/**
 * fatia_record_from_key_file:
 *
 * Returns: (transfer full) (nullable): the record, %G_IO_ERROR_INVALID_DATA where the key file
 *   is none
 */
FatiaRecord *
fatia_record_from_key_file (GKeyFile *keys, GError **error)
{
  g_autofree char *step = g_key_file_get_string (keys, "change", "step", NULL);
  g_auto (GStrv) folders = g_key_file_get_string_list (keys, "change", "folders", NULL, NULL);
  g_autoptr (FatiaRecord) record = fatia_record_new (step ? step : "");

  record->time = g_key_file_get_int64 (keys, "change", "time", NULL);
  for (guint i = 0; folders && folders[i]; i++)
    g_ptr_array_add (record->folders, g_strdup (folders[i]));
  if (step == NULL || !load_items (keys, record))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("it is damaged"));
      return NULL;
    }
  return g_steal_pointer (&record);
}
