/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-kernel-words.h"

#include <string.h>

static void
word_free (FatiaKernelWord *word)
{
  g_free (word->text);
  g_free (word);
}

/* The kernel's isspace() knows these six, see lib/ctype.c. */
static gboolean
is_space (char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Takes away the quotes that the kernel does: those around the whole argument, else those around
 * its value. */
static char *
unquote (const char *text)
{
  gsize length = strlen (text);
  const char *equals = strchr (text, '=');
  GString *result;

  if (text[0] == '"')
    {
      gsize last = length > 1 && text[length - 1] == '"' ? length - 1 : length;

      return g_strndup (text + 1, last - 1);
    }
  if (equals == NULL || equals[1] != '"')
    return g_strdup (text);
  result = g_string_new_len (text, equals + 1 - text);
  g_string_append (result, equals + 2);
  if (text + length - 1 > equals + 1 && text[length - 1] == '"')
    g_string_truncate (result, result->len - 1);
  return g_string_free (result, FALSE);
}

typedef struct
{
  const char *line;
  gsize pos;
  FatiaQuoting quoting;
  FatiaKernelLineState state;
  char quote; /* GRUB's: 0, ' or " */
  gboolean kernel_quote;
  GString *text; /* of the word being read */
} Reader;

/* A character that is in the word. The kernel sees every quotation mark that is left by then. */
static void
take (Reader *self, char c)
{
  if (c == '"')
    self->kernel_quote = !self->kernel_quote;
  g_string_append_c (self->text, c);
}

/* Whether a character, not taken literally by quotes, means more to GRUB's script than itself. A
 * variable, such as Ubuntu's $vt_handoff, is a part of its word. */
static gboolean
is_special (char quote, const char *p)
{
  if (*p == '\n' || (*p == '\\' && p[1] == '\n'))
    return TRUE;
  if (*p == '$')
    return quote != '\'' && !g_ascii_isalpha (p[1]) && p[1] != '_';
  return quote == 0 && strchr ("{}|&;<>", *p) != NULL;
}

/* Reads what GRUB's script makes of the next characters; see grub-core/script/yylex.l. */
static void
take_grub (Reader *self)
{
  const char *p = self->line + self->pos;

  if (is_special (self->quote, p))
    self->state = FATIA_KERNEL_LINE_SPECIAL;
  if (self->quote == 0 && (*p == '\'' || *p == '"'))
    self->quote = *p;
  else if (self->quote != 0 && *p == self->quote)
    self->quote = 0;
  else if (*p == '\\' && p[1] != '\0' &&
           (self->quote == 0 || (self->quote == '"' && strchr ("$\"\\", p[1]) != NULL)))
    {
      take (self, p[1]);
      self->pos++;
    }
  else
    take (self, *p);
  self->pos++;
}

static void
skip_space (Reader *self)
{
  while (is_space (self->line[self->pos]))
    {
      char c = self->line[self->pos++];

      /* GRUB drops carriage returns (grub_file_getline), so one between two words joins them. */
      if (self->quoting == FATIA_QUOTING_GRUB && c != ' ' && c != '\t' &&
          (c != '\r' || (self->line[self->pos] != '\0' && !is_space (self->line[self->pos]))))
        self->state = FATIA_KERNEL_LINE_SPECIAL;
    }
}

static FatiaKernelWord *
read_word (Reader *self)
{
  FatiaKernelWord *word = g_new0 (FatiaKernelWord, 1);

  word->start = self->pos;
  self->text = g_string_new (NULL);
  if (self->quoting == FATIA_QUOTING_GRUB && self->line[self->pos] == '#')
    self->state = FATIA_KERNEL_LINE_SPECIAL;
  while (self->line[self->pos] != '\0' &&
         (self->quote != 0 || self->kernel_quote || !is_space (self->line[self->pos])))
    {
      if (self->quoting == FATIA_QUOTING_GRUB)
        take_grub (self);
      else
        take (self, self->line[self->pos++]);
    }
  word->end = self->pos;
  word->text = unquote (self->text->str);
  g_string_free (self->text, TRUE);
  return word;
}

/*
 * fatia_kernel_words_new:
 * @line: a kernel command line
 * @quoting: who reads it first
 * @state: (out) (optional): what is odd about it
 *
 * Finds the arguments of @line, those for init after `--` included.
 *
 * Returns: (transfer full) (element-type FatiaKernelWord): its words, in their order
 */
GPtrArray *
fatia_kernel_words_new (const char *line, FatiaQuoting quoting, FatiaKernelLineState *state)
{
  GPtrArray *words = g_ptr_array_new_with_free_func ((GDestroyNotify) word_free);
  Reader reader = { .line = line, .quoting = quoting };

  for (skip_space (&reader); line[reader.pos] != '\0'; skip_space (&reader))
    g_ptr_array_add (words, read_word (&reader));
  if (reader.quote != 0 || reader.kernel_quote)
    reader.state = FATIA_KERNEL_LINE_OPEN_QUOTE;
  if (state)
    *state = reader.state;
  return words;
}

/*
 * fatia_kernel_words_from_strv:
 * @arguments: as they are in no line
 *
 * Returns: (transfer full) (element-type FatiaKernelWord): the same as words, without places
 */
GPtrArray *
fatia_kernel_words_from_strv (const char *const *arguments)
{
  GPtrArray *words = g_ptr_array_new_with_free_func ((GDestroyNotify) word_free);

  for (; *arguments != NULL; arguments++)
    {
      FatiaKernelWord *word = g_new0 (FatiaKernelWord, 1);

      word->text = g_strdup (*arguments);
      g_ptr_array_add (words, word);
    }
  return words;
}

/*
 * fatia_kernel_words_find_end:
 *
 * Returns: the number of the `--` after which the words are init's, else how many words there are
 */
guint
fatia_kernel_words_find_end (GPtrArray *words)
{
  guint i;

  for (i = 0; i < words->len; i++)
    {
      const FatiaKernelWord *word = g_ptr_array_index (words, i);

      if (g_str_equal (word->text, "--"))
        break;
    }
  return i;
}

/*
 * fatia_kernel_words_to_strv:
 *
 * Returns: (transfer full): the arguments, in their order
 */
GStrv
fatia_kernel_words_to_strv (GPtrArray *words)
{
  GStrv arguments = g_new0 (char *, words->len + 1);

  for (guint i = 0; i < words->len; i++)
    arguments[i] = g_strdup (((FatiaKernelWord *) g_ptr_array_index (words, i))->text);
  return arguments;
}

/*
 * fatia_kernel_edits_join:
 * @edits: (element-type FatiaKernelEdit)
 * @between: what is written between two arguments
 *
 * Returns: (transfer full) (nullable): the arguments that are new, as one text; %NULL: none are
 */
char *
fatia_kernel_edits_join (GPtrArray *edits, const char *between)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < edits->len; i++)
    {
      const FatiaKernelEdit *edit = g_ptr_array_index (edits, i);

      if (edit->word < 0)
        g_string_append_printf (text, "%s%s", text->len > 0 ? between : "", edit->text);
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}
