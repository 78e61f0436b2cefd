/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Undoing after other hands: ours is taken out, theirs stays.
 *
 * Three texts: before, after (what we made of it) and present (what others made of that). They
 * are compared by lines, and by words where lines differ. Each place where after differs from
 * before (a hunk) is looked for in present, and taken back only where it is certain what is ours:
 *
 *  - what we added goes where nothing of theirs stands inside of it; what they took out of it
 *    already is no matter;
 *  - what we replaced is put back where all of what we wrote is still there, in one piece;
 *  - what we removed comes back where the words on both sides of it still stand together;
 *  - a hunk that is already as it was before is fine.
 *
 * Anything else is a conflict, for a person to decide about.
 */
#include "change/fatia-merge.h"

#include "change/fatia-merge-private.h"

/* No change of ours has more places. */
#define HUNKS_LIMIT 512

/* present[from, to) is to become before[was_from, was_to). */
typedef FatiaMergeHunk Edit;

typedef struct
{
  FatiaMergeText before, after, present;
  guint *was;      /* for each word of after, which of before it is */
  guint *now;      /* and which of present */
  gboolean *taken; /* for each word of present, whether it is one of after */
  GArray *hunks;   /* of FatiaMergeHunk, in order */
  GArray *edits;   /* of Edit, in order */
} Merge;

static guint
count_in (GArray *pieces, guint from, guint to, guint number)
{
  guint n = 0;

  for (guint i = from; i < to; i++)
    n += fatia_piece_at (pieces, i)->number == number;
  return n;
}

/* The last of present that stands before after[i), counted from 1; 0: none. */
static guint
edge_before (const Merge *self, guint i)
{
  while (i-- > 0)
    if (self->now[i] != FATIA_NOWHERE)
      return self->now[i] + 1;
  return 0;
}

/* The first of present that stands behind after[i). */
static guint
edge_behind (const Merge *self, guint i)
{
  for (; i < self->after.words->len; i++)
    if (self->now[i] != FATIA_NOWHERE)
      return self->now[i];
  return self->present.words->len;
}

/*
 * Of several equal words in a row it is open which of them others removed. Where what they removed
 * begins before our hunk and ends in it, it is moved to the hunk's edge if it can be.
 */
static void
slide_removed_in (Merge *self, const FatiaMergeHunk *hunk)
{
  guint start = hunk->from, end = hunk->from, n;

  while (start > 0 && self->now[start - 1] == FATIA_NOWHERE)
    start--;
  while (end < hunk->to && self->now[end] == FATIA_NOWHERE)
    end++;
  n = hunk->from - start;
  if (end == hunk->from || end + n > hunk->to)
    return;
  for (guint i = 0; i < n; i++)
    if (fatia_merge_number (&self->after, start + i) !=
          fatia_merge_number (&self->after, end + i) ||
        self->now[end + i] == FATIA_NOWHERE)
      return;
  for (guint i = 0; i < n; i++)
    {
      self->now[start + i] = self->now[end + i];
      self->now[end + i] = FATIA_NOWHERE;
    }
}

/* The same at the hunk's other edge. */
static void
slide_removed_back (Merge *self, const FatiaMergeHunk *hunk)
{
  guint start = hunk->to, end = hunk->to, n;

  while (end < self->after.words->len && self->now[end] == FATIA_NOWHERE)
    end++;
  while (start > hunk->from && self->now[start - 1] == FATIA_NOWHERE)
    start--;
  n = end - hunk->to;
  if (start == hunk->to || start < hunk->from + n)
    return;
  for (guint i = 1; i <= n; i++)
    if (fatia_merge_number (&self->after, end - i) !=
          fatia_merge_number (&self->after, start - i) ||
        self->now[start - i] == FATIA_NOWHERE)
      return;
  for (guint i = 1; i <= n; i++)
    {
      self->now[end - i] = self->now[start - i];
      self->now[start - i] = FATIA_NOWHERE;
    }
}

/* Whether present has the whole hunk from @start on; then it is that. */
static gboolean
take_whole (Merge *self, const FatiaMergeHunk *hunk, guint start)
{
  guint n = hunk->to - hunk->from;

  if (start < edge_before (self, hunk->from) || start + n > edge_behind (self, hunk->to))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (fatia_merge_number (&self->present, start + i) !=
        fatia_merge_number (&self->after, hunk->from + i))
      return FALSE;
  for (guint i = 0; i < n; i++)
    self->now[hunk->from + i] = start + i;
  return TRUE;
}

/* Whether all of the hunk is there, in one piece. */
static gboolean
is_whole (Merge *self, const FatiaMergeHunk *hunk)
{
  guint first = self->now[hunk->from], last = self->now[hunk->to - 1], n = hunk->to - hunk->from;

  return (first != FATIA_NOWHERE && take_whole (self, hunk, first)) ||
         (last != FATIA_NOWHERE && last + 1 >= n && take_whole (self, hunk, last + 1 - n));
}

static gboolean
spans_lines (const FatiaMergeText *text, guint from, guint to)
{
  guint line = from < text->words->len ? text->line_of[from] : text->lines->len;

  return text->first_of[line] == from && to > from &&
         text->first_of[text->line_of[to - 1] + 1] == to;
}

/*
 * A word of ours that was found is ours only in the line we wrote it to: of the words beside it
 * that are not ours one at least must be in the same line still, where there were any.
 */
static gboolean
is_in_its_line (const Merge *self, const FatiaMergeHunk *hunk, guint place)
{
  const FatiaMergeText *after = &self->after;
  guint line = self->present.line_of[place];
  gboolean alone = TRUE;

  if (spans_lines (after, hunk->from, hunk->to))
    return TRUE;
  for (guint i = after->first_of[after->line_of[hunk->from]];
       i < after->first_of[after->line_of[hunk->to - 1] + 1]; i++)
    {
      if (fatia_merge_kind (after, i) != FATIA_PIECE_WORD || self->was[i] == FATIA_NOWHERE)
        continue;
      alone = FALSE;
      if (self->now[i] != FATIA_NOWHERE && self->present.line_of[self->now[i]] == line)
        return TRUE;
    }
  return alone;
}

static guint
count_quotes (const FatiaMergeText *text, guint from, guint to)
{
  guint n = 0;

  for (guint i = from; i < to; i++)
    n += fatia_merge_kind (text, i) == FATIA_PIECE_QUOTE;
  return n;
}

/* Whether others left after's lines from @from to @to as they are. */
static gboolean
has_lines_still (const Merge *self, guint from, guint to)
{
  const FatiaMergeText *after = &self->after;
  guint start = after->first_of[after->line_of[from]];
  guint end = after->first_of[after->line_of[to - 1] + 1];

  for (guint i = start; i < end; i++)
    if (self->now[i] == FATIA_NOWHERE || (i > start && self->now[i] != self->now[i - 1] + 1))
      return FALSE;
  return TRUE;
}

/* One quotation mark of a pair can't come or go alone: the line must be as we left it. */
static gboolean
keeps_quotes (const Merge *self, const FatiaMergeHunk *hunk)
{
  if (count_quotes (&self->after, hunk->from, hunk->to) % 2 == 0 &&
      count_quotes (&self->before, hunk->was_from, hunk->was_to) % 2 == 0)
    return TRUE;
  return has_lines_still (self, hunk->from, hunk->to);
}

static gboolean
add_edit (Merge *self, guint from, guint to, const FatiaMergeHunk *hunk)
{
  const Edit edit = { from, to, hunk->was_from, hunk->was_to };

  if (self->edits->len > 0 && g_array_index (self->edits, Edit, self->edits->len - 1).to > from)
    return FALSE;
  g_array_append_val (self->edits, edit);
  return TRUE;
}

/* Whether present has between @from and @to what stood in the hunk's place before. */
static gboolean
is_back (const Merge *self, const FatiaMergeHunk *hunk, guint from, guint to)
{
  if (to < from || to - from != hunk->was_to - hunk->was_from)
    return FALSE;
  for (guint i = from; i < to; i++)
    if (fatia_merge_number (&self->present, i) !=
        fatia_merge_number (&self->before, hunk->was_from + i - from))
      return FALSE;
  return TRUE;
}

/* Whether what others removed beside the hunk is like something in it: it is open then which of
 * the two is left. */
static gboolean
is_doubtful (const Merge *self, const FatiaMergeHunk *hunk)
{
  guint start = hunk->from, end = hunk->to;

  while (start > 0 && self->now[start - 1] == FATIA_NOWHERE)
    start--;
  while (end < self->after.words->len && self->now[end] == FATIA_NOWHERE)
    end++;
  for (guint i = hunk->from; i < hunk->to; i++)
    if (self->now[i] != FATIA_NOWHERE &&
        fatia_piece_is_solid (fatia_piece_at (self->after.words, i)) &&
        (count_in (self->after.words, start, hunk->from, fatia_merge_number (&self->after, i)) >
           0 ||
         count_in (self->after.words, hunk->to, end, fatia_merge_number (&self->after, i)) > 0))
      return TRUE;
  return FALSE;
}

/* What is left of words we added to a line, where others have but taken out of them. */
static gboolean
take_rest (Merge *self, const FatiaMergeHunk *hunk)
{
  guint first = FATIA_NOWHERE, last = 0, n = 0;

  for (guint i = hunk->from; i < hunk->to; i++)
    if (self->now[i] != FATIA_NOWHERE)
      {
        first = MIN (first, self->now[i]);
        last = self->now[i];
        n++;
      }
  if (last + 1 - first != n || edge_before (self, hunk->from) != first ||
      edge_behind (self, hunk->to) != last + 1 || is_doubtful (self, hunk) ||
      spans_lines (&self->after, hunk->from, hunk->to))
    return FALSE;
  return is_in_its_line (self, hunk, first) && add_edit (self, first, last + 1, hunk);
}

static gboolean
has_words (const FatiaMergeText *text, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    if (fatia_merge_kind (text, i) != FATIA_PIECE_BLANK &&
        fatia_merge_kind (text, i) != FATIA_PIECE_FEED)
      return TRUE;
  return FALSE;
}

/* Whether present has the hunk's words in a row at @place, none of them another's, whatever blanks
 * are between them. */
static gboolean
has_words_at (const Merge *self, const FatiaMergeHunk *hunk, guint place)
{
  const FatiaMergeText *present = &self->present;

  for (guint i = hunk->from; i < hunk->to; i++)
    {
      if (fatia_merge_kind (&self->after, i) == FATIA_PIECE_BLANK)
        continue;
      while (place < present->words->len && fatia_merge_kind (present, place) == FATIA_PIECE_BLANK)
        place++;
      if (place == present->words->len || self->taken[place] ||
          fatia_merge_number (present, place) != fatia_merge_number (&self->after, i))
        return FALSE;
      place++;
    }
  return TRUE;
}

/* Whether no word of the hunk is left, nor has moved to where it is not looked for. Blanks are
 * everybody's. */
static gboolean
is_gone (const Merge *self, const FatiaMergeHunk *hunk)
{
  if (has_words (&self->after, hunk->from, hunk->to))
    for (guint i = 0; i < self->present.words->len; i++)
      if (has_words_at (self, hunk, i))
        return FALSE;
  for (guint i = hunk->from; i < hunk->to; i++)
    if (self->now[i] != FATIA_NOWHERE && fatia_merge_kind (&self->after, i) != FATIA_PIECE_BLANK &&
        fatia_merge_kind (&self->after, i) != FATIA_PIECE_FEED)
      return FALSE;
  return TRUE;
}

/* Where no blank stood before what we added, the one that others put behind it goes with it. */
static guint
end_of_added (const Merge *self, const FatiaMergeHunk *hunk)
{
  guint end = self->now[hunk->to - 1] + 1;

  return fatia_merge_kind (&self->after, hunk->from) == FATIA_PIECE_WORD &&
             fatia_merge_kind (&self->after, hunk->to - 1) == FATIA_PIECE_WORD &&
             end < edge_behind (self, hunk->to) &&
             fatia_merge_kind (&self->present, end) == FATIA_PIECE_BLANK
           ? end + 1
           : end;
}

static gboolean
take_back_added (Merge *self, const FatiaMergeHunk *hunk)
{
  slide_removed_in (self, hunk);
  slide_removed_back (self, hunk);
  if (is_whole (self, hunk))
    return is_in_its_line (self, hunk, self->now[hunk->from]) && keeps_quotes (self, hunk) &&
           add_edit (self, self->now[hunk->from], end_of_added (self, hunk), hunk);
  /* Gone, and nothing that may be ours in another form in its place. */
  if (is_gone (self, hunk))
    return !has_words (&self->present, edge_before (self, hunk->from),
                       edge_behind (self, hunk->to));
  return keeps_quotes (self, hunk) && take_rest (self, hunk);
}

static gboolean
put_back_replaced (Merge *self, const FatiaMergeHunk *hunk)
{
  if (is_whole (self, hunk))
    return is_in_its_line (self, hunk, self->now[hunk->from]) && keeps_quotes (self, hunk) &&
           add_edit (self, self->now[hunk->from], self->now[hunk->to - 1] + 1, hunk);
  return is_back (self, hunk, edge_before (self, hunk->from), edge_behind (self, hunk->to));
}

/* Of a word or a line that is there several times, and that others added or removed one of, it is
 * open which one it was. */
static gboolean
is_certain_word (const Merge *self, guint i)
{
  const FatiaMergeText *after = &self->after, *present = &self->present;
  guint line = after->line_of[i], now_line = present->line_of[self->now[i]];

  return count_in (after->words, after->first_of[line], after->first_of[line + 1],
                   fatia_merge_number (after, i)) ==
         count_in (present->words, present->first_of[now_line], present->first_of[now_line + 1],
                   fatia_merge_number (after, i));
}

static gboolean
is_certain_line (const Merge *self, guint line)
{
  guint number = fatia_piece_at (self->after.lines, line)->number;

  return count_in (self->after.lines, 0, self->after.lines->len, number) ==
         count_in (self->present.lines, 0, self->present.lines->len, number);
}

/* Whether from after[i] backwards the words up to the first that is more than a blank or a mark
 * are in present, in one piece. */
static gboolean
stands_before (const Merge *self, guint i)
{
  for (; i > 0; i--)
    {
      if (self->now[i - 1] == FATIA_NOWHERE)
        return FALSE;
      if (fatia_merge_kind (&self->after, i - 1) == FATIA_PIECE_WORD)
        return is_certain_word (self, i - 1);
      if (i > 1 && self->now[i - 2] != FATIA_NOWHERE && self->now[i - 2] + 1 != self->now[i - 1])
        return FALSE;
    }
  return TRUE;
}

static gboolean
stands_behind (const Merge *self, guint i)
{
  for (; i < self->after.words->len; i++)
    {
      if (self->now[i] == FATIA_NOWHERE)
        return FALSE;
      if (fatia_merge_kind (&self->after, i) == FATIA_PIECE_WORD)
        return is_certain_word (self, i);
      if (i + 1 < self->after.words->len && self->now[i + 1] != FATIA_NOWHERE &&
          self->now[i + 1] != self->now[i] + 1)
        return FALSE;
    }
  return TRUE;
}

/*
 * Of several equal words in a row it is open which of them we removed: all places it may have
 * been at, from after[@first] to after[@last], must be as they were.
 */
static void
find_places (const Merge *self, const FatiaMergeHunk *hunk, guint *first, guint *last)
{
  const FatiaMergeText *before = &self->before;
  guint n = 0;

  *first = *last = hunk->from;
  while (*first > 0 && hunk->was_from > n && self->was[*first - 1] == hunk->was_from - n - 1 &&
         fatia_merge_number (before, hunk->was_from - n - 1) ==
           fatia_merge_number (before, hunk->was_to - n - 1))
    {
      (*first)--;
      n++;
    }
  n = 0;
  while (*last < self->after.words->len && self->was[*last] == hunk->was_to + n &&
         fatia_merge_number (before, hunk->was_from + n) ==
           fatia_merge_number (before, hunk->was_to + n))
    {
      (*last)++;
      n++;
    }
}

/* At the edge of a line, the lines on both sides must be as we left them. */
static gboolean
edges_stand (const Merge *self, guint i)
{
  const FatiaMergeText *after = &self->after;
  guint line = i > 0 ? after->line_of[i - 1] : 0;
  guint next = i < after->words->len ? after->line_of[i] : line;

  if (after->words->len == 0 || (i > 0 && i < after->words->len && line == next &&
                                 fatia_merge_kind (after, i) != FATIA_PIECE_FEED))
    return TRUE;
  return has_lines_still (self, i > 0 ? i - 1 : 0, MIN (i + 1, after->words->len)) &&
         is_certain_line (self, line) && is_certain_line (self, next);
}

static gboolean
stands (const Merge *self, const FatiaMergeHunk *hunk)
{
  guint first, last;

  find_places (self, hunk, &first, &last);
  if (!edges_stand (self, first) || !edges_stand (self, last))
    return FALSE;
  for (guint i = first; i < last; i++)
    if (self->now[i] == FATIA_NOWHERE || (i > first && self->now[i] != self->now[i - 1] + 1))
      return FALSE;
  return edge_before (self, first) == edge_behind (self, first) &&
         edge_before (self, last) == edge_behind (self, last) && stands_before (self, first) &&
         stands_behind (self, last);
}

static gboolean
put_back_removed (Merge *self, const FatiaMergeHunk *hunk)
{
  guint from = edge_before (self, hunk->from), to = edge_behind (self, hunk->to);

  if (from == to && stands (self, hunk) &&
      count_quotes (&self->before, hunk->was_from, hunk->was_to) % 2 == 0)
    return add_edit (self, from, to, hunk);
  return is_back (self, hunk, from, to);
}

static gboolean
take_out_hunks (Merge *self)
{
  for (guint i = 0; i < self->hunks->len; i++)
    {
      const FatiaMergeHunk *hunk = &g_array_index (self->hunks, FatiaMergeHunk, i);
      gboolean done = hunk->from == hunk->to           ? put_back_removed (self, hunk)
                      : hunk->was_from == hunk->was_to ? take_back_added (self, hunk)
                                                       : put_back_replaced (self, hunk);

      if (!done)
        return FALSE;
    }
  return TRUE;
}

static void
append_words (GByteArray *out, const FatiaMergeText *text, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    g_byte_array_append (out, (const guint8 *) fatia_piece_at (text->words, i)->start,
                         fatia_piece_at (text->words, i)->length);
}

static GBytes *
apply_edits (Merge *self)
{
  GByteArray *out = g_byte_array_new ();
  guint done = 0;

  for (guint i = 0; i < self->edits->len; i++)
    {
      const Edit *edit = &g_array_index (self->edits, Edit, i);

      append_words (out, &self->present, done, edit->from);
      append_words (out, &self->before, edit->was_from, edit->was_to);
      done = edit->to;
    }
  append_words (out, &self->present, done, self->present.words->len);
  return g_byte_array_free_to_bytes (out);
}

static GBytes *
merge_run (Merge *self)
{
  GArray *words[] = { self->before.words, self->after.words, self->present.words };
  GArray *lines[] = { self->before.lines, self->after.lines, self->present.lines };

  fatia_pieces_number (words, G_N_ELEMENTS (words));
  fatia_pieces_number (lines, G_N_ELEMENTS (lines));
  self->was = fatia_merge_align (&self->after, &self->before);
  self->now = self->was ? fatia_merge_align (&self->after, &self->present) : NULL;
  if (self->now == NULL)
    return NULL;
  self->taken = g_new0 (gboolean, self->present.words->len + 1);
  for (guint i = 0; i < self->after.words->len; i++)
    if (self->now[i] != FATIA_NOWHERE)
      self->taken[self->now[i]] = TRUE;
  self->hunks = fatia_merge_find_hunks (&self->before, &self->after, self->was);
  return self->hunks->len <= HUNKS_LIMIT && take_out_hunks (self) ? apply_edits (self) : NULL;
}

/**
 * fatia_merge_take_out:
 * @before: (nullable): what a file had before it was changed, %NULL: it was not there
 * @after: (nullable): what the change made of it
 * @present: (nullable): what others made of that
 *
 * Takes the change out of @present and leaves everything else in it.
 *
 * Returns: (transfer full) (nullable): what is left, or %NULL where it is not certain what of
 *   @present is the change's: where others changed it too, where one of the three is no text, or
 *   where they differ too much to be compared in bounded time
 */
GBytes *
fatia_merge_take_out (GBytes *before, GBytes *after, GBytes *present)
{
  Merge self = { 0 };
  GBytes *result;

  if (!before || !after || !present || !fatia_pieces_are_text (before) ||
      !fatia_pieces_are_text (after) || !fatia_pieces_are_text (present))
    return NULL;
  /* Where one of the ends is met to the byte nothing is left to be found out. */
  if (g_bytes_equal (present, before) || g_bytes_equal (before, after))
    return g_bytes_ref (present);
  if (g_bytes_equal (present, after))
    return g_bytes_ref (before);
  fatia_merge_text_init (&self.before, before);
  fatia_merge_text_init (&self.after, after);
  fatia_merge_text_init (&self.present, present);
  self.edits = g_array_new (FALSE, FALSE, sizeof (Edit));
  result = merge_run (&self);
  g_array_unref (self.edits);
  g_clear_pointer (&self.hunks, g_array_unref);
  g_free (self.was);
  g_free (self.now);
  g_free (self.taken);
  fatia_merge_text_clear (&self.before);
  fatia_merge_text_clear (&self.after);
  fatia_merge_text_clear (&self.present);
  return result;
}
