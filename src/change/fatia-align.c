/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What two texts have in common, by the greedy search of Eugene W. Myers' paper on
 * difference algorithms (Algorithmica, 1986): the furthest place on each diagonal after so many
 * differences, and the way back from the end.
 */
#include "change/fatia-pieces.h"

/* Two texts that differ in more pieces than this are not told apart piece by piece. The memory
 * grows with its square: 8 MiB. */
#define DIFFERENCES_LIMIT 2000
/* And so many comparisons are a fraction of a second. */
#define STEPS_LIMIT (32 * 1024 * 1024)

typedef struct
{
  GArray *a, *b;
  guint a_from, b_from;
  int n, m;        /* how many pieces are compared */
  GPtrArray *rows; /* of int: after d differences, how far diagonals -d, -d + 2, … d lead */
  guint steps;
} Search;

/* How far diagonal @k leads after @d differences; -1: it can't be reached. */
static int
reach (const Search *self, int d, int k)
{
  const int *row = d >= 0 && k >= -d && k <= d ? g_ptr_array_index (self->rows, d) : NULL;

  return row ? row[(k + d) / 2] : -1;
}

/* Where diagonal @k is entered with the @d-th difference. @down: (out): by a piece of b. */
static int
enter (const Search *self, int d, int k, gboolean *down)
{
  int below = reach (self, d - 1, k + 1);
  int beside = reach (self, d - 1, k - 1);
  int right = beside >= 0 && beside < self->n ? beside + 1 : -1;

  *down = below >= 0 && below - k <= self->m && below > right;
  return *down ? below : right;
}

static gboolean
is_same (const Search *self, int x, int y)
{
  return fatia_piece_at (self->a, self->a_from + x)->number ==
         fatia_piece_at (self->b, self->b_from + y)->number;
}

/* Follows what is equal from @x on diagonal @k. */
static int
follow (Search *self, int x, int k)
{
  while (x >= 0 && x < self->n && x - k < self->m && is_same (self, x, x - k))
    {
      x++;
      self->steps++;
    }
  return x;
}

/* Returns how many differences there are, or -1: more than are looked for. */
static int
search (Search *self)
{
  for (int d = 0; d <= DIFFERENCES_LIMIT && self->steps <= STEPS_LIMIT; d++)
    {
      int *row = g_new (int, d + 1);

      for (int k = -d; k <= d; k += 2)
        {
          gboolean down;
          int x = d == 0 ? 0 : enter (self, d, k, &down);

          row[(k + d) / 2] = follow (self, x, k);
          self->steps++;
        }
      g_ptr_array_add (self->rows, row);
      if (reach (self, d, self->n - self->m) == self->n)
        return d;
    }
  return -1;
}

static void
trace_back (const Search *self, int d, guint *map)
{
  int x = self->n, k = self->n - self->m;

  for (; d >= 0; d--)
    {
      gboolean down = FALSE;
      int start = d == 0 ? 0 : enter (self, d, k, &down);

      while (x > start)
        {
          x--;
          map[self->a_from + x] = self->b_from + x - k;
        }
      if (d > 0 && !down)
        x--;
      k += down ? 1 : -1;
    }
}

/**
 * fatia_pieces_align:
 * @a: (element-type FatiaPiece): one text, numbered together with @b
 * @b: (element-type FatiaPiece): the other
 * @map: for each piece of @a, gets which piece of @b it is, or %FATIA_NOWHERE; only those from
 *   @a_from to @a_to are written
 *
 * Finds which pieces of @a, from @a_from up to @a_to, are which of @b, in order.
 *
 * Returns: whether that is as many as can be. %FALSE where the two differ too much to tell
 *   within the bounds of time and memory: then no more is mapped than how they begin and end
 */
gboolean
fatia_pieces_align (
  GArray *a, guint a_from, guint a_to, GArray *b, guint b_from, guint b_to, guint *map)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);
  Search self = { .a = a, .b = b, .rows = rows };
  int d;

  for (guint i = a_from; i < a_to; i++)
    map[i] = FATIA_NOWHERE;
  while (a_from < a_to && b_from < b_to &&
         fatia_piece_at (a, a_from)->number == fatia_piece_at (b, b_from)->number)
    map[a_from++] = b_from++;
  while (a_from < a_to && b_from < b_to &&
         fatia_piece_at (a, a_to - 1)->number == fatia_piece_at (b, b_to - 1)->number)
    map[--a_to] = --b_to;
  self.a_from = a_from;
  self.b_from = b_from;
  self.n = a_to - a_from;
  self.m = b_to - b_from;
  /* One of them is empty: nothing is left in common. */
  if (self.n == 0 || self.m == 0)
    return TRUE;
  d = search (&self);
  if (d >= 0)
    trace_back (&self, d, map);
  return d >= 0;
}
