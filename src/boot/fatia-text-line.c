/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of line by line files share. */
#include "boot/fatia-boot-formats.h"

#include <string.h>

/*
 * fatia_text_line_next:
 * @line: (inout): all zero before the first; a carriage return at a line's end is left out
 *
 * Returns: whether there is another line
 */
gboolean
fatia_text_line_next (const char *text, gsize length, FatiaTextLine *line)
{
  const char *feed;

  line->start = line->next;
  if (line->start >= length)
    return FALSE;
  feed = memchr (text + line->start, '\n', length - line->start);
  line->end = feed ? (gsize) (feed - text) : length;
  line->next = feed ? line->end + 1 : length;
  if (line->end > line->start && text[line->end - 1] == '\r')
    line->end--;
  return TRUE;
}

gsize
fatia_text_skip_blanks (const char *text, gsize start, gsize end)
{
  while (start < end && (text[start] == ' ' || text[start] == '\t'))
    start++;
  return start;
}

gsize
fatia_text_skip_word (const char *text, gsize start, gsize end)
{
  while (start < end && text[start] != ' ' && text[start] != '\t')
    start++;
  return start;
}

/*
 * fatia_text_is_way_out:
 * @title: an entry's title or name
 *
 * Returns: whether the entry is kept for the day on which the usual one does not start: it goes
 *   without ours, and so is the way out should a computer not come up with them
 */
gboolean
fatia_text_is_way_out (const char *title)
{
  static const char *const words[] = { "rescue",   "recovery",    "fallback", "memtest",
                                       "snapshot", "single-user", "oldkern" };
  g_autofree char *lower = g_ascii_strdown (title, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (lower, words[i]) != NULL)
      return TRUE;
  return FALSE;
}
