/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /etc/default/grub, and what is read after it; a form feed begins the next file. */
#include "fuzz.h"

#include <string.h>

#include "boot/fatia-grub-edit.h"
#include "boot/fatia-kernel-arguments.h"
#include "boot/fatia-kernel-words.h"

#define MAX_FILES 4

typedef char *(*Edit) (FatiaGrubReading *self,
                       const char *const *wanted,
                       guint *which,
                       GError **error);

/* (nullable) (transfer full): the files, with @text in the place of @which */
static FatiaGrubReading *
read_files (GStrv files, guint which, const char *text)
{
  g_autoptr (FatiaGrubReading) reading = fatia_grub_reading_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; files[i] != NULL; i++)
    {
      const char *file = i == which && text ? text : files[i];

      if (fatia_grub_reading_add (reading, "file", file, strlen (file), &error))
        continue;
      fuzz_assert_refused (error);
      return NULL;
    }
  return g_steal_pointer (&reading);
}

static gboolean
has_wanted (FatiaGrubReading *reading, const char *const *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = fatia_grub_reading_get_line (reading, &error);
  g_autoptr (GPtrArray) words = NULL;
  g_auto (GStrv) arguments = NULL;

  g_assert_no_error (error);
  words = fatia_kernel_words_new (line, FATIA_QUOTING_GRUB, NULL);
  arguments = fatia_kernel_words_to_strv (words);
  return fatia_kernel_arguments_cover ((const char *const *) arguments, wanted);
}

static void
check_edit (Edit edit, GStrv files, const char *const *wanted)
{
  g_autoptr (FatiaGrubReading) reading = read_files (files, 0, NULL);
  g_autoptr (FatiaGrubReading) changed = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;
  g_autofree char *again = NULL;
  guint which = 0, which_again = 0;

  if (reading == NULL)
    return;
  after = edit (reading, wanted, &which, &error);
  if (after == NULL)
    {
      fuzz_assert_refused (error);
      return;
    }
  g_assert_cmpuint (which, <, g_strv_length (files));
  changed = read_files (files, which, after);
  g_assert_nonnull (changed);
  g_assert_true (has_wanted (changed, wanted));
  again = edit (changed, wanted, &which_again, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, fatia_grub_reading_get_file (changed, which_again)->text);
  fuzz_assert_rest (files[which], after, wanted, 1, FALSE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *const *wanted = fuzz_wanted (size);
  g_autofree char *text = fuzz_text (data, size);
  g_auto (GStrv) files = g_strsplit (text, "\f", MAX_FILES);

  /* A file has at least this one, which may be empty. */
  if (files[0] == NULL)
    return 0;
  check_edit (fatia_grub_reading_edit, files, wanted);
  check_edit (fatia_grub_reading_edit_defaults, files, wanted);
  return 0;
}
