/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading libvirt's configuration files (qemu.conf) as libvirt does: settings, comments, and
 * values that are a number, a string or a list. What libvirt would refuse is refused, with the
 * line; a setting that stands there twice is too, since only the first would count.
 */
#include "memory/fatia-virt-conf.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-change.h"
#include "memory/fatia-qemu-conf.h"

/* Lists in lists: libvirt has no setting of that kind, and goes down without a bound. */
#define DEPTH_LIMIT 8

typedef struct
{
  const char *text;
  gsize length;
  gsize at;
  FatiaVirtList *list; /* (nullable): the value that is read belongs to it */
  GError **error;
} Reader;

static gboolean
refuse (Reader *self, const char *what)
{
  guint line = 1;

  for (gsize i = 0; i < self->at && i < self->length; i++)
    line += self->text[i] == '\n';
  g_set_error (self->error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
               /* Translators: a file, a line's number, what is wrong there (a sentence). */
               _ ("%s, line %u: %s Put it right by hand; nothing was changed."), FATIA_QEMU_CONF,
               line, what);
  return FALSE;
}

/* NUL at the end: no byte of a text that is read is one. */
static char
peek (const Reader *self)
{
  return self->at < self->length ? self->text[self->at] : '\0';
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static gboolean
is_end_of_line (char c)
{
  return c == '\n' || c == '\r';
}

static void
skip_blanks (Reader *self)
{
  while (is_blank (peek (self)))
    self->at++;
}

static void
skip_space (Reader *self)
{
  while (is_blank (peek (self)) || is_end_of_line (peek (self)))
    self->at++;
}

static void
skip_line (Reader *self)
{
  while (self->at < self->length && !is_end_of_line (peek (self)))
    self->at++;
}

/* In three quotes, as Python has it: lines may end in it. */
static gboolean
read_long_string (Reader *self, FatiaVirtString *string)
{
  const char *end;

  string->start = self->at;
  string->value = self->at + 3;
  end = g_strstr_len (self->text + string->value, self->length - string->value, "\"\"\"");
  if (end == NULL)
    return refuse (self, _ ("A string has no end."));
  string->value_end = end - self->text;
  string->end = self->at = string->value_end + 3;
  return TRUE;
}

static gboolean
read_string (Reader *self, FatiaVirtString *string)
{
  char quote = peek (self);

  if (self->length - self->at > 6 && strncmp (self->text + self->at, "\"\"\"", 3) == 0)
    return read_long_string (self, string);
  string->start = self->at++;
  string->value = self->at;
  while (self->at < self->length && peek (self) != quote && !is_end_of_line (peek (self)))
    self->at++;
  if (peek (self) != quote)
    return refuse (self, _ ("A string has no end."));
  string->value_end = self->at++;
  string->end = self->at;
  return TRUE;
}

static gboolean
read_number (Reader *self)
{
  if (peek (self) == '-' || peek (self) == '+')
    self->at++;
  if (!g_ascii_isdigit (peek (self)))
    return refuse (self, _ ("A number has no digits."));
  while (g_ascii_isdigit (peek (self)))
    self->at++;
  return TRUE;
}

static gboolean read_value (Reader *self, guint depth);

static gboolean
read_list (Reader *self, guint depth)
{
  self->at++;
  if (self->list && depth == 0)
    self->list->list = self->at;
  skip_space (self);
  while (self->at < self->length && peek (self) != ']')
    {
      if (!read_value (self, depth + 1))
        return FALSE;
      skip_space (self);
      if (peek (self) == ']')
        break;
      if (peek (self) == '#')
        return refuse (self, _ ("A comment stands in a list, where libvirt takes none."));
      if (peek (self) != ',')
        return refuse (self, _ ("A list's values need commas between them, and “]” at its end."));
      self->at++;
      skip_space (self);
    }
  if (peek (self) != ']')
    return refuse (self, _ ("A list has no end."));
  self->at++;
  return TRUE;
}

/* The value of our own setting: a list of strings. */
static gboolean
check_kind (Reader *self, guint depth)
{
  char first = peek (self);

  if (self->list == NULL || (depth == 0 ? first == '[' : first == '"' || first == '\''))
    return TRUE;
  return refuse (self, _ ("The setting is no list of strings."));
}

static gboolean
read_value (Reader *self, guint depth)
{
  FatiaVirtString string;

  skip_blanks (self);
  if (depth > DEPTH_LIMIT)
    return refuse (self, _ ("There are too many lists in lists."));
  if (!check_kind (self, depth))
    return FALSE;
  if (peek (self) == '[')
    return read_list (self, depth);
  if (g_ascii_isdigit (peek (self)) || peek (self) == '-' || peek (self) == '+')
    return read_number (self);
  if (peek (self) != '"' && peek (self) != '\'')
    return refuse (self, _ ("There is no value that libvirt knows."));
  if (!read_string (self, &string))
    return FALSE;
  if (self->list)
    g_array_append_val (self->list->strings, string);
  return TRUE;
}

static gboolean
read_setting (Reader *self, const char *name, FatiaVirtList *list)
{
  gsize start = self->at;
  gboolean ours;

  if (!g_ascii_isalpha (peek (self)))
    return refuse (self, _ ("No setting begins like this."));
  while (g_ascii_isalnum (peek (self)) || peek (self) == '_')
    self->at++;
  ours =
    strlen (name) == self->at - start && strncmp (self->text + start, name, strlen (name)) == 0;
  if (ours && list->is_there)
    return refuse (self, _ ("A setting stands there for the second time."));
  skip_blanks (self);
  if (peek (self) != '=')
    return refuse (self, _ ("A setting has no “=”."));
  self->at++;
  self->list = ours ? list : NULL;
  if (!read_value (self, 0))
    return FALSE;
  if (ours)
    {
      list->is_there = TRUE;
      list->start = start;
      list->end = self->at;
    }
  return TRUE;
}

/* A comment may follow on the same line. */
static gboolean
read_separator (Reader *self)
{
  skip_blanks (self);
  if (peek (self) == '#')
    skip_line (self);
  if (self->at < self->length && peek (self) != ';' && !is_end_of_line (peek (self)))
    return refuse (self, _ ("Something follows a value that does not belong to it."));
  if (peek (self) == ';')
    self->at++;
  skip_space (self);
  return TRUE;
}

static gboolean
read_all (Reader *self, const char *name, FatiaVirtList *list)
{
  const char *nul = memchr (self->text, '\0', self->length);

  if (nul)
    {
      self->at = nul - self->text;
      return refuse (self, _ ("There is a byte that is no text."));
    }
  skip_space (self);
  while (self->at < self->length)
    if (!(peek (self) == '#' || read_setting (self, name, list)) || !read_separator (self))
      return FALSE;
  return TRUE;
}

/**
 * fatia_virt_conf_find_list:
 * @name: a setting whose value is to be a list of strings
 * @list: (out caller-allocates): where it stands; not there where it does not
 *
 * Source of the format: libvirt's src/util/virconf.c.
 *
 * Returns: whether all of @text could be read, else %FATIA_CHANGE_ERROR_REFUSED
 */
gboolean
fatia_virt_conf_find_list (
  const char *text, gsize length, const char *name, FatiaVirtList *list, GError **error)
{
  Reader reader = { .text = text, .length = length, .error = error };

  *list = (FatiaVirtList) { .strings = g_array_new (FALSE, FALSE, sizeof (FatiaVirtString)) };
  return read_all (&reader, name, list);
}

void
fatia_virt_list_clear (FatiaVirtList *list)
{
  g_clear_pointer (&list->strings, g_array_unref);
}

gboolean
fatia_virt_list_has (const FatiaVirtList *list, const char *text, const char *value)
{
  for (guint i = 0; i < list->strings->len; i++)
    {
      const FatiaVirtString *string = &g_array_index (list->strings, FatiaVirtString, i);

      if (string->value_end - string->value == strlen (value) &&
          strncmp (text + string->value, value, strlen (value)) == 0)
        return TRUE;
    }
  return FALSE;
}
