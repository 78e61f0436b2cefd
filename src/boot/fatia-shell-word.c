/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-shell-scanner.h"

#include <string.h>

#include <glib/gi18n-lib.h>

static void
add (FatiaShellScanner *self, FatiaShellPieceKind kind, gsize start, gsize end)
{
  FatiaShellPiece piece = { kind, self->quote, self->run, start, end };
  FatiaShellPiece *last = NULL;

  if (self->pieces->len > 0)
    last = &g_array_index (self->pieces, FatiaShellPiece, self->pieces->len - 1);
  if (last && kind == FATIA_SHELL_TEXT && last->kind == kind && last->run == self->run &&
      last->end == start)
    last->end = end;
  else
    g_array_append_val (self->pieces, piece);
}

/**
 * fatia_shell_name_length:
 *
 * Returns: the length of the variable's name with which @text begins, 0 for none
 */
gsize
fatia_shell_name_length (const char *text)
{
  gsize n = 0;

  if (g_ascii_isdigit (*text))
    return 0;
  while (g_ascii_isalnum (text[n]) || text[n] == '_')
    n++;
  return n;
}

static gboolean
scan_dollar (FatiaShellScanner *self)
{
  const gsize start = self->pos;
  const char *text = self->text + start;
  const char next = fatia_shell_peek (self, 1);
  const gsize name = fatia_shell_name_length (text + 1);
  const gsize braced = next == '{' ? fatia_shell_name_length (text + 2) : 0;

  if (name > 0 || (braced > 0 && text[2 + braced] == '}'))
    {
      self->pos += name > 0 ? 1 + name : 3 + braced;
      add (self, FATIA_SHELL_VARIABLE, start, self->pos);
      return TRUE;
    }
  if (self->quote == FATIA_SHELL_BARE && next == '\'')
    return fatia_shell_fail (self, start, _ ("$'…' means different things to different shells"));
  if (next == '(' || next == '{')
    {
      if (!fatia_shell_skip_substitution (self))
        return FALSE;
      add (self, FATIA_SHELL_UNKNOWN, start, self->pos);
      return TRUE;
    }
  if (next != '\0' && (g_ascii_isdigit (next) || strchr ("@*#?$!-", next) != NULL))
    {
      self->pos += 2;
      add (self, FATIA_SHELL_UNKNOWN, start, self->pos);
      return TRUE;
    }
  self->pos++;
  add (self,
       self->quote == FATIA_SHELL_BARE && next == '"' ? FATIA_SHELL_UNKNOWN : FATIA_SHELL_TEXT,
       start, self->pos);
  return TRUE;
}

static gboolean
scan_backslash (FatiaShellScanner *self)
{
  const gsize start = self->pos;
  const char next = fatia_shell_peek (self, 1);

  if (start + 1 >= self->length)
    return fatia_shell_fail (self, start, _ ("the file ends with a backslash"));
  if (next == '\n')
    add (self, FATIA_SHELL_CONTINUATION, start, start + 2);
  else if (self->quote == FATIA_SHELL_BARE || strchr ("$`\"\\", next) != NULL)
    add (self, FATIA_SHELL_ESCAPE, start, start + 2);
  else
    add (self, FATIA_SHELL_TEXT, start, start + 2);
  self->pos += 2;
  return TRUE;
}

/* One character, expansion or escape outside of single quotes. */
static gboolean
scan_one (FatiaShellScanner *self)
{
  const gsize start = self->pos;

  switch (fatia_shell_peek (self, 0))
    {
    case '\\':
      return scan_backslash (self);
    case '$':
      return scan_dollar (self);
    case '`':
      if (!fatia_shell_skip_backquoted (self))
        return FALSE;
      add (self, FATIA_SHELL_UNKNOWN, start, self->pos);
      return TRUE;
    default:
      self->pos++;
      add (self, FATIA_SHELL_TEXT, start, self->pos);
      return TRUE;
    }
}

static gboolean
scan_single (FatiaShellScanner *self)
{
  const gsize start = self->pos;

  if (!fatia_shell_skip_single (self))
    return FALSE;
  self->quote = FATIA_SHELL_SINGLE;
  self->run++;
  if (self->pos - start > 2)
    add (self, FATIA_SHELL_TEXT, start + 1, self->pos - 1);
  return TRUE;
}

static gboolean
scan_double (FatiaShellScanner *self)
{
  const gsize start = self->pos;

  self->quote = FATIA_SHELL_DOUBLE;
  self->run++;
  self->pos++;
  while (!fatia_shell_at_end (self) && fatia_shell_peek (self, 0) != '"')
    if (!scan_one (self))
      return FALSE;
  if (fatia_shell_at_end (self))
    return fatia_shell_fail (self, start, _ ("a quotation mark is never closed"));
  self->pos++;
  return TRUE;
}

static gboolean
scan_word (FatiaShellScanner *self, FatiaShellQuote *last_quote)
{
  while (!fatia_shell_at_end (self) && strchr (" \t\n;&|()<>", fatia_shell_peek (self, 0)) == NULL)
    {
      gboolean ok;

      if (fatia_shell_peek (self, 0) == '\'')
        ok = scan_single (self);
      else if (fatia_shell_peek (self, 0) == '"')
        ok = scan_double (self);
      else
        ok = scan_one (self);
      if (!ok)
        return FALSE;
      *last_quote = self->quote;
      if (self->quote != FATIA_SHELL_BARE)
        self->run++;
      self->quote = FATIA_SHELL_BARE;
    }
  return TRUE;
}

/**
 * fatia_shell_word_scan:
 * @text: a shell script without NUL bytes, and one after it
 * @length: its length
 * @start: where a word begins
 * @problem: (out): what is not understood
 *
 * Reads one word as a POSIX shell does, up to a space, an operator or the end. What shells read
 * differently is a problem.
 *
 * Returns: (transfer full) (nullable): the word, or %NULL with @problem set
 */
FatiaShellWord *
fatia_shell_word_scan (const char *text, gsize length, gsize start, FatiaShellProblem *problem)
{
  g_autoptr (FatiaShellWord) word = g_new0 (FatiaShellWord, 1);
  FatiaShellScanner scanner = { .text = text, .length = length, .pos = start, .problem = problem };

  word->pieces = g_array_new (FALSE, FALSE, sizeof (FatiaShellPiece));
  scanner.pieces = word->pieces;
  word->start = start;
  if (!scan_word (&scanner, &word->last_quote))
    return NULL;
  word->end = scanner.pos;
  return g_steal_pointer (&word);
}

void
fatia_shell_word_free (FatiaShellWord *word)
{
  g_array_unref (word->pieces);
  g_free (word);
}

/**
 * fatia_shell_word_get_literal:
 * @bare: whether quotes and backslashes are out, as in a reserved word
 *
 * Returns: (transfer full) (nullable): the word, where it has no expansion
 */
char *
fatia_shell_word_get_literal (const FatiaShellWord *word, const char *text, gboolean bare)
{
  g_autoptr (GString) literal = g_string_new (NULL);
  gsize left = word->end - word->start;

  for (guint i = 0; i < word->pieces->len; i++)
    {
      const FatiaShellPiece *piece = &g_array_index (word->pieces, FatiaShellPiece, i);
      gsize skip = piece->kind == FATIA_SHELL_ESCAPE ? 1 : 0;

      left -= piece->end - piece->start;
      if (piece->kind == FATIA_SHELL_CONTINUATION)
        continue;
      if (piece->kind > FATIA_SHELL_CONTINUATION ||
          (bare && (skip > 0 || piece->quote != FATIA_SHELL_BARE)))
        return NULL;
      g_string_append_len (literal, text + piece->start + skip, piece->end - piece->start - skip);
    }
  /* What is left are quotation marks that hold nothing. */
  if (bare && left > 0)
    return NULL;
  return g_string_free (g_steal_pointer (&literal), FALSE);
}

/**
 * fatia_shell_word_find_assignment:
 * @append: (out): whether it is NAME+=value
 *
 * Returns: where the value begins if the word is an assignment, else 0
 */
gsize
fatia_shell_word_find_assignment (const FatiaShellWord *word, const char *text, gboolean *append)
{
  const FatiaShellPiece *first;
  gsize equals;

  if (word->pieces->len == 0)
    return 0;
  first = &g_array_index (word->pieces, FatiaShellPiece, 0);
  if (first->start != word->start || first->kind != FATIA_SHELL_TEXT ||
      first->quote != FATIA_SHELL_BARE)
    return 0;
  equals = word->start + fatia_shell_name_length (text + word->start);
  if (equals == word->start)
    return 0;
  *append = equals + 1 < first->end && text[equals] == '+';
  if (*append)
    equals++;
  return equals < first->end && text[equals] == '=' ? equals + 1 : 0;
}
