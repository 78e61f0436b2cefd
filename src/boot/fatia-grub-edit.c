/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-grub-edit.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-boot-plan.h"
#include "boot/fatia-grub.h"
#include "boot/fatia-kernel-arguments.h"
#include "boot/fatia-kernel-words.h"

/*
 * Which variable gets ours. grub.d/10_linux makes the kernel's line of GRUB_CMDLINE_LINUX and,
 * after it, GRUB_CMDLINE_LINUX_DEFAULT; recovery entries go without the latter. So that one is
 * the place: a recovery entry then starts without ours, and is the way out if a computer does not
 * come up with them. Where a system sets GRUB_CMDLINE_LINUX alone (Fedora and its kin, which have
 * no recovery entries of this kind), ours go there, and where it sets neither, a line for
 * GRUB_CMDLINE_LINUX_DEFAULT is added.
 */

/* Characters that mean nothing to a shell within quotes, nor to GRUB's. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+=:,/@%*!"

/* A change to a file's text. */
typedef struct
{
  gsize start;
  gsize end;
  char *text;
} Splice;

typedef struct
{
  FatiaGrubReading *reading;
  const FatiaGrubValue *target; /* NULL: a new line */
  char *line;                   /* the kernel's */
  gsize offset;                 /* where the target's value begins in it */
  GPtrArray *words;             /* of FatiaKernelWord */
  GArray *splices;
} Edit;

static void
splice_clear (Splice *splice)
{
  g_free (splice->text);
}

static void
edit_clear (Edit *self)
{
  g_free (self->line);
  g_clear_pointer (&self->words, g_ptr_array_unref);
  g_clear_pointer (&self->splices, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Edit, edit_clear)

static gboolean
refuse (const FatiaGrubReading *reading,
        const FatiaGrubValue *value,
        const char *what,
        GError **error)
{
  fatia_grub_set_error (error, fatia_grub_reading_get_file (reading, value->file),
                        value->statement ? value->statement->start : 0, what);
  return FALSE;
}

/* Whether GRUB and the kernel read @value as one would think. */
static gboolean
check_line (const FatiaGrubReading *reading, const FatiaGrubValue *value, GError **error)
{
  FatiaKernelLineState state;
  g_autoptr (GPtrArray) words = fatia_kernel_words_new (value->text, FATIA_QUOTING_GRUB, &state);

  if (state == FATIA_KERNEL_LINE_OPEN_QUOTE)
    return refuse (reading, value,
                   _ ("the kernel command line has a quotation mark that is never closed"), error);
  if (state == FATIA_KERNEL_LINE_SPECIAL)
    return refuse (reading, value,
                   _ ("the kernel command line has a character that GRUB takes for its own"),
                   error);
  return TRUE;
}

static gboolean
has_end (const char *line)
{
  g_autoptr (GPtrArray) words = fatia_kernel_words_new (line, FATIA_QUOTING_GRUB, NULL);

  return fatia_kernel_words_find_end (words) < words->len;
}

/* Sets what the kernel's line is, and which of the two variables gets ours. */
static gboolean
edit_choose (Edit *self, GError **error)
{
  const FatiaGrubValue *both = fatia_grub_reading_get (self->reading, FATIA_GRUB_LINUX, error);
  const FatiaGrubValue *usual = NULL;

  if (both != NULL)
    usual = fatia_grub_reading_get (self->reading, FATIA_GRUB_DEFAULT, error);
  if (usual == NULL || !check_line (self->reading, both, error) ||
      !check_line (self->reading, usual, error))
    return FALSE;
  self->line = g_strdup_printf ("%s %s", both->text, usual->text);
  self->words = fatia_kernel_words_new (self->line, FATIA_QUOTING_GRUB, NULL);
  /* What comes after `--` is init's: there ours would do nothing. */
  if (usual->statement != NULL && !has_end (both->text))
    {
      self->target = usual;
      self->offset = strlen (both->text) + 1;
    }
  else if (both->statement != NULL)
    self->target = both;
  return TRUE;
}

static gboolean
is_in_effect (FatiaGrubReading *self, const char *const *wanted, GError **error)
{
  g_auto (Edit) edit = { .reading = self };
  g_autoptr (GPtrArray) edits = NULL;

  if (!edit_choose (&edit, error))
    return FALSE;
  edits = fatia_kernel_words_merge (edit.words, wanted, NULL, NULL);
  return edits->len == 0;
}

/* What comes from one stretch of text in the last assignment can be replaced there. */
static gboolean
can_replace (const FatiaKernelWord *word, gpointer data)
{
  const Edit *self = data;
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
  Splice splice = { start, end, NULL };

  if (quote == FATIA_SHELL_BARE && strpbrk (text, " *!") != NULL)
    splice.text = g_strdup_printf ("\"%s\"", text);
  else
    splice.text = g_strdup (text);
  g_array_append_val (self->splices, splice);
}

static void
replace_word (Edit *self, const FatiaKernelEdit *edit)
{
  const FatiaKernelWord *word = g_ptr_array_index (self->words, edit->word);
  const GArray *origins = self->target->origins;
  const FatiaGrubOrigin *first =
    &g_array_index (origins, FatiaGrubOrigin, word->start - self->offset);
  const FatiaGrubOrigin *last =
    &g_array_index (origins, FatiaGrubOrigin, word->end - self->offset - 1);

  add_splice (self, first->start, last->end, edit->text, first->quote);
}

/* The new arguments as one text, NULL for none. */
static char *
join_new (GPtrArray *edits)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < edits->len; i++)
    {
      const FatiaKernelEdit *edit = g_ptr_array_index (edits, i);

      if (edit->word < 0)
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", edit->text);
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/* Ours go before a `--`, which then must stand in the file as text. */
static gboolean
insert_before_end (Edit *self, const FatiaKernelWord *end, const char *text, GError **error)
{
  const FatiaGrubOrigin *origin;
  g_autofree char *spaced = g_strconcat (text, " ", NULL);

  if (!can_replace (end, self))
    return refuse (self->reading, self->target,
                   _ ("the kernel command line ends in “--” before this assignment"), error);
  origin = &g_array_index (self->target->origins, FatiaGrubOrigin, end->start - self->offset);
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
  const FatiaShellStatement *statement = self->target->statement;
  const FatiaGrubFile *file = fatia_grub_reading_get_file (self->reading, self->target->file);
  const FatiaShellWord *word = statement->word;
  gsize end = word->end;
  gsize length = strlen (self->target->text);
  g_autofree char *spaced = NULL;

  /* Where lines end as on Windows, the carriage return is a part of the value. */
  if (end > statement->value && file->text[end - 1] == '\r' && word->last_quote == FATIA_SHELL_BARE)
    {
      end--;
      length--;
    }
  spaced = g_strconcat (length > 0 && !g_ascii_isspace (self->target->text[length - 1]) ? " " : "",
                        text, NULL);
  if (ends_in_quotes (statement, end))
    add_splice (self, end - 1, end - 1, spaced, FATIA_SHELL_DOUBLE);
  else if (!statement->append && length > 0 && is_bare (self->target->origins))
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
  const FatiaGrubFile *file = fatia_grub_reading_get_file (self->reading, 0);
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
      if (self->target)
        return refuse (self->reading, self->target,
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
  g_autofree char *text = join_new (edits);
  guint end = fatia_kernel_words_find_end (self->words);

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
  if (self->target == NULL)
    append_line (self, text);
  else if (end < self->words->len)
    return insert_before_end (self, g_ptr_array_index (self->words, end), text, error);
  else
    insert_at_end (self, text);
  return TRUE;
}

static int
compare_splices (gconstpointer a, gconstpointer b)
{
  const Splice *first = a, *second = b;

  if (first->start != second->start)
    return first->start < second->start ? -1 : 1;
  /* What is put before a word comes before what replaces it. */
  return first->end < second->end ? -1 : first->end > second->end;
}

static char *
edit_apply (Edit *self, const FatiaGrubFile *file)
{
  GString *text = g_string_new (NULL);
  gsize done = 0;

  g_array_sort (self->splices, compare_splices);
  for (guint i = 0; i < self->splices->len; i++)
    {
      const Splice *splice = &g_array_index (self->splices, Splice, i);

      g_string_append_len (text, file->text + done, splice->start - done);
      g_string_append (text, splice->text);
      done = splice->end;
    }
  g_string_append_len (text, file->text + done, file->length - done);
  return g_string_free (text, FALSE);
}

/* The new text of the file where @self sets the kernel's line last. */
static char *
make_text (FatiaGrubReading *self, const char *const *wanted, guint *which, GError **error)
{
  g_auto (Edit) edit = { .reading = self };
  g_autoptr (GPtrArray) edits = NULL;

  if (!edit_choose (&edit, error))
    return NULL;
  edit.splices = g_array_new (FALSE, FALSE, sizeof (Splice));
  g_array_set_clear_func (edit.splices, (GDestroyNotify) splice_clear);
  edits = fatia_kernel_words_merge (edit.words, wanted, can_replace, &edit);
  *which = edit.target ? edit.target->file : 0;
  if (!edit_plan (&edit, edits, error))
    return NULL;
  return edit_apply (&edit, fatia_grub_reading_get_file (self, *which));
}

/* Reads the files again, with @text in the place of @which: what counts is what comes out. */
static gboolean
verify (
  FatiaGrubReading *self, guint which, const char *text, const char *const *wanted, GError **error)
{
  g_autoptr (FatiaGrubReading) reading = fatia_grub_reading_new ();

  for (guint i = 0; i < fatia_grub_reading_count (self); i++)
    {
      const FatiaGrubFile *file = fatia_grub_reading_get_file (self, i);

      if (!fatia_grub_reading_add (reading, file->name, i == which ? text : file->text,
                                   i == which ? strlen (text) : file->length, error))
        return FALSE;
    }
  if (is_in_effect (reading, wanted, error))
    return TRUE;
  if (error != NULL && *error == NULL)
    fatia_grub_set_error (error, fatia_grub_reading_get_file (self, which), 0,
                          _ ("what is to be set would not take effect"));
  return FALSE;
}

/* Ours go into /etc/default/grub where the files read after it leave them in effect, as those do
 * that only add to the variable. */
static char *
make_first_text (FatiaGrubReading *self, const char *const *wanted)
{
  const FatiaGrubFile *file = fatia_grub_reading_get_file (self, 0);
  g_autoptr (FatiaGrubReading) first = fatia_grub_reading_new ();
  g_autofree char *text = NULL;
  guint which;

  if (fatia_grub_reading_add (first, file->name, file->text, file->length, NULL))
    text = make_text (first, wanted, &which, NULL);
  if (text == NULL || !verify (self, 0, text, wanted, NULL))
    return NULL;
  return g_steal_pointer (&text);
}

/*
 * fatia_grub_reading_uses_entries:
 *
 * Returns: whether the menu is made of boot loader entries (BLS)
 */
gboolean
fatia_grub_reading_uses_entries (FatiaGrubReading *self)
{
  const FatiaGrubValue *value = fatia_grub_reading_get (self, FATIA_GRUB_BLSCFG, NULL);

  return value && (g_str_equal (value->text, "true") || g_str_equal (value->text, "true\r"));
}

static gboolean
check_bls (FatiaGrubReading *self, GError **error)
{
  const FatiaGrubValue *value = fatia_grub_reading_get (self, FATIA_GRUB_BLSCFG, error);

  if (value == NULL)
    return FALSE;
  if (!fatia_grub_reading_uses_entries (self))
    return TRUE;
  return refuse (self, value,
                 _ ("this system keeps the kernel command line in boot loader entries (BLS), where "
                    "an edit of this file has no effect; “grubby” changes them"),
                 error);
}

/*
 * fatia_grub_reading_edit:
 * @self: all the files, /etc/default/grub first
 * @wanted: arguments that are to be in effect
 * @which: (out): the file to change
 *
 * Works out the one file's new text with which @wanted are in effect and every other argument
 * stays. Nothing that is not ours changes a byte.
 *
 * Returns: (transfer full) (nullable): the new text; the file's own where nothing is to be done;
 *   %NULL with %FATIA_CHANGE_ERROR_REFUSED where that is not certain
 */
char *
fatia_grub_reading_edit (FatiaGrubReading *self,
                         const char *const *wanted,
                         guint *which,
                         GError **error)
{
  return check_bls (self, error) ? fatia_grub_reading_edit_defaults (self, wanted, which, error)
                                 : NULL;
}

/*
 * fatia_grub_reading_edit_defaults:
 *
 * The same where the menu is made of boot loader entries: then these are the arguments that tools
 * of the distribution start from.
 */
char *
fatia_grub_reading_edit_defaults (FatiaGrubReading *self,
                                  const char *const *wanted,
                                  guint *which,
                                  GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *text = NULL;

  *which = 0;
  if (is_in_effect (self, wanted, &local_error))
    return g_strdup (fatia_grub_reading_get_file (self, 0)->text);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (fatia_grub_reading_count (self) > 1)
    text = make_first_text (self, wanted);
  if (text == NULL)
    {
      text = make_text (self, wanted, which, error);
      if (text == NULL || !verify (self, *which, text, wanted, error))
        return NULL;
    }
  return g_steal_pointer (&text);
}

/*
 * fatia_grub_reading_get_line:
 *
 * Returns: (transfer full) (nullable): what the files make the kernel's command line, as GRUB's
 *   script reads it; %NULL with %FATIA_CHANGE_ERROR_REFUSED where that is not certain
 */
char *
fatia_grub_reading_get_line (FatiaGrubReading *self, GError **error)
{
  g_auto (Edit) edit = { .reading = self };

  if (!edit_choose (&edit, error))
    return NULL;
  return g_steal_pointer (&edit.line);
}

/**
 * fatia_grub_edit:
 * @name: the file's name, for words
 * @text: (array length=length): the text of /etc/default/grub
 * @length: its length in bytes
 * @wanted: arguments that are to be in effect
 *
 * The pure edit of one file's text, as if it were all that grub-mkconfig reads. Arguments are
 * merged as fatia_kernel_arguments_merge() does; the rest of the file keeps every byte.
 *
 * Returns: (transfer full) (nullable): the new text, equal to @text where @wanted are in effect
 *   already, or %NULL: %FATIA_CHANGE_ERROR_REFUSED with the file, the line and what to do
 */
char *
fatia_grub_edit (
  const char *name, const char *text, gsize length, const char *const *wanted, GError **error)
{
  g_autoptr (FatiaGrubReading) reading = NULL;
  g_autofree char *result = NULL;
  guint which;

  g_return_val_if_fail (name != NULL && text != NULL && wanted != NULL, NULL);

  reading = fatia_grub_reading_new ();
  if (fatia_grub_reading_add (reading, name, text, length, error))
    result = fatia_grub_reading_edit (reading, wanted, &which, error);
  if (result == NULL && error != NULL)
    fatia_boot_add_advice (*error, wanted);
  return g_steal_pointer (&result);
}
