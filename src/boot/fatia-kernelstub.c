/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernelstub's configuration (Pop!_OS): JSON with two objects, "default" and "user", of which the
 * latter counts. Its "kernel_options" is a list of arguments; old versions had one string. The
 * text is kept as Python's json.dump() indents it, so that kernelstub's own writing of the file
 * changes nothing in it.
 */
#include "boot/fatia-boot-formats.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define DEPTH 16

typedef struct
{
  const char *text;
  gsize length;
  gsize pos;
  guint depth;
  GPtrArray *lines;
  FatiaBootLine *line; /* (nullable): what the strings being read belong to */
  guint n_elements;
} Json;

static gboolean read_value (Json *self, gboolean in_user, gboolean is_options);

static void
skip_space (Json *self)
{
  while (self->pos < self->length && strchr (" \t\r\n", self->text[self->pos]) != NULL)
    self->pos++;
}

static gboolean
take (Json *self, char c)
{
  skip_space (self);
  if (self->pos >= self->length || self->text[self->pos] != c)
    return FALSE;
  self->pos++;
  return TRUE;
}

/* Reads a string into @to, or into the line. Escapes other than of '"', '/' and '\' are not
 * understood in the line: no argument has one. */
static gboolean
read_string (Json *self, GString *to, gboolean into_line)
{
  if (!take (self, '"'))
    return FALSE;
  while (self->pos < self->length && self->text[self->pos] != '"')
    {
      gsize start = self->pos;

      if ((guint8) self->text[start] < 0x20)
        return FALSE;
      if (self->text[start] == '\\')
        {
          self->pos++;
          if (self->pos >= self->length ||
              strchr (into_line || to ? "\"\\/" : "\"\\/bfnrtu", self->text[self->pos]) == NULL)
            return FALSE;
        }
      self->pos++;
      if (to)
        g_string_append_c (to, self->text[self->pos - 1]);
      if (into_line)
        fatia_boot_line_add_byte (self->line, self->text[self->pos - 1], start, self->pos);
    }
  return take (self, '"');
}

/* What stands before the list's first element, so that ours are written like it. */
static void
surround (Json *self, gsize open, gsize first)
{
  g_autofree char *space = g_strndup (self->text + open, first - open);
  g_autofree char *between = g_strconcat ("\",", *space ? space : " ", "\"", NULL);

  fatia_boot_line_surround (self->line, "", between, "");
}

/* An empty list gets lines as json.dump (indent=2) makes them at this depth. */
static void
surround_empty (Json *self)
{
  fatia_boot_line_surround (self->line, "\n      \"", "\",\n      \"", "\"\n    ");
}

static gboolean
read_options (Json *self)
{
  gsize open;

  skip_space (self);
  if (self->pos < self->length && self->text[self->pos] == '"')
    {
      self->line->insert = self->pos + 1;
      return read_string (self, NULL, TRUE);
    }
  if (!take (self, '['))
    return FALSE;
  self->line->insert = open = self->pos;
  if (take (self, ']'))
    {
      surround_empty (self);
      return self->pos == open + 1;
    }
  do
    {
      skip_space (self);
      if (self->n_elements++ == 0)
        {
          surround (self, open, self->pos);
          self->line->insert = self->pos + 1;
        }
      if (!read_string (self, NULL, TRUE))
        return FALSE;
      fatia_boot_line_add_context (self->line, " ");
    }
  while (take (self, ','));
  return take (self, ']');
}

static gboolean
read_member (Json *self, gboolean in_user)
{
  g_autoptr (GString) key = g_string_new (NULL);
  gboolean is_user, is_options;

  if (!read_string (self, key, FALSE) || !take (self, ':'))
    return FALSE;
  is_user = self->depth == 1 && g_str_equal (key->str, "user");
  is_options = self->depth == 2 && in_user && g_str_equal (key->str, "kernel_options");
  /* Of two of the same name readers take one or the other. */
  if (is_options && self->line)
    return FALSE;
  return read_value (self, is_user || (in_user && self->depth > 1), is_options);
}

static gboolean
read_object (Json *self, gboolean in_user)
{
  if (take (self, '}'))
    return TRUE;
  do
    if (!read_member (self, in_user))
      return FALSE;
  while (take (self, ','));
  return take (self, '}');
}

static gboolean
read_array (Json *self)
{
  if (take (self, ']'))
    return TRUE;
  do
    if (!read_value (self, FALSE, FALSE))
      return FALSE;
  while (take (self, ','));
  return take (self, ']');
}

static gboolean
read_word (Json *self)
{
  gsize start = self->pos;

  while (self->pos < self->length &&
         (g_ascii_isalnum (self->text[self->pos]) || strchr ("+-.", self->text[self->pos])))
    self->pos++;
  return self->pos > start;
}

static gboolean
read_value (Json *self, gboolean in_user, gboolean is_options)
{
  gboolean read;

  skip_space (self);
  if (is_options)
    {
      self->line = fatia_boot_lines_add (self->lines, self->pos, self->pos);
      return read_options (self);
    }
  if (self->pos < self->length && self->text[self->pos] == '"')
    return read_string (self, NULL, FALSE);
  if (self->depth >= DEPTH)
    return FALSE;
  self->depth++;
  if (take (self, '{'))
    read = read_object (self, in_user);
  else if (take (self, '['))
    read = read_array (self);
  else
    read = read_word (self);
  self->depth--;
  return read;
}

GPtrArray *
fatia_kernelstub_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error)
{
  g_autoptr (GPtrArray) lines = fatia_boot_lines_new ();
  Json json = { .text = text, .length = length, .lines = lines };
  gboolean read = read_value (&json, FALSE, FALSE);

  skip_space (&json);
  if (read && json.pos == length && lines->len == 1)
    return g_steal_pointer (&lines);
  fatia_boot_refuse (error, name, text, MIN (json.pos, length),
                     _ ("this is not the list of kernel options that kernelstub writes"));
  return NULL;
}

const FatiaBootFormat fatia_kernelstub_format = { fatia_kernelstub_find, NULL,
                                                  FATIA_QUOTING_KERNEL };
