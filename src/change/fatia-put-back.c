/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Taking a change back, whether half made, wholly made or half taken back already: each item is
 * looked at first, and what other hands made of it is never destroyed.
 */
#include "change/fatia-put-back.h"

#include <string.h>

#include "change/fatia-attribute.h"

static FatiaPresent
look_at_file (const FatiaRecordItem *item, FatiaHostRoot *root, GBytes **present)
{
  g_autoptr (FatiaFile) file = fatia_file_read (root, item->path, NULL);
  g_autofree char *sum = NULL;

  if (file == NULL)
    return FATIA_PRESENT_OTHER;
  if (present && file->bytes)
    *present = g_bytes_ref (file->bytes);
  if (fatia_bytes_equal0 (file->bytes, item->before->bytes))
    return FATIA_PRESENT_BEFORE;
  if (file->bytes)
    sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, file->bytes);
  return g_strcmp0 (sum, item->after) == 0 ? FATIA_PRESENT_AFTER : FATIA_PRESENT_OTHER;
}

static FatiaPresent
look_at_link (const FatiaRecordItem *item, FatiaHostRoot *root, GBytes **present)
{
  g_autofree char *target = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (!fatia_link_read (root, item->path, &target, NULL))
    return FATIA_PRESENT_OTHER;
  bytes = target ? g_bytes_new (target, strlen (target)) : NULL;
  if (present && bytes)
    *present = g_bytes_ref (bytes);
  if (fatia_bytes_equal0 (bytes, item->before->bytes))
    return FATIA_PRESENT_BEFORE;
  return g_strcmp0 (target, item->after) == 0 ? FATIA_PRESENT_AFTER : FATIA_PRESENT_OTHER;
}

/**
 * fatia_record_item_look:
 * @item: a file or a link
 * @present: (out) (optional) (nullable): what is there
 */
FatiaPresent
fatia_record_item_look (const FatiaRecordItem *item, FatiaHostRoot *root, GBytes **present)
{
  if (present)
    *present = NULL;
  return item->kind == FATIA_CHANGE_FILE ? look_at_file (item, root, present)
                                         : look_at_link (item, root, present);
}

/* What undoing is to leave at the item's path; the bytes are the item's. */
static FatiaFile
get_target (const FatiaRecordItem *item)
{
  FatiaFile target = *item->before;

  if (item->way == FATIA_UNDO_REPLACE)
    target.bytes = item->to;
  return target;
}

/* The same as fatia_record_item_look(), by what was decided about the item. */
static FatiaPresent
look_by_way (const FatiaRecordItem *item, FatiaHostRoot *root)
{
  FatiaRecordItem decided = *item;
  FatiaFile target = get_target (item);

  if (item->way == FATIA_UNDO_KEEP)
    return FATIA_PRESENT_BEFORE;
  decided.before = &target;
  if (item->way == FATIA_UNDO_REPLACE)
    decided.after = item->found;
  return fatia_record_item_look (&decided, root, NULL);
}

/* The first item of the record at @item's path: what it replaced is what was there before. */
const FatiaRecordItem *
fatia_record_first (FatiaRecord *record, const FatiaRecordItem *item)
{
  for (guint i = 0; i < record->items->len; i++)
    {
      const FatiaRecordItem *other = g_ptr_array_index (record->items, i);

      if (g_strcmp0 (other->path, item->path) == 0)
        return other;
    }
  return item;
}

static gboolean
replace_file_back (const FatiaRecordItem *item, FatiaHostRoot *root, GError **error)
{
  const FatiaFile target = get_target (item);

  fatia_file_unstage (root, item->path);
  switch (look_by_way (item, root))
    {
    case FATIA_PRESENT_AFTER:
      if (target.bytes == NULL)
        return fatia_file_remove (root, item->path, error);
      return fatia_file_take_back (root, item->path, &target, error);
    case FATIA_PRESENT_OTHER:
      g_message ("%s was changed by others meanwhile and is left as it is", item->path);
      return TRUE;
    case FATIA_PRESENT_BEFORE:
    default:
      return TRUE;
    }
}

static gboolean
put_back_file (const FatiaRecordItem *item, FatiaHostRoot *root, GError **error)
{
  return replace_file_back (item, root, error) && fatia_file_discard (root, item->path, error);
}

static gboolean
replace_link_back (const FatiaRecordItem *item, FatiaHostRoot *root, GError **error)
{
  GBytes *bytes = get_target (item).bytes;
  g_autofree char *target = NULL;

  fatia_file_unstage (root, item->path);
  if (look_by_way (item, root) != FATIA_PRESENT_AFTER)
    return TRUE;
  if (bytes == NULL)
    return fatia_file_remove (root, item->path, error);
  target = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return fatia_link_take_back (root, item->path, target, error);
}

static gboolean
put_back_link (const FatiaRecordItem *item, FatiaHostRoot *root, GError **error)
{
  return replace_link_back (item, root, error) && fatia_file_discard (root, item->path, error);
}

/* A restart resets attributes: one that says what it said before is left alone. */
static gboolean
put_back_attribute (FatiaRecord *record,
                    const FatiaRecordItem *item,
                    FatiaHostRoot *root,
                    GError **error)
{
  g_autoptr (GBytes) present = NULL;

  if (item->before->bytes == NULL)
    return TRUE;
  present = fatia_attribute_read (root, item->path);
  if (fatia_bytes_equal0 (present, fatia_record_first (record, item)->before->bytes))
    return TRUE;
  return fatia_attribute_restore (root, item->path, item->before->bytes, error);
}

static gboolean
put_back_item (FatiaRecord *record,
               const FatiaRecordItem *item,
               FatiaHostRoot *root,
               GError **error)
{
  switch (item->kind)
    {
    case FATIA_CHANGE_FILE:
      return put_back_file (item, root, error);
    case FATIA_CHANGE_LINK:
      return put_back_link (item, root, error);
    case FATIA_CHANGE_ATTRIBUTE:
      return put_back_attribute (record, item, root, error);
    case FATIA_CHANGE_DRIVER: /* gone with the function */
    case FATIA_CHANGE_COMMAND:
    default:
      return TRUE;
    }
}

static gboolean
put_back_kind (FatiaRecord *record, FatiaChangeKind kind, FatiaHostRoot *root, GError **error)
{
  gboolean done = TRUE;

  for (guint i = record->items->len; i-- > 0;)
    {
      const FatiaRecordItem *item = g_ptr_array_index (record->items, i);

      if (item->kind == kind && !put_back_item (record, item, root, done ? error : NULL))
        done = FALSE;
    }
  return done;
}

/* Attributes alone: they are what the kernel may refuse (a virtual function in use). */
gboolean
fatia_record_put_back_attributes (FatiaRecord *record, FatiaHostRoot *root, GError **error)
{
  return put_back_kind (record, FATIA_CHANGE_ATTRIBUTE, root, error);
}

/**
 * fatia_record_put_back:
 *
 * Puts back what the record's change replaced, last first. One failure does not stop the rest.
 *
 * Returns: whether all of it is as it was
 */
gboolean
fatia_record_put_back (FatiaRecord *record, FatiaHostRoot *root, GError **error)
{
  static const FatiaChangeKind kinds[] = { FATIA_CHANGE_ATTRIBUTE, FATIA_CHANGE_LINK,
                                           FATIA_CHANGE_FILE };
  gboolean done = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (!put_back_kind (record, kinds[i], root, done ? error : NULL))
      done = FALSE;
  for (guint i = record->folders->len; i-- > 0;)
    fatia_folder_remove (root, g_ptr_array_index (record->folders, i));
  return done;
}

/* Removes what was kept beside replaced files and links: the change is made to its end. */
void
fatia_record_discard (FatiaRecord *record, FatiaHostRoot *root)
{
  for (guint i = 0; i < record->items->len; i++)
    {
      const FatiaRecordItem *item = g_ptr_array_index (record->items, i);

      if (item->kind == FATIA_CHANGE_FILE || item->kind == FATIA_CHANGE_LINK)
        fatia_file_discard (root, item->path, NULL);
    }
}

/* A tool that was removed since has left nothing that reads what it would write. */
static gboolean
run_one_again (const FatiaRecordItem *item,
               FatiaHostRoot *root,
               FatiaProgress progress,
               gpointer user_data,
               GError **error)
{
  const GStrv argv = item->inverse ? item->inverse : item->argv;
  const FatiaCommandLimits limits = { .seconds = item->seconds, .alone = TRUE };
  g_autoptr (GError) local = NULL;

  if (!fatia_command_is_there (root, argv[0], &local))
    {
      g_message ("%s", local->message);
      return TRUE;
    }
  return fatia_command_run_within (root, (const char *const *) argv, &limits, progress, user_data,
                                   error);
}

/* Runs the record's tools that follow from what the files say, each even where one before it
 * failed; @error is the first's. */
gboolean
fatia_record_run_again (FatiaRecord *record,
                        FatiaHostRoot *root,
                        FatiaProgress progress,
                        gpointer user_data,
                        GError **error)
{
  gboolean done = TRUE;

  for (guint i = 0; i < record->items->len; i++)
    {
      const FatiaRecordItem *item = g_ptr_array_index (record->items, i);

      if (item->kind == FATIA_CHANGE_COMMAND && item->again &&
          !run_one_again (item, root, progress, user_data, done ? error : NULL))
        done = FALSE;
    }
  return done;
}
