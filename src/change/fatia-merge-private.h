/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-pieces.h"

G_BEGIN_DECLS

/* A text taken apart twice. */
typedef struct
{
  GArray *words;   /* of FatiaPiece */
  GArray *lines;   /* of FatiaPiece */
  guint *line_of;  /* for each word */
  guint *first_of; /* for each line, its first word; and the end */
} FatiaMergeText;

void fatia_merge_text_init (FatiaMergeText *self, GBytes *bytes);
void fatia_merge_text_clear (FatiaMergeText *self);
gboolean fatia_piece_is_solid (const FatiaPiece *piece);
guint *fatia_merge_align (const FatiaMergeText *a, const FatiaMergeText *b);

static inline guint
fatia_merge_number (const FatiaMergeText *text, guint i)
{
  return fatia_piece_at (text->words, i)->number;
}

static inline FatiaPieceKind
fatia_merge_kind (const FatiaMergeText *text, guint i)
{
  return fatia_piece_at (text->words, i)->kind;
}

/* after[from, to) stands where before[was_from, was_to) stood. */
typedef struct
{
  guint from, to;
  guint was_from, was_to;
} FatiaMergeHunk;

GArray *
fatia_merge_find_hunks (const FatiaMergeText *before, const FatiaMergeText *after, guint *was);

G_END_DECLS
