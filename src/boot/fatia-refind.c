/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rEFInd (rodsbooks.com/refind/linux.html, configfile.html): refind_linux.conf beside the kernels
 * has lines of a title and a kernel command line, of which the first is started when nobody
 * chooses; refind.conf may have stanzas of its own. Both are made of words, in quotation marks or
 * without; two marks in quotes mean one. Outside of quotes an equals sign and a comma are blanks.
 */
#include "boot/fatia-boot-formats.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* One word of a line. */
typedef struct
{
  gsize start; /* without the marks */
  gsize end;
  gboolean quoted;
} Token;

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '=' || c == ',';
}

/* FALSE: there is none, or its quotation marks are not closed, which *bad says. */
static gboolean
next_token (const char *text, gsize *pos, gsize end, Token *token, gboolean *bad)
{
  gsize p = *pos;

  while (p < end && is_blank (text[p]))
    p++;
  if (p >= end || text[p] == '#')
    return FALSE;
  token->quoted = text[p] == '"';
  if (!token->quoted)
    {
      token->start = p;
      while (p < end && !is_blank (text[p]) && text[p] != '#')
        *bad |= text[p++] == '"';
      token->end = *pos = p;
      return !*bad;
    }
  token->start = ++p;
  while (p < end && (text[p] != '"' || (p + 1 < end && text[p + 1] == '"')))
    p += text[p] == '"' ? 2 : 1;
  *bad = p >= end;
  token->end = p;
  *pos = p + 1;
  return !*bad;
}

static void
add_token (GPtrArray *lines, const char *text, gsize where, const Token *token)
{
  FatiaBootLine *line = fatia_boot_lines_add (lines, where, token->end);

  for (gsize i = token->start; i < token->end; i++)
    {
      gsize next = token->quoted && text[i] == '"' ? i + 2 : i + 1;

      fatia_boot_line_add_byte (line, text[i], i, next);
      i = next - 1;
    }
  line->bare = !token->quoted;
  line->bare_start = token->start;
  line->bare_end = token->end;
}

static void
refuse_quotes (GError **error, const char *name, const char *text, gsize where)
{
  fatia_boot_refuse (error, name, text, where, _ ("the quotation marks of this line don't match"));
}

GPtrArray *
fatia_refind_linux_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error)
{
  g_autoptr (GPtrArray) lines = fatia_boot_lines_new ();
  FatiaTextLine at = { 0 };

  while (lines->len == 0 && fatia_text_line_next (text, length, &at))
    {
      gsize pos = at.start;
      gboolean bad = FALSE;
      Token title, options, more;

      if (next_token (text, &pos, at.end, &title, &bad) &&
          next_token (text, &pos, at.end, &options, &bad))
        {
          if (!next_token (text, &pos, at.end, &more, &bad))
            add_token (lines, text, at.start, &options);
          else
            bad = TRUE;
        }
      if (bad)
        {
          refuse_quotes (error, name, text, at.start);
          return NULL;
        }
    }
  return g_steal_pointer (&lines);
}

/* A stanza as far as it is read. */
typedef struct
{
  guint depth; /* of braces */
  gboolean disabled;
  gboolean starts_linux;
  gboolean way_out;
  gboolean has_options;
  gsize where;
  Token options;
} Stanza;

static gboolean
is_word (const char *text, const Token *token, const char *word)
{
  return token->end - token->start == strlen (word) &&
         g_ascii_strncasecmp (text + token->start, word, strlen (word)) == 0;
}

static gboolean
token_has (const char *text, const Token *token, const char *part)
{
  return g_strstr_len (text + token->start, token->end - token->start, part) != NULL;
}

static void
end_stanza (Stanza *stanza, GPtrArray *lines, const char *text)
{
  if (!stanza->disabled && stanza->starts_linux && !stanza->way_out && stanza->has_options)
    add_token (lines, text, stanza->where, &stanza->options);
  memset (stanza, 0, sizeof *stanza);
}

/* Reads a line of tokens. */
static void
read_stanza_line (Stanza *stanza, GPtrArray *lines, const char *text, gsize where, GArray *tokens)
{
  const Token *key = &g_array_index (tokens, Token, 0);
  const Token *value = tokens->len > 1 ? key + 1 : NULL;
  const Token *last = key + tokens->len - 1;

  if (is_word (text, key, "menuentry") && stanza->depth == 0 && value)
    {
      g_autofree char *title = g_strndup (text + value->start, value->end - value->start);

      stanza->way_out = fatia_text_is_way_out (title);
    }
  else if (stanza->depth == 1 && is_word (text, key, "disabled"))
    stanza->disabled = TRUE;
  else if (stanza->depth == 1 && is_word (text, key, "loader") && value)
    stanza->starts_linux = token_has (text, value, "vmlinuz") || token_has (text, value, "bzImage");
  else if (stanza->depth == 1 && is_word (text, key, "options") && value)
    {
      stanza->has_options = TRUE;
      stanza->where = where;
      stanza->options = *value;
    }
  if (is_word (text, last, "{") && !last->quoted)
    stanza->depth++;
  else if (is_word (text, key, "}") && stanza->depth > 0 && --stanza->depth == 0)
    end_stanza (stanza, lines, text);
}

GPtrArray *
fatia_refind_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error)
{
  g_autoptr (GPtrArray) lines = fatia_boot_lines_new ();
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (Token));
  Stanza stanza = { 0 };
  FatiaTextLine at = { 0 };

  while (fatia_text_line_next (text, length, &at))
    {
      gsize pos = at.start;
      gboolean bad = FALSE;
      Token token;

      g_array_set_size (tokens, 0);
      while (next_token (text, &pos, at.end, &token, &bad))
        g_array_append_val (tokens, token);
      if (bad)
        {
          refuse_quotes (error, name, text, at.start);
          return NULL;
        }
      if (tokens->len > 0)
        read_stanza_line (&stanza, lines, text, at.start, tokens);
    }
  return g_steal_pointer (&lines);
}

const FatiaBootFormat fatia_refind_linux_format = { fatia_refind_linux_find, NULL,
                                                    FATIA_QUOTING_KERNEL };
const FatiaBootFormat fatia_refind_format = { fatia_refind_find, NULL, FATIA_QUOTING_KERNEL };
