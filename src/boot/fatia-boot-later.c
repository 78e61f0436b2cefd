/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Boot entries that came after a change: a kernel that is installed gets an entry with the
 * arguments of the one that runs, ours among them, and no journal knows of it. What ours are is
 * read from the entries the change did edit: what it added to them, and what that replaced.
 */
#include "boot/fatia-boot-later.h"

#include <string.h>

#include "boot/fatia-boot-plans.h"
#include "boot/fatia-kernel-keys.h"
#include "boot/fatia-splices.h"
#include "change/fatia-atomic.h"
#include "change/fatia-change-private.h"

/* Characters that mean nothing to any of the files, within quotes or without. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+=:,/@%*!"

typedef struct
{
  FatiaHostRoot *root;
  const FatiaBootFormat *format;
  GHashTable *ours;   /* argument to what it replaced, "": nothing */
  GHashTable *theirs; /* arguments that were there before the change */
} Later;

/* (nullable) (element-type GStrv): the lines of an entry */
static GPtrArray *
read_lines (Later *self, const char *path, GBytes *bytes)
{
  /* A NUL follows, as the reader wants. */
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  return fatia_boot_format_read (self->format, path, text, g_bytes_get_size (bytes), NULL);
}

/* (nullable): the argument of @words with the key of @argument that is not among @others */
static const char *
find_replaced (GStrv words, const char *argument, GStrv others)
{
  for (guint i = 0; words[i]; i++)
    if (fatia_kernel_key_is_same (words[i], argument) &&
        !g_strv_contains ((const char *const *) others, words[i]))
      return words[i];
  return NULL;
}

/* Where entries say different things of what it replaced, it just goes. */
static void
learn_argument (Later *self, const char *argument, const char *replaced)
{
  const char *known = g_hash_table_lookup (self->ours, argument);

  if (known && !g_str_equal (known, replaced))
    replaced = "";
  g_hash_table_insert (self->ours, g_strdup (argument), g_strdup (replaced));
}

static void
learn_line (Later *self, GStrv before, GStrv after)
{
  for (guint i = 0; before[i]; i++)
    g_hash_table_add (self->theirs, g_strdup (before[i]));
  for (guint i = 0; after[i]; i++)
    if (!g_strv_contains ((const char *const *) before, after[i]))
      {
        const char *replaced = find_replaced (before, after[i], after);

        learn_argument (self, after[i], replaced ? replaced : "");
      }
}

static void
learn_entry (Later *self, const FatiaChange *change)
{
  g_autoptr (GPtrArray) before = read_lines (self, change->path, change->before);
  g_autoptr (GPtrArray) after = read_lines (self, change->path, change->after);

  for (guint i = 0; before && after && i < MIN (before->len, after->len); i++)
    learn_line (self, g_ptr_array_index (before, i), g_ptr_array_index (after, i));
}

static gboolean
is_known (FatiaChangeSet *made, const char *path)
{
  GPtrArray *changes = fatia_change_set_get_changes (made);

  for (guint i = 0; i < changes->len; i++)
    {
      const FatiaChange *change = g_ptr_array_index (changes, i);

      if (g_strcmp0 (change->path, path) == 0)
        return TRUE;
    }
  return FALSE;
}

/* An entry's file as the change left it may be gone with its kernel: what counts is its name. */
static gboolean
is_entry (const char *path)
{
  return strstr (path, "/loader/entries/") != NULL && g_str_has_suffix (path, ".conf");
}

static void
learn (Later *self, FatiaChangeSet *made)
{
  GPtrArray *changes = fatia_change_set_get_changes (made);
  GHashTableIter iter;
  gpointer argument;

  for (guint i = 0; i < changes->len; i++)
    {
      const FatiaChange *change = g_ptr_array_index (changes, i);

      if (change->kind == FATIA_CHANGE_FILE && change->before && change->after &&
          is_entry (change->path))
        learn_entry (self, change);
    }
  /* What a person had set already, if only in one entry, is theirs in the others. */
  g_hash_table_iter_init (&iter, self->theirs);
  while (g_hash_table_iter_next (&iter, &argument, NULL))
    g_hash_table_remove (self->ours, argument);
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* Takes one word out with the blanks before it, where it is the line's first with those behind it,
 * or puts back what it replaced. FALSE: it does not stand in the file as one stretch, or not so
 * that it could be replaced. */
static gboolean
splice_word (FatiaSplices *splices,
             const char *text,
             const FatiaBootLine *line,
             const FatiaKernelWord *word,
             gboolean first,
             const char *replaced)
{
  gsize start = g_array_index (line->origins, FatiaBootOrigin, word->start).start;
  gsize end = g_array_index (line->origins, FatiaBootOrigin, word->end - 1).end;

  for (gsize i = word->start; i < word->end; i++)
    {
      const FatiaBootOrigin *origin = &g_array_index (line->origins, FatiaBootOrigin, i);

      if (origin->start == G_MAXSIZE || (i > word->start && origin->start != origin[-1].end))
        return FALSE;
    }
  while (*replaced == '\0' && first && is_blank (text[end]))
    end++;
  while (*replaced == '\0' && !first && start > 0 && is_blank (text[start - 1]))
    start--;
  fatia_splices_add (splices, start, end, replaced);
  return strspn (replaced, PLAIN) == strlen (replaced);
}

static gboolean
clean_line (Later *self, const char *text, const FatiaBootLine *line, FatiaSplices *splices)
{
  FatiaKernelLineState state;
  g_autoptr (GPtrArray) words =
    fatia_kernel_words_new (line->text->str, self->format->quoting, &state);
  guint end = fatia_kernel_words_find_end (words);
  gboolean first = TRUE;

  if (state != FATIA_KERNEL_LINE_SOUND)
    return FALSE;
  for (guint i = 0; i < end; i++)
    {
      const FatiaKernelWord *word = g_ptr_array_index (words, i);
      const char *replaced = g_hash_table_lookup (self->ours, word->text);

      if (replaced && !splice_word (splices, text, line, word, first, replaced))
        return FALSE;
      first = first && replaced && *replaced == '\0';
    }
  return TRUE;
}

/* (transfer full) (nullable): NULL: it has none of ours, or that is not certain */
static char *
clean_text (Later *self, const char *path, const char *text, gsize length)
{
  g_autoptr (FatiaSplices) splices = fatia_splices_new ();
  g_autoptr (GPtrArray) lines = NULL;

  if (length > FATIA_BOOT_FILE_LIMIT || memchr (text, '\0', length) != NULL)
    return NULL;
  lines = self->format->find (path, text, length, self->format->data, NULL);
  if (lines == NULL)
    return NULL;
  for (guint i = 0; i < lines->len; i++)
    if (!clean_line (self, text, g_ptr_array_index (lines, i), splices))
      return NULL;
  return splices->len > 0 ? fatia_splices_apply (splices, text, length) : NULL;
}

static void
clean_entry (Later *self, const char *path, FatiaChangeSet *set)
{
  g_autoptr (FatiaFile) file = fatia_file_read (self->root, path, NULL);
  g_autofree char *text = NULL;
  g_autofree char *left = NULL;
  g_autoptr (GBytes) after = NULL;
  gsize length;

  if (file == NULL || file->bytes == NULL)
    return;
  length = g_bytes_get_size (file->bytes);
  text = g_strndup (g_bytes_get_data (file->bytes, NULL), length);
  left = clean_text (self, path, text, length);
  if (left == NULL)
    return;
  after = g_bytes_new (left, strlen (left));
  fatia_change_set_add_file (set, path, file->bytes, after, file->mode);
}

/**
 * fatia_boot_plan_later:
 * @made: what a change made of the files that were there
 * @set: gets what takes the same out of entries that @made does not know
 *
 * Finds boot entries that have arguments @made added to others, and leaves them as those were
 * before. An argument that any of @made's entries had already is nobody's to take away; an entry
 * that is not understood stays as it is.
 */
void
fatia_boot_plan_later (FatiaHostRoot *root, FatiaChangeSet *made, FatiaChangeSet *set)
{
  g_autoptr (GHashTable) ours = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) theirs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();
  Later self = { root, NULL, ours, theirs };

  g_return_if_fail (FATIA_IS_HOST_ROOT (root));
  g_return_if_fail (FATIA_IS_CHANGE_SET (made) && FATIA_IS_CHANGE_SET (set));

  self.format = fatia_grub_uses_entries (root) ? &fatia_grub_entry_format : &fatia_entry_format;
  learn (&self, made);
  if (g_hash_table_size (ours) == 0 || !fatia_entries_add (files, root, NULL))
    return;
  for (guint i = 0; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);

      if (!is_known (made, path))
        clean_entry (&self, path, set);
    }
}
