/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-grub-line.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/*
 * Which variable gets ours. grub.d/10_linux makes the kernel's line of GRUB_CMDLINE_LINUX and,
 * after it, GRUB_CMDLINE_LINUX_DEFAULT; recovery entries go without the latter. So that one is
 * the place: a recovery entry then starts without ours, and is the way out if a computer does not
 * come up with them. Where a system sets GRUB_CMDLINE_LINUX alone (Fedora and its kin, which have
 * no recovery entries of this kind), ours go there, and where it sets neither, a line for
 * GRUB_CMDLINE_LINUX_DEFAULT is added.
 */

void
fatia_grub_line_clear (FatiaGrubLine *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->words, g_ptr_array_unref);
}

/* Says where in the files @value was set, and what is odd about it. Returns: %FALSE */
gboolean
fatia_grub_refuse (const FatiaGrubReading *reading,
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
    return fatia_grub_refuse (
      reading, value, _ ("the kernel command line has a quotation mark that is never closed"),
      error);
  if (state == FATIA_KERNEL_LINE_SPECIAL)
    return fatia_grub_refuse (
      reading, value, _ ("the kernel command line has a character that GRUB takes for its own"),
      error);
  return TRUE;
}

static gboolean
has_end (const char *line)
{
  g_autoptr (GPtrArray) words = fatia_kernel_words_new (line, FATIA_QUOTING_GRUB, NULL);

  return fatia_kernel_words_find_end (words) < words->len;
}

/*
 * fatia_grub_line_init:
 * @self: (out caller-allocates): to be cleared, also where this fails
 *
 * Finds out what the kernel's line is, and which of the two variables gets ours.
 *
 * Returns: whether that is certain, else %FATIA_CHANGE_ERROR_REFUSED
 */
gboolean
fatia_grub_line_init (FatiaGrubLine *self, FatiaGrubReading *reading, GError **error)
{
  const FatiaGrubValue *both = fatia_grub_reading_get (reading, FATIA_GRUB_LINUX, error);
  const FatiaGrubValue *usual = NULL;

  *self = (FatiaGrubLine) { .reading = reading };
  if (both != NULL)
    usual = fatia_grub_reading_get (reading, FATIA_GRUB_DEFAULT, error);
  if (usual == NULL || !check_line (reading, both, error) || !check_line (reading, usual, error))
    return FALSE;
  self->text = g_strdup_printf ("%s %s", both->text, usual->text);
  self->words = fatia_kernel_words_new (self->text, FATIA_QUOTING_GRUB, NULL);
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
