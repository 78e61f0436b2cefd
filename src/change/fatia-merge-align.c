/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of each word of a text: by lines first, so that equal lines hold their words
 * together, then by the words of each line with those of the line it became. */
#include "change/fatia-merge-private.h"

/* Changed lines in a row are compared each with each, up to so many pairs of lines and words. */
#define PAIRS_LIMIT (64 * 64)
#define WORDS_LIMIT (1024 * 1024)

void
fatia_merge_text_init (FatiaMergeText *self, GBytes *bytes)
{
  guint word = 0;

  self->words = fatia_pieces_new_words (bytes);
  self->lines = fatia_pieces_new_lines (bytes);
  self->line_of = g_new (guint, self->words->len + 1);
  self->first_of = g_new (guint, self->lines->len + 1);
  for (guint i = 0; i < self->lines->len; i++)
    {
      const FatiaPiece *line = fatia_piece_at (self->lines, i);

      self->first_of[i] = word;
      for (; word < self->words->len &&
             fatia_piece_at (self->words, word)->start < line->start + line->length;
           word++)
        self->line_of[word] = i;
    }
  self->first_of[self->lines->len] = word;
}

void
fatia_merge_text_clear (FatiaMergeText *self)
{
  g_array_unref (self->words);
  g_array_unref (self->lines);
  g_free (self->line_of);
  g_free (self->first_of);
}

/* Whether a piece says something. */
gboolean
fatia_piece_is_solid (const FatiaPiece *piece)
{
  if (piece->kind != FATIA_PIECE_LINE)
    return piece->kind != FATIA_PIECE_BLANK && piece->kind != FATIA_PIECE_FEED;
  for (guint i = 0; i < piece->length; i++)
    if (!g_ascii_isspace (piece->start[i]))
      return TRUE;
  return FALSE;
}

/* The solid ones of @pieces from @from to @to, and in @places where they are. */
static GArray *
get_solid (GArray *pieces, guint from, guint to, GArray *places)
{
  GArray *solid = g_array_new (FALSE, FALSE, sizeof (FatiaPiece));

  for (guint i = from; i < to; i++)
    if (fatia_piece_is_solid (fatia_piece_at (pieces, i)))
      {
        g_array_append_vals (solid, fatia_piece_at (pieces, i), 1);
        g_array_append_val (places, i);
      }
  return solid;
}

/* By what says something alone: were blanks compared with words, two words would be taken for
 * replaced ones to save the blanks around them, and empty lines would hold anything together. */
static gboolean
align_solid (GArray *a, guint from, guint to, GArray *b, guint b_from, guint b_to, guint *map)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) b_places = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) solid = get_solid (a, from, to, places);
  g_autoptr (GArray) b_solid = get_solid (b, b_from, b_to, b_places);
  g_autofree guint *found = g_new (guint, solid->len + 1);

  if (!fatia_pieces_align (solid, 0, solid->len, b_solid, 0, b_solid->len, found))
    return FALSE;
  for (guint i = from; i < to; i++)
    map[i] = FATIA_NOWHERE;
  for (guint i = 0; i < solid->len; i++)
    if (found[i] != FATIA_NOWHERE)
      map[g_array_index (places, guint, i)] = g_array_index (b_places, guint, found[i]);
  return TRUE;
}

typedef struct
{
  const FatiaMergeText *a, *b;
  guint from, to, b_from, b_to;
  gboolean *used; /* for each of b from b_from on */
  guint *map;
} Gap;

/* Takes b[place] for the blank or line feed a[i], where it is the same and free. */
static void
take_soft (Gap *gap, guint i, guint place)
{
  if (fatia_piece_is_solid (fatia_piece_at (gap->a->words, i)) || gap->map[i] != FATIA_NOWHERE ||
      place < gap->b_from || place >= gap->b_to || gap->used[place - gap->b_from] ||
      fatia_merge_number (gap->a, i) != fatia_merge_number (gap->b, place))
    return;
  gap->map[i] = place;
  gap->used[place - gap->b_from] = TRUE;
}

/* The place behind what stands before a[i]. */
static guint
behind_last (const Gap *gap, guint i)
{
  guint last = i > gap->from ? gap->map[i - 1] : gap->b_from - 1;

  return last == FATIA_NOWHERE && i > gap->from ? FATIA_NOWHERE : last + 1;
}

/* The place before what stands behind a[i]. */
static guint
before_next (const Gap *gap, guint i)
{
  guint next = i + 1 < gap->to ? gap->map[i + 1] : gap->b_to;

  return next == FATIA_NOWHERE || next == 0 ? FATIA_NOWHERE : next - 1;
}

/* A blank goes with the word behind it and a line feed with its line, else with what is at the
 * other side. */
static void
align_soft (Gap *gap)
{
  for (guint i = gap->from; i < gap->to; i++)
    if (fatia_merge_kind (gap->a, i) == FATIA_PIECE_BLANK)
      take_soft (gap, i, before_next (gap, i));
  for (guint i = gap->from; i < gap->to; i++)
    take_soft (gap, i, behind_last (gap, i));
  for (guint i = gap->to; i-- > gap->from;)
    take_soft (gap, i, before_next (gap, i));
}

/* The words of two lines. */
static gboolean
align_words (const FatiaMergeText *a, guint line, const FatiaMergeText *b, guint b_line, guint *map)
{
  guint from = a->first_of[line], to = a->first_of[line + 1];
  guint b_from = b->first_of[b_line], b_to = b->first_of[b_line + 1];
  g_autofree gboolean *used = g_new0 (gboolean, b_to - b_from);
  Gap gap = { a, b, from, to, b_from, b_to, used, map };

  if (!align_solid (a->words, from, to, b->words, b_from, b_to, map))
    return FALSE;
  align_soft (&gap);
  return TRUE;
}

/* How alike two lines are; 0: not the same line, whatever became of it. */
static guint
compare_lines (const FatiaMergeText *a, guint line, const FatiaMergeText *b, guint b_line)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) words = get_solid (a->words, a->first_of[line], a->first_of[line + 1], places);
  g_autoptr (GArray) b_words =
    get_solid (b->words, b->first_of[b_line], b->first_of[b_line + 1], places);
  g_autofree guint *map = g_new (guint, words->len + 1);
  guint common = 0;
  gboolean begin_alike;

  if (words->len == 0 || b_words->len == 0)
    return words->len == b_words->len;
  fatia_pieces_align (words, 0, words->len, b_words, 0, b_words->len, map);
  for (guint i = 0; i < words->len; i++)
    common += map[i] != FATIA_NOWHERE;
  begin_alike = fatia_piece_at (words, 0)->number == fatia_piece_at (b_words, 0)->number &&
                fatia_piece_at (words, 0)->length > 1;
  if (!begin_alike && 2 * common < MAX (words->len, b_words->len))
    return 0;
  /* A key at its beginning tells most of a line. */
  return 4 * common + (begin_alike ? 8 : 0);
}

/* Which of the lines a[from, to) became which of b[b_from, b_to). */
typedef struct
{
  const FatiaMergeText *a, *b;
  guint from, n, b_from, m;
  guint *likeness; /* n rows of m */
  guint *best;     /* n + 1 rows of m + 1: of what is from there on */
} Pairing;

static gboolean
can_pair (const Pairing *self)
{
  guint words = self->a->first_of[self->from + self->n] - self->a->first_of[self->from];
  guint b_words = self->b->first_of[self->b_from + self->m] - self->b->first_of[self->b_from];

  return (guint64) self->n * self->m <= PAIRS_LIMIT && (guint64) words * b_words <= WORDS_LIMIT;
}

static void
find_pairs (Pairing *self)
{
  guint width = self->m + 1;

  for (guint i = self->n; i-- > 0;)
    for (guint j = self->m; j-- > 0;)
      {
        guint likeness = compare_lines (self->a, self->from + i, self->b, self->b_from + j);
        guint both = likeness > 0 ? likeness + self->best[(i + 1) * width + j + 1] : 0;

        self->likeness[i * self->m + j] = likeness;
        self->best[i * width + j] =
          MAX (both, MAX (self->best[(i + 1) * width + j], self->best[i * width + j + 1]));
      }
}

static gboolean
align_pairs (const Pairing *self, guint *map)
{
  guint width = self->m + 1, i = 0, j = 0;

  while (i < self->n && j < self->m)
    {
      guint best = self->best[i * width + j], likeness = self->likeness[i * self->m + j];

      if (likeness > 0 && best == likeness + self->best[(i + 1) * width + j + 1])
        {
          if (!align_words (self->a, self->from + i++, self->b, self->b_from + j++, map))
            return FALSE;
        }
      else if (best == self->best[(i + 1) * width + j])
        i++;
      else
        j++;
    }
  return TRUE;
}

/* The words of lines that changed: those of each line with those of the line it became. */
static gboolean
align_lines (const FatiaMergeText *a,
             guint from,
             guint to,
             const FatiaMergeText *b,
             guint b_from,
             guint b_to,
             guint *map)
{
  g_autofree guint *likeness = NULL;
  g_autofree guint *best = NULL;
  Pairing self = { a, b, from, to - from, b_from, b_to - b_from, NULL, NULL };

  for (guint i = a->first_of[from]; i < a->first_of[to]; i++)
    map[i] = FATIA_NOWHERE;
  if (self.n == 0 || self.m == 0)
    return TRUE;
  if (self.n == 1 && self.m == 1)
    return align_words (a, from, b, b_from, map);
  if (!can_pair (&self))
    return FALSE;
  self.likeness = likeness = g_new0 (guint, self.n * self.m);
  self.best = best = g_new0 (guint, (self.n + 1) * (self.m + 1));
  find_pairs (&self);
  return align_pairs (&self, map);
}

/**
 * fatia_merge_align:
 *
 * Compares two texts whose pieces are numbered together.
 *
 * Returns: (transfer full) (nullable): for each word of @a which word of @b it is, or
 *   %FATIA_NOWHERE; %NULL where they differ too much to be compared in bounded time
 */
guint *
fatia_merge_align (const FatiaMergeText *a, const FatiaMergeText *b)
{
  g_autofree guint *lines = g_new (guint, a->lines->len + 1);
  g_autofree guint *words = g_new (guint, a->words->len + 1);
  guint a_done = 0, b_done = 0;

  if (!align_solid (a->lines, 0, a->lines->len, b->lines, 0, b->lines->len, lines))
    return NULL;
  for (guint i = 0; i <= a->lines->len; i++)
    {
      gboolean end = i == a->lines->len;

      if (!end && lines[i] == FATIA_NOWHERE)
        continue;
      if (!align_lines (a, a_done, i, b, b_done, end ? b->lines->len : lines[i], words))
        return NULL;
      if (end)
        break;
      for (guint j = a->first_of[i]; j < a->first_of[i + 1]; j++)
        words[j] = b->first_of[lines[i]] + j - a->first_of[i];
      a_done = i + 1;
      b_done = lines[i] + 1;
    }
  return g_steal_pointer (&words);
}
