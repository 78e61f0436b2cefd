/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one assignment gives its variable. */
#include "boot/fatia-grub-reading.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* Twice what the kernel reads of a command line (x86's COMMAND_LINE_SIZE). */
#define VALUE_LIMIT 4096

typedef struct
{
  GHashTable *values; /* name → FatiaGrubValue */
  const FatiaGrubFile *file;
  const FatiaShellStatement *statement;
  GString *text;
  GArray *origins; /* (nullable) */
  const char *why; /* it is not known */
} Evaluation;

static void
evaluate_text (Evaluation *self, const FatiaShellPiece *piece, gsize start, gsize end)
{
  g_string_append_len (self->text, self->file->text + start, end - start);
  for (gsize i = start; self->origins != NULL && i < end; i++)
    {
      FatiaGrubOrigin origin = { TRUE, piece->run, piece->quote, i, i + 1 };

      if (piece->kind == FATIA_SHELL_ESCAPE)
        origin.start = piece->start;
      g_array_append_val (self->origins, origin);
    }
}

static void
evaluate_known (Evaluation *self, const char *text)
{
  g_string_append (self->text, text);
  if (self->origins)
    {
      FatiaGrubOrigin origin = { FALSE };

      for (gsize i = 0; text[i] != '\0'; i++)
        g_array_append_val (self->origins, origin);
    }
}

static void
evaluate_variable (Evaluation *self, const FatiaShellPiece *piece)
{
  const char *text = self->file->text + piece->start + 1;
  const FatiaGrubValue *value;
  g_autofree char *name = NULL;

  if (*text == '{')
    text++;
  name = g_strndup (text, fatia_shell_name_length (text));
  value = g_hash_table_lookup (self->values, name);
  if (value == NULL || value->text == NULL)
    self->why = _ ("this takes in a variable whose value is not certain");
  else if (self->statement->exported && piece->quote == FATIA_SHELL_BARE)
    self->why = _ ("some shells split a variable without quotes behind “export”");
  else
    evaluate_known (self, value->text);
}

static void
evaluate_piece (Evaluation *self, const FatiaShellPiece *piece)
{
  const gsize start = MAX (piece->start, self->statement->value);
  const char *text = self->file->text;

  if (piece->end <= start && piece->kind == FATIA_SHELL_TEXT)
    return;
  switch (piece->kind)
    {
    case FATIA_SHELL_TEXT:
      if (piece->quote == FATIA_SHELL_BARE &&
          (memchr (text + start, '~', piece->end - start) != NULL ||
           (self->statement->exported && (memchr (text + start, '*', piece->end - start) ||
                                          memchr (text + start, '?', piece->end - start) ||
                                          memchr (text + start, '[', piece->end - start) ||
                                          memchr (text + start, '{', piece->end - start)))))
        self->why = _ ("this has a character that needs quotes in a shell");
      evaluate_text (self, piece, start, piece->end);
      break;
    case FATIA_SHELL_ESCAPE:
      evaluate_text (self, piece, piece->end - 1, piece->end);
      break;
    case FATIA_SHELL_CONTINUATION:
      break;
    case FATIA_SHELL_VARIABLE:
      evaluate_variable (self, piece);
      break;
    case FATIA_SHELL_UNKNOWN:
      self->why = _ ("this takes in what a command or an expansion gives");
      break;
    }
  if (self->text->len > VALUE_LIMIT)
    self->why = _ ("this is longer than the kernel reads");
}

static void
evaluate (Evaluation *self)
{
  const GArray *pieces = self->statement->word->pieces;

  if (self->statement->append)
    {
      const FatiaGrubValue *before = g_hash_table_lookup (self->values, self->statement->variable);

      if (before == NULL || before->text == NULL)
        self->why = _ ("this adds to what is not certain");
      else
        evaluate_known (self, before->text);
    }
  for (guint i = 0; i < pieces->len && self->why == NULL; i++)
    evaluate_piece (self, &g_array_index (pieces, FatiaShellPiece, i));
}

/*
 * fatia_grub_evaluate:
 * @statement: an assignment of @file
 * @values: (element-type utf8 FatiaGrubValue): the variables as they are before it
 *
 * Returns: (transfer full): the variable's value, with a text, or why there is none
 */
FatiaGrubValue *
fatia_grub_evaluate (const FatiaGrubFile *file,
                     const FatiaShellStatement *statement,
                     GHashTable *values)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GArray) origins = NULL;
  Evaluation evaluation = { values, file, statement, text, NULL, NULL };
  FatiaGrubValue *value = g_new0 (FatiaGrubValue, 1);

  if (g_str_equal (statement->variable, FATIA_GRUB_LINUX) ||
      g_str_equal (statement->variable, FATIA_GRUB_DEFAULT))
    origins = g_array_new (FALSE, FALSE, sizeof (FatiaGrubOrigin));
  evaluation.origins = origins;
  evaluate (&evaluation);
  value->why = evaluation.why;
  if (value->why)
    return value;
  value->text = g_strdup (text->str);
  value->statement = statement;
  value->origins = g_steal_pointer (&origins);
  return value;
}
