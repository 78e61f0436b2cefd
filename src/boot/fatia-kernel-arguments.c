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
