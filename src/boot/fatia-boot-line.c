/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A kernel command line inside of a file: where each of its bytes comes from. */
#include "boot/fatia-boot-line.h"

#include <string.h>

#include <glib/gi18n-lib.h>

void
fatia_boot_line_free (FatiaBootLine *line)
{
  g_string_free (line->text, TRUE);
  g_array_unref (line->origins);
  g_free (line->before);
  g_free (line->between);
  g_free (line->after);
  g_free (line);
}

/* (transfer full) (element-type FatiaBootLine) */
GPtrArray *
fatia_boot_lines_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_boot_line_free);
}

/*
 * fatia_boot_lines_add:
 * @where: the place in the file that words about the line name
 * @insert: where an argument goes if the file has none
 *
 * Returns: (transfer none): a new line without text
 */
FatiaBootLine *
fatia_boot_lines_add (GPtrArray *lines, gsize where, gsize insert)
{
  FatiaBootLine *line = g_new0 (FatiaBootLine, 1);

  line->text = g_string_new (NULL);
  line->origins = g_array_new (FALSE, FALSE, sizeof (FatiaBootOrigin));
  line->where = where;
  line->insert = insert;
  fatia_boot_line_surround (line, "", " ", "");
  g_ptr_array_add (lines, line);
  return line;
}

/* Adds one byte of the line, which the file has from @start to @end. */
void
fatia_boot_line_add_byte (FatiaBootLine *line, char c, gsize start, gsize end)
{
  const FatiaBootOrigin origin = { start, end };

  g_string_append_c (line->text, c);
  g_array_append_val (line->origins, origin);
}

/* Adds a part of the file that means itself. */
void
fatia_boot_line_add_span (FatiaBootLine *line, const char *text, gsize start, gsize end)
{
  for (gsize i = start; i < end; i++)
    fatia_boot_line_add_byte (line, text[i], i, i + 1);
}

/* Adds what the line has, but not from this file: it counts, and can't be edited here. */
void
fatia_boot_line_add_context (FatiaBootLine *line, const char *text)
{
  for (; *text != '\0'; text++)
    fatia_boot_line_add_byte (line, *text, G_MAXSIZE, G_MAXSIZE);
}

/* What was read so far does not count. */
void
fatia_boot_line_clear (FatiaBootLine *line)
{
  g_string_truncate (line->text, 0);
  g_array_set_size (line->origins, 0);
  line->bare = FALSE;
}

void
fatia_boot_line_surround (FatiaBootLine *line,
                          const char *before,
                          const char *between,
                          const char *after)
{
  g_free (line->before);
  g_free (line->between);
  g_free (line->after);
  line->before = g_strdup (before);
  line->between = g_strdup (between);
  line->after = g_strdup (after);
}

/*
 * fatia_boot_refuse:
 * @text: the file's text
 * @where: the place in it that was not understood
 * @what: why, translated
 *
 * Returns: %FALSE, with %FATIA_CHANGE_ERROR_REFUSED
 */
gboolean
fatia_boot_refuse (
  GError **error, const char *name, const char *text, gsize where, const char *what)
{
  guint line = 1;

  for (gsize i = 0; i < where; i++)
    line += text[i] == '\n';
  /* Translators: a file's name, the number of a line in it, and what is wrong there */
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED, _ ("%s, line %u: %s"), name,
               line, what);
  return FALSE;
}
