/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Undoing an applied change, and settling at the next start what an interruption left. */
#include "change/fatia-undo-private.h"

#include <glib/gi18n-lib.h>

#include "change/fatia-change-private.h"
#include "change/fatia-lock.h"
#include "change/fatia-put-back.h"
#include "change/fatia-settle.h"
#include "change/fatia-sync.h"
#include "host/fatia-fd.h"

/* What the journal's @step is called, for people. */
const char *
fatia_change_step_title (const char *step)
{
  static const struct
  {
    const char *step;
    const char *title;
  } titles[] = {
    { "boot", N_ ("Kernel arguments") },
    { "vfs", N_ ("Slices of the graphics processor") },
    { "memory", N_ ("Memory shared with the virtual machine") },
    { "gop", N_ ("Graphics firmware for the virtual machine") },
    { "software", N_ ("Installed software") },
    { "module", N_ ("Graphics driver that makes slices") },
    { "key", N_ ("Key of the graphics driver") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (g_str_equal (titles[i].step, step))
      return _ (titles[i].title);
  return step;
}

static const char *
state_word (FatiaRecordState state)
{
  switch (state)
    {
    case FATIA_RECORD_APPLIED:
    case FATIA_RECORD_UNDOING: /* can still be undone */
    case FATIA_RECORD_TOOLS_DUE:
      return "applied";
    case FATIA_RECORD_UNDONE:
      return "undone";
    case FATIA_RECORD_PREPARED:
    case FATIA_RECORD_ROLLED_BACK:
    default:
      return "rolled-back";
    }
}

/**
 * fatia_changes_list:
 *
 * Returns: (transfer full) (nullable): an a(ssxss): id, step, seconds since 1970, title, and
 *   "applied", "undone" or "rolled-back"; oldest first. %NULL where the journal can't be read.
 */
GVariant *
fatia_changes_list (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) records = fatia_journal_load (root, error);
  GVariantBuilder builder;

  if (records == NULL)
    return NULL;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ssxss)"));
  for (guint i = 0; i < records->len; i++)
    {
      const FatiaRecord *record = g_ptr_array_index (records, i);

      g_variant_builder_add (&builder, "(ssxss)", record->id, record->step, record->time,
                             fatia_change_step_title (record->step), state_word (record->state));
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/**
 * fatia_changes_get_made:
 * @id: an id from the journal
 *
 * Returns: (transfer full) (nullable): what the change made of texts that were there, whatever has
 *   become of them since; a record of an earlier version does not tell. %NULL:
 *   %FATIA_CHANGE_ERROR_NOT_FOUND
 */
FatiaChangeSet *
fatia_changes_get_made (FatiaHostRoot *root, const char *id, GError **error)
{
  g_autoptr (GPtrArray) records = fatia_journal_load (root, error);
  FatiaRecord *record = records ? fatia_records_find_applied (records, id, error) : NULL;
  g_autoptr (FatiaChangeSet) set = NULL;

  if (record == NULL)
    return NULL;
  set = fatia_change_set_new (record->step);
  for (guint i = 0; i < record->items->len; i++)
    {
      const FatiaRecordItem *item = g_ptr_array_index (record->items, i);

      if (item->kind == FATIA_CHANGE_FILE && item->written)
        fatia_change_set_add_file (set, item->path, item->before->bytes, item->written,
                                   item->before->mode);
    }
  return g_steal_pointer (&set);
}

/**
 * fatia_changes_plan_undo:
 * @id: an id from the journal
 * @options: (nullable): what a person decided, and what else is to be undone with it
 *
 * Returns: (transfer full) (nullable): what undoing it would do, to be described and digested;
 *   with a "conflict" for each file where it is not certain what is Fatia's and what is others'
 *   and no decision says which version is to stay. %NULL: %FATIA_CHANGE_ERROR_NOT_FOUND,
 *   %FATIA_CHANGE_ERROR_INVALID for a decision about what is no file of the change, or
 *   %FATIA_CHANGE_ERROR_TOUCHED where a later change has to be undone first
 */
FatiaChangeSet *
fatia_changes_plan_undo (FatiaHostRoot *root,
                         const char *id,
                         const FatiaUndoOptions *options,
                         GError **error)
{
  g_autoptr (GPtrArray) records = fatia_journal_load (root, error);
  FatiaRecord *record = records ? fatia_records_find_applied (records, id, error) : NULL;

  return record ? fatia_record_plan_undo (records, record, root, options, error) : NULL;
}

/* The files are right by now: what is left stays in the journal, and is tried again. */
static gboolean
leave_due (FatiaRecord *record, FatiaHostRoot *root, GError **error)
{
  g_autoptr (GError) said = g_steal_pointer (error);

  fatia_journal_set_state (root, record, FATIA_RECORD_TOOLS_DUE, NULL);
  g_set_error (error, said->domain, said->code,
               _ ("The files are as they were before, but running a tool with them failed: %s\n"
                  "Fatia runs it again the next time it is opened, or the computer starts."),
               said->message);
  return FALSE;
}

static gboolean
take_back (FatiaRecord *record,
           FatiaHostRoot *root,
           FatiaProgress progress,
           gpointer user_data,
           GError **error)
{
  g_autoptr (GError) local = NULL;

  /* What is to be written stands in the journal first. */
  if (!fatia_journal_save (root, record, error) ||
      !fatia_journal_set_state (root, record, FATIA_RECORD_UNDOING, error))
    return FALSE;
  /* Where the kernel refuses, the files stay as well. */
  if (!fatia_record_put_back_attributes (record, root, error) ||
      !fatia_record_put_back (record, root, error))
    {
      /* It can be undone again: what is back already is then left as it is. */
      fatia_journal_set_state (root, record, FATIA_RECORD_APPLIED, NULL);
      return FALSE;
    }
  if (!fatia_record_run_again (record, root, progress, user_data, &local) ||
      !fatia_sync_written (root, &local))
    {
      leave_due (record, root, &local);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return fatia_journal_set_state (root, record, FATIA_RECORD_UNDONE, error) &&
         fatia_journal_prune (root, error);
}

/* Whether the plan can be done, and is the one that was shown. */
static gboolean
check_plan (FatiaChangeSet *set, const char *digest, GError **error)
{
  const char *conflict = fatia_change_set_get_conflict (set);
  g_autofree char *present = fatia_change_set_get_digest (set);

  if (conflict)
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_TOUCHED,
                   _ ("%s was changed since where Fatia had changed it, and not by Fatia. It was "
                      "left alone: decide whether what is in it now stays, or what was in it "
                      "before comes back."),
                   conflict);
      return FALSE;
    }
  if (digest == NULL || g_str_equal (digest, present))
    return TRUE;
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_STALE,
                       _ ("What would be undone is no longer what was shown. Look at it again."));
  return FALSE;
}

static gboolean
is_due (FatiaHostRoot *root, const char *id)
{
  g_autoptr (GPtrArray) records = fatia_journal_load (root, NULL);

  for (guint i = 0; records && i < records->len; i++)
    {
      const FatiaRecord *record = g_ptr_array_index (records, i);

      if (g_str_equal (record->id, id))
        return record->state == FATIA_RECORD_TOOLS_DUE;
    }
  return FALSE;
}

/**
 * fatia_changes_undo:
 * @id: an id from the journal
 * @options: (nullable): those of fatia_changes_plan_undo()
 * @digest: (nullable): the digest of what fatia_changes_plan_undo() showed
 *
 * Puts back what the change replaced and runs its tools again. Of a file that others changed
 * since, what is Fatia's is taken out; where a person has to decide about one and has not,
 * nothing is done: %FATIA_CHANGE_ERROR_TOUCHED. When the last change is undone, the journal goes
 * too.
 *
 * Returns: whether it is undone; where not, it can be tried again
 */
gboolean
fatia_changes_undo (FatiaHostRoot *root,
                    const char *id,
                    const FatiaUndoOptions *options,
                    const char *digest,
                    FatiaProgress progress,
                    gpointer user_data,
                    GError **error)
{
  fatia_autofd int lock = fatia_lock_take (root, error);
  gboolean due = lock >= 0 && is_due (root, id);
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (FatiaChangeSet) set = NULL;
  FatiaRecord *record;

  if (lock < 0 || !fatia_changes_recover_locked (root, progress, user_data, error))
    return FALSE;
  /* Running its tools was all that was left to do. */
  if (due && !is_due (root, id))
    return TRUE;
  records = fatia_journal_load (root, error);
  record = records ? fatia_records_find_applied (records, id, error) : NULL;
  set = record ? fatia_record_plan_undo (records, record, root, options, error) : NULL;
  return set && check_plan (set, digest, error) &&
         take_back (record, root, progress, user_data, error);
}

/* Whether the change is neither applied nor undone. */
static gboolean
is_open (const FatiaRecord *record)
{
  return record->state == FATIA_RECORD_PREPARED || record->state == FATIA_RECORD_UNDOING ||
         record->state == FATIA_RECORD_TOOLS_DUE;
}

static gboolean
settle (FatiaRecord *record,
        FatiaHostRoot *root,
        FatiaProgress progress,
        gpointer user_data,
        GError **error)
{
  g_autoptr (GError) local = NULL;
  FatiaRecordState state =
    record->state == FATIA_RECORD_PREPARED ? FATIA_RECORD_ROLLED_BACK : FATIA_RECORD_UNDONE;

  g_message ("The change %s was interrupted: it is taken back", record->id);
  switch (fatia_record_settle (record, root, TRUE, progress, user_data, &local))
    {
    case FATIA_SETTLED:
      return fatia_journal_set_state (root, record, state, error);
    case FATIA_SETTLED_NOT:
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    case FATIA_SETTLED_OTHER:
    case FATIA_SETTLED_DUE:
    default:
      /* Neither must bar every later change. */
      g_message ("%s", local->message);
      return TRUE;
    }
}

gboolean
fatia_changes_recover_locked (FatiaHostRoot *root,
                              FatiaProgress progress,
                              gpointer user_data,
                              GError **error)
{
  g_autoptr (GPtrArray) records = fatia_journal_load (root, error);
  gboolean ended = FALSE;

  if (records == NULL)
    return FALSE;
  for (guint i = records->len; i-- > 0;)
    {
      FatiaRecord *record = g_ptr_array_index (records, i);

      if (record->state == FATIA_RECORD_APPLIED)
        fatia_record_discard (record, root);
      if (!is_open (record))
        continue;
      /* The tool of a helper that is gone may still be at work. */
      if (!ended && !fatia_command_end_left (root, error))
        return FALSE;
      ended = TRUE;
      if (!settle (record, root, progress, user_data, error))
        return FALSE;
    }
  return fatia_journal_prune (root, error);
}

/**
 * fatia_changes_recover:
 *
 * Rolls back a change that was interrupted while being applied, and finishes an undo that was.
 * To be called once at start.
 */
gboolean
fatia_changes_recover (FatiaHostRoot *root,
                       FatiaProgress progress,
                       gpointer user_data,
                       GError **error)
{
  fatia_autofd int lock = fatia_lock_take (root, error);

  return lock >= 0 && fatia_changes_recover_locked (root, progress, user_data, error);
}
