/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking ours out of a text that others changed since; a form feed stands between the three. */
#include "fuzz.h"

#include <string.h>

#include "change/fatia-merge.h"

/* (transfer full) (nullable) */
static char *
take_out (GBytes *before, GBytes *after, const char *present)
{
  g_autoptr (GBytes) bytes = g_bytes_new (present, strlen (present));
  g_autoptr (GBytes) result = fatia_merge_take_out (before, after, bytes);
  gsize size = 0;
  const char *data = result ? g_bytes_get_data (result, &size) : NULL;

  return result ? g_strndup (size > 0 ? data : "", size) : NULL;
}

/* (transfer full): the bytes of @text that are in none of ours, and so are others' for certain;
 * blanks are everybody's */
static char *
find_theirs (const char *text, const char *before, const char *after)
{
  GString *theirs = g_string_new (NULL);

  for (; *text != '\0'; text++)
    if (!g_ascii_isspace (*text) && !strchr (before, *text) && !strchr (after, *text))
      g_string_append_c (theirs, *text);
  return g_string_free (theirs, FALSE);
}

static gsize
count_solid (const char *text)
{
  gsize n = 0;

  for (; *text != '\0'; text++)
    n += !g_ascii_isspace (*text);
  return n;
}

static void
check_theirs (const char *before, const char *after, const char *present, const char *result)
{
  g_autofree char *had = find_theirs (present, before, after);
  g_autofree char *has = find_theirs (result, before, after);

  g_assert_cmpstr (has, ==, had);
  /* No more goes than was ours, and no more comes than was there. A word goes with the blank that
   * parts it from the next. */
  g_assert_cmpuint (count_solid (result) + count_solid (after), >=, count_solid (present));
  g_assert_cmpuint (strlen (result), <=, strlen (present) + strlen (before));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_auto (GStrv) parts = g_strsplit (text, "\f", 3);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  g_autofree char *undone = NULL;
  g_autofree char *kept = NULL;
  g_autofree char *result = NULL;

  if (g_strv_length (parts) < 3)
    return 0;
  before = g_bytes_new (parts[0], strlen (parts[0]));
  after = g_bytes_new (parts[1], strlen (parts[1]));
  /* What nobody touched comes back to the byte, and what is back stays; no one asks for those. */
  undone = take_out (before, after, parts[1]);
  if (undone)
    g_assert_cmpstr (undone, ==, parts[0]);
  kept = take_out (before, after, parts[0]);
  if (kept)
    g_assert_cmpstr (kept, ==, parts[0]);
  result = take_out (before, after, parts[2]);
  if (result == NULL)
    return 0;
  check_theirs (parts[0], parts[1], parts[2], result);
  return 0;
}
