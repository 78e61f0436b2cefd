/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rEFInd (rodsbooks.com/refind/linux.html, configfile.html): refind_linux.conf beside the kernels
 * has lines of a title and a kernel command line, of which the first is started when nobody
 * chooses; refind.conf may have stanzas of its own, and names files that may have some. All are
 * made of words, in quotation marks or without; two marks in quotes mean one. Outside of quotes an
 * equals sign and a comma are blanks.
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

/* FALSE: the quotation marks of the line at @at don't match, which @error says. */
static gboolean
read_tokens (
  GArray *tokens, const char *name, const char *text, const FatiaTextLine *at, GError **error)
{
  gsize pos = at->start;
  gboolean bad = FALSE;
  Token token;

  g_array_set_size (tokens, 0);
  while (next_token (text, &pos, at->end, &token, &bad))
    g_array_append_val (tokens, token);
  if (bad)
    refuse_quotes (error, name, text, at->start);
  return !bad;
}

static char *
token_text (const char *text, const Token *token)
{
  return g_strndup (text + token->start, token->end - token->start);
}

/* Whether a line is for the day on which the usual one does not start, by its title or by what it
 * starts: mkrlconf writes one to single-user mode and one with minimal options. */
static gboolean
is_spared (const char *text, const Token *title, const Token *options)
{
  g_autofree char *name = token_text (text, title);
  g_autofree char *line = options ? token_text (text, options) : g_strdup ("");

  return fatia_text_is_way_out (name) ||
         g_regex_match_simple ("\\b(single|minimal|terminal)\\b", name, G_REGEX_CASELESS, 0) ||
         g_regex_match_simple ("(^|[ \t])(single|emergency|rescue|s|S|1)([ \t]|$)|fallback|"
                               "systemd\\.unit=(rescue|emergency|multi-user)",
                               line, G_REGEX_RAW, 0);
}

/* The first line is what rEFInd starts, whatever its title. */
GPtrArray *
fatia_refind_linux_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error)
{
  g_autoptr (GPtrArray) lines = fatia_boot_lines_new ();
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (Token));
  FatiaTextLine at = { 0 };

  while (fatia_text_line_next (text, length, &at))
    {
      const Token *title, *options;

      if (!read_tokens (tokens, name, text, &at, error))
        return NULL;
      if (tokens->len < 2)
        continue;
      if (tokens->len > 2)
        {
          refuse_quotes (error, name, text, at.start);
          return NULL;
        }
      title = &g_array_index (tokens, Token, 0);
      options = title + 1;
      if (lines->len == 0 || !is_spared (text, title, options))
        add_token (lines, text, at.start, options);
    }
  return g_steal_pointer (&lines);
}

/* A stanza, or an entry of its submenu, as far as it is read. */
typedef struct
{
  Token title;
  gboolean disabled;
  gboolean has_loader;
  gboolean starts_linux;
  gboolean has_options;
  gsize where;
  Token options;
} Entry;

typedef struct
{
  const char *text;
  GPtrArray *lines;
  guint depth; /* of braces */
  Entry main;
  GArray *submenu; /* of Entry */
} Stanzas;

static gboolean
is_word (const char *text, const Token *token, const char *word)
{
  return token->end - token->start == strlen (word) &&
         g_ascii_strncasecmp (text + token->start, word, strlen (word)) == 0;
}

/* Names of kernels that start by themselves; a unified image has a line of its own. */
static gboolean
is_kernel (const char *text, const Token *path)
{
  static const char *const names[] = { "vmlinuz", "vmlinux", "bzImage", "kernel-" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strstr_len (text + path->start, path->end - path->start, names[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_ours (const Stanzas *self, const Entry *entry)
{
  return !entry->disabled &&
         !is_spared (self->text, &entry->title, entry->has_options ? &entry->options : NULL);
}

/* An entry of the submenu has the stanza's loader and options but for those it sets; with
 * "add_options" it has the stanza's as well, and so ours. */
static void
end_stanza (Stanzas *self)
{
  const Entry *main = &self->main;

  if (is_ours (self, main) && main->starts_linux && main->has_options)
    add_token (self->lines, self->text, main->where, &main->options);
  for (guint i = 0; i < self->submenu->len; i++)
    {
      const Entry *entry = &g_array_index (self->submenu, Entry, i);
      gboolean starts_linux = entry->has_loader ? entry->starts_linux : main->starts_linux;

      if (is_ours (self, main) && is_ours (self, entry) && starts_linux && entry->has_options)
        add_token (self->lines, self->text, entry->where, &entry->options);
    }
  memset (&self->main, 0, sizeof self->main);
  g_array_set_size (self->submenu, 0);
}

static Entry *
present_entry (Stanzas *self)
{
  if (self->depth > 1 && self->submenu->len > 0)
    return &g_array_index (self->submenu, Entry, self->submenu->len - 1);
  return &self->main;
}

static void
begin_entry (Stanzas *self, const Token *key, const Token *title)
{
  const Entry entry = { .title = *title };

  if (self->depth == 0 && is_word (self->text, key, "menuentry"))
    self->main = entry;
  else if (self->depth == 1 && is_word (self->text, key, "submenuentry"))
    g_array_append_val (self->submenu, entry);
}

static void
read_setting (Stanzas *self, gsize where, const Token *key, const Token *value)
{
  Entry *entry = present_entry (self);

  if (is_word (self->text, key, "disabled"))
    entry->disabled = TRUE;
  else if (value && is_word (self->text, key, "loader"))
    {
      entry->has_loader = TRUE;
      entry->starts_linux = is_kernel (self->text, value);
    }
  else if (value && is_word (self->text, key, "options"))
    {
      entry->has_options = TRUE;
      entry->where = where;
      entry->options = *value;
    }
}

/* Reads a line of tokens. */
static void
read_stanza_line (Stanzas *self, gsize where, GArray *tokens)
{
  const Token *key = &g_array_index (tokens, Token, 0);
  const Token *value = tokens->len > 1 ? key + 1 : NULL;
  const Token *last = key + tokens->len - 1;

  if (value && is_word (self->text, last, "{") && !last->quoted)
    {
      begin_entry (self, key, value);
      self->depth++;
    }
  else if (is_word (self->text, key, "}") && self->depth > 0)
    {
      if (--self->depth == 0)
        end_stanza (self);
    }
  else if (self->depth > 0)
    read_setting (self, where, key, value);
}

GPtrArray *
fatia_refind_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error)
{
  g_autoptr (GPtrArray) lines = fatia_boot_lines_new ();
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (Token));
  g_autoptr (GArray) submenu = g_array_new (FALSE, FALSE, sizeof (Entry));
  Stanzas stanzas = { .text = text, .lines = lines, .submenu = submenu };
  FatiaTextLine at = { 0 };

  while (fatia_text_line_next (text, length, &at))
    {
      if (!read_tokens (tokens, name, text, &at, error))
        return NULL;
      if (tokens->len > 0)
        read_stanza_line (&stanzas, at.start, tokens);
    }
  return g_steal_pointer (&lines);
}

/*
 * fatia_refind_includes:
 * @text: (array length=length): of refind.conf
 *
 * Returns: (transfer full): the names of files that it reads more from, with slashes; those that
 *   lead out of its folder are left out
 */
GStrv
fatia_refind_includes (const char *text, gsize length)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (Token));
  FatiaTextLine at = { 0 };

  while (fatia_text_line_next (text, length, &at))
    {
      g_autofree char *name = NULL;

      if (!read_tokens (tokens, "", text, &at, NULL) || tokens->len != 2 ||
          !is_word (text, &g_array_index (tokens, Token, 0), "include"))
        continue;
      name = token_text (text, &g_array_index (tokens, Token, 1));
      g_strdelimit (name, "\\", '/');
      if (strstr (name, "..") == NULL)
        g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

const FatiaBootFormat fatia_refind_linux_format = { fatia_refind_linux_find, NULL,
                                                    FATIA_QUOTING_KERNEL };
const FatiaBootFormat fatia_refind_format = { fatia_refind_find, NULL, FATIA_QUOTING_KERNEL };
