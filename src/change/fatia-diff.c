/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "change/fatia-change-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* Where the changed part of two texts is larger than this many pairs of lines, it is shown as
 * one block: right all the same, and no memory is taken that grows with their product. */
#define PAIRS_LIMIT (1024 * 1024)
/* Longer texts are no configuration a person reads. */
#define TEXT_LIMIT (1024 * 1024)
#define CONTEXT    3

typedef struct
{
  const char *start;
  gsize length; /* with the line feed */
} Line;

typedef struct
{
  char mark; /* ' ', '-', '+' */
  Line line;
} Edit;

static GArray *
split_lines (GBytes *bytes)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (Line));
  gsize length = 0;
  const char *text = bytes ? g_bytes_get_data (bytes, &length) : "";

  while (length > 0)
    {
      const char *feed = memchr (text, '\n', length);
      Line line = { text, feed ? (gsize) (feed - text) + 1 : length };

      g_array_append_val (lines, line);
      text += line.length;
      length -= line.length;
    }
  return lines;
}

static const Line *
line_at (GArray *lines, guint i)
{
  return &g_array_index (lines, Line, i);
}

static gboolean
lines_equal (const Line *a, const Line *b)
{
  return a->length == b->length && memcmp (a->start, b->start, a->length) == 0;
}

static void
add_edit (GArray *edits, char mark, const Line *line)
{
  Edit edit = { mark, *line };

  g_array_append_val (edits, edit);
}

static void
add_edits (GArray *edits, char mark, GArray *lines, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    add_edit (edits, mark, line_at (lines, i));
}

/* The longest common subsequence of a[from, a_to) and b[from, b_to), by the table of lengths. */
static void
compare_lines (GArray *edits, GArray *a, GArray *b, guint from, guint a_to, guint b_to)
{
  guint n = a_to - from, m = b_to - from, i = 0, j = 0;
  gsize width = (gsize) m + 1;
  g_autofree guint32 *table = NULL;

  if ((guint64) n * m > PAIRS_LIMIT)
    {
      add_edits (edits, '-', a, from, a_to);
      add_edits (edits, '+', b, from, b_to);
      return;
    }
  table = g_new0 (guint32, (n + 1) * width);
  for (guint y = n; y-- > 0;)
    for (guint x = m; x-- > 0;)
      table[y * width + x] = lines_equal (line_at (a, from + y), line_at (b, from + x))
                               ? table[(y + 1) * width + x + 1] + 1
                               : MAX (table[(y + 1) * width + x], table[y * width + x + 1]);
  while (i < n || j < m)
    {
      if (i < n && j < m && lines_equal (line_at (a, from + i), line_at (b, from + j)))
        {
          add_edit (edits, ' ', line_at (a, from + i++));
          j++;
        }
      else if (j == m || (i < n && table[(i + 1) * width + j] >= table[i * width + j + 1]))
        add_edit (edits, '-', line_at (a, from + i++));
      else
        add_edit (edits, '+', line_at (b, from + j++));
    }
}

static GArray *
make_edits (GArray *a, GArray *b)
{
  GArray *edits = g_array_new (FALSE, FALSE, sizeof (Edit));
  guint start = 0, a_end = a->len, b_end = b->len;

  while (start < a_end && start < b_end && lines_equal (line_at (a, start), line_at (b, start)))
    start++;
  while (a_end > start && b_end > start &&
         lines_equal (line_at (a, a_end - 1), line_at (b, b_end - 1)))
    {
      a_end--;
      b_end--;
    }
  add_edits (edits, ' ', a, 0, start);
  compare_lines (edits, a, b, start, a_end, b_end);
  add_edits (edits, ' ', a, a_end, a->len);
  return edits;
}

static void
append_line (GString *out, const Edit *edit)
{
  g_autofree char *shown = g_utf8_make_valid (edit->line.start, edit->line.length);

  g_string_append_c (out, edit->mark);
  g_string_append (out, shown);
  if (edit->line.start[edit->line.length - 1] != '\n')
    g_string_append (out, "\n\\ No newline at end of file\n");
}

static void
append_range (GString *out, char mark, guint first, guint count)
{
  /* An empty range names the line before it. */
  g_string_append_printf (out, "%c%u", mark, count == 0 ? first : first + 1);
  if (count != 1)
    g_string_append_printf (out, ",%u", count);
}

/* One hunk, edits[from, to); a_line and b_line: the lines before it. */
static void
append_hunk (GString *out, GArray *edits, guint from, guint to, guint a_line, guint b_line)
{
  guint a_count = 0, b_count = 0;

  for (guint i = from; i < to; i++)
    {
      char mark = g_array_index (edits, Edit, i).mark;

      a_count += mark != '+';
      b_count += mark != '-';
    }
  g_string_append (out, "@@ ");
  append_range (out, '-', a_line, a_count);
  g_string_append_c (out, ' ');
  append_range (out, '+', b_line, b_count);
  g_string_append (out, " @@\n");
  for (guint i = from; i < to; i++)
    append_line (out, &g_array_index (edits, Edit, i));
}

static gboolean
is_kept (GArray *edits, guint i)
{
  return g_array_index (edits, Edit, i).mark == ' ';
}

/* Where the hunk ends that begins with the change at @i: before it, no two changes are further
 * apart than twice the context. */
static guint
hunk_end (GArray *edits, guint i, guint context)
{
  guint last = i;

  for (; i < edits->len && i <= last + 2 * context + 1; i++)
    if (!is_kept (edits, i))
      last = i;
  return MIN (last + 1 + context, edits->len);
}

static void
append_hunks (GString *out, GArray *edits, guint context)
{
  guint a_line = 0, b_line = 0, done = 0;

  for (guint i = 0; i < edits->len; i++)
    {
      guint from, to;

      if (is_kept (edits, i))
        continue;
      from = MAX (done, i > context ? i - context : 0);
      to = hunk_end (edits, i, context);
      for (; done < from; done++)
        {
          a_line++;
          b_line++;
        }
      append_hunk (out, edits, from, to, a_line, b_line);
      for (; done < to; done++)
        {
          a_line += g_array_index (edits, Edit, done).mark != '+';
          b_line += g_array_index (edits, Edit, done).mark != '-';
        }
      i = to - 1;
    }
}

static gboolean
is_text (GBytes *bytes)
{
  gsize length;
  const char *data;

  if (bytes == NULL)
    return TRUE;
  data = g_bytes_get_data (bytes, &length);
  /* A comment in an old encoding is no reason to hide what changes; its letters show as U+FFFD. */
  return length == 0 || (length <= TEXT_LIMIT && memchr (data, '\0', length) == NULL);
}

static char *
summarize (GBytes *before, GBytes *after)
{
  g_autofree char *sum = NULL;

  if (after == NULL)
    return g_strdup_printf (_ ("File removed, %lu bytes"), (gulong) g_bytes_get_size (before));
  sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, after);
  return g_strdup_printf (before ? _ ("Replaced file, %lu bytes, sha256 %s")
                                 : _ ("New file, %lu bytes, sha256 %s"),
                          (gulong) g_bytes_get_size (after), sum);
}

static char *
make_diff (const char *path, GBytes *before, GBytes *after, guint context)
{
  g_autoptr (GArray) a = NULL;
  g_autoptr (GArray) b = NULL;
  g_autoptr (GArray) edits = NULL;
  GString *out;

  if (fatia_bytes_equal0 (before, after))
    return g_strdup ("");
  if (!is_text (before) || !is_text (after))
    return summarize (before, after);
  a = split_lines (before);
  b = split_lines (after);
  edits = make_edits (a, b);
  out = g_string_new (NULL);
  g_string_append_printf (out, "--- %s\n+++ %s\n", before ? path : "/dev/null",
                          after ? path : "/dev/null");
  append_hunks (out, edits, context);
  return g_string_free (out, FALSE);
}

/**
 * fatia_diff:
 * @path: the file's path, for the heads
 * @before: (nullable): what is there, %NULL: nothing
 * @after: (nullable): what is to be there
 *
 * Returns: (transfer full): the unified diff with three lines of context, empty where the two
 *   are equal; for what is no text, one line with its size and sha256
 */
char *
fatia_diff (const char *path, GBytes *before, GBytes *after)
{
  g_return_val_if_fail (path != NULL, NULL);
  return make_diff (path, before, after, CONTEXT);
}

/**
 * fatia_diff_alone:
 *
 * Returns: (transfer full): the same without context, for a file that not everyone may read: the
 *   lines around a change can be secrets
 */
char *
fatia_diff_alone (const char *path, GBytes *before, GBytes *after)
{
  g_return_val_if_fail (path != NULL, NULL);
  return make_diff (path, before, after, 0);
}
