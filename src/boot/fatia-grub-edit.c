/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-grub-edit.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-boot-plan.h"
#include "boot/fatia-grub-line.h"
#include "boot/fatia-grub.h"
#include "change/fatia-change.h"

static gboolean
is_in_effect (FatiaGrubReading *self, const char *const *wanted, GError **error)
{
  g_auto (FatiaGrubLine) line = { 0 };
  g_autoptr (GPtrArray) edits = NULL;

  if (!fatia_grub_line_init (&line, self, error))
    return FALSE;
  edits = fatia_kernel_words_merge (line.words, wanted, NULL, NULL);
  return edits->len == 0;
}

/* The new text of the file where @self sets the kernel's line last. */
static char *
make_text (FatiaGrubReading *self, const char *const *wanted, guint *which, GError **error)
{
  g_auto (FatiaGrubLine) line = { 0 };

  return fatia_grub_line_init (&line, self, error)
           ? fatia_grub_line_edit (&line, wanted, which, error)
           : NULL;
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
  return fatia_grub_refuse (
    self, value,
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
  g_auto (FatiaGrubLine) line = { 0 };

  if (!fatia_grub_line_init (&line, self, error))
    return NULL;
  return g_steal_pointer (&line.text);
}

/**
 * fatia_grub_edit:
 * @name: the file's name, for words
 * @text: (array length=length): the text of /etc/default/grub
 * @length: its length in bytes
 * @wanted: arguments that are to be in effect
 *
 * The pure edit of one file's text, as if it were all that grub-mkconfig reads. Arguments are
 * merged as fatia_boot_format_edit() does; the rest of the file keeps every byte.
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
