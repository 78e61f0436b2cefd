/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of shell variables with plain values (/etc/default/limine, /etc/sdboot-manage.conf,
 * dracut's): one assignment on a line. Such files hold nothing else in practice; whatever goes
 * further is refused, because it might set what is to be edited.
 */
#include "boot/fatia-boot-formats.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* One assignment. */
typedef struct
{
  char *name;
  gboolean append;
  gsize value;
  gsize end;
} Assignment;

typedef struct
{
  const char *name; /* the file's */
  const char *text;
  FatiaTextLine at;
  gsize pos;
  gsize last_quote; /* where the last quoted piece of the value ends, before its mark; 0: none */
  gboolean quotes;
  FatiaBootLine *line; /* (nullable): what gets the value */
  const char *why;     /* what is not understood, translated */
} Reader;

static gboolean
read_name (Reader *self, Assignment *assignment)
{
  const char *text = self->text;
  gsize start = fatia_text_skip_blanks (text, self->at.start, self->at.end);
  g_autoptr (GString) name = g_string_new (NULL);
  gsize p;

  if (self->at.end - start > 7 && memcmp (text + start, "export ", 7) == 0)
    start = fatia_text_skip_blanks (text, start + 7, self->at.end);
  for (p = start; p < self->at.end && (g_ascii_isalnum (text[p]) || text[p] == '_'); p++)
    g_string_append_c (name, text[p]);
  if (p < self->at.end && text[p] == '[')
    {
      while (p < self->at.end && text[p] != ']')
        {
          if (strchr ("$`\\", text[p]) != NULL)
            return FALSE;
          if (text[p] != '"' && text[p] != '\'')
            g_string_append_c (name, text[p]);
          p++;
        }
      if (p++ == self->at.end)
        return FALSE;
      g_string_append_c (name, ']');
    }
  assignment->append = p < self->at.end && text[p] == '+';
  p += assignment->append;
  if (name->len == 0 || p >= self->at.end || text[p] != '=')
    return FALSE;
  assignment->value = self->pos = p + 1;
  assignment->name = g_string_free (g_steal_pointer (&name), FALSE);
  return TRUE;
}

static void
take (Reader *self, gsize start, gsize end)
{
  if (self->line)
    fatia_boot_line_add_byte (self->line, self->text[end - 1], start, end);
}

/* Reads to the closing mark; the reader stands on the opening one. */
static gboolean
read_quoted (Reader *self)
{
  const char *text = self->text;
  char mark = text[self->pos++];

  self->quotes = TRUE;
  while (self->pos < self->at.end && text[self->pos] != mark)
    {
      gsize start = self->pos;

      if (mark == '"' && (text[start] == '$' || text[start] == '`'))
        {
          /* A variable in a value that is none of ours does no harm. */
          if (self->line || text[start] == '`' || text[start + 1] == '(')
            {
              self->why = _ ("a variable or a command stands in this value");
              return FALSE;
            }
        }
      if (mark == '"' && text[start] == '\\' && start + 1 < self->at.end &&
          strchr ("$`\"\\", text[start + 1]) != NULL)
        self->pos++;
      self->pos++;
      take (self, start, self->pos);
    }
  if (self->pos >= self->at.end)
    {
      self->why = _ ("a quotation mark is not closed on this line");
      return FALSE;
    }
  self->last_quote = self->pos++;
  return TRUE;
}

/* An array, as mkinitcpio's presets have them: looked at only for where it ends. */
static gboolean
skip_array (Reader *self)
{
  while (self->pos < self->at.end && self->text[self->pos] != ')')
    {
      char c = self->text[self->pos];

      if (strchr ("\"'", c) != NULL)
        {
          if (!read_quoted (self))
            return FALSE;
          continue;
        }
      if (strchr ("$`\\;&|<>", c) != NULL)
        return FALSE;
      self->pos++;
    }
  return self->pos++ < self->at.end;
}

static gboolean
read_value (Reader *self)
{
  const char *text = self->text;

  if (self->line == NULL && self->pos < self->at.end && text[self->pos] == '(')
    {
      self->pos++;
      return skip_array (self);
    }
  while (self->pos < self->at.end && text[self->pos] != ' ' && text[self->pos] != '\t')
    {
      if (strchr ("\"'", text[self->pos]) != NULL)
        {
          if (!read_quoted (self))
            return FALSE;
          continue;
        }
      /* Spread over names of files, a star means more than itself. */
      if (strchr ("`\\;&|<>(){}~", text[self->pos]) != NULL ||
          (self->line && strchr ("$*?", text[self->pos]) != NULL))
        return FALSE;
      self->pos++;
      take (self, self->pos - 1, self->pos);
    }
  return TRUE;
}

/* Reads the assignment on a line. @line gets its value, where it is not %NULL. */
static gboolean
read_rest (Reader *self, Assignment *assignment)
{
  gsize after;

  self->quotes = FALSE;
  self->last_quote = 0;
  if (!read_value (self))
    return FALSE;
  assignment->end = self->pos;
  after = fatia_text_skip_blanks (self->text, self->pos, self->at.end);
  return after == self->at.end || self->text[after] == '#';
}

static gboolean
is_comment_or_blank (const char *text, const FatiaTextLine *at)
{
  gsize start = fatia_text_skip_blanks (text, at->start, at->end);

  return start == at->end || text[start] == '#';
}

/* Where an argument goes that is the value's first. */
static void
place (Reader *self, const Assignment *assignment)
{
  FatiaBootLine *line = self->line;
  gboolean spaced = line->text->len == 0 || line->text->str[line->text->len - 1] == ' ';

  line->where = self->at.start;
  line->bare = !self->quotes && assignment->end > assignment->value;
  line->bare_start = assignment->value;
  line->bare_end = assignment->end;
  if (self->last_quote > 0)
    {
      line->insert = self->last_quote;
      fatia_boot_line_surround (line, spaced ? "" : " ", " ", "");
    }
  else
    {
      line->insert = assignment->end;
      if (line->bare)
        fatia_boot_line_surround (line, " ", " ", "");
      else
        fatia_boot_line_surround (line, spaced ? "\"" : "\" ", " ", "\"");
    }
}

static gboolean
read_line (
  Reader *self, GHashTable *by_name, GPtrArray *lines, const FatiaAssignments *what, GError **error)
{
  Assignment assignment = { 0 };
  gboolean read = read_name (self, &assignment);

  self->line = NULL;
  self->why = _ ("this is more than a plain assignment of a value");
  if (read && what->is_ours (assignment.name))
    {
      self->line = g_hash_table_lookup (by_name, assignment.name);
      if (self->line == NULL)
        {
          self->line = fatia_boot_lines_add (lines, 0, 0);
          g_hash_table_insert (by_name, g_strdup (assignment.name), self->line);
        }
      if (!assignment.append)
        fatia_boot_line_clear (self->line);
    }
  read = read && read_rest (self, &assignment);
  if (read && self->line)
    place (self, &assignment);
  if (!read)
    fatia_boot_refuse (error, self->name, self->text, self->at.start, self->why);
  g_free (assignment.name);
  return read;
}

/* A variable that is not set yet gets a line at the end. */
static void
create_line (FatiaBootLine *line, const char *text, gsize length, const FatiaAssignments *what)
{
  gboolean ends = length == 0 || text[length - 1] == '\n';
  g_autofree char *before = g_strconcat (ends ? "" : "\n", what->create, NULL);

  line->where = line->insert = length;
  fatia_boot_line_surround (line, before, " ", "\"\n");
}

GPtrArray *
fatia_assignments_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error)
{
  const FatiaAssignments *what = data;
  g_autoptr (GPtrArray) lines = fatia_boot_lines_new ();
  g_autoptr (GHashTable) by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  FatiaBootLine *line = fatia_boot_lines_add (lines, 0, 0);
  Reader reader = { .name = name, .text = text };

  g_hash_table_insert (by_name, g_strdup (what->name), line);
  if (what->create)
    create_line (line, text, length, what);
  if (what->context)
    fatia_boot_line_add_context (line, what->context);
  while (fatia_text_line_next (text, length, &reader.at))
    if (!is_comment_or_blank (text, &reader.at) &&
        !read_line (&reader, by_name, lines, what, error))
      return NULL;
  if (line->before[0] != '\0' || line->insert > 0)
    return g_steal_pointer (&lines);
  fatia_boot_refuse (error, name, text, 0, _ ("the kernel command line is not set here"));
  return NULL;
}

/*
 * fatia_assignments_get:
 * @name: a variable
 *
 * Returns: (transfer full) (nullable): what @text, understood or not, sets it to last in plain
 *   words; for settings that decide what Fatia does, never for what it writes
 */
char *
fatia_assignments_get (const char *text, gsize length, const char *name)
{
  Reader reader = { .text = text };
  g_autoptr (GPtrArray) lines = fatia_boot_lines_new ();
  gboolean found = FALSE;

  reader.line = fatia_boot_lines_add (lines, 0, 0);
  while (fatia_text_line_next (text, length, &reader.at))
    {
      Assignment assignment = { 0 };

      if (!is_comment_or_blank (text, &reader.at) && read_name (&reader, &assignment) &&
          g_str_equal (assignment.name, name))
        {
          if (!assignment.append)
            fatia_boot_line_clear (reader.line);
          found = read_rest (&reader, &assignment) || found;
        }
      g_free (assignment.name);
    }
  return found ? g_strdup (reader.line->text->str) : NULL;
}
