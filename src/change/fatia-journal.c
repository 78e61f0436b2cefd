/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journal: one file per applied change set in /var/lib/fatia/journal, on the disk before
 * anything is made. A change set's state is a word in its file, and the file is replaced as a
 * whole, so that there is no moment without a valid state.
 */
#include "change/fatia-journal.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

/* A record holds a ROM of 16 MiB in base64 at most; files of one are far smaller. */
#define RECORD_LIMIT (4 * FATIA_FILE_LIMIT)

static char *
record_path (const char *id)
{
  return g_build_filename (FATIA_JOURNAL_FOLDER, id, NULL);
}

/* "0001-boot": digits, a dash, a step. */
static gboolean
is_id (const char *name)
{
  gsize digits = strspn (name, "0123456789");

  return digits >= 4 && digits <= 9 && name[digits] == '-' && name[digits + 1] != '\0' &&
         name[digits + 1 + strspn (name + digits + 1, "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

static int
compare_records (gconstpointer a, gconstpointer b)
{
  const FatiaRecord *first = *(const FatiaRecord *const *) a;
  const FatiaRecord *second = *(const FatiaRecord *const *) b;

  return atoi (first->id) - atoi (second->id);
}

static FatiaRecord *
load_record (FatiaHostRoot *root, const char *id, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *path = record_path (id);
  g_autofree char *text = NULL;
  gsize length;

  text = fatia_host_root_read (root, path, RECORD_LIMIT, &length, error);
  if (text == NULL || !g_key_file_load_from_data (keys, text, length, G_KEY_FILE_NONE, error))
    {
      g_prefix_error (error, _ ("The journal entry %s can't be read: "), path);
      return NULL;
    }
  return fatia_record_from_key_file (keys, id, error);
}

/**
 * fatia_journal_load:
 *
 * Returns: (transfer full) (element-type FatiaRecord): every record, oldest first; empty where
 *   there is no journal. %NULL where one can't be read.
 */
GPtrArray *
fatia_journal_load (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) names = fatia_host_root_list (root, FATIA_JOURNAL_FOLDER, &local);

  records = g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_record_free);
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return g_steal_pointer (&records);
  if (names == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  for (guint i = 0; names[i]; i++)
    {
      FatiaRecord *record;

      if (!is_id (names[i]))
        continue;
      record = load_record (root, names[i], error);
      if (record == NULL)
        return NULL;
      g_ptr_array_add (records, record);
    }
  g_ptr_array_sort (records, compare_records);
  return g_steal_pointer (&records);
}

static gboolean
save_record (FatiaHostRoot *root, FatiaRecord *record, GError **error)
{
  g_autoptr (GKeyFile) keys = fatia_record_to_key_file (record);
  g_autofree char *path = record_path (record->id);
  gsize length;
  char *text = g_key_file_to_data (keys, &length, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, length);
  /* What was replaced may have been another's to read only. */
  g_autoptr (FatiaFile) file = fatia_file_new (bytes, 0600);

  return fatia_file_write (root, path, file, error);
}

static gboolean
choose_id (FatiaHostRoot *root, FatiaRecord *record, GError **error)
{
  g_autoptr (GPtrArray) records = fatia_journal_load (root, error);
  const FatiaRecord *last;

  if (records == NULL)
    return FALSE;
  last = records->len ? g_ptr_array_index (records, records->len - 1) : NULL;
  record->id = g_strdup_printf ("%04d-%s", last ? atoi (last->id) + 1 : 1, record->step);
  return TRUE;
}

/**
 * fatia_journal_add:
 * @record: gets its id
 *
 * Writes a new record, as %FATIA_RECORD_PREPARED. When this returns, it is on the disk.
 */
gboolean
fatia_journal_add (FatiaHostRoot *root, FatiaRecord *record, GError **error)
{
  record->state = FATIA_RECORD_PREPARED;
  return choose_id (root, record, error) && fatia_journal_folder_make (root, error) &&
         save_record (root, record, error);
}

gboolean
fatia_journal_set_state (FatiaHostRoot *root,
                         FatiaRecord *record,
                         FatiaRecordState state,
                         GError **error)
{
  FatiaRecordState earlier = record->state;

  record->state = state;
  /* What was replaced is back: only the folders are still to be remembered, since another
   * change may have come to use them. */
  if (state == FATIA_RECORD_UNDONE || state == FATIA_RECORD_ROLLED_BACK)
    g_ptr_array_set_size (record->items, 0);
  if (!save_record (root, record, error))
    {
      record->state = earlier;
      return FALSE;
    }
  return TRUE;
}

gboolean
fatia_journal_remove (FatiaHostRoot *root, FatiaRecord *record, GError **error)
{
  g_autofree char *path = record_path (record->id);

  return fatia_file_remove (root, path, error);
}

static gboolean
is_settled (const FatiaRecord *record)
{
  return record->state == FATIA_RECORD_UNDONE || record->state == FATIA_RECORD_ROLLED_BACK;
}

/* What a crash left of a record being written. */
static void
remove_unfinished (FatiaHostRoot *root)
{
  g_auto (GStrv) names = fatia_host_root_list (root, FATIA_JOURNAL_FOLDER, NULL);

  for (guint i = 0; names && names[i]; i++)
    if (names[i][0] == '.' && g_str_has_suffix (names[i], ".fatia-new"))
      {
        g_autofree char *path = record_path (names[i]);

        fatia_file_remove (root, path, NULL);
      }
}

/**
 * fatia_journal_prune:
 *
 * Where no change is applied any more, takes the journal away with every folder Fatia made: the
 * host is as it was. Else does nothing.
 */
gboolean
fatia_journal_prune (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) records = fatia_journal_load (root, error);

  if (records == NULL)
    return FALSE;
  for (guint i = 0; i < records->len; i++)
    if (!is_settled (g_ptr_array_index (records, i)))
      return TRUE;
  for (guint i = records->len; i-- > 0;)
    {
      FatiaRecord *record = g_ptr_array_index (records, i);

      for (guint j = record->folders->len; j-- > 0;)
        fatia_folder_remove (root, g_ptr_array_index (record->folders, j));
    }
  /* The oldest last: it knows the folders that the later ones stand in. */
  for (guint i = records->len; i-- > 0;)
    if (!fatia_journal_remove (root, g_ptr_array_index (records, i), error))
      return FALSE;
  remove_unfinished (root);
  fatia_journal_folder_remove (root);
  return TRUE;
}
