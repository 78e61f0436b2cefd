/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Applying a change set: compare with what was shown, record, make; on any failure put back.
 * Everything new is on the disk beside its place before the first file is replaced, so that a
 * full disk is met while nothing has changed yet.
 */
#include "change/fatia-apply.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-attribute.h"
#include "change/fatia-driver.h"
#include "change/fatia-lock.h"
#include "change/fatia-put-back.h"
#include "change/fatia-settle.h"
#include "change/fatia-sync.h"
#include "host/fatia-fd.h"

typedef struct
{
  FatiaChangeSet *set;
  FatiaHostRoot *root;
  FatiaRecord *record;
  FatiaProgress progress;
  gpointer user_data;
  gboolean commands_begun;
  gboolean did_nothing; /* the only one begun failed, and does all or nothing */
} Apply;

static void
say (Apply *apply, const char *format, const char *what)
{
  g_autofree char *text = NULL;

  if (apply->progress == NULL)
    return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  text = g_strdup_printf (format, what);
#pragma GCC diagnostic pop
  apply->progress (text, apply->user_data);
}

static gboolean
fail_stale (GError **error, const char *path)
{
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_STALE,
               _ ("%s is no longer what it was when the change was shown. Look at it again."),
               path);
  return FALSE;
}

static char *
bytes_to_text (GBytes *bytes)
{
  return bytes ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)) : NULL;
}

static gboolean
record_file (Apply *apply, const FatiaChange *change, GError **error)
{
  g_autoptr (FatiaFile) file = fatia_file_read (apply->root, change->path, error);
  FatiaRecordItem *item;

  if (file == NULL)
    return FALSE;
  if (!fatia_bytes_equal0 (file->bytes, change->before))
    return fail_stale (error, change->path);
  item = fatia_record_add (apply->record, change->kind, change->path);
  item->before = g_steal_pointer (&file);
  fatia_record_item_set_written (item, change->after);
  return TRUE;
}

static gboolean
record_link (Apply *apply, const FatiaChange *change, GError **error)
{
  g_autofree char *target = NULL;
  g_autoptr (GBytes) bytes = NULL;
  FatiaRecordItem *item;

  if (!fatia_link_read (apply->root, change->path, &target, error))
    return FALSE;
  bytes = target ? g_bytes_new (target, strlen (target)) : NULL;
  item = fatia_record_add (apply->record, change->kind, change->path);
  item->before = fatia_file_new (bytes, 0777);
  item->after = bytes_to_text (change->after);
  return TRUE;
}

/* What the attribute will say when its turn comes: a set may write one twice. */
static GBytes *
attribute_before (Apply *apply, const char *path)
{
  for (guint i = apply->record->items->len; i-- > 0;)
    {
      const FatiaRecordItem *earlier = g_ptr_array_index (apply->record->items, i);

      if (g_strcmp0 (earlier->path, path) == 0)
        {
          char *line = g_strconcat (earlier->after, "\n", NULL);

          return g_bytes_new_take (line, strlen (line));
        }
    }
  return fatia_attribute_read (apply->root, path);
}

static gboolean
record_attribute (Apply *apply, const FatiaChange *change, GError **error)
{
  g_autofree char *expected = bytes_to_text (change->before);
  g_autoptr (GBytes) raw = expected ? attribute_before (apply, change->path) : NULL;
  FatiaRecordItem *item;

  if (!fatia_attribute_says (raw, expected))
    return fail_stale (error, change->path);
  item = fatia_record_add (apply->record, change->kind, change->path);
  item->before = fatia_file_new (raw, 0644);
  item->after = bytes_to_text (change->after);
  return TRUE;
}

/* The device is not there yet, and goes with what makes it. */
static void
record_driver (Apply *apply, const FatiaChange *change)
{
  FatiaRecordItem *item = fatia_record_add (apply->record, change->kind, change->path);

  item->before = fatia_file_new (NULL, 0777);
  item->after = bytes_to_text (change->after);
}

static gboolean
record_change (Apply *apply, const FatiaChange *change, GError **error)
{
  FatiaRecordItem *item;

  switch (change->kind)
    {
    case FATIA_CHANGE_FILE:
      return record_file (apply, change, error);
    case FATIA_CHANGE_LINK:
      return record_link (apply, change, error);
    case FATIA_CHANGE_ATTRIBUTE:
      return record_attribute (apply, change, error);
    case FATIA_CHANGE_DRIVER:
      record_driver (apply, change);
      return TRUE;
    case FATIA_CHANGE_COMMAND:
    default:
      /* A tool that is missing is better known before anything is changed. */
      if (!fatia_command_is_there (apply->root, change->argv[0], error))
        return FALSE;
      item = fatia_record_add (apply->record, change->kind, NULL);
      item->argv = g_strdupv (change->argv);
      item->inverse = g_strdupv (change->inverse);
      item->again = change->again;
      item->seconds = change->seconds;
      return TRUE;
    }
}

static gboolean
record_folders (Apply *apply, GError **error)
{
  for (guint i = 0; i < apply->record->items->len; i++)
    {
      const FatiaRecordItem *item = g_ptr_array_index (apply->record->items, i);

      if ((item->kind == FATIA_CHANGE_FILE || item->kind == FATIA_CHANGE_LINK) && item->after &&
          !fatia_folders_missing (apply->root, item->path, apply->record->folders, error))
        return FALSE;
    }
  return TRUE;
}

/* Takes down what is there, which must be what the set was made from, and writes it to the
 * journal. */
static gboolean
record_set (Apply *apply, GError **error)
{
  GPtrArray *changes = fatia_change_set_get_changes (apply->set);

  for (guint i = 0; i < changes->len; i++)
    if (!record_change (apply, g_ptr_array_index (changes, i), error))
      return FALSE;
  /* The journal's folder first: those it makes are its own, and not the change's. */
  return fatia_journal_folder_make (apply->root, error) && record_folders (apply, error) &&
         fatia_journal_add (apply->root, apply->record, error);
}

static gboolean
make_folders (Apply *apply, GError **error)
{
  GPtrArray *folders = apply->record->folders;

  for (guint i = 0; i < folders->len; i++)
    if (!fatia_folder_make (apply->root, g_ptr_array_index (folders, i), 0755, error))
      return FALSE;
  return TRUE;
}

static gboolean
stage_file (Apply *apply, const FatiaChange *change, GError **error)
{
  g_autoptr (FatiaFile) file = NULL;

  if (change->kind != FATIA_CHANGE_FILE || change->after == NULL)
    return TRUE;
  file = fatia_file_new (change->after, change->mode);
  return fatia_file_stage (apply->root, change->path, file, error);
}

static gboolean
make_file (Apply *apply, const FatiaChange *change, GError **error)
{
  g_autoptr (FatiaFile) file = NULL;

  if (change->kind != FATIA_CHANGE_FILE)
    return TRUE;
  say (apply, _ ("Writing %s"), change->path);
  /* Once more, as late as can be: somebody may have saved it in an editor. */
  file = fatia_file_read (apply->root, change->path, error);
  if (file == NULL)
    return FALSE;
  if (!fatia_bytes_equal0 (file->bytes, change->before))
    return fail_stale (error, change->path);
  return change->after ? fatia_file_commit (apply->root, change->path, error)
                       : fatia_file_set_aside (apply->root, change->path, error);
}

static gboolean
make_link (Apply *apply, const FatiaChange *change, GError **error)
{
  g_autofree char *target = bytes_to_text (change->after);

  if (change->kind != FATIA_CHANGE_LINK)
    return TRUE;
  if (target == NULL)
    return fatia_file_set_aside (apply->root, change->path, error);
  return fatia_link_stage (apply->root, change->path, target, error) &&
         fatia_file_commit (apply->root, change->path, error);
}

static gint64
appear_deadline (void)
{
  return g_get_monotonic_time () + FATIA_ATTRIBUTE_SECONDS * G_USEC_PER_SEC;
}

static gboolean
write_attribute (Apply *apply, const FatiaChange *change, GError **error)
{
  g_autofree char *value = bytes_to_text (change->after);
  gboolean found = TRUE;

  if (change->before == NULL &&
      !fatia_attribute_wait (apply->root, change->path, appear_deadline (), &found, error))
    return FALSE;
  if (!found)
    return TRUE;
  say (apply, _ ("Writing %s"), change->path);
  return fatia_attribute_write (apply->root, change->path, value, error);
}

static gboolean
bind_driver (Apply *apply, const FatiaChange *change, GError **error)
{
  g_autofree char *driver = bytes_to_text (change->after);

  say (apply, _ ("Writing %s"), change->path);
  return fatia_driver_bind (apply->root, change->path, driver, appear_deadline (), error);
}

/* What the failure means comes before what the tool said of it. */
static void
explain_failure (Apply *apply, GError *error)
{
  g_autofree char *said = error->message;
  g_autofree char *words = fatia_change_set_explain (apply->set, apply->root, said);

  error->message = words ? g_strdup_printf ("%s\n%s", words, said) : g_steal_pointer (&said);
}

static gboolean
run_command (Apply *apply, const FatiaChange *change, GError **error)
{
  const FatiaCommandLimits limits = {
    .seconds = change->seconds,
    .network = change->network,
    .input = change->input,
    .alone = TRUE,
  };
  g_autoptr (GError) local = NULL;
  gboolean done;

  say (apply, _ ("Running %s"), change->argv[0]);
  done = fatia_command_run_within (apply->root, (const char *const *) change->argv, &limits,
                                   apply->progress, apply->user_data, &local);
  apply->did_nothing = !apply->commands_begun && !done && change->whole;
  apply->commands_begun = TRUE;
  if (done)
    return TRUE;
  explain_failure (apply, local);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* What acts on the running system, one after the other as the set says. */
static gboolean
act (Apply *apply, const FatiaChange *change, GError **error)
{
  switch (change->kind)
    {
    case FATIA_CHANGE_ATTRIBUTE:
      return write_attribute (apply, change, error);
    case FATIA_CHANGE_DRIVER:
      return bind_driver (apply, change, error);
    case FATIA_CHANGE_COMMAND:
      return run_command (apply, change, error);
    case FATIA_CHANGE_FILE:
    case FATIA_CHANGE_LINK:
    default:
      return TRUE;
    }
}

typedef gboolean (*Phase) (Apply *apply, const FatiaChange *change, GError **error);

/* Asked between two changes: a tool that runs is not stopped in the middle of its work. */
static gboolean
is_wanted (GError **error)
{
  return !g_cancellable_set_error_if_cancelled (g_cancellable_get_current (), error);
}

static gboolean
make_set (Apply *apply, GError **error)
{
  static const Phase phases[] = { stage_file, make_file, make_link, act };
  GPtrArray *changes = fatia_change_set_get_changes (apply->set);

  if (!make_folders (apply, error))
    return FALSE;
  for (guint phase = 0; phase < G_N_ELEMENTS (phases); phase++)
    for (guint i = 0; i < changes->len; i++)
      if (!is_wanted (error) || !phases[phase](apply, g_ptr_array_index (changes, i), error))
        return FALSE;
  if (!is_wanted (error) || (apply->commands_begun && !fatia_sync_written (apply->root, error)) ||
      !fatia_journal_set_state (apply->root, apply->record, FATIA_RECORD_APPLIED, error))
    return FALSE;
  fatia_record_discard (apply->record, apply->root);
  return TRUE;
}

/* (transfer full): @earlier, and what became of what had been changed until then */
static char *
tell (FatiaSettled settled, const char *earlier, const char *said)
{
  switch (settled)
    {
    case FATIA_SETTLED_NOT:
      return g_strdup_printf (_ ("%s\nNot everything could be put back: %s\nFatia tries again the "
                                 "next time it is opened, or the computer starts."),
                              earlier, said);
    case FATIA_SETTLED_OTHER:
      /* Translators: the second %s is a sentence about one file */
      return g_strdup_printf (_ ("%s\nThe rest was put back as it was. %s"), earlier, said);
    case FATIA_SETTLED_DUE:
      return g_strdup_printf (_ ("%s\nThe files were put back as they were. Running the tool with "
                                 "them failed too: %s\nFatia runs it again the next time it is "
                                 "opened, or the computer starts."),
                              earlier, said);
    case FATIA_SETTLED:
    default:
      /* Translators: %s is what went wrong, a sentence */
      return g_strdup_printf (_ ("%s\nEverything was put back as it was."), earlier);
    }
}

/* Puts everything back and says so in @error's words. */
static void
give_up (Apply *apply, GError *error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *earlier = error->message;
  FatiaSettled settled = fatia_record_settle (apply->record, apply->root, apply->commands_begun,
                                              apply->progress, apply->user_data, &local);

  /* Taking back what was not done may fail, too. */
  if (settled == FATIA_SETTLED_DUE && apply->did_nothing)
    settled = FATIA_SETTLED;
  if (settled == FATIA_SETTLED)
    {
      fatia_journal_remove (apply->root, apply->record, NULL);
      fatia_journal_prune (apply->root, NULL);
    }
  error->message = tell (settled, earlier, local ? local->message : NULL);
}

static char *
apply_locked (Apply *apply, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!record_set (apply, error))
    {
      fatia_journal_prune (apply->root, NULL);
      return NULL;
    }
  if (!make_set (apply, &local))
    {
      give_up (apply, local);
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return g_strdup (apply->record->id);
}

/**
 * fatia_change_set_apply:
 * @progress: (nullable): gets what is being done and what tools print
 *
 * Does what the set says: files, links, then attributes, drivers and tools in the set's order.
 * Refuses with %FATIA_CHANGE_ERROR_STALE where the host is not what the set was made from. The
 * thread's g_cancellable_get_current() ends it, %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full) (nullable): the change's id in the journal, "" where the set is
 *   empty. %NULL where it failed, and then everything is as it was.
 */
char *
fatia_change_set_apply (FatiaChangeSet *self,
                        FatiaHostRoot *root,
                        FatiaProgress progress,
                        gpointer user_data,
                        GError **error)
{
  fatia_autofd int lock = -1;
  g_autoptr (FatiaRecord) record = NULL;
  Apply apply = { .set = self, .root = root, .progress = progress, .user_data = user_data };

  g_return_val_if_fail (FATIA_IS_CHANGE_SET (self), NULL);
  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), NULL);

  if (fatia_change_set_is_empty (self))
    return g_strdup ("");
  lock = fatia_lock_take (root, error);
  if (lock < 0 || !fatia_changes_recover_locked (root, progress, user_data, error))
    return NULL;
  record = fatia_record_new (fatia_change_set_get_step (self));
  apply.record = record;
  return apply_locked (&apply, error);
}

/**
 * fatia_change_set_write_attributes:
 *
 * Writes the set's attributes and binds its drivers, nothing else and without the journal: for
 * what a restart resets and is set again at boot. The caller holds the lock, since before it made
 * the set.
 */
gboolean
fatia_change_set_write_attributes (FatiaChangeSet *self, FatiaHostRoot *root, GError **error)
{
  GPtrArray *changes = fatia_change_set_get_changes (self);
  Apply apply = { .set = self, .root = root };

  for (guint i = 0; i < changes->len; i++)
    {
      const FatiaChange *change = g_ptr_array_index (changes, i);

      if (change->kind != FATIA_CHANGE_COMMAND && !act (&apply, change, error))
        return FALSE;
    }
  return TRUE;
}
