/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Limine's own configuration (its CONFIG.md): entries begin with a line of slashes and a title,
 * one slash for each level, and have lines `key: value`. Before version 8 the file was limine.cfg,
 * with colons before titles and `KEY=value`.
 */
#include "boot/fatia-boot-formats.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define LEVELS 16

/* What is read of one entry. */
typedef struct
{
  gboolean linux_protocol;
  gsize after_protocol; /* where its line ends */
  gsize indent;         /* and begins */
  gboolean has_cmdline;
  gsize where;
  gsize cmdline;
  gsize cmdline_end;
} Entry;

typedef struct
{
  const char *text;
  char mark;      /* before titles */
  char separator; /* after keys */
  GPtrArray *lines;
  Entry entry;
  gboolean way_out[LEVELS]; /* whether the level's present title is one */
  gsize level;
} Reader;

static gboolean
is_spared (const Reader *self)
{
  for (gsize i = 0; i <= self->level; i++)
    if (self->way_out[i])
      return TRUE;
  return FALSE;
}

static void
end_entry (Reader *self)
{
  const Entry *entry = &self->entry;
  FatiaBootLine *line;
  g_autofree char *before = NULL;

  if (entry->linux_protocol && !is_spared (self))
    {
      line = fatia_boot_lines_add (self->lines, entry->has_cmdline ? entry->where : entry->indent,
                                   entry->has_cmdline ? entry->cmdline : entry->after_protocol);
      if (entry->has_cmdline)
        {
          fatia_boot_line_add_span (line, self->text, entry->cmdline, entry->cmdline_end);
          if (entry->cmdline > 0 && self->text[entry->cmdline - 1] == self->separator &&
              self->separator == ':')
            fatia_boot_line_surround (line, " ", " ", "");
        }
      else
        {
          gsize end = fatia_text_skip_blanks (self->text, entry->indent, entry->after_protocol);
          g_autofree char *indent = g_strndup (self->text + entry->indent, end - entry->indent);

          before =
            g_strconcat ("\n", indent, self->separator == ':' ? "cmdline: " : "CMDLINE=", NULL);
          fatia_boot_line_surround (line, before, " ", "");
        }
    }
  memset (&self->entry, 0, sizeof self->entry);
}

static void
begin_entry (Reader *self, gsize start, gsize end)
{
  g_autofree char *title = NULL;
  gsize level = 0;

  while (start + level < end && self->text[start + level] == self->mark)
    level++;
  title = g_strndup (self->text + start + level, end - start - level);
  self->level = MIN (level, LEVELS - 1);
  self->way_out[self->level] = fatia_text_is_way_out (title);
  for (gsize i = self->level + 1; i < LEVELS; i++)
    self->way_out[i] = FALSE;
}

static gboolean
is_word (const char *text, gsize start, gsize end, const char *word)
{
  return end - start == strlen (word) && g_ascii_strncasecmp (text + start, word, end - start) == 0;
}

/* FALSE: the entry has two of what should be there once. */
static gboolean
read_key (Reader *self, const FatiaTextLine *at, gsize start)
{
  const char *separator = memchr (self->text + start, self->separator, at->end - start);
  gsize key_end, value;

  if (separator == NULL)
    return TRUE;
  key_end = separator - self->text;
  value = fatia_text_skip_blanks (self->text, key_end + 1, at->end);
  if (is_word (self->text, start, key_end, "protocol"))
    {
      gsize end = fatia_text_skip_word (self->text, value, at->end);

      self->entry.linux_protocol = is_word (self->text, value, end, "linux");
      self->entry.after_protocol = at->end + (self->text[at->end] == '\r');
      self->entry.indent = at->start;
    }
  else if (is_word (self->text, start, key_end, "cmdline") ||
           is_word (self->text, start, key_end, "kernel_cmdline"))
    {
      if (self->entry.has_cmdline)
        return FALSE;
      self->entry.has_cmdline = TRUE;
      self->entry.where = at->start;
      self->entry.cmdline = value;
      self->entry.cmdline_end = at->end;
    }
  return TRUE;
}

GPtrArray *
fatia_limine_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error)
{
  const gboolean old = data != NULL;
  g_autoptr (GPtrArray) lines = fatia_boot_lines_new ();
  Reader reader = { text, old ? ':' : '/', old ? '=' : ':', lines, { 0 }, { FALSE }, 0 };
  FatiaTextLine at = { 0 };

  while (fatia_text_line_next (text, length, &at))
    {
      gsize start = fatia_text_skip_blanks (text, at.start, at.end);

      if (start == at.end || text[start] == '#')
        continue;
      if (text[start] == reader.mark)
        {
          end_entry (&reader);
          begin_entry (&reader, start, at.end);
        }
      else if (!read_key (&reader, &at, start))
        {
          fatia_boot_refuse (error, name, text, at.start,
                             _ ("this entry has a second kernel command line"));
          return NULL;
        }
    }
  end_entry (&reader);
  return g_steal_pointer (&lines);
}

const FatiaBootFormat fatia_limine_format = { fatia_limine_find, NULL, FATIA_QUOTING_KERNEL };
const FatiaBootFormat fatia_limine_old_format = { fatia_limine_find, "old", FATIA_QUOTING_KERNEL };
