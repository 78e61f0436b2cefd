/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-shell-script.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-shell-state.h"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FatiaShellState, fatia_shell_state_clear)

static char
peek (const FatiaShellState *self, gsize ahead)
{
  return self->pos + ahead < self->length ? self->text[self->pos + ahead] : '\0';
}

static void
mark_begin (FatiaShellState *self)
{
  if (!self->begun)
    self->start = self->pos;
  self->begun = TRUE;
}

static gboolean
read_here_document (FatiaShellState *self, const FatiaShellHereDocument *document)
{
  const gsize start = self->pos;

  while (self->pos < self->length)
    {
      const char *line = self->text + self->pos;
      const char *newline = memchr (line, '\n', self->length - self->pos);
      gsize length = newline ? (gsize) (newline - line) : self->length - self->pos;

      self->pos += length + (newline ? 1 : 0);
      for (; document->tabs && length > 0 && *line == '\t'; line++)
        length--;
      if (length == strlen (document->delimiter) &&
          strncmp (line, document->delimiter, length) == 0)
        return TRUE;
    }
  return fatia_shell_state_fail (self, start > 0 ? start - 1 : 0, _ ("a here-document never ends"));
}

static gboolean
read_newline (FatiaShellState *self)
{
  self->pos++;
  for (guint i = 0; i < self->here_documents->len; i++)
    if (!read_here_document (self, g_ptr_array_index (self->here_documents, i)))
      return FALSE;
  g_ptr_array_set_size (self->here_documents, 0);
  if (self->redirects || self->names_function)
    return fatia_shell_state_fail (self, self->pos - 1, _ ("the line ends too early"));
  if (fatia_shell_state_get_block (self) != FATIA_SHELL_BLOCK_TEST)
    fatia_shell_state_end_command (self);
  return TRUE;
}

/* NAME[…]: bash reads on to the bracket's end, other shells don't. */
static gboolean
is_subscript (const FatiaShellState *self, const FatiaShellWord *word)
{
  gsize name = fatia_shell_name_length (self->text + word->start);

  return (self->head || self->exporting) && name > 0 && self->text[word->start + name] == '[';
}

static gboolean
read_word (FatiaShellState *self)
{
  g_autoptr (FatiaShellWord) word = NULL;
  gboolean kept = FALSE;

  word = fatia_shell_word_scan (self->text, self->length, self->pos, self->problem);
  if (word == NULL)
    return FALSE;
  if (is_subscript (self, word))
    return fatia_shell_state_fail (self, word->start,
                                   _ ("arrays mean different things to different shells"));
  self->pos = word->end;
  /* 2>file: the number is the redirection's. */
  if (strspn (self->text + word->start, "0123456789") == word->end - word->start &&
      (peek (self, 0) == '<' || peek (self, 0) == '>'))
    return TRUE;
  if (!fatia_shell_state_take_word (self, word, &kept))
    return FALSE;
  if (kept)
    g_steal_pointer (&word);
  return TRUE;
}

static gboolean
read_redirection (FatiaShellState *self)
{
  const gsize start = self->pos;

  if (peek (self, 1) == '(')
    return fatia_shell_state_fail (self, start, _ ("a command stands where a file's name does"));
  if (self->redirects)
    return fatia_shell_state_fail (self, start, _ ("a redirection names no file"));
  self->plain = FALSE;
  self->redirects = TRUE;
  if (peek (self, 0) == '<' && peek (self, 1) == '<' && peek (self, 2) != '<')
    {
      self->reads_here = TRUE;
      self->here_tabs = peek (self, 2) == '-';
      self->pos += self->here_tabs ? 3 : 2;
      return TRUE;
    }
  self->pos += strspn (self->text + start, peek (self, 0) == '<' ? "<>&" : ">|&");
  return TRUE;
}

static gboolean
read_opening (FatiaShellState *self)
{
  const gsize start = self->pos;
  gsize blanks;

  self->pos++;
  if (fatia_shell_state_get_block (self) == FATIA_SHELL_BLOCK_PATTERN ||
      fatia_shell_state_get_block (self) == FATIA_SHELL_BLOCK_TEST)
    return TRUE;
  blanks = strspn (self->text + self->pos, " \t");
  if (self->awaits_body && self->text[self->pos + blanks] == ')')
    {
      /* function NAME () */
      self->pos += blanks + 1;
      return TRUE;
    }
  if (self->head && self->fresh)
    {
      if (peek (self, 0) == '(')
        return fatia_shell_state_fail (
          self, start, _ ("two parentheses mean different things to different shells"));
      fatia_shell_state_push (self, FATIA_SHELL_BLOCK_SUBSHELL);
      self->joined = FALSE;
      return TRUE;
    }
  self->pos += blanks;
  if (!self->head && !self->closed && self->words == 1 && !self->exporting &&
      self->assignments->len == 0 && peek (self, 0) == ')')
    {
      self->pos++;
      fatia_shell_state_define_function (self);
      return TRUE;
    }
  return fatia_shell_state_fail (self, start,
                                 _ ("a parenthesis is where it means different things to shells"));
}

static gboolean
read_closing (FatiaShellState *self)
{
  self->pos++;
  if (fatia_shell_state_get_block (self) == FATIA_SHELL_BLOCK_TEST)
    return TRUE;
  if (fatia_shell_state_get_block (self) == FATIA_SHELL_BLOCK_PATTERN)
    {
      fatia_shell_state_set_block (self, FATIA_SHELL_BLOCK_BODY);
      fatia_shell_state_begin_command (self);
      return TRUE;
    }
  return fatia_shell_state_pop (self, FATIA_SHELL_BLOCK_SUBSHELL, self->pos - 1);
}

/* At ";" and "&": what follows on the line comes before the text of a here-document. */
static gboolean
end_early (FatiaShellState *self)
{
  if (self->here_documents->len > 0)
    return fatia_shell_state_fail (self, self->pos - 1,
                                   _ ("a command follows a here-document on its line"));
  fatia_shell_state_end_command (self);
  return TRUE;
}

static gboolean
read_semicolon (FatiaShellState *self)
{
  const gsize start = self->pos;

  self->pos++;
  if (peek (self, 0) != ';' && peek (self, 0) != '&')
    return end_early (self);
  self->pos += strspn (self->text + self->pos, ";&");
  if (fatia_shell_state_get_block (self) != FATIA_SHELL_BLOCK_BODY)
    return fatia_shell_state_fail (self, start, _ ("two semicolons stand outside of “case”"));
  fatia_shell_state_set_block (self, FATIA_SHELL_BLOCK_PATTERN);
  fatia_shell_state_begin_command (self);
  return TRUE;
}

static gboolean
read_operator (FatiaShellState *self)
{
  const char c = peek (self, 0);

  if (self->redirects && strchr ("\n<>", c) == NULL)
    return fatia_shell_state_fail (self, self->pos, _ ("a redirection names no file"));
  if (fatia_shell_state_get_block (self) == FATIA_SHELL_BLOCK_TEST && strchr ("\n()", c) == NULL)
    {
      self->pos++;
      return TRUE;
    }
  switch (c)
    {
    case '(':
      return read_opening (self);
    case ')':
      return read_closing (self);
    case '<':
    case '>':
      return read_redirection (self);
    case ';':
      return read_semicolon (self);
    case '|':
      self->pos += peek (self, 1) == '|' || peek (self, 1) == '&' ? 2 : 1;
      if (fatia_shell_state_get_block (self) != FATIA_SHELL_BLOCK_PATTERN)
        fatia_shell_state_join (self);
      return TRUE;
    default: /* & */
      if (peek (self, 1) == '>')
        {
          self->pos++;
          return read_redirection (self);
        }
      self->plain = FALSE;
      self->pos++;
      if (peek (self, 0) != '&')
        return end_early (self);
      self->pos++;
      fatia_shell_state_join (self);
      return TRUE;
    }
}

static gboolean
read_next (FatiaShellState *self)
{
  const char c = peek (self, 0);
  const char *newline;

  switch (c)
    {
    case ' ':
    case '\t':
      self->pos++;
      return TRUE;
    case '#':
      newline = memchr (self->text + self->pos, '\n', self->length - self->pos);
      self->pos = newline ? (gsize) (newline - self->text) : self->length;
      return TRUE;
    case '\n':
      return read_newline (self);
    default:
      if (c == '\\' && peek (self, 1) == '\n')
        {
          self->pos += 2;
          return TRUE;
        }
      mark_begin (self);
      if (strchr (";&|()<>", c) != NULL)
        return read_operator (self);
      return read_word (self);
    }
}

static gboolean
read_all (FatiaShellState *self)
{
  while (self->pos < self->length)
    if (!read_next (self))
      return FALSE;
  if (self->here_documents->len > 0)
    return fatia_shell_state_fail (self, self->start, _ ("a here-document never ends"));
  if (self->blocks->len > 0 || self->joined || self->awaits_body || self->redirects ||
      self->names_function)
    return fatia_shell_state_fail (self, self->begun ? self->start : self->length,
                                   _ ("what begins here never ends"));
  fatia_shell_state_end_statement (self);
  return TRUE;
}

/**
 * fatia_shell_script_scan:
 * @text: a shell script without NUL bytes, and one after it
 * @length: its length
 * @problem: (out): what is not understood
 *
 * Reads a script's statements without running any. What is not understood with certainty, or
 * differently by bash and dash, is a problem.
 *
 * Returns: (transfer full) (nullable) (element-type FatiaShellStatement): the statements, or
 *   %NULL with @problem set
 */
GPtrArray *
fatia_shell_script_scan (const char *text, gsize length, FatiaShellProblem *problem)
{
  g_auto (FatiaShellState) state = { .text = text, .length = length, .problem = problem };

  *problem = (FatiaShellProblem) { 0 };
  fatia_shell_state_init (&state);
  if (!read_all (&state))
    return NULL;
  return g_steal_pointer (&state.statements);
}

/**
 * fatia_shell_mentions:
 *
 * Returns: whether @name stands in @text, and not as a part of a longer name
 */
gboolean
fatia_shell_mentions (const char *text, gsize length, const char *name)
{
  const gsize n = strlen (name);
  const char *end = text + length;

  for (const char *p = text; (p = memmem (p, end - p, name, n)) != NULL; p++)
    {
      char before = p > text ? p[-1] : '\0';
      char after = p + n < end ? p[n] : '\0';

      if (!g_ascii_isalnum (before) && before != '_' && !g_ascii_isalnum (after) && after != '_')
        return TRUE;
    }
  return FALSE;
}
