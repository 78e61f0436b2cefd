/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a text differs from what it was before, in pieces that can be taken back one by one. */
#include "change/fatia-merge-private.h"

typedef struct
{
  const FatiaMergeText *before, *after;
  guint *was;
  GArray *hunks; /* of FatiaMergeHunk */
} Finder;

/* What was added to a line takes the blank before it along, not the one behind it. */
static void
slide_to_blank (Finder *self, FatiaMergeHunk *hunk)
{
  const FatiaMergeText *after = self->after;

  if (hunk->was_from != hunk->was_to || hunk->from == 0 || hunk->was_from == 0 ||
      self->was[hunk->from - 1] != hunk->was_from - 1 ||
      fatia_merge_kind (after, hunk->to - 1) != FATIA_PIECE_BLANK ||
      fatia_merge_number (after, hunk->to - 1) != fatia_merge_number (after, hunk->from - 1))
    return;
  self->was[hunk->to - 1] = self->was[hunk->from - 1];
  self->was[hunk->from - 1] = FATIA_NOWHERE;
  hunk->from--;
  hunk->to--;
  hunk->was_from--;
  hunk->was_to--;
}

/* Words added in a row, each with the blank before it, as a kernel command line has them. */
static gboolean
is_list (const FatiaMergeText *after, const FatiaMergeHunk *hunk)
{
  if (hunk->was_from != hunk->was_to || (hunk->to - hunk->from) % 2 != 0)
    return FALSE;
  for (guint i = hunk->from; i < hunk->to; i++)
    if (fatia_merge_kind (after, i) !=
        ((i - hunk->from) % 2 ? FATIA_PIECE_WORD : FATIA_PIECE_BLANK))
      return FALSE;
  return TRUE;
}

/* Each word of such a row is a hunk of its own: what others put between them is theirs. */
static void
add_list (Finder *self, const FatiaMergeHunk *hunk)
{
  for (guint i = hunk->from; i < hunk->to; i += 2)
    {
      const FatiaMergeHunk one = { i, i + 2, hunk->was_from, hunk->was_from };

      g_array_append_val (self->hunks, one);
    }
}

/* Where words were replaced by as many and more behind them, those are a hunk of their own. */
static gboolean
split_replaced (Finder *self, const FatiaMergeHunk *hunk)
{
  guint n = hunk->was_to - hunk->was_from;
  const FatiaMergeHunk replaced = { hunk->from, hunk->from + n, hunk->was_from, hunk->was_to };
  const FatiaMergeHunk more = { hunk->from + n, hunk->to, hunk->was_to, hunk->was_to };

  if (n == 0 || hunk->from + n >= hunk->to || !is_list (self->after, &more))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (fatia_merge_kind (self->after, hunk->from + i) !=
        fatia_merge_kind (self->before, hunk->was_from + i))
      return FALSE;
  g_array_append_val (self->hunks, replaced);
  add_list (self, &more);
  return TRUE;
}

static void
add_hunk (Finder *self, FatiaMergeHunk hunk)
{
  slide_to_blank (self, &hunk);
  if (is_list (self->after, &hunk))
    add_list (self, &hunk);
  else if (!split_replaced (self, &hunk))
    g_array_append_val (self->hunks, hunk);
}

/**
 * fatia_merge_find_hunks:
 * @was: for each word of @after which of @before it is; which of several equal blanks that is may
 *   be chosen anew
 *
 * Returns: (transfer full) (element-type FatiaMergeHunk): where @after differs, in order
 */
GArray *
fatia_merge_find_hunks (const FatiaMergeText *before, const FatiaMergeText *after, guint *was)
{
  Finder self = { before, after, was, g_array_new (FALSE, FALSE, sizeof (FatiaMergeHunk)) };
  guint done = 0, was_done = 0;

  for (guint i = 0; i <= after->words->len; i++)
    {
      gboolean end = i == after->words->len;
      guint place = end ? before->words->len : was[i];

      if (place == FATIA_NOWHERE)
        continue;
      if (done < i || was_done < place)
        add_hunk (&self, (FatiaMergeHunk) { done, i, was_done, place });
      done = i + 1;
      was_done = place + 1;
    }
  return self.hunks;
}
