/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-shell-script.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* What a compound command is closed by; the opening words are in open_block(). */
typedef enum
{
  BLOCK_IF,
  BLOCK_LOOP,
  BLOCK_FOR, /* a loop, before its "do" */
  BLOCK_GROUP,
  BLOCK_SUBSHELL,
  BLOCK_TEST,    /* [[ … ]] */
  BLOCK_CASE,    /* before "in" */
  BLOCK_PATTERN, /* case, where a pattern stands */
  BLOCK_BODY,    /* case, behind the pattern */
  BLOCK_NONE,
} Block;

typedef struct
{
  char *delimiter;
  gboolean tabs; /* <<-: tabs before the delimiter don't count */
} HereDocument;

typedef struct
{
  const char *text;
  gsize length;
  gsize pos;
  FatiaShellProblem *problem;
  GPtrArray *statements;
  GArray *blocks;            /* of Block */
  GPtrArray *here_documents; /* whose text begins on the next line */

  /* The statement being read */
  gboolean begun;
  gsize start;
  GPtrArray *assignments; /* the words, while there is nothing else */
  gboolean plain;
  gboolean joined;      /* after && || | */
  gboolean awaits_body; /* after NAME () */
  FatiaShellStatement flags;

  /* The simple command being read */
  gboolean head;  /* the command's name is still to come */
  gboolean fresh; /* nothing was read yet, so that reserved words count */
  gboolean exporting;
  gboolean names_function; /* after "function" */
  guint words;
  gboolean redirects;  /* the next word is a file's name */
  gboolean reads_here; /* or a here-document's delimiter */
  gboolean here_tabs;
} Scanner;

/* They may set variables whose name the script does not spell out. */
static const char *const opaque_commands[] = {
  "eval", "source",  ".",         "unset",   "read",  "printf",
  "let",  "mapfile", "readarray", "getopts", "local", NULL,
};
/* The command's name is the next word. */
static const char *const prefix_commands[] = { "command", "builtin", "-p", NULL };
/* They may end the script, or make what follows mean something else. */
static const char *const final_commands[] = {
  "exit", "return", "exec", "readonly", "declare", "typeset", "alias",
  "set",  "shopt",  "trap", "enable",   "coproc",  NULL,
};

static void
statement_free (FatiaShellStatement *statement)
{
  g_free (statement->variable);
  g_clear_pointer (&statement->word, fatia_shell_word_free);
  g_free (statement);
}

static void
here_document_free (HereDocument *document)
{
  g_free (document->delimiter);
  g_free (document);
}

static gboolean
fail (Scanner *self, gsize where, const char *what)
{
  self->problem->where = where;
  self->problem->what = what;
  return FALSE;
}

static char
peek (const Scanner *self, gsize ahead)
{
  return self->pos + ahead < self->length ? self->text[self->pos + ahead] : '\0';
}

static Block
top (const Scanner *self)
{
  return self->blocks->len > 0 ? g_array_index (self->blocks, Block, self->blocks->len - 1)
                               : BLOCK_NONE;
}

static void
set_top (Scanner *self, Block block)
{
  g_array_index (self->blocks, Block, self->blocks->len - 1) = block;
}

static void
begin_command (Scanner *self)
{
  self->head = TRUE;
  self->fresh = TRUE;
  self->exporting = FALSE;
  self->words = 0;
}

static void
begin_statement (Scanner *self)
{
  begin_command (self);
  self->begun = FALSE;
  self->plain = TRUE;
  self->joined = FALSE;
  self->awaits_body = FALSE;
  self->flags = (FatiaShellStatement) { 0 };
  g_ptr_array_set_size (self->assignments, 0);
}

static void
mark_begin (Scanner *self)
{
  if (!self->begun)
    self->start = self->pos;
  self->begun = TRUE;
}

static void
emit_assignment (Scanner *self, FatiaShellWord *word, gboolean exported)
{
  FatiaShellStatement *statement = g_new0 (FatiaShellStatement, 1);
  gsize equals;

  statement->start = word->start;
  statement->end = word->end;
  statement->value = fatia_shell_word_find_assignment (word, self->text, &statement->append);
  equals = statement->value - (statement->append ? 2 : 1);
  statement->variable = g_strndup (self->text + word->start, equals - word->start);
  statement->exported = exported;
  statement->word = word;
  g_ptr_array_add (self->statements, statement);
}

static void
emit_command (Scanner *self)
{
  FatiaShellStatement *statement = g_new0 (FatiaShellStatement, 1);

  *statement = self->flags;
  statement->start = self->start;
  statement->end = self->pos;
  g_ptr_array_add (self->statements, statement);
}

static void
end_statement (Scanner *self)
{
  if (self->begun && self->plain)
    for (guint i = 0; i < self->assignments->len; i++)
      emit_assignment (self, g_steal_pointer (&self->assignments->pdata[i]), self->exporting);
  else if (self->begun)
    emit_command (self);
  begin_statement (self);
}

/* At ";", "&" and the end of a line. */
static void
end_command (Scanner *self)
{
  if (self->blocks->len == 0 && !self->joined && !self->awaits_body)
    end_statement (self);
  else
    begin_command (self);
}

/* After && || | another command follows, and what was read is no longer certain to be done. */
static void
join (Scanner *self)
{
  self->plain = FALSE;
  begin_command (self);
  self->joined = TRUE;
}

static void
push (Scanner *self, Block block)
{
  g_array_append_val (self->blocks, block);
  self->plain = FALSE;
  self->awaits_body = FALSE;
  begin_command (self);
}

static gboolean
pop (Scanner *self, Block block, gsize where)
{
  if (top (self) != block)
    return fail (self, where, _ ("a block ends that did not begin"));
  g_array_set_size (self->blocks, self->blocks->len - 1);
  /* Only redirections may follow. */
  self->head = self->fresh = FALSE;
  self->words = 2;
  return TRUE;
}

static gboolean
read_here_document (Scanner *self, const HereDocument *document)
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
  return fail (self, start > 0 ? start - 1 : 0, _ ("a here-document never ends"));
}

static gboolean
read_newline (Scanner *self)
{
  self->pos++;
  for (guint i = 0; i < self->here_documents->len; i++)
    if (!read_here_document (self, g_ptr_array_index (self->here_documents, i)))
      return FALSE;
  g_ptr_array_set_size (self->here_documents, 0);
  if (self->redirects || self->names_function)
    return fail (self, self->pos - 1, _ ("the line ends too early"));
  if (top (self) != BLOCK_TEST)
    end_command (self);
  return TRUE;
}

/* @word stands behind a redirection. */
static gboolean
take_redirection (Scanner *self, const FatiaShellWord *word)
{
  HereDocument *document;

  self->redirects = FALSE;
  if (!self->reads_here)
    return TRUE;
  self->reads_here = FALSE;
  document = g_new0 (HereDocument, 1);
  document->tabs = self->here_tabs;
  document->delimiter = fatia_shell_word_get_literal (word, self->text, FALSE);
  g_ptr_array_add (self->here_documents, document);
  if (document->delimiter == NULL || strchr (document->delimiter, '\n') != NULL)
    {
      g_clear_pointer (&document->delimiter, g_free);
      document->delimiter = g_strdup ("");
      return fail (self, word->start, _ ("a here-document has an odd delimiter"));
    }
  return TRUE;
}

static gboolean
open_block (Scanner *self, const char *reserved)
{
  static const struct
  {
    const char *word;
    Block block;
  } openers[] = {
    { "if", BLOCK_IF },      { "while", BLOCK_LOOP }, { "until", BLOCK_LOOP }, { "for", BLOCK_FOR },
    { "select", BLOCK_FOR }, { "case", BLOCK_CASE },  { "{", BLOCK_GROUP },    { "[[", BLOCK_TEST },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (openers); i++)
    if (g_str_equal (openers[i].word, reserved))
      {
        push (self, openers[i].block);
        if (openers[i].block != BLOCK_IF && openers[i].block != BLOCK_LOOP &&
            openers[i].block != BLOCK_GROUP)
          self->head = self->fresh = FALSE;
        return TRUE;
      }
  return FALSE;
}

static gboolean
continue_block (Scanner *self, const char *reserved, gsize where)
{
  const char *const of_if[] = { "then", "else", "elif", NULL };
  const char *const anywhere[] = { "!", "time", NULL };

  if (g_strv_contains (anywhere, reserved))
    {
      self->plain = FALSE;
      return TRUE;
    }
  if (g_strv_contains (of_if, reserved) ? top (self) != BLOCK_IF
                                        : top (self) != BLOCK_LOOP && top (self) != BLOCK_FOR)
    return fail (self, where, _ ("a block goes on that did not begin"));
  if (top (self) == BLOCK_FOR)
    set_top (self, BLOCK_LOOP);
  begin_command (self);
  return TRUE;
}

/* Sets @taken if @reserved is a reserved word; fails where it can't stand here. */
static gboolean
take_reserved (Scanner *self, const char *reserved, gsize where, gboolean *taken)
{
  const char *const middle[] = { "then", "else", "elif", "do", "!", "time", NULL };

  *taken = TRUE;
  if (open_block (self, reserved))
    return TRUE;
  if (g_strv_contains (middle, reserved))
    return continue_block (self, reserved, where);
  if (g_str_equal (reserved, "fi"))
    return pop (self, BLOCK_IF, where);
  if (g_str_equal (reserved, "done"))
    return pop (self, BLOCK_LOOP, where);
  if (g_str_equal (reserved, "}"))
    return pop (self, BLOCK_GROUP, where);
  if (g_str_equal (reserved, "esac"))
    return pop (self, BLOCK_BODY, where);
  if (g_str_equal (reserved, "function"))
    {
      self->plain = self->head = self->fresh = FALSE;
      self->names_function = TRUE;
      return TRUE;
    }
  *taken = FALSE;
  return TRUE;
}

static void
define_function (Scanner *self)
{
  self->plain = FALSE;
  self->names_function = FALSE;
  self->awaits_body = TRUE;
  self->flags.defines = TRUE;
  begin_command (self);
}

static gboolean
take_command_name (Scanner *self, const FatiaShellWord *word)
{
  g_autofree char *name = fatia_shell_word_get_literal (word, self->text, FALSE);

  self->head = self->fresh = FALSE;
  self->words = 1;
  for (guint i = 0; i < word->pieces->len; i++)
    if (g_array_index (word->pieces, FatiaShellPiece, i).kind == FATIA_SHELL_CONTINUATION)
      return fail (self, word->start, _ ("a command's name goes over two lines"));
  if (name != NULL && g_str_equal (name, "\r"))
    return fail (self, word->start,
                 _ ("the lines end as on Windows, and the shell takes an empty one for a command"));
  if (g_strcmp0 (name, "export") == 0 && self->assignments->len == 0)
    {
      self->exporting = TRUE;
      return TRUE;
    }
  self->plain = FALSE;
  if (name != NULL && g_strv_contains (prefix_commands, name))
    {
      self->head = TRUE;
      return TRUE;
    }
  if (name == NULL || g_strv_contains (opaque_commands, name))
    self->flags.opaque = TRUE;
  else if (g_strv_contains (final_commands, name))
    self->flags.opaque = self->flags.final = TRUE;
  return TRUE;
}

static void
take_argument (Scanner *self, FatiaShellWord *word)
{
  gboolean append;

  self->words++;
  if (!self->exporting)
    return;
  if (fatia_shell_word_find_assignment (word, self->text, &append) > 0)
    {
      g_ptr_array_add (self->assignments, word);
      return;
    }
  if (fatia_shell_name_length (self->text + word->start) != word->end - word->start)
    {
      self->plain = FALSE;
      self->flags.opaque = TRUE;
    }
}

/* Words where the grammar wants something particular. Sets @taken if it did. */
static gboolean
take_in_block (Scanner *self, const FatiaShellWord *word, const char *bare, gboolean *taken)
{
  *taken = TRUE;
  switch (top (self))
    {
    case BLOCK_TEST:
      return g_strcmp0 (bare, "]]") != 0 || pop (self, BLOCK_TEST, word->start);
    case BLOCK_CASE:
      if (g_strcmp0 (bare, "in") == 0 && self->words > 0)
        set_top (self, BLOCK_PATTERN);
      self->words++;
      return TRUE;
    case BLOCK_PATTERN:
      if (g_strcmp0 (bare, "esac") != 0)
        return TRUE;
      return pop (self, BLOCK_PATTERN, word->start);
    case BLOCK_FOR:
      if (g_strcmp0 (bare, "do") == 0)
        return continue_block (self, bare, word->start);
      return TRUE;
    default:
      *taken = FALSE;
      return TRUE;
    }
}

/* Keeps @word where it is an assignment, else takes from it what it says. */
static gboolean
take_word (Scanner *self, FatiaShellWord *word, gboolean *kept)
{
  g_autofree char *bare = fatia_shell_word_get_literal (word, self->text, TRUE);
  gboolean taken = FALSE;
  gboolean append;
  guint before = self->assignments->len;

  if (self->redirects)
    return take_redirection (self, word);
  if (self->names_function)
    {
      define_function (self);
      return TRUE;
    }
  if (!take_in_block (self, word, bare, &taken) || taken)
    return !taken || self->problem->what == NULL;
  self->joined = FALSE;
  if (self->head && self->fresh && bare != NULL &&
      (!take_reserved (self, bare, word->start, &taken) || taken))
    return self->problem->what == NULL;
  self->fresh = FALSE;
  if (self->head && fatia_shell_word_find_assignment (word, self->text, &append) > 0)
    g_ptr_array_add (self->assignments, word);
  else if (self->head)
    return take_command_name (self, word);
  else
    take_argument (self, word);
  *kept = self->assignments->len > before;
  return TRUE;
}

static gboolean
read_word (Scanner *self)
{
  g_autoptr (FatiaShellWord) word = NULL;
  gboolean kept = FALSE;

  word = fatia_shell_word_scan (self->text, self->length, self->pos, self->problem);
  if (word == NULL)
    return FALSE;
  self->pos = word->end;
  /* 2>file: the number is the redirection's. */
  if (strspn (self->text + word->start, "0123456789") == word->end - word->start &&
      (peek (self, 0) == '<' || peek (self, 0) == '>'))
    return TRUE;
  if (!take_word (self, word, &kept))
    return FALSE;
  if (kept)
    g_steal_pointer (&word);
  return TRUE;
}

static gboolean
read_redirection (Scanner *self)
{
  const gsize start = self->pos;

  if (peek (self, 1) == '(')
    return fail (self, start, _ ("a command stands where a file's name does"));
  if (self->redirects)
    return fail (self, start, _ ("a redirection names no file"));
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
read_opening (Scanner *self)
{
  const gsize start = self->pos;
  gsize blanks;

  self->pos++;
  if (top (self) == BLOCK_PATTERN || top (self) == BLOCK_TEST)
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
        return fail (self, start, _ ("two parentheses mean different things to different shells"));
      push (self, BLOCK_SUBSHELL);
      self->joined = FALSE;
      return TRUE;
    }
  self->pos += blanks;
  if (!self->head && self->words == 1 && !self->exporting && self->assignments->len == 0 &&
      peek (self, 0) == ')')
    {
      self->pos++;
      define_function (self);
      return TRUE;
    }
  return fail (self, start, _ ("a parenthesis is where it means different things to shells"));
}

static gboolean
read_closing (Scanner *self)
{
  self->pos++;
  if (top (self) == BLOCK_TEST)
    return TRUE;
  if (top (self) == BLOCK_PATTERN)
    {
      set_top (self, BLOCK_BODY);
      begin_command (self);
      return TRUE;
    }
  return pop (self, BLOCK_SUBSHELL, self->pos - 1);
}

/* At ";" and "&": what follows on the line comes before the text of a here-document. */
static gboolean
end_early (Scanner *self)
{
  if (self->here_documents->len > 0)
    return fail (self, self->pos - 1, _ ("a command follows a here-document on its line"));
  end_command (self);
  return TRUE;
}

static gboolean
read_semicolon (Scanner *self)
{
  const gsize start = self->pos;

  self->pos++;
  if (peek (self, 0) != ';' && peek (self, 0) != '&')
    return end_early (self);
  self->pos += strspn (self->text + self->pos, ";&");
  if (top (self) != BLOCK_BODY)
    return fail (self, start, _ ("two semicolons stand outside of “case”"));
  set_top (self, BLOCK_PATTERN);
  begin_command (self);
  return TRUE;
}

static gboolean
read_operator (Scanner *self)
{
  const char c = peek (self, 0);

  if (self->redirects && strchr ("\n<>", c) == NULL)
    return fail (self, self->pos, _ ("a redirection names no file"));
  if (top (self) == BLOCK_TEST && strchr ("\n()", c) == NULL)
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
      if (top (self) != BLOCK_PATTERN)
        join (self);
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
      join (self);
      return TRUE;
    }
}

static gboolean
read_next (Scanner *self)
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
read_all (Scanner *self)
{
  begin_statement (self);
  while (self->pos < self->length)
    if (!read_next (self))
      return FALSE;
  if (self->here_documents->len > 0)
    return fail (self, self->start, _ ("a here-document never ends"));
  if (self->blocks->len > 0 || self->joined || self->awaits_body || self->redirects ||
      self->names_function)
    return fail (self, self->begun ? self->start : self->length, _ ("what begins here never ends"));
  end_statement (self);
  return TRUE;
}

static void
clear_word (FatiaShellWord *word)
{
  g_clear_pointer (&word, fatia_shell_word_free);
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
  g_autoptr (GPtrArray) statements = NULL;
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (Block));
  g_autoptr (GPtrArray) here_documents = NULL;
  g_autoptr (GPtrArray) assignments = NULL;
  Scanner scanner = { .text = text, .length = length, .problem = problem };

  *problem = (FatiaShellProblem) { 0 };
  statements = g_ptr_array_new_with_free_func ((GDestroyNotify) statement_free);
  here_documents = g_ptr_array_new_with_free_func ((GDestroyNotify) here_document_free);
  assignments = g_ptr_array_new_with_free_func ((GDestroyNotify) clear_word);
  scanner.statements = statements;
  scanner.blocks = blocks;
  scanner.here_documents = here_documents;
  scanner.assignments = assignments;
  if (!read_all (&scanner))
    return NULL;
  return g_steal_pointer (&statements);
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
