/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A boot entry as the Boot Loader Specification has it (uapi-group.org), type #1: lines of a key
 * and a value, of which `options` may be there several times and all count.
 */
#include "boot/fatia-boot-formats.h"

#include <string.h>

static gboolean
is_key (const char *text, gsize start, gsize end, const char *key)
{
  return end - start == strlen (key) && memcmp (text + start, key, end - start) == 0;
}

GPtrArray *
fatia_entry_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error)
{
  g_autoptr (GPtrArray) lines = fatia_boot_lines_new ();
  FatiaBootLine *line = fatia_boot_lines_add (lines, 0, length);
  gboolean starts_linux = FALSE;
  FatiaTextLine at = { 0 };

  fatia_boot_line_surround (
    line, length > 0 && text[length - 1] != '\n' ? "\noptions " : "options ", " ", "\n");
  while (fatia_text_line_next (text, length, &at))
    {
      gsize key = fatia_text_skip_blanks (text, at.start, at.end);
      gsize key_end = fatia_text_skip_word (text, key, at.end);
      gsize value = fatia_text_skip_blanks (text, key_end, at.end);

      if (is_key (text, key, key_end, "linux"))
        starts_linux = TRUE;
      if (!is_key (text, key, key_end, "options"))
        continue;
      if (line->text->len == 0)
        line->where = at.start;
      fatia_boot_line_add_span (line, text, value, at.end);
      fatia_boot_line_add_context (line, " ");
    }
  /* Another system's loader, or a unified image that has its own line. */
  if (!starts_linux)
    g_ptr_array_set_size (lines, 0);
  return g_steal_pointer (&lines);
}

const FatiaBootFormat fatia_entry_format = { fatia_entry_find, NULL, FATIA_QUOTING_KERNEL };
/* GRUB's blscfg makes a script of the entry. */
const FatiaBootFormat fatia_grub_entry_format = { fatia_entry_find, NULL, FATIA_QUOTING_GRUB };
