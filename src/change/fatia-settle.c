/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Taking back a change that failed or was cut off, to its end: of a file that others changed
 * meanwhile only what is the change's, and the journal keeps what is still to be done.
 */
#include "change/fatia-settle.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-merge.h"
#include "change/fatia-put-back.h"
#include "change/fatia-sync.h"

/* Others removed it: nothing of the change's is left. */
static gboolean
is_gone (const FatiaRecordItem *item, FatiaHostRoot *root)
{
  g_autoptr (FatiaFile) file = fatia_file_read (root, item->path, NULL);

  return file && file->bytes == NULL;
}

/* Decides how a file that others changed is put back; FALSE: it is not certain what in it is
 * whose. */
static gboolean
choose_way (FatiaRecord *record, FatiaRecordItem *item, FatiaHostRoot *root)
{
  g_autoptr (GBytes) present = NULL;
  g_autoptr (GBytes) left = NULL;

  if (item->kind != FATIA_CHANGE_FILE || item->way == FATIA_UNDO_KEEP)
    return TRUE;
  /* A file with a second name is not read. */
  fatia_file_unstage (root, item->path);
  if (fatia_record_item_look (item, root, &present) != FATIA_PRESENT_OTHER || is_gone (item, root))
    return TRUE;
  if (item->way == FATIA_UNDO_REPLACE && fatia_bytes_equal0 (item->to, present))
    return TRUE;
  left = fatia_merge_take_out (item->before->bytes, item->written, present);
  if (left == NULL)
    return FALSE;
  fatia_record_item_set_way (record, item, FATIA_UNDO_REPLACE, present, left);
  return TRUE;
}

/* (nullable): the first path that a person has to decide about */
static const char *
choose_ways (FatiaRecord *record, FatiaHostRoot *root)
{
  const char *other = NULL;

  for (guint i = record->items->len; i-- > 0;)
    {
      FatiaRecordItem *item = g_ptr_array_index (record->items, i);

      if (!choose_way (record, item, root))
        other = item->path;
    }
  return other;
}

/* The state that the journal keeps. An error is known at the next start, which does it again. */
static FatiaSettled
keep (FatiaRecord *record, FatiaHostRoot *root, FatiaRecordState state, FatiaSettled settled)
{
  g_autoptr (GError) local = NULL;

  if (!fatia_journal_set_state (root, record, state, &local))
    g_message ("%s", local->message);
  return settled;
}

/*
 * fatia_record_settle:
 * @record: prepared, being undone, or with tools due
 * @tools: whether its tools ran, and so have to run again
 *
 * Puts back what the record's change replaced, runs its tools with it and waits until all is on
 * the disk. The record stays with the state that says what is left to do; where nothing is, the
 * caller gives it its last.
 *
 * Returns: what it came to; @error is set for all but %FATIA_SETTLED
 */
FatiaSettled
fatia_record_settle (FatiaRecord *record,
                     FatiaHostRoot *root,
                     gboolean tools,
                     FatiaProgress progress,
                     gpointer user_data,
                     GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *other = NULL;

  /* Of one whose files are done already, others' work may have begun anew. */
  if (record->state != FATIA_RECORD_TOOLS_DUE)
    {
      other = choose_ways (record, root);
      /* Known again from the files where that fails, as on a full disk. */
      if (!fatia_journal_save (root, record, &local))
        g_message ("%s", local->message);
      g_clear_error (&local);
      if (!fatia_record_put_back (record, root, error))
        return FATIA_SETTLED_NOT;
    }
  if (tools && (!fatia_record_run_again (record, root, progress, user_data, &local) ||
                !fatia_sync_written (root, &local)))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return keep (record, root, FATIA_RECORD_TOOLS_DUE, FATIA_SETTLED_DUE);
    }
  if (other == NULL)
    return FATIA_SETTLED;
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_TOUCHED,
               _ ("%s was changed meanwhile where Fatia had changed it, and not by Fatia. It was "
                  "left alone: undo the change, and decide what stays."),
               other);
  return keep (record, root, FATIA_RECORD_APPLIED, FATIA_SETTLED_OTHER);
}
