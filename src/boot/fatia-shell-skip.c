/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a shell works out by itself, of which only the end is looked for. */
#include "boot/fatia-shell-scanner.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* Substitutions may stand in each other; nobody writes that many. */
#define MAX_DEPTH 32

/* 'text', from the first quotation mark to behind the second. */
gboolean
fatia_shell_skip_single (FatiaShellScanner *self)
{
  const gsize start = self->pos;
  const char *end = memchr (self->text + start + 1, '\'', self->length - start - 1);

  if (end == NULL)
    return fatia_shell_fail (self, start, _ ("a quotation mark is never closed"));
  self->pos = end + 1 - self->text;
  return TRUE;
}

/* A command in backquotes: the shell looks for the next one without a backslash before it. */
gboolean
fatia_shell_skip_backquoted (FatiaShellScanner *self)
{
  const gsize start = self->pos;

  for (self->pos++; !fatia_shell_at_end (self) && fatia_shell_peek (self, 0) != '`'; self->pos++)
    if (fatia_shell_peek (self, 0) == '\\')
      self->pos++;
  if (fatia_shell_at_end (self))
    return fatia_shell_fail (self, start, _ ("a backquote is never closed"));
  self->pos++;
  return TRUE;
}

/* "text" with whatever stands in it. */
static gboolean
skip_double (FatiaShellScanner *self)
{
  const gsize start = self->pos;

  self->pos++;
  while (!fatia_shell_at_end (self))
    switch (fatia_shell_peek (self, 0))
      {
      case '"':
        self->pos++;
        return TRUE;
      case '\\':
        self->pos += 2;
        break;
      case '$':
      case '`':
        if (!fatia_shell_skip_substitution (self))
          return FALSE;
        break;
      default:
        self->pos++;
      }
  return fatia_shell_fail (self, start, _ ("a quotation mark is never closed"));
}

/* $(…) and $((…)), from the opening parenthesis. */
static gboolean
skip_parentheses (FatiaShellScanner *self)
{
  const gsize start = self->pos;
  guint depth = 0;

  while (!fatia_shell_at_end (self))
    {
      char c = fatia_shell_peek (self, 0);
      char before = self->pos > 0 ? self->text[self->pos - 1] : '\0';
      gboolean ok = TRUE;

      if (c == '(')
        depth++;
      if (c == ')' && --depth == 0)
        {
          self->pos++;
          return TRUE;
        }
      if (c == '\'')
        ok = fatia_shell_skip_single (self);
      else if (c == '"')
        ok = skip_double (self);
      else if (c == '$' || c == '`')
        ok = fatia_shell_skip_substitution (self);
      else if (c == '<' && fatia_shell_peek (self, 1) == '<')
        return fatia_shell_fail (self, self->pos, _ ("a here-document stands in a substitution"));
      else if (strncmp (self->text + self->pos, "case", 4) == 0 && !g_ascii_isalnum (before) &&
               !g_ascii_isalnum (fatia_shell_peek (self, 4)))
        return fatia_shell_fail (self, self->pos, _ ("“case” stands in a substitution"));
      else if (c == '#' && strchr (" \t\n;&|(", before) != NULL)
        while (!fatia_shell_at_end (self) && fatia_shell_peek (self, 0) != '\n')
          self->pos++;
      else
        self->pos += c == '\\' ? 2 : 1;
      if (!ok)
        return FALSE;
    }
  return fatia_shell_fail (self, start, _ ("a parenthesis is never closed"));
}

/* ${…}, from the brace. */
static gboolean
skip_braces (FatiaShellScanner *self)
{
  const gsize start = self->pos;

  self->pos++;
  while (!fatia_shell_at_end (self))
    {
      gboolean ok = TRUE;

      switch (fatia_shell_peek (self, 0))
        {
        case '}':
          self->pos++;
          return TRUE;
        case '\\':
          self->pos += 2;
          break;
        case '\'':
        case '"':
          /* Shells differ in what these mean here. */
          return fatia_shell_fail (self, self->pos, _ ("quotation marks stand within ${…}"));
        case '$':
        case '`':
          ok = fatia_shell_skip_substitution (self);
          break;
        default:
          self->pos++;
        }
      if (!ok)
        return FALSE;
    }
  return fatia_shell_fail (self, start, _ ("a brace is never closed"));
}

/* What begins with a dollar sign or a backquote, or that sign alone. */
gboolean
fatia_shell_skip_substitution (FatiaShellScanner *self)
{
  gboolean ok = TRUE;
  char next = fatia_shell_peek (self, 1);

  if (++self->depth > MAX_DEPTH)
    return fatia_shell_fail (self, self->pos, _ ("substitutions stand in each other too deeply"));
  if (fatia_shell_peek (self, 0) == '`')
    ok = fatia_shell_skip_backquoted (self);
  else if (next == '(' || next == '{')
    {
      self->pos++;
      ok = next == '(' ? skip_parentheses (self) : skip_braces (self);
    }
  else
    self->pos++;
  self->depth--;
  return ok;
}
