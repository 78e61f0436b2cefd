/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-kernel-arguments.h"

#include <string.h>

#include "boot/fatia-kernel-keys.h"
#include "boot/fatia-kernel-words.h"

/**
 * fatia_kernel_argument_is_known:
 * @argument: one argument, as it comes from a caller
 *
 * Returns: whether the helper may set @argument: one of the keys Fatia knows, spelled as the
 *   kernel's documents do, its value well formed
 */
gboolean
fatia_kernel_argument_is_known (const char *argument)
{
  const FatiaKernelKey *key;
  g_autofree char *pattern = NULL;
  gsize length;

  g_return_val_if_fail (argument != NULL, FALSE);

  key = fatia_kernel_key_find (argument);
  if (key == NULL || !g_utf8_validate (argument, -1, NULL))
    return FALSE;
  length = strlen (key->key);
  if (strncmp (argument, key->key, length) != 0 || argument[length] != '=')
    return FALSE;
  pattern = g_strdup_printf ("\\A(?:%s)\\z", key->grammar);
  return g_regex_match_simple (pattern, argument + length + 1, 0, 0);
}

/**
 * fatia_kernel_arguments_split:
 * @line: a kernel command line, that of /proc/cmdline for instance
 *
 * Splits a line as the kernel does: at white space outside of double quotes; the quotes around
 * an argument or its value are gone then. What follows `--` is init's, and is there as well.
 *
 * Returns: (transfer full): the arguments, in their order
 */
GStrv
fatia_kernel_arguments_split (const char *line)
{
  g_autoptr (GPtrArray) words = NULL;

  g_return_val_if_fail (line != NULL, NULL);

  words = fatia_kernel_words_new (line, FATIA_QUOTING_KERNEL, NULL);
  return fatia_kernel_words_to_strv (words);
}

static void
edit_free (FatiaKernelEdit *edit)
{
  g_free (edit->text);
  g_free (edit);
}

/* Whether an earlier one of @wanted has settled this key already. For a key of which the last
 * counts, the last one wanted does. */
static gboolean
is_settled (const char *const *wanted, guint which)
{
  const FatiaKernelKey *key = fatia_kernel_key_find (wanted[which]);

  if (key == NULL || key->kind == FATIA_KERNEL_KEY_SCALAR)
    {
      for (guint i = which + 1; wanted[i] != NULL; i++)
        if (fatia_kernel_key_is_same (wanted[i], wanted[which]))
          return TRUE;
      return FALSE;
    }
  for (guint i = 0; i < which; i++)
    if (fatia_kernel_key_is_same (wanted[i], wanted[which]))
      return TRUE;
  return FALSE;
}

/**
 * fatia_kernel_arguments_cover:
 * @have: arguments, as fatia_kernel_arguments_split() gives them
 * @wanted: arguments that are to be in effect
 *
 * Returns: whether every one of @wanted is in effect in @have: the last of a key counts, the
 *   items of a list are looked for one by one, and what works against one (intel_iommu=off
 *   after it, say, or the wanted driver in module_blacklist) makes it count for nothing. What
 *   follows `--` is init's.
 */
gboolean
fatia_kernel_arguments_cover (const char *const *have, const char *const *wanted)
{
  g_autofree const char **mine = NULL;
  guint n = 0;

  g_return_val_if_fail (have != NULL && wanted != NULL, FALSE);

  while (have[n] != NULL && !g_str_equal (have[n], "--"))
    n++;
  mine = g_new0 (const char *, n + 1);
  for (guint i = 0; i < n; i++)
    mine[i] = have[i];
  for (guint i = 0; wanted[i] != NULL; i++)
    {
      FatiaKernelSettlement settlement;

      if (is_settled (wanted, i))
        continue;
      fatia_kernel_settle (mine, wanted, i, &settlement);
      g_free (settlement.text);
      if (!settlement.in_effect)
        return FALSE;
    }
  return TRUE;
}

/*
 * fatia_kernel_words_merge:
 * @words: the words of a line
 * @wanted: arguments that are to be in effect
 * @can_replace: (nullable): whether a word can be replaced where it stands; where it can't, the
 *   argument is added, and counts because it comes later
 *
 * Returns: (transfer full) (element-type FatiaKernelEdit): what is to be done so that @wanted are
 *   in effect, none where they are
 */
GPtrArray *
fatia_kernel_words_merge (GPtrArray *words,
                          const char *const *wanted,
                          FatiaKernelWordFunc can_replace,
                          gpointer data)
{
  GPtrArray *edits = g_ptr_array_new_with_free_func ((GDestroyNotify) edit_free);
  guint n = fatia_kernel_words_find_end (words);
  g_autofree const char **have = g_new0 (const char *, n + 1);

  for (guint i = 0; i < n; i++)
    have[i] = ((FatiaKernelWord *) g_ptr_array_index (words, i))->text;
  for (guint i = 0; wanted[i] != NULL; i++)
    {
      FatiaKernelSettlement settlement;
      FatiaKernelEdit *edit;

      if (is_settled (wanted, i))
        continue;
      fatia_kernel_settle (have, wanted, i, &settlement);
      if (settlement.in_effect)
        continue;
      edit = g_new0 (FatiaKernelEdit, 1);
      edit->text = settlement.text;
      edit->word = settlement.where;
      if (edit->word >= 0 && can_replace &&
          !can_replace (g_ptr_array_index (words, edit->word), data))
        edit->word = -1;
      g_ptr_array_add (edits, edit);
    }
  return edits;
}

/* A list's items may have come out of quotes. */
static void
append_quoted (GString *line, const char *argument)
{
  const char *value = strchr (argument, '=');

  if (value != NULL && strpbrk (value, " \t\n\v\f\r") != NULL)
    g_string_append_printf (line, "%.*s\"%s\"", (int) (value + 1 - argument), argument, value + 1);
  else
    g_string_append (line, argument);
}

static void
append_new (GString *line, GPtrArray *edits)
{
  for (guint i = 0; i < edits->len; i++)
    {
      const FatiaKernelEdit *edit = g_ptr_array_index (edits, i);

      if (edit->word >= 0)
        continue;
      if (line->len > 0 && !g_ascii_isspace (line->str[line->len - 1]))
        g_string_append_c (line, ' ');
      append_quoted (line, edit->text);
    }
}

static const FatiaKernelEdit *
find_edit (GPtrArray *edits, guint word)
{
  for (guint i = 0; i < edits->len; i++)
    {
      const FatiaKernelEdit *edit = g_ptr_array_index (edits, i);

      if (edit->word == (int) word)
        return edit;
    }
  return NULL;
}

/**
 * fatia_kernel_arguments_merge:
 * @line: a kernel command line
 * @wanted: arguments that are to be in effect
 *
 * Merges @wanted into @line: ours replace the same key where it counts, others stay in their
 * order and spelling, lists are extended. New ones go to the end, before a `--`. A line whose
 * last quote is never closed gets it closed first: the kernel would take ours for a part of it.
 *
 * Returns: (transfer full): the new line; @line itself where they are in effect already
 */
char *
fatia_kernel_arguments_merge (const char *line, const char *const *wanted)
{
  g_autoptr (GPtrArray) words = NULL;
  g_autoptr (GPtrArray) edits = NULL;
  g_autoptr (GString) result = NULL;
  FatiaKernelLineState state;
  gsize done = 0;
  guint end;

  g_return_val_if_fail (line != NULL && wanted != NULL, NULL);

  words = fatia_kernel_words_new (line, FATIA_QUOTING_KERNEL, &state);
  edits = fatia_kernel_words_merge (words, wanted, NULL, NULL);
  if (edits->len == 0)
    return g_strdup (line);
  result = g_string_new (NULL);
  end = fatia_kernel_words_find_end (words);
  for (guint i = 0; i < words->len; i++)
    {
      const FatiaKernelWord *word = g_ptr_array_index (words, i);
      const FatiaKernelEdit *edit = find_edit (edits, i);

      g_string_append_len (result, line + done, word->start - done);
      if (i == end)
        {
          append_new (result, edits);
          if (result->len > 0 && !g_ascii_isspace (result->str[result->len - 1]))
            g_string_append_c (result, ' ');
        }
      if (edit)
        append_quoted (result, edit->text);
      else
        g_string_append_len (result, line + word->start, word->end - word->start);
      done = word->end;
    }
  if (end == words->len)
    {
      const FatiaKernelEdit *last = words->len > 0 ? find_edit (edits, words->len - 1) : NULL;

      if (state == FATIA_KERNEL_LINE_OPEN_QUOTE && last == NULL)
        g_string_append_c (result, '"');
      g_string_append (result, line + done);
      append_new (result, edits);
    }
  else
    g_string_append (result, line + done);
  return g_string_free (g_steal_pointer (&result), FALSE);
}
