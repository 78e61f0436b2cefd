/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What undoing a change would do. A file that is as the change left it gets back what was there;
 * one that others changed since has the change taken out of it and keeps theirs; and where it is
 * not certain which is which, a person decides.
 */
#include "change/fatia-undo-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-attribute.h"
#include "change/fatia-merge.h"
#include "change/fatia-put-back.h"

typedef struct
{
  GPtrArray *records; /* (element-type FatiaRecord), oldest first */
  FatiaRecord *record;
  FatiaHostRoot *root;
  const FatiaUndoOptions *options;
  FatiaChangeSet *set;
} Plan;

typedef enum
{
  DECISION_NONE,
  DECISION_KEEP,
  DECISION_PUT_BACK,
} Decision;

static gboolean
is_undone (const FatiaRecord *record)
{
  return record->state == FATIA_RECORD_UNDONE || record->state == FATIA_RECORD_TOOLS_DUE;
}

gboolean
fatia_record_is_in_effect (const FatiaRecord *record)
{
  return record->state == FATIA_RECORD_APPLIED || record->state == FATIA_RECORD_UNDOING;
}

FatiaRecord *
fatia_records_find_applied (GPtrArray *records, const char *id, GError **error)
{
  for (guint i = 0; i < records->len; i++)
    {
      FatiaRecord *record = g_ptr_array_index (records, i);

      if (g_str_equal (record->id, id) &&
          (fatia_record_is_in_effect (record) || record->state == FATIA_RECORD_TOOLS_DUE))
        return record;
    }
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_NOT_FOUND,
               _ ("There is no change “%s” that could be undone."), id);
  return NULL;
}

/* (nullable) */
static const FatiaRecordItem *
find_path (const FatiaRecord *record, const char *path)
{
  for (guint i = 0; i < record->items->len; i++)
    {
      const FatiaRecordItem *item = g_ptr_array_index (record->items, i);

      if (g_strcmp0 (item->path, path) == 0)
        return item;
    }
  return NULL;
}

/* (nullable): the newest change in effect that changed @path after the one that is to be undone */
static const FatiaRecord *
find_later (const Plan *plan, const char *path)
{
  for (guint i = plan->records->len; i-- > 0;)
    {
      const FatiaRecord *later = g_ptr_array_index (plan->records, i);

      if (later == plan->record)
        break;
      if (fatia_record_is_in_effect (later) && find_path (later, path))
        return later;
    }
  return NULL;
}

static gboolean
refuse_turn (const char *path, const FatiaRecord *later, GError **error)
{
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_TOUCHED,
               _ ("%s was changed again by a later step (%s). Undo that one first."), path,
               fatia_change_step_title (later->step));
  return FALSE;
}

/* What a later change replaced is what this one made: put back out of turn, the later one would
 * bring it up again when its own turn comes, or find other hands' work. */
static gboolean
check_turn (const Plan *plan, const char *path, GError **error)
{
  const FatiaRecord *later = find_later (plan, path);

  return later == NULL || refuse_turn (path, later, error);
}

/* Whether the later changes of @path can still be undone, newest first, once it has @text. */
static gboolean
stays_valid (const Plan *plan, const char *path, GBytes *text)
{
  g_autoptr (GBytes) left = g_bytes_ref (text);

  for (guint i = plan->records->len; i-- > 0;)
    {
      const FatiaRecord *later = g_ptr_array_index (plan->records, i);
      const FatiaRecordItem *item;
      GBytes *next;

      if (later == plan->record)
        break;
      item = fatia_record_is_in_effect (later) ? find_path (later, path) : NULL;
      if (item == NULL)
        continue;
      next = fatia_merge_take_out (item->before->bytes, item->written, left);
      if (next == NULL)
        return FALSE;
      g_bytes_unref (left);
      left = next;
    }
  return TRUE;
}

/*
 * What was there before, without what earlier changes made that are undone by now: it was in the
 * file when this change replaced it. (transfer full) (nullable)
 */
static GBytes *
get_before (const Plan *plan, const FatiaRecordItem *item)
{
  GBytes *before = item->before->bytes ? g_bytes_ref (item->before->bytes) : NULL;

  for (guint i = plan->records->len; i-- > 0;)
    {
      const FatiaRecord *earlier = g_ptr_array_index (plan->records, i);
      const FatiaRecordItem *other = is_undone (earlier) ? find_path (earlier, item->path) : NULL;
      GBytes *without = other && other->way != FATIA_UNDO_KEEP
                          ? fatia_merge_take_out (other->before->bytes, other->written, before)
                          : NULL;

      if (without)
        {
          g_clear_pointer (&before, g_bytes_unref);
          before = without;
        }
    }
  return before;
}

static Decision
find_decision (const Plan *plan, const char *wanted)
{
  GVariantIter iter;
  const char *path;
  gboolean put_back;

  if (plan->options == NULL || plan->options->decisions == NULL)
    return DECISION_NONE;
  g_variant_iter_init (&iter, plan->options->decisions);
  while (g_variant_iter_next (&iter, "{&sb}", &path, &put_back))
    if (g_str_equal (path, wanted))
      return put_back ? DECISION_PUT_BACK : DECISION_KEEP;
  return DECISION_NONE;
}

/* A decision about anything else was meant for another change. */
static gboolean
check_decisions (const Plan *plan, GError **error)
{
  GVariantIter iter;
  const char *path;

  if (plan->options == NULL || plan->options->decisions == NULL)
    return TRUE;
  g_variant_iter_init (&iter, plan->options->decisions);
  while (g_variant_iter_next (&iter, "{&sb}", &path, NULL))
    if (find_path (plan->record, path) == NULL)
      {
        g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                     _ ("“%.256s” is not a file of this change."), path);
        return FALSE;
      }
  return TRUE;
}

/* Who may read a file: of what it was and what others made of it, the fewer. */
static guint
get_mode (const Plan *plan, const FatiaRecordItem *item)
{
  g_autoptr (FatiaFile) file = NULL;

  if (item->kind == FATIA_CHANGE_LINK)
    return 0777;
  file = fatia_file_read (plan->root, item->path, NULL);
  return file && file->bytes ? item->before->mode & file->mode : item->before->mode;
}

static void
add_to_set (Plan *plan, const FatiaRecordItem *item, GBytes *present, GBytes *to)
{
  g_autofree char *from_text = NULL;
  g_autofree char *to_text = NULL;

  if (item->kind == FATIA_CHANGE_FILE)
    {
      fatia_change_set_add_file (plan->set, item->path, present, to, get_mode (plan, item));
      return;
    }
  if (present)
    from_text = g_strndup (g_bytes_get_data (present, NULL), g_bytes_get_size (present));
  if (to)
    to_text = g_strndup (g_bytes_get_data (to, NULL), g_bytes_get_size (to));
  fatia_change_set_add_link_undo (plan->set, item->path, from_text, to_text);
}

/* What can be read as neither file nor link can only be kept. */
static gboolean
check_replaceable (const Plan *plan, const FatiaRecordItem *item, GError **error)
{
  g_autoptr (FatiaFile) file = NULL;
  g_autofree char *target = NULL;

  if (item->kind == FATIA_CHANGE_LINK)
    return fatia_link_read (plan->root, item->path, &target, error);
  file = fatia_file_read (plan->root, item->path, error);
  return file != NULL;
}

static gboolean
plan_conflict (Plan *plan, FatiaRecordItem *item, GBytes *present, GError **error)
{
  g_autoptr (GBytes) before = get_before (plan, item);

  if (!check_turn (plan, item->path, error))
    return FALSE;
  switch (find_decision (plan, item->path))
    {
    case DECISION_KEEP:
      fatia_record_item_set_way (plan->record, item, FATIA_UNDO_KEEP, NULL, NULL);
      fatia_change_set_add_decision (plan->set, FATIA_CHANGE_KEPT, item->path, present, NULL, 0);
      return TRUE;
    case DECISION_PUT_BACK:
      if (!check_replaceable (plan, item, error))
        return FALSE;
      fatia_record_item_set_way (plan->record, item, FATIA_UNDO_REPLACE, present, before);
      add_to_set (plan, item, present, before);
      return TRUE;
    case DECISION_NONE:
    default:
      fatia_change_set_add_decision (plan->set, FATIA_CHANGE_CONFLICT, item->path, present, before,
                                     get_mode (plan, item));
      return TRUE;
    }
}

/* Others removed it (the boot entry of a kernel that is gone): nothing of ours is left. */
static gboolean
is_gone (const FatiaRecordItem *item, FatiaHostRoot *root)
{
  g_autoptr (FatiaFile) file = NULL;
  g_autofree char *target = NULL;

  if (item->kind == FATIA_CHANGE_LINK)
    return fatia_link_read (root, item->path, &target, NULL) && target == NULL;
  file = fatia_file_read (root, item->path, NULL);
  return file && file->bytes == NULL;
}

static gboolean
plan_touched (Plan *plan, FatiaRecordItem *item, GBytes *present, GError **error)
{
  const FatiaRecord *later = find_later (plan, item->path);
  g_autoptr (GBytes) left = NULL;

  if (is_gone (item, plan->root))
    return TRUE;
  if (item->kind == FATIA_CHANGE_FILE)
    left = fatia_merge_take_out (item->before->bytes, item->written, present);
  if (left == NULL)
    return plan_conflict (plan, item, present, error);
  if (g_bytes_equal (left, present))
    return TRUE;
  if (later && !stays_valid (plan, item->path, left))
    return refuse_turn (item->path, later, error);
  fatia_record_item_set_way (plan->record, item, FATIA_UNDO_REPLACE, present, left);
  add_to_set (plan, item, present, left);
  return TRUE;
}

/* Whether an earlier attempt to undo came as far as this item, before it failed elsewhere. */
static gboolean
is_done (const FatiaRecordItem *item, GBytes *present)
{
  return item->way == FATIA_UNDO_REPLACE && present && fatia_bytes_equal0 (item->to, present);
}

static gboolean
plan_file_or_link (Plan *plan, FatiaRecordItem *item, GError **error)
{
  g_autoptr (GBytes) present = NULL;
  FatiaPresent look = fatia_record_item_look (item, plan->root, &present);

  if (is_done (item, present))
    return TRUE;
  fatia_record_item_set_way (plan->record, item, FATIA_UNDO_PLAIN, NULL, NULL);
  if (look == FATIA_PRESENT_OTHER)
    return plan_touched (plan, item, present, error);
  if (look == FATIA_PRESENT_AFTER && !check_turn (plan, item->path, error))
    return FALSE;
  add_to_set (plan, item, present, item->before->bytes);
  return TRUE;
}

/* Of the writes to one attribute only the first replaced what is to be put back. */
static gboolean
plan_attribute (Plan *plan, const FatiaRecordItem *item, GError **error)
{
  g_autoptr (GBytes) present = fatia_attribute_read (plan->root, item->path);
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;

  if (!check_turn (plan, item->path, error))
    return FALSE;
  if (present == NULL || item->before->bytes == NULL ||
      fatia_record_first (plan->record, item) != item)
    return TRUE;
  from = fatia_attribute_to_value (present);
  to = fatia_attribute_to_value (item->before->bytes);
  fatia_change_set_add_attribute (plan->set, item->path, from, to);
  return TRUE;
}

static void
plan_command (Plan *plan, const FatiaRecordItem *item)
{
  const GStrv argv = item->inverse ? item->inverse : item->argv;
  g_autofree char *why = item->inverse
                           ? g_strdup_printf (_ ("Take back what %s did"), item->argv[0])
                           : g_strdup_printf (_ ("Run %s again"), item->argv[0]);

  if (item->again && fatia_command_is_there (plan->root, argv[0], NULL))
    fatia_change_set_add_command (plan->set, (const char *const *) argv, why);
}

static gboolean
plan_item (Plan *plan, FatiaRecordItem *item, GError **error)
{
  switch (item->kind)
    {
    case FATIA_CHANGE_FILE:
    case FATIA_CHANGE_LINK:
      return plan_file_or_link (plan, item, error);
    case FATIA_CHANGE_ATTRIBUTE:
      return plan_attribute (plan, item, error);
    default:
      return TRUE;
    }
}

/* Files that came to have ours without our doing become the change's own: as if it had made what
 * is there of what is to be left. */
static gboolean
adopt (Plan *plan, GError **error)
{
  GPtrArray *more = plan->options && plan->options->also
                      ? fatia_change_set_get_changes (plan->options->also)
                      : NULL;

  for (guint i = 0; more && i < more->len; i++)
    {
      const FatiaChange *change = g_ptr_array_index (more, i);
      g_autoptr (FatiaFile) file = NULL;
      FatiaRecordItem *item;

      if (change->kind != FATIA_CHANGE_FILE || find_path (plan->record, change->path))
        continue;
      file = fatia_file_read (plan->root, change->path, error);
      if (file == NULL)
        return FALSE;
      item = fatia_record_add (plan->record, FATIA_CHANGE_FILE, change->path);
      item->before = fatia_file_new (change->after, file->mode);
      item->before->uid = file->uid;
      item->before->gid = file->gid;
      fatia_record_item_set_written (item, change->before);
      plan->record->changed = TRUE;
    }
  return TRUE;
}

/*
 * fatia_record_plan_undo:
 * @options: (nullable)
 *
 * Plans undoing @record, one of @records, and takes down in its items how it is to be done.
 *
 * Returns: (transfer full) (nullable)
 */
FatiaChangeSet *
fatia_record_plan_undo (GPtrArray *records,
                        FatiaRecord *record,
                        FatiaHostRoot *root,
                        const FatiaUndoOptions *options,
                        GError **error)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new (record->step);
  Plan plan = { records, record, root, options, set };

  if (!check_decisions (&plan, error) || !adopt (&plan, error))
    return NULL;
  for (guint i = record->items->len; i-- > 0;)
    if (!plan_item (&plan, g_ptr_array_index (record->items, i), error))
      return NULL;
  for (guint i = 0; i < record->items->len; i++)
    {
      const FatiaRecordItem *item = g_ptr_array_index (record->items, i);

      if (item->kind == FATIA_CHANGE_COMMAND)
        plan_command (&plan, item);
    }
  return g_steal_pointer (&set);
}
