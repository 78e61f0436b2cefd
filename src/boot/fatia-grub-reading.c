/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-grub-reading.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-change.h"

/*
 * FatiaGrubReading:
 *
 * What grub-mkconfig knows of its variables once it has read /etc/default/grub and what comes
 * after it: worked out from the text, as a shell would, without running one. A value is known,
 * or it is not; a guess is never made.
 */
struct _FatiaGrubReading
{
  GPtrArray *files;   /* of FatiaGrubFile */
  GHashTable *values; /* name → FatiaGrubValue */
  GString *functions; /* the text of all functions, which any command may call */
  gboolean functions_opaque;

  /* Where something ends the script or keeps assignments from being made: nothing after it is
   * certain. */
  gboolean ended;
  guint ended_file;
  gsize ended_where;
};

static void
file_free (FatiaGrubFile *file)
{
  g_free (file->name);
  g_free (file->text);
  g_clear_pointer (&file->statements, g_ptr_array_unref);
  g_free (file);
}

static void
value_free (FatiaGrubValue *value)
{
  g_free (value->text);
  g_clear_pointer (&value->origins, g_array_unref);
  g_free (value);
}

FatiaGrubReading *
fatia_grub_reading_new (void)
{
  /* Not set in a clean environment, in which grub-mkconfig is run. */
  const char *const unset[] = { FATIA_GRUB_LINUX, FATIA_GRUB_DEFAULT, FATIA_GRUB_BLSCFG };
  FatiaGrubReading *self = g_new0 (FatiaGrubReading, 1);

  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) file_free);
  self->values =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) value_free);
  self->functions = g_string_new (NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (unset); i++)
    {
      FatiaGrubValue *value = g_new0 (FatiaGrubValue, 1);

      value->text = g_strdup ("");
      g_hash_table_insert (self->values, g_strdup (unset[i]), value);
    }
  return self;
}

void
fatia_grub_reading_free (FatiaGrubReading *self)
{
  g_ptr_array_unref (self->files);
  g_hash_table_unref (self->values);
  g_string_free (self->functions, TRUE);
  g_free (self);
}

guint
fatia_grub_reading_count (const FatiaGrubReading *self)
{
  return self->files->len;
}

const FatiaGrubFile *
fatia_grub_reading_get_file (const FatiaGrubReading *self, guint which)
{
  return g_ptr_array_index (self->files, which);
}

/*
 * fatia_grub_set_error:
 * @where: the place in @file's text
 * @what: what is not understood, translated
 *
 * Says in %FATIA_CHANGE_ERROR_REFUSED the file, the line and what the matter is.
 */
void
fatia_grub_set_error (GError **error, const FatiaGrubFile *file, gsize where, const char *what)
{
  guint line = 1;

  for (gsize i = 0; i < MIN (where, file->length); i++)
    if (file->text[i] == '\n')
      line++;
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED, _ ("%s, line %u: %s"),
               file->name, line, what);
}

static void
make_uncertain (FatiaGrubValue *value, guint file, gsize where, const char *why)
{
  g_clear_pointer (&value->text, g_free);
  g_clear_pointer (&value->origins, g_array_unref);
  value->file = file;
  value->statement = NULL;
  value->blame = where;
  value->why = why;
}

/* @text, which stands at @where, may set what it mentions. */
static void
touch (FatiaGrubReading *self, const char *text, gsize length, gsize where, gboolean opaque)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, self->values);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      if (fatia_shell_mentions (text, length, name))
        make_uncertain (value, self->files->len - 1, where,
                        _ ("it depends on a command what this sets"));
      else if (opaque)
        make_uncertain (value, self->files->len - 1, where, _ ("a command here may set anything"));
    }
}

static void
run_command (FatiaGrubReading *self,
             const FatiaGrubFile *file,
             const FatiaShellStatement *statement)
{
  const char *text = file->text + statement->start;
  const gsize length = statement->end - statement->start;
  const gboolean opaque = statement->opaque || self->functions_opaque;

  touch (self, text, length, statement->start, opaque);
  touch (self, self->functions->str, self->functions->len, statement->start, FALSE);
  if (statement->final && !self->ended)
    {
      self->ended = TRUE;
      self->ended_file = self->files->len - 1;
      self->ended_where = statement->start;
    }
  if (statement->defines)
    {
      g_string_append_len (self->functions, text, length);
      g_string_append_c (self->functions, '\n');
      self->functions_opaque = opaque;
    }
}

/* ${X:=…} and $((X=…)) set variables while a value is worked out. */
static void
touch_by_expansion (FatiaGrubReading *self,
                    const FatiaGrubFile *file,
                    const FatiaShellStatement *statement)
{
  for (guint i = 0; i < statement->word->pieces->len; i++)
    {
      const FatiaShellPiece *piece = &g_array_index (statement->word->pieces, FatiaShellPiece, i);

      if (piece->kind == FATIA_SHELL_UNKNOWN)
        touch (self, file->text + piece->start, piece->end - piece->start, piece->start, FALSE);
    }
}

static void
run_assignment (FatiaGrubReading *self,
                const FatiaGrubFile *file,
                const FatiaShellStatement *statement)
{
  FatiaGrubValue *value;

  touch_by_expansion (self, file, statement);
  value = fatia_grub_evaluate (file, statement, self->values);
  value->file = self->files->len - 1;
  if (value->text == NULL)
    make_uncertain (value, value->file, statement->start, value->why);
  g_hash_table_replace (self->values, g_strdup (statement->variable), value);
}

/* What makes a text none that could be read; NULL: nothing. */
static const char *
find_fault (const char *text, gsize length, gsize *where)
{
  const char *nul = memchr (text, '\0', length);

  *where = 0;
  if (length > FATIA_GRUB_FILE_LIMIT)
    return _ ("the file is larger than 256 KiB");
  if (nul != NULL)
    {
      *where = nul - text;
      return _ ("a NUL byte stands here, so this is no text");
    }
  if (length >= 3 && memcmp (text, "\xEF\xBB\xBF", 3) == 0)
    return _ ("the file begins with a byte order mark, which the shell takes for a command; save "
              "it without one");
  return NULL;
}

/*
 * fatia_grub_reading_add:
 * @name: the file's name, for words
 *
 * Reads the next file, after all that were read before it.
 *
 * Returns: whether it is understood, else %FATIA_CHANGE_ERROR_REFUSED
 */
gboolean
fatia_grub_reading_add (
  FatiaGrubReading *self, const char *name, const char *text, gsize length, GError **error)
{
  FatiaGrubFile *file = g_new0 (FatiaGrubFile, 1);
  FatiaShellProblem problem = { 0 };
  const char *fault;
  gsize where;

  file->name = g_strdup (name);
  fault = find_fault (text, length, &where);
  file->length = MIN (length, FATIA_GRUB_FILE_LIMIT);
  file->text = g_malloc (file->length + 1);
  memcpy (file->text, text, file->length);
  file->text[file->length] = '\0';
  g_ptr_array_add (self->files, file);
  if (fault == NULL)
    {
      file->statements = fatia_shell_script_scan (file->text, file->length, &problem);
      fault = problem.what;
      where = problem.where;
    }
  if (file->statements == NULL)
    {
      fatia_grub_set_error (error, file, where, fault);
      return FALSE;
    }
  for (guint i = 0; i < file->statements->len; i++)
    {
      const FatiaShellStatement *statement = g_ptr_array_index (file->statements, i);

      if (statement->variable)
        run_assignment (self, file, statement);
      else
        run_command (self, file, statement);
    }
  return TRUE;
}

/*
 * fatia_grub_reading_get:
 * @variable: one of the three above
 *
 * Returns: (transfer none) (nullable): its value, known with certainty, or %NULL with
 *   %FATIA_CHANGE_ERROR_REFUSED saying where it became uncertain
 */
const FatiaGrubValue *
fatia_grub_reading_get (const FatiaGrubReading *self, const char *variable, GError **error)
{
  const FatiaGrubValue *value = g_hash_table_lookup (self->values, variable);

  if (self->ended)
    {
      fatia_grub_set_error (error, fatia_grub_reading_get_file (self, self->ended_file),
                            self->ended_where,
                            _ ("a command here may keep the rest of the file from being read"));
      return NULL;
    }
  if (value->text == NULL)
    {
      fatia_grub_set_error (error, fatia_grub_reading_get_file (self, value->file), value->blame,
                            value->why);
      return NULL;
    }
  return value;
}
