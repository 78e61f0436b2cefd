/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Undoing an applied change, and settling at the next start what an interruption left. */
#include "change/fatia-apply.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-attribute.h"
#include "change/fatia-lock.h"
#include "change/fatia-put-back.h"
#include "host/fatia-fd.h"

static const char *
step_title (const char *step)
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
                             step_title (record->step), state_word (record->state));
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static gboolean
is_in_effect (const FatiaRecord *record)
{
  return record->state == FATIA_RECORD_APPLIED || record->state == FATIA_RECORD_UNDOING;
}

static FatiaRecord *
find_applied (GPtrArray *records, const char *id, GError **error)
{
  for (guint i = 0; i < records->len; i++)
    {
      FatiaRecord *record = g_ptr_array_index (records, i);

      if (g_str_equal (record->id, id) && is_in_effect (record))
        return record;
    }
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_NOT_FOUND,
               _ ("There is no change “%s” that could be undone."), id);
  return NULL;
}

static gboolean
has_path (const FatiaRecord *record, const char *path)
{
  for (guint i = 0; i < record->items->len; i++)
    if (g_strcmp0 (((FatiaRecordItem *) g_ptr_array_index (record->items, i))->path, path) == 0)
      return TRUE;
  return FALSE;
}

/* What a later change replaced is what this one made: put back out of turn, the later one would
 * bring it up again when its own turn comes, or find other hands' work. */
static gboolean
check_turn (GPtrArray *records, const FatiaRecord *record, GError **error)
{
  for (guint i = records->len; i-- > 0;)
    {
      const FatiaRecord *later = g_ptr_array_index (records, i);

      if (later == record)
        break;
      for (guint j = 0; is_in_effect (later) && j < record->items->len; j++)
        {
          const char *path = ((FatiaRecordItem *) g_ptr_array_index (record->items, j))->path;

          if (path == NULL || !has_path (later, path))
            continue;
          g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_TOUCHED,
                       _ ("%s was changed again by a later step (%s). Undo that one first."), path,
                       step_title (later->step));
          return FALSE;
        }
    }
  return TRUE;
}

/* A file that others removed (the boot entry of a kernel that is gone) has nothing of ours left. */
static gboolean
is_gone (const FatiaRecordItem *item, FatiaHostRoot *root)
{
  g_autoptr (FatiaFile) file =
    item->kind == FATIA_CHANGE_FILE ? fatia_file_read (root, item->path, NULL) : NULL;

  return file && file->bytes == NULL;
}

static gboolean
plan_file_or_link (FatiaChangeSet *set,
                   const FatiaRecordItem *item,
                   FatiaHostRoot *root,
                   GError **error)
{
  g_autoptr (GBytes) present = NULL;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  GBytes *before = item->before->bytes;

  if (fatia_record_item_look (item, root, &present) == FATIA_PRESENT_OTHER)
    {
      if (is_gone (item, root))
        return TRUE;
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_TOUCHED,
                   _ ("%s was changed since, and not by Fatia. It was left alone: take back by "
                      "hand what you don't want in it."),
                   item->path);
      return FALSE;
    }
  if (item->kind == FATIA_CHANGE_FILE)
    {
      fatia_change_set_add_file (set, item->path, present, before, item->before->mode);
      return TRUE;
    }
  if (present)
    from = g_strndup (g_bytes_get_data (present, NULL), g_bytes_get_size (present));
  if (before)
    to = g_strndup (g_bytes_get_data (before, NULL), g_bytes_get_size (before));
  fatia_change_set_add_link_undo (set, item->path, from, to);
  return TRUE;
}

/* Of the writes to one attribute only the first replaced what is to be put back. */
static void
plan_attribute (FatiaChangeSet *set,
                FatiaRecord *record,
                const FatiaRecordItem *item,
                FatiaHostRoot *root)
{
  g_autoptr (GBytes) present = fatia_attribute_read (root, item->path);
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;

  if (present == NULL || item->before->bytes == NULL || fatia_record_first (record, item) != item)
    return;
  from = fatia_attribute_to_value (present);
  to = fatia_attribute_to_value (item->before->bytes);
  fatia_change_set_add_attribute (set, item->path, from, to);
}

static gboolean
plan_item (FatiaChangeSet *set,
           FatiaRecord *record,
           const FatiaRecordItem *item,
           FatiaHostRoot *root,
           GError **error)
{
  g_autofree char *why = NULL;

  switch (item->kind)
    {
    case FATIA_CHANGE_FILE:
    case FATIA_CHANGE_LINK:
      return plan_file_or_link (set, item, root, error);
    case FATIA_CHANGE_ATTRIBUTE:
      plan_attribute (set, record, item, root);
      return TRUE;
    case FATIA_CHANGE_DRIVER: /* gone with the function */
      return TRUE;
    case FATIA_CHANGE_COMMAND:
    default:
      why = item->inverse ? g_strdup_printf (_ ("Take back what %s did"), item->argv[0])
                          : g_strdup_printf (_ ("Run %s again"), item->argv[0]);
      if (item->again && item->inverse)
        fatia_change_set_add_command (set, (const char *const *) item->inverse, why);
      else if (item->again)
        fatia_change_set_add_command (set, (const char *const *) item->argv, why);
      return TRUE;
    }
}

static gboolean
is_of_kind (const FatiaRecordItem *item, gboolean command)
{
  return (item->kind == FATIA_CHANGE_COMMAND) == command;
}

static FatiaChangeSet *
plan_undo (GPtrArray *records, FatiaRecord *record, FatiaHostRoot *root, GError **error)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new (record->step);

  if (!check_turn (records, record, error))
    return NULL;
  for (guint i = record->items->len; i-- > 0;)
    {
      const FatiaRecordItem *item = g_ptr_array_index (record->items, i);

      if (is_of_kind (item, FALSE) && !plan_item (set, record, item, root, error))
        return NULL;
    }
  for (guint i = 0; i < record->items->len; i++)
    {
      const FatiaRecordItem *item = g_ptr_array_index (record->items, i);

      if (is_of_kind (item, TRUE) && !plan_item (set, record, item, root, error))
        return NULL;
    }
  return g_steal_pointer (&set);
}

/**
 * fatia_changes_plan_undo:
 * @id: an id from the journal
 *
 * Returns: (transfer full) (nullable): what undoing it would do, to be described and digested.
 *   %NULL: %FATIA_CHANGE_ERROR_NOT_FOUND, or %FATIA_CHANGE_ERROR_TOUCHED where a file is no
 *   longer what Fatia made of it, or where a later change has to be undone first
 */
FatiaChangeSet *
fatia_changes_plan_undo (FatiaHostRoot *root, const char *id, GError **error)
{
  g_autoptr (GPtrArray) records = fatia_journal_load (root, error);
  FatiaRecord *record = records ? find_applied (records, id, error) : NULL;

  return record ? plan_undo (records, record, root, error) : NULL;
}

static gboolean
take_back (FatiaRecord *record,
           FatiaHostRoot *root,
           FatiaProgress progress,
           gpointer user_data,
           GError **error)
{
  if (!fatia_journal_set_state (root, record, FATIA_RECORD_UNDOING, error))
    return FALSE;
  /* Where the kernel refuses, the files stay as well. */
  if (!fatia_record_put_back_attributes (record, root, error) ||
      !fatia_record_put_back (record, root, error) ||
      !fatia_record_run_again (record, root, progress, user_data, error))
    {
      /* It can be undone again: what is back already is then left as it is. */
      fatia_journal_set_state (root, record, FATIA_RECORD_APPLIED, NULL);
      return FALSE;
    }
  return fatia_journal_set_state (root, record, FATIA_RECORD_UNDONE, error) &&
         fatia_journal_prune (root, error);
}

/**
 * fatia_changes_undo:
 * @id: an id from the journal
 * @digest: (nullable): the digest of what fatia_changes_plan_undo() showed
 *
 * Puts back what the change replaced and runs its tools again. When the last change is undone,
 * the journal goes too.
 *
 * Returns: whether it is undone; where not, it can be tried again
 */
gboolean
fatia_changes_undo (FatiaHostRoot *root,
                    const char *id,
                    const char *digest,
                    FatiaProgress progress,
                    gpointer user_data,
                    GError **error)
{
  fatia_autofd int lock = fatia_lock_take (root, error);
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autofree char *present = NULL;
  FatiaRecord *record;

  if (lock < 0 || !fatia_changes_recover_locked (root, progress, user_data, error))
    return FALSE;
  records = fatia_journal_load (root, error);
  record = records ? find_applied (records, id, error) : NULL;
  set = record ? plan_undo (records, record, root, error) : NULL;
  if (set == NULL)
    return FALSE;
  present = fatia_change_set_get_digest (set);
  if (digest && !g_str_equal (digest, present))
    {
      g_set_error_literal (
        error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_STALE,
        _ ("What would be undone is no longer what was shown. Look at it again."));
      return FALSE;
    }
  return take_back (record, root, progress, user_data, error);
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
  if (!fatia_record_put_back (record, root, error))
    return FALSE;
  /* The files are right: a tool that fails now must not bar every later change. */
  if (!fatia_record_run_again (record, root, progress, user_data, &local))
    g_message ("%s", local->message);
  return fatia_journal_set_state (root, record, state, error);
}

gboolean
fatia_changes_recover_locked (FatiaHostRoot *root,
                              FatiaProgress progress,
                              gpointer user_data,
                              GError **error)
{
  g_autoptr (GPtrArray) records = fatia_journal_load (root, error);

  if (records == NULL)
    return FALSE;
  for (guint i = records->len; i-- > 0;)
    {
      FatiaRecord *record = g_ptr_array_index (records, i);

      if (record->state == FATIA_RECORD_APPLIED)
        fatia_record_discard (record, root);
      if ((record->state == FATIA_RECORD_PREPARED || record->state == FATIA_RECORD_UNDOING) &&
          !settle (record, root, progress, user_data, error))
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
