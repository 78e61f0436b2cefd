/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "change/fatia-change-private.h"

#include <glib/gi18n-lib.h>

#include "change/fatia-pieces.h"

#define CONTEXT 3
/* Each line costs many times its bytes while it is compared, and a text may be all line feeds. */
#define LINES_LIMIT 20000

typedef struct
{
  char mark; /* ' ', '-', '+' */
  FatiaPiece line;
} Edit;

static void
add_edits (GArray *edits, char mark, GArray *lines, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    {
      const Edit edit = { mark, *fatia_piece_at (lines, i) };

      g_array_append_val (edits, edit);
    }
}

/* Where the two differ too much to be compared, what lies between how they begin and end is shown
 * as one block: right all the same. */
static GArray *
make_edits (GArray *a, GArray *b)
{
  GArray *edits = g_array_new (FALSE, FALSE, sizeof (Edit));
  GArray *texts[] = { a, b };
  g_autofree guint *map = g_new (guint, a->len + 1);
  guint a_done = 0, b_done = 0;

  fatia_pieces_number (texts, G_N_ELEMENTS (texts));
  fatia_pieces_align (a, 0, a->len, b, 0, b->len, map);
  for (guint i = 0; i < a->len; i++)
    {
      if (map[i] == FATIA_NOWHERE)
        continue;
      add_edits (edits, '-', a, a_done, i);
      add_edits (edits, '+', b, b_done, map[i]);
      add_edits (edits, ' ', a, i, i + 1);
      a_done = i + 1;
      b_done = map[i] + 1;
    }
  add_edits (edits, '-', a, a_done, a->len);
  add_edits (edits, '+', b, b_done, b->len);
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

/* Whether a person could read how the one becomes the other, and it can be found out cheaply. */
static gboolean
can_be_compared (GBytes *before, GBytes *after)
{
  return fatia_pieces_are_text (before) && fatia_pieces_are_text (after) &&
         fatia_pieces_count_lines (before) <= LINES_LIMIT &&
         fatia_pieces_count_lines (after) <= LINES_LIMIT;
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
  if (!can_be_compared (before, after))
    return summarize (before, after);
  a = fatia_pieces_new_lines (before);
  b = fatia_pieces_new_lines (after);
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
 *   are equal; for what is no text, or one of too many lines, one line with its size and sha256
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

/**
 * fatia_diff_bytes:
 * @before: (nullable): what is there
 * @after: (nullable): what is to be there
 *
 * Returns: (transfer full): the one line for a file that is no text whatever its bytes look like,
 *   empty where the two are equal
 */
char *
fatia_diff_bytes (GBytes *before, GBytes *after)
{
  return fatia_bytes_equal0 (before, after) ? g_strdup ("") : summarize (before, after);
}
