/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "change/fatia-change.h"

/* What a new line may have besides ours: its key, quotes, its end. */
#define LINE_ROOM  96
#define SEPARATORS " \t\"',"
#define VALUE_ENDS " \t\r\n\v\f\"'"

static const char *const wanted_choices[][6] = {
  { "intel_iommu=on", "i915.max_vfs=7", "module_blacklist=xe" },
  { "intel_iommu=on", "iommu=pt", "i915.enable_guc=3", "i915.max_vfs=7", "module_blacklist=xe" },
  { "intel_iommu=on", "xe.max_vfs=7", "xe.force_probe=46d1", "module_blacklist=i915" },
};

/* GLib's fatal messages are traps, which libFuzzer does not take for a find. */
static void
on_trap (int number)
{
  abort ();
}

__attribute__ ((constructor)) static void
catch_traps (void)
{
  signal (SIGTRAP, on_trap);
}

char *
fuzz_text (const uint8_t *data, size_t size)
{
  char *text = g_malloc (size + 1);

  if (size > 0)
    memcpy (text, data, size);
  text[size] = '\0';
  return text;
}

const char *const *
fuzz_wanted (size_t size)
{
  return wanted_choices[size % G_N_ELEMENTS (wanted_choices)];
}

void
fuzz_assert_refused (const GError *error)
{
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

/* How long the key of an argument of @wanted at @text is, 0 for none; '-' is '_'. */
static gsize
match_key (const char *text, const char *const *wanted)
{
  for (; *wanted != NULL; wanted++)
    {
      gsize length = strcspn (*wanted, "="), n = 0;

      while (n < length &&
             ((*wanted)[n] == '_' ? text[n] == '_' || text[n] == '-' : text[n] == (*wanted)[n]))
        n++;
      if (n == length)
        return n;
    }
  return 0;
}

/* (transfer full): @text without ours, and without what only separates */
static char *
strip (const char *text, const char *const *wanted)
{
  GString *rest = g_string_new (NULL);

  while (*text != '\0')
    {
      gsize key = match_key (text, wanted);

      if (key > 0)
        text += key + strcspn (text + key, VALUE_ENDS);
      else if (strchr (SEPARATORS, *text) == NULL)
        g_string_append_c (rest, *text++);
      else
        text++;
    }
  return g_string_free (rest, FALSE);
}

/* Whether strip() can't tell where the value of one of ours ends: it is escaped, or goes on in
 * quotes of its own; or, where no quotes stand around all of the @bare line, in those that stand
 * around this argument, or with a quote that is none to the kernel. */
static gboolean
is_hard (const char *text, const char *const *wanted, gboolean bare)
{
  gboolean quoted = FALSE;

  if (strchr (text, '\\') != NULL)
    return TRUE;
  while (*text != '\0')
    {
      gsize key = match_key (text, wanted);
      const char *end = text + key + strcspn (text + key, VALUE_ENDS);

      if (key > 0 && bare && (quoted || *end == '"' || *end == '\''))
        return TRUE;
      quoted ^= *text == '"';
      if (key > 0 && (*end == '"' || *end == '\'') &&
          (end[-1] == '=' || strchr (" \t\r\n,]}", end[1]) == NULL))
        return TRUE;
      text = key > 0 ? end : text + 1;
    }
  return FALSE;
}

/*
 * Every byte of @before that is not ours is in @after, in its order, and @after has nothing more
 * but ours and up to @lines new lines for them. Told by bytes, not by the parser under test. @bare:
 * no quotes stand around the arguments as a whole.
 */
void
fuzz_assert_rest (
  const char *before, const char *after, const char *const *wanted, guint lines, gboolean bare)
{
  g_autofree char *had = NULL;
  g_autofree char *has = NULL;
  const char *p;

  if (is_hard (before, wanted, bare) || is_hard (after, wanted, bare))
    return;
  had = strip (before, wanted);
  has = strip (after, wanted);
  p = had;
  for (const char *q = has; *q != '\0'; q++)
    if (*p == *q)
      p++;
  if (*p != '\0' || strlen (has) > strlen (had) + lines * LINE_ROOM)
    g_error ("more than ours has changed:\n%s\n-- became\n%s", before, after);
}
