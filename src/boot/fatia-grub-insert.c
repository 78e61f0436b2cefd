/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How ours get into the one assignment that is to have them. */
#include "boot/fatia-grub-line.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-splices.h"
#include "change/fatia-change.h"

/* Characters that mean nothing to a shell within quotes, nor to GRUB's. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+=:,/@%*!"

typedef struct
{
  FatiaGrubLine *line;
  FatiaSplices *splices;
} Edit;

/* What comes from one stretch of text in the last assignment can be replaced there. */
static gboolean
can_replace (const FatiaKernelWord *word, gpointer data)
{
  const FatiaGrubLine *self = data;
  const FatiaGrubOrigin *first, *origin;

  if (self->target == NULL || word->start < self->offset ||
      word->end > self->offset + self->target->origins->len)
    return FALSE;
  first = &g_array_index (self->target->origins, FatiaGrubOrigin, word->start - self->offset);
  for (gsize i = 0; i < word->end - word->start; i++)
    {
      origin = first + i;
      if (!origin->literal || origin->run != first->run)
        return FALSE;
    }
  return TRUE;
}

static void
add_splice (Edit *self, gsize start, gsize end, const char *text, FatiaShellQuote quote)
{
  g_autofree char *quoted = NULL;

  if (quote == FATIA_SHELL_BARE && strpbrk (text, " *!") != NULL)
    quoted = g_strdup_printf ("\"%s\"", text);
  fatia_splices_add (self->splices, start, end, quoted ? quoted : text);
}

static void
replace_word (Edit *self, const FatiaKernelEdit *edit)
{
  const FatiaKernelWord *word = g_ptr_array_index (self->line->words, edit->word);
  const GArray *origins = self->line->target->origins;
  const FatiaGrubOrigin *first =
    &g_array_index (origins, FatiaGrubOrigin, word->start - self->line->offset);
  const FatiaGrubOrigin *last =
    &g_array_index (origins, FatiaGrubOrigin, word->end - self->line->offset - 1);

  add_splice (self, first->start, last->end, edit->text, first->quote);
}

/* Ours go before a `--`, which then must stand in the file as text. */
static gboolean
insert_before_end (Edit *self, const FatiaKernelWord *end, const char *text, GError **error)
{
  const FatiaGrubOrigin *origin;
  g_autofree char *spaced = g_strconcat (text, " ", NULL);

  if (!can_replace (end, self->line))
    return fatia_grub_refuse (self->line->reading, self->line->target,
                              _ ("the kernel command line ends in “--” before this assignment"),
                              error);
  origin =
    &g_array_index (self->line->target->origins, FatiaGrubOrigin, end->start - self->line->offset);
  add_splice (self, origin->start, origin->start, spaced, origin->quote);
  return TRUE;
}

/* A value without quotes gets some: NAME=quiet becomes NAME="quiet …". */
static gboolean
is_bare (const GArray *origins)
{
  for (guint i = 0; i < origins->len; i++)
    {
      const FatiaGrubOrigin *origin = &g_array_index (origins, FatiaGrubOrigin, i);

      if (!origin->literal || origin->quote != FATIA_SHELL_BARE || origin->run != 0 ||
          origin->end - origin->start != 1)
        return FALSE;
    }
  return TRUE;
}

/* Whether the byte before @end is a quotation mark: what no piece has. */
static gboolean
ends_in_quotes (const FatiaShellStatement *statement, gsize end)
{
  for (guint i = 0; i < statement->word->pieces->len; i++)
    {
      const FatiaShellPiece *piece = &g_array_index (statement->word->pieces, FatiaShellPiece, i);

      if (piece->start < end && piece->end >= end)
        return FALSE;
    }
  return end > statement->value;
}

/* Ours go to the end of the assignment's value. */
static void
insert_at_end (Edit *self, const char *text)
{
  const FatiaShellStatement *statement = self->line->target->statement;
  const FatiaGrubFile *file =
    fatia_grub_reading_get_file (self->line->reading, self->line->target->file);
  const FatiaShellWord *word = statement->word;
  gsize end = word->end;
  gsize length = strlen (self->line->target->text);
  g_autofree char *spaced = NULL;

  /* Where lines end as on Windows, the carriage return is a part of the value. */
  if (end > statement->value && file->text[end - 1] == '\r' && word->last_quote == FATIA_SHELL_BARE)
    {
      end--;
      length--;
    }
  spaced = g_strconcat (
    length > 0 && !g_ascii_isspace (self->line->target->text[length - 1]) ? " " : "", text, NULL);
  if (ends_in_quotes (statement, end))
    add_splice (self, end - 1, end - 1, spaced, FATIA_SHELL_DOUBLE);
  else if (!statement->append && length > 0 && is_bare (self->line->target->origins))
    {
      add_splice (self, statement->value, statement->value, "\"", FATIA_SHELL_DOUBLE);
      add_splice (self, end, end, spaced, FATIA_SHELL_DOUBLE);
      add_splice (self, end, end, "\"", FATIA_SHELL_DOUBLE);
    }
  else
    {
      g_autofree char *quoted = g_strdup_printf ("\"%s\"", spaced);

      add_splice (self, end, end, quoted, FATIA_SHELL_DOUBLE);
    }
}

/* Ours as a line at the end of the first file. */
static void
append_line (Edit *self, const char *text)
{
  const FatiaGrubFile *file = fatia_grub_reading_get_file (self->line->reading, 0);
  const gboolean ends = file->length == 0 || file->text[file->length - 1] == '\n';
  g_autofree char *line =
    g_strdup_printf ("%s" FATIA_GRUB_DEFAULT "=\"%s\"\n", ends ? "" : "\n", text);

  add_splice (self, file->length, file->length, line, FATIA_SHELL_DOUBLE);
}

static gboolean
check_edits (Edit *self, GPtrArray *edits, GError **error)
{
  for (guint i = 0; i < edits->len; i++)
    {
      const FatiaKernelEdit *edit = g_ptr_array_index (edits, i);

      if (strspn (edit->text, PLAIN) == strlen (edit->text))
        continue;
      if (self->line->target)
        return fatia_grub_refuse (self->line->reading, self->line->target,
                                  _ ("a list that is to be extended has odd characters"), error);
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                   _ ("“%s” is no kernel argument that can be set"), edit->text);
      return FALSE;
    }
  return TRUE;
}

static gboolean
edit_plan (Edit *self, GPtrArray *edits, GError **error)
{
  g_autofree char *text = fatia_kernel_edits_join (edits, " ");
  guint end = fatia_kernel_words_find_end (self->line->words);

  if (!check_edits (self, edits, error))
    return FALSE;
  for (guint i = 0; i < edits->len; i++)
    {
      const FatiaKernelEdit *edit = g_ptr_array_index (edits, i);

      if (edit->word >= 0)
        replace_word (self, edit);
    }
  if (text == NULL)
    return TRUE;
  if (self->line->target == NULL)
    append_line (self, text);
  else if (end < self->line->words->len)
    return insert_before_end (self, g_ptr_array_index (self->line->words, end), text, error);
  else
    insert_at_end (self, text);
  return TRUE;
}

/*
 * fatia_grub_line_edit:
 * @which: (out): the file that is to change
 *
 * Returns: (transfer full) (nullable): that file's new text, in which @wanted are set; %NULL with
 *   %FATIA_CHANGE_ERROR_REFUSED where they can't be set with certainty
 */
char *
fatia_grub_line_edit (FatiaGrubLine *self, const char *const *wanted, guint *which, GError **error)
{
  g_autoptr (FatiaSplices) splices = fatia_splices_new ();
  g_autoptr (GPtrArray) edits = fatia_kernel_words_merge (self->words, wanted, can_replace, self);
  Edit edit = { self, splices };
  const FatiaGrubFile *file;

  *which = self->target ? self->target->file : 0;
  if (!edit_plan (&edit, edits, error))
    return NULL;
  file = fatia_grub_reading_get_file (self->reading, *which);
  return fatia_splices_apply (splices, file->text, file->length);
}
