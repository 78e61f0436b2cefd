/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-shell-state.h"

#include <glib/gi18n-lib.h>

static void
statement_free (FatiaShellStatement *statement)
{
  g_free (statement->variable);
  g_clear_pointer (&statement->word, fatia_shell_word_free);
  g_free (statement);
}

static void
here_document_free (FatiaShellHereDocument *document)
{
  g_free (document->delimiter);
  g_free (document);
}

static void
clear_word (FatiaShellWord *word)
{
  g_clear_pointer (&word, fatia_shell_word_free);
}

gboolean
fatia_shell_state_fail (FatiaShellState *self, gsize where, const char *what)
{
  self->problem->where = where;
  self->problem->what = what;
  return FALSE;
}

FatiaShellBlock
fatia_shell_state_get_block (const FatiaShellState *self)
{
  return self->blocks->len > 0
           ? g_array_index (self->blocks, FatiaShellBlock, self->blocks->len - 1)
           : FATIA_SHELL_BLOCK_NONE;
}

void
fatia_shell_state_set_block (FatiaShellState *self, FatiaShellBlock block)
{
  g_array_index (self->blocks, FatiaShellBlock, self->blocks->len - 1) = block;
}

void
fatia_shell_state_begin_command (FatiaShellState *self)
{
  self->head = TRUE;
  self->fresh = TRUE;
  self->closed = FALSE;
  self->exporting = FALSE;
  self->words = 0;
}

static void
begin_statement (FatiaShellState *self)
{
  fatia_shell_state_begin_command (self);
  self->begun = FALSE;
  self->plain = TRUE;
  self->joined = FALSE;
  self->awaits_body = FALSE;
  self->flags = (FatiaShellStatement) { 0 };
  g_ptr_array_set_size (self->assignments, 0);
}

static void
emit_assignment (FatiaShellState *self, FatiaShellWord *word, gboolean exported)
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
emit_command (FatiaShellState *self)
{
  FatiaShellStatement *statement = g_new0 (FatiaShellStatement, 1);

  *statement = self->flags;
  statement->start = self->start;
  statement->end = self->pos;
  g_ptr_array_add (self->statements, statement);
}

void
fatia_shell_state_end_statement (FatiaShellState *self)
{
  if (self->begun && self->plain)
    for (guint i = 0; i < self->assignments->len; i++)
      emit_assignment (self, g_steal_pointer (&self->assignments->pdata[i]), self->exporting);
  else if (self->begun)
    emit_command (self);
  begin_statement (self);
}

/* At ";", "&" and the end of a line. */
void
fatia_shell_state_end_command (FatiaShellState *self)
{
  if (self->blocks->len == 0 && !self->joined && !self->awaits_body)
    fatia_shell_state_end_statement (self);
  else
    fatia_shell_state_begin_command (self);
}

/* After && || | another command follows, and what was read is no longer certain to be done. */
void
fatia_shell_state_join (FatiaShellState *self)
{
  self->plain = FALSE;
  fatia_shell_state_begin_command (self);
  self->joined = TRUE;
}

void
fatia_shell_state_push (FatiaShellState *self, FatiaShellBlock block)
{
  g_array_append_val (self->blocks, block);
  self->plain = FALSE;
  self->awaits_body = FALSE;
  fatia_shell_state_begin_command (self);
}

gboolean
fatia_shell_state_pop (FatiaShellState *self, FatiaShellBlock block, gsize where)
{
  if (fatia_shell_state_get_block (self) != block)
    return fatia_shell_state_fail (self, where, _ ("a block ends that did not begin"));
  g_array_set_size (self->blocks, self->blocks->len - 1);
  self->head = self->fresh = FALSE;
  self->closed = TRUE;
  return TRUE;
}

/*
 * fatia_shell_state_init:
 * @self: its text, length and problem set, the rest zero
 */
void
fatia_shell_state_init (FatiaShellState *self)
{
  self->statements = g_ptr_array_new_with_free_func ((GDestroyNotify) statement_free);
  self->blocks = g_array_new (FALSE, FALSE, sizeof (FatiaShellBlock));
  self->here_documents = g_ptr_array_new_with_free_func ((GDestroyNotify) here_document_free);
  self->assignments = g_ptr_array_new_with_free_func ((GDestroyNotify) clear_word);
  begin_statement (self);
}

void
fatia_shell_state_clear (FatiaShellState *self)
{
  g_clear_pointer (&self->statements, g_ptr_array_unref);
  g_clear_pointer (&self->blocks, g_array_unref);
  g_clear_pointer (&self->here_documents, g_ptr_array_unref);
  g_clear_pointer (&self->assignments, g_ptr_array_unref);
}
