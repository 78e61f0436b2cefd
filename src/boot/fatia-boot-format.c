/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one edit that serves every kind of file: every byte that is not ours stays. */
#include "boot/fatia-boot-line.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-kernel-keys.h"
#include "boot/fatia-own-root.h"
#include "boot/fatia-splices.h"

/* Characters that mean nothing to any of the files, within quotes or without. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+=:,/@%*!"

typedef struct
{
  const FatiaBootFormat *format;
  const char *name;
  const char *text;
  gsize length;
  const char *const *wanted;
  FatiaSplices *splices;
} Edit;

/* (transfer full) (nullable) (element-type FatiaKernelWord) */
static GPtrArray *
line_words (Edit *self, const FatiaBootLine *line, GError **error)
{
  FatiaKernelLineState state;
  g_autoptr (GPtrArray) words =
    fatia_kernel_words_new (line->text->str, self->format->quoting, &state);

  if (state == FATIA_KERNEL_LINE_OPEN_QUOTE)
    fatia_boot_refuse (error, self->name, self->text, line->where,
                       _ ("the kernel command line has a quotation mark that is never closed"));
  else if (state == FATIA_KERNEL_LINE_SPECIAL)
    fatia_boot_refuse (error, self->name, self->text, line->where,
                       _ ("the kernel command line has a character that GRUB takes for its own"));
  else
    return g_steal_pointer (&words);
  return NULL;
}

/* What stands in this file as one stretch can be replaced there. */
static gboolean
can_replace (const FatiaKernelWord *word, gpointer data)
{
  const FatiaBootLine *line = data;

  for (gsize i = word->start; i < word->end; i++)
    {
      const FatiaBootOrigin *origin = &g_array_index (line->origins, FatiaBootOrigin, i);

      if (origin->start == G_MAXSIZE || (i > word->start && origin->start != origin[-1].end))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_plain (Edit *self, const FatiaBootLine *line, GPtrArray *edits, GError **error)
{
  for (guint i = 0; i < edits->len; i++)
    {
      const FatiaKernelEdit *edit = g_ptr_array_index (edits, i);

      if (strspn (edit->text, PLAIN) != strlen (edit->text))
        return fatia_boot_refuse (error, self->name, self->text, line->where,
                                  _ ("a list that is to be extended has odd characters"));
    }
  return TRUE;
}

static void
replace_words (Edit *self, const FatiaBootLine *line, GPtrArray *words, GPtrArray *edits)
{
  for (guint i = 0; i < edits->len; i++)
    {
      const FatiaKernelEdit *edit = g_ptr_array_index (edits, i);
      const FatiaKernelWord *word = edit->word < 0 ? NULL : g_ptr_array_index (words, edit->word);

      if (word)
        fatia_splices_add (
          self->splices, g_array_index (line->origins, FatiaBootOrigin, word->start).start,
          g_array_index (line->origins, FatiaBootOrigin, word->end - 1).end, edit->text);
    }
}

/* Ours go before a `--`, which then must stand in the file, else after the last word there. */
static gboolean
insert_new (Edit *self, FatiaBootLine *line, GPtrArray *words, const char *text, GError **error)
{
  guint end = fatia_kernel_words_find_end (words);
  const FatiaKernelWord *anchor = NULL;
  g_autofree char *spaced = NULL;
  gsize at;

  if (end < words->len)
    {
      anchor = g_ptr_array_index (words, end);
      if (!can_replace (anchor, line))
        return fatia_boot_refuse (
          error, self->name, self->text, line->where,
          _ ("the kernel command line ends in “--” before this assignment"));
      spaced = g_strconcat (text, line->between, NULL);
      at = g_array_index (line->origins, FatiaBootOrigin, anchor->start).start;
      fatia_splices_add (self->splices, at, at, spaced);
      return TRUE;
    }
  if (words->len > 0)
    anchor = g_ptr_array_index (words, words->len - 1);
  if (anchor && can_replace (anchor, line))
    {
      spaced = g_strconcat (line->between, text, NULL);
      at = g_array_index (line->origins, FatiaBootOrigin, anchor->end - 1).end;
    }
  else
    {
      spaced = g_strconcat (line->before, text, line->after, NULL);
      at = line->insert;
    }
  fatia_splices_add (self->splices, at, at, spaced);
  return TRUE;
}

static gboolean
edit_line (Edit *self, FatiaBootLine *line, GError **error)
{
  g_autoptr (GPtrArray) words = line_words (self, line, error);
  g_autoptr (GPtrArray) edits = NULL;
  g_autofree char *text = NULL;

  if (words == NULL)
    return FALSE;
  edits = fatia_kernel_words_merge (words, self->wanted, can_replace, line);
  if (edits->len == 0)
    return TRUE;
  if (!is_plain (self, line, edits, error))
    return FALSE;
  text = fatia_kernel_edits_join (edits, line->between);
  if (line->bare)
    fatia_splices_add (self->splices, line->bare_start, line->bare_start, "\"");
  replace_words (self, line, words, edits);
  if (text && !insert_new (self, line, words, text, error))
    return FALSE;
  if (line->bare)
    fatia_splices_add (self->splices, line->bare_end, line->bare_end, "\"");
  return TRUE;
}

static gboolean
is_of_wanted (const char *argument, const char *const *wanted)
{
  for (; *wanted != NULL; wanted++)
    if (fatia_kernel_key_is_same (argument, *wanted))
      return TRUE;
  return FALSE;
}

/* The lines that the file has for this system. */
static GPtrArray *
find_own (
  const FatiaBootFormat *self, const char *name, const char *text, gsize length, GError **error)
{
  GPtrArray *lines = self->find (name, text, length, self->data, error);

  for (guint i = lines && self->root ? lines->len : 0; i > 0; i--)
    {
      const FatiaBootLine *line = g_ptr_array_index (lines, i - 1);
      g_autoptr (GPtrArray) words = fatia_kernel_words_new (line->text->str, self->quoting, NULL);

      if (fatia_own_root_is_other (self->root, words))
        g_ptr_array_remove_index (lines, i - 1);
    }
  return lines;
}

/* The arguments whose key is none of @wanted, each on a line of its own. (transfer full) */
static char *
others (GPtrArray *words, const char *const *wanted)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++)
    {
      const FatiaKernelWord *word = g_ptr_array_index (words, i);

      if (!is_of_wanted (word->text, wanted))
        g_string_append_printf (text, "%s\n", word->text);
    }
  return g_string_free (text, FALSE);
}

/* What counts is what comes out: @after is read again. */
static gboolean
verify (Edit *self, GPtrArray *lines, const char *after, GError **error)
{
  Edit again = *self;
  g_autoptr (GPtrArray) found = NULL;

  again.text = after;
  again.length = strlen (after);
  found = find_own (self->format, self->name, after, again.length, error);
  if (found == NULL)
    return FALSE;
  for (guint i = 0; i < found->len && found->len == lines->len; i++)
    {
      g_autoptr (GPtrArray) had = line_words (self, g_ptr_array_index (lines, i), error);
      g_autoptr (GPtrArray) words =
        had ? line_words (&again, g_ptr_array_index (found, i), error) : NULL;
      g_autoptr (GPtrArray) left = NULL;
      g_autofree char *before_others = NULL;
      g_autofree char *after_others = NULL;

      if (words == NULL)
        return FALSE;
      left = fatia_kernel_words_merge (words, self->wanted, NULL, NULL);
      before_others = others (had, self->wanted);
      after_others = others (words, self->wanted);
      if (left->len > 0 || !g_str_equal (before_others, after_others))
        return fatia_boot_refuse (error, self->name, after,
                                  ((FatiaBootLine *) g_ptr_array_index (found, i))->where,
                                  _ ("what is to be set would not take effect"));
    }
  return found->len == lines->len ||
         fatia_boot_refuse (error, self->name, after, 0,
                            _ ("what is to be set would not take effect"));
}

/* (nullable): what keeps @text from being read at all, translated */
static const char *
find_fault (const char *text, gsize length)
{
  if (length > FATIA_BOOT_FILE_LIMIT)
    return _ ("the file is longer than any of its kind");
  if (memchr (text, '\0', length) != NULL)
    return _ ("there is a NUL byte in it, so this is no text");
  return NULL;
}

static GPtrArray *
find_lines (
  const FatiaBootFormat *self, const char *name, const char *text, gsize length, GError **error)
{
  const char *fault = find_fault (text, length);

  if (fault == NULL)
    return find_own (self, name, text, length, error);
  fatia_boot_refuse (error, name, text, 0, fault);
  return NULL;
}

/*
 * fatia_boot_format_edit:
 * @name: the file's name, for words
 * @text: (array length=length): what it has; a NUL follows
 * @wanted: arguments that are to be in effect in each of the lines found
 *
 * Ours replace the same key where it counts, others stay in their order and spelling, lists are
 * extended. New ones go to the end, before a `--`. The rest of the file keeps every byte.
 *
 * Returns: (transfer full) (nullable): the new text, equal to @text where nothing is to be done,
 *   or %NULL: %FATIA_CHANGE_ERROR_REFUSED with the file, the line and what is odd
 */
char *
fatia_boot_format_edit (const FatiaBootFormat *self,
                        const char *name,
                        const char *text,
                        gsize length,
                        const char *const *wanted,
                        GError **error)
{
  g_autoptr (FatiaSplices) splices = fatia_splices_new ();
  Edit edit = { self, name, text, length, wanted, splices };
  g_autoptr (GPtrArray) lines = find_lines (self, name, text, length, error);
  g_autofree char *result = NULL;

  if (lines == NULL)
    return NULL;
  for (guint i = 0; i < lines->len; i++)
    if (!edit_line (&edit, g_ptr_array_index (lines, i), error))
      return NULL;
  if (splices->len == 0)
    return g_strndup (text, length);
  result = fatia_splices_apply (splices, text, length);
  return verify (&edit, lines, result, error) ? g_steal_pointer (&result) : NULL;
}

/*
 * fatia_boot_format_read:
 *
 * Returns: (transfer full) (nullable) (element-type GStrv): the arguments of each line that
 *   fatia_boot_format_edit() would edit
 */
GPtrArray *
fatia_boot_format_read (
  const FatiaBootFormat *self, const char *name, const char *text, gsize length, GError **error)
{
  Edit edit = { self, name, text, length, NULL, NULL };
  g_autoptr (GPtrArray) lines = find_lines (self, name, text, length, error);
  g_autoptr (GPtrArray) result = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);

  for (guint i = 0; lines != NULL && i < lines->len; i++)
    {
      g_autoptr (GPtrArray) words = line_words (&edit, g_ptr_array_index (lines, i), error);

      if (words == NULL)
        return NULL;
      g_ptr_array_add (result, fatia_kernel_words_to_strv (words));
    }
  return lines ? g_steal_pointer (&result) : NULL;
}
