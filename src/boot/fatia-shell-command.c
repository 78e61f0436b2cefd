/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-shell-state.h"

#include <string.h>

#include <glib/gi18n-lib.h>

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

/* @word stands behind a redirection. */
static gboolean
take_redirection (FatiaShellState *self, const FatiaShellWord *word)
{
  FatiaShellHereDocument *document;

  self->redirects = FALSE;
  if (!self->reads_here)
    return TRUE;
  self->reads_here = FALSE;
  document = g_new0 (FatiaShellHereDocument, 1);
  document->tabs = self->here_tabs;
  document->delimiter = fatia_shell_word_get_literal (word, self->text, FALSE);
  g_ptr_array_add (self->here_documents, document);
  if (document->delimiter == NULL || strchr (document->delimiter, '\n') != NULL)
    {
      g_clear_pointer (&document->delimiter, g_free);
      document->delimiter = g_strdup ("");
      return fatia_shell_state_fail (self, word->start, _ ("a here-document has an odd delimiter"));
    }
  return TRUE;
}

static const struct
{
  const char *word;
  FatiaShellBlock from; /* FATIA_SHELL_BLOCK_NONE: it opens a block */
  FatiaShellBlock to;   /* FATIA_SHELL_BLOCK_NONE: it ends one */
} reserved_words[] = {
  { "if", FATIA_SHELL_BLOCK_NONE, FATIA_SHELL_BLOCK_IF },
  { "then", FATIA_SHELL_BLOCK_IF, FATIA_SHELL_BLOCK_THEN },
  { "elif", FATIA_SHELL_BLOCK_THEN, FATIA_SHELL_BLOCK_IF },
  { "else", FATIA_SHELL_BLOCK_THEN, FATIA_SHELL_BLOCK_ELSE },
  { "fi", FATIA_SHELL_BLOCK_THEN, FATIA_SHELL_BLOCK_NONE },
  { "fi", FATIA_SHELL_BLOCK_ELSE, FATIA_SHELL_BLOCK_NONE },
  { "while", FATIA_SHELL_BLOCK_NONE, FATIA_SHELL_BLOCK_WHILE },
  { "until", FATIA_SHELL_BLOCK_NONE, FATIA_SHELL_BLOCK_WHILE },
  { "do", FATIA_SHELL_BLOCK_WHILE, FATIA_SHELL_BLOCK_LOOP },
  { "done", FATIA_SHELL_BLOCK_LOOP, FATIA_SHELL_BLOCK_NONE },
  { "for", FATIA_SHELL_BLOCK_NONE, FATIA_SHELL_BLOCK_FOR },
  { "select", FATIA_SHELL_BLOCK_NONE, FATIA_SHELL_BLOCK_FOR },
  { "case", FATIA_SHELL_BLOCK_NONE, FATIA_SHELL_BLOCK_CASE },
  { "esac", FATIA_SHELL_BLOCK_BODY, FATIA_SHELL_BLOCK_NONE },
  { "{", FATIA_SHELL_BLOCK_NONE, FATIA_SHELL_BLOCK_GROUP },
  { "}", FATIA_SHELL_BLOCK_GROUP, FATIA_SHELL_BLOCK_NONE },
  { "[[", FATIA_SHELL_BLOCK_NONE, FATIA_SHELL_BLOCK_TEST },
};

static void
open_block (FatiaShellState *self, FatiaShellBlock block)
{
  fatia_shell_state_push (self, block);
  /* No command stands there at first. */
  if (block == FATIA_SHELL_BLOCK_FOR || block == FATIA_SHELL_BLOCK_CASE ||
      block == FATIA_SHELL_BLOCK_TEST)
    self->head = self->fresh = FALSE;
}

/* Sets @taken if @word is a reserved word; fails where it can't stand here. */
static gboolean
take_reserved (FatiaShellState *self, const char *word, gsize where, gboolean *taken)
{
  *taken = FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (reserved_words); i++)
    {
      const FatiaShellBlock from = reserved_words[i].from;
      const FatiaShellBlock to = reserved_words[i].to;

      if (!g_str_equal (reserved_words[i].word, word))
        continue;
      *taken = TRUE;
      if (from != FATIA_SHELL_BLOCK_NONE && from != fatia_shell_state_get_block (self))
        continue;
      if (from == FATIA_SHELL_BLOCK_NONE)
        open_block (self, to);
      else if (to == FATIA_SHELL_BLOCK_NONE)
        return fatia_shell_state_pop (self, from, where);
      else
        {
          fatia_shell_state_set_block (self, to);
          fatia_shell_state_begin_command (self);
        }
      return TRUE;
    }
  if (*taken)
    return fatia_shell_state_fail (self, where, _ ("a block goes on or ends that did not begin"));
  *taken = g_str_equal (word, "!") || g_str_equal (word, "time");
  if (*taken)
    self->plain = FALSE;
  if (g_str_equal (word, "function"))
    {
      self->plain = self->head = self->fresh = FALSE;
      self->names_function = TRUE;
      *taken = TRUE;
    }
  return TRUE;
}

void
fatia_shell_state_define_function (FatiaShellState *self)
{
  self->plain = FALSE;
  self->names_function = FALSE;
  self->awaits_body = TRUE;
  self->flags.defines = TRUE;
  fatia_shell_state_begin_command (self);
}

static gboolean
take_command_name (FatiaShellState *self, const FatiaShellWord *word)
{
  g_autofree char *name = fatia_shell_word_get_literal (word, self->text, FALSE);

  self->head = self->fresh = FALSE;
  self->words = 1;
  for (guint i = 0; i < word->pieces->len; i++)
    if (g_array_index (word->pieces, FatiaShellPiece, i).kind == FATIA_SHELL_CONTINUATION)
      return fatia_shell_state_fail (self, word->start, _ ("a command's name goes over two lines"));
  if (name != NULL && g_str_equal (name, "\r"))
    return fatia_shell_state_fail (
      self, word->start,
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
take_argument (FatiaShellState *self, FatiaShellWord *word)
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
take_in_block (FatiaShellState *self, const FatiaShellWord *word, const char *bare, gboolean *taken)
{
  *taken = TRUE;
  switch (fatia_shell_state_get_block (self))
    {
    case FATIA_SHELL_BLOCK_TEST:
      return g_strcmp0 (bare, "]]") != 0 ||
             fatia_shell_state_pop (self, FATIA_SHELL_BLOCK_TEST, word->start);
    case FATIA_SHELL_BLOCK_CASE:
      if (g_strcmp0 (bare, "in") == 0 && self->words > 0)
        fatia_shell_state_set_block (self, FATIA_SHELL_BLOCK_PATTERN);
      self->words++;
      return TRUE;
    case FATIA_SHELL_BLOCK_PATTERN:
      if (g_strcmp0 (bare, "esac") != 0)
        return TRUE;
      return fatia_shell_state_pop (self, FATIA_SHELL_BLOCK_PATTERN, word->start);
    case FATIA_SHELL_BLOCK_FOR:
      if (g_strcmp0 (bare, "do") == 0 && (self->fresh || self->words == 1))
        {
          fatia_shell_state_set_block (self, FATIA_SHELL_BLOCK_LOOP);
          fatia_shell_state_begin_command (self);
          return TRUE;
        }
      if (self->fresh && g_strcmp0 (bare, "in") != 0)
        return fatia_shell_state_fail (self, word->start,
                                       _ ("a word stands where “do” is expected"));
      self->fresh = FALSE;
      self->words++;
      return TRUE;
    default:
      *taken = FALSE;
      return TRUE;
    }
}

/* Keeps @word where it is an assignment, else takes from it what it says. */
gboolean
fatia_shell_state_take_word (FatiaShellState *self, FatiaShellWord *word, gboolean *kept)
{
  static const char *const after_block[] = {
    "then", "else", "elif", "fi", "do", "done", "esac", "}", NULL,
  };
  g_autofree char *bare = fatia_shell_word_get_literal (word, self->text, TRUE);
  gboolean taken = FALSE;
  gboolean append;
  guint before = self->assignments->len;

  if (self->redirects)
    return take_redirection (self, word);
  if (self->names_function)
    {
      fatia_shell_state_define_function (self);
      return TRUE;
    }
  if (!take_in_block (self, word, bare, &taken) || taken)
    return !taken || self->problem->what == NULL;
  if (self->closed)
    {
      if (bare == NULL || !g_strv_contains (after_block, bare))
        return fatia_shell_state_fail (self, word->start,
                                       _ ("a word stands where a block has ended"));
      fatia_shell_state_begin_command (self);
    }
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
