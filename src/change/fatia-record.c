/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A journal entry in memory and as a key file: bytes in base64, the rest in words. */
#include "change/fatia-journal.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-command.h"

/* No change set has more; a file that says so is none of ours. */
#define ITEMS_LIMIT 256

static void
fatia_record_item_free (gpointer data)
{
  FatiaRecordItem *item = data;

  g_free (item->path);
  g_clear_pointer (&item->before, fatia_file_free);
  g_free (item->after);
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

static void
store_before (GKeyFile *keys, const char *group, const FatiaFile *before)
{
  g_autofree char *bytes = NULL;
  gsize length;
  const guint8 *data;

  if (before == NULL || before->bytes == NULL)
    return;
  data = g_bytes_get_data (before->bytes, &length);
  bytes = g_base64_encode (data, length);
  g_key_file_set_string (keys, group, "before", bytes);
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

static FatiaFile *
load_before (GKeyFile *keys, const char *group)
{
  g_autofree char *text = g_key_file_get_string (keys, group, "before", NULL);
  FatiaFile *before = fatia_file_new (NULL, 0644);
  gsize length;
  guint8 *data;

  if (text == NULL)
    return before;
  data = g_base64_decode (text, &length);
  before->bytes = g_bytes_new_take (data, length);
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
  item->argv = g_key_file_get_string_list (keys, group, "command", NULL, NULL);
  item->inverse = g_key_file_get_string_list (keys, group, "inverse", NULL, NULL);
  item->again = g_key_file_get_boolean (keys, group, "again", NULL);
  item->seconds = load_seconds (keys, group);
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
