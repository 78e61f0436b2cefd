/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journal: one file per change set in /var/lib/fatia/journal, on the disk before anything is
 * made. The state is the end of the file's name, "0001-boot.applied": there is no moment without
 * one, and to change it needs no room on the disk.
 */
#include "change/fatia-journal.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-atomic-private.h"

/* A record holds a ROM of 16 MiB in base64 at most; files of one are far smaller. */
#define RECORD_LIMIT (4 * FATIA_FILE_LIMIT)
/* A call goes through two or three states; each takes longer than a look. */
#define LOAD_TRIES 8

static const char *const state_names[] = { "prepared", "applied",     "undoing",
                                           "undone",   "rolled-back", "tools-due" };

static char *
record_path (const FatiaRecord *record, FatiaRecordState state)
{
  return g_strdup_printf ("%s/%s.%s", FATIA_JOURNAL_FOLDER, record->id, state_names[state]);
}

/* "0001-boot": digits, a dash, a step. */
static gboolean
is_id (const char *name)
{
  gsize digits = strspn (name, "0123456789");

  return digits >= 4 && digits <= 9 && name[digits] == '-' && name[digits + 1] != '\0' &&
         name[digits + 1 + strspn (name + digits + 1, "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

/* Takes a record's file name apart; FALSE: it is something else. */
static gboolean
parse_name (const char *name, char **id, FatiaRecordState *state)
{
  const char *dot = strchr (name, '.');
  g_autofree char *word = dot ? g_strndup (name, dot - name) : NULL;

  if (word == NULL || !is_id (word))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_str_equal (state_names[i], dot + 1))
      {
        *id = g_steal_pointer (&word);
        *state = i;
        return TRUE;
      }
  return FALSE;
}

static int
compare_records (gconstpointer a, gconstpointer b)
{
  const FatiaRecord *first = *(const FatiaRecord *const *) a;
  const FatiaRecord *second = *(const FatiaRecord *const *) b;

  return atoi (first->id) - atoi (second->id);
}

static FatiaRecord *
parse_record (const char *text, gsize length, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  if (!g_key_file_load_from_data (keys, text, length, G_KEY_FILE_NONE, error))
    return NULL;
  return fatia_record_from_key_file (keys, error);
}

static FatiaRecord *
load_record (FatiaHostRoot *root, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (FATIA_JOURNAL_FOLDER, name, NULL);
  gsize length;
  g_autofree char *text = fatia_host_root_read (root, path, RECORD_LIMIT, &length, error);
  FatiaRecord *record = text ? parse_record (text, length, error) : NULL;

  if (record == NULL)
    g_prefix_error (error, _ ("The journal entry %s can't be read: "), path);
  return record;
}

static GPtrArray *
load_records (FatiaHostRoot *root, GError **error)
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
      g_autofree char *id = NULL;
      FatiaRecordState state;
      FatiaRecord *record;

      if (!parse_name (names[i], &id, &state))
        continue;
      record = load_record (root, names[i], error);
      if (record == NULL)
        return NULL;
      record->id = g_steal_pointer (&id);
      record->state = state;
      g_ptr_array_add (records, record);
    }
  g_ptr_array_sort (records, compare_records);
  return g_steal_pointer (&records);
}

/**
 * fatia_journal_load:
 *
 * Reads the journal. Who only looks holds no lock: a record that another call gives its next state
 * meanwhile is looked for again.
 *
 * Returns: (transfer full) (element-type FatiaRecord): every record, oldest first; empty where
 *   there is no journal. %NULL where one can't be read.
 */
GPtrArray *
fatia_journal_load (FatiaHostRoot *root, GError **error)
{
  for (guint tries = 1;; tries++)
    {
      g_autoptr (GError) local = NULL;
      GPtrArray *records = load_records (root, &local);

      if (records || tries == LOAD_TRIES || !fatia_is_not_found (local))
        {
          if (local)
            g_propagate_error (error, g_steal_pointer (&local));
          return records;
        }
    }
}

static gboolean
save_record (FatiaHostRoot *root, FatiaRecord *record, GError **error)
{
  g_autoptr (GKeyFile) keys = fatia_record_to_key_file (record);
  g_autofree char *path = record_path (record, record->state);
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
 * fatia_journal_save:
 *
 * Writes a record anew where it has changed; its state stays. When this returns, it is on the
 * disk.
 */
gboolean
fatia_journal_save (FatiaHostRoot *root, FatiaRecord *record, GError **error)
{
  if (record->changed && !save_record (root, record, error))
    return FALSE;
  record->changed = FALSE;
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

/* The name says it, so that one rename does it. */
gboolean
fatia_journal_set_state (FatiaHostRoot *root,
                         FatiaRecord *record,
                         FatiaRecordState state,
                         GError **error)
{
  g_autofree char *from = record_path (record, record->state);
  g_autofree char *to = record_path (record, state);

  gboolean done = fatia_rename (root, from, to, error);

  /* It may be renamed and yet not be known to be on the disk. */
  if (done || fatia_host_root_exists (root, to))
    record->state = state;
  return done;
}

gboolean
fatia_journal_remove (FatiaHostRoot *root, FatiaRecord *record, GError **error)
{
  g_autofree char *path = record_path (record, record->state);

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
        g_autofree char *path = g_build_filename (FATIA_JOURNAL_FOLDER, names[i], NULL);

        fatia_file_remove (root, path, NULL);
      }
}

/**
 * fatia_journal_prune:
 *
 * Removes what a power cut left of a record that was being written. Where no change is applied any
 * more, takes the journal away with every folder Fatia made: the host is as it was.
 */
gboolean
fatia_journal_prune (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) records = fatia_journal_load (root, error);
  gboolean done = TRUE;

  if (records == NULL)
    return FALSE;
  remove_unfinished (root);
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
    if (!fatia_journal_remove (root, g_ptr_array_index (records, i), done ? error : NULL))
      done = FALSE;
  fatia_journal_folder_remove (root);
  return done;
}
