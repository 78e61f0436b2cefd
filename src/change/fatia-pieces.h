/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  FATIA_PIECE_LINE, /* a line with its line feed */
  FATIA_PIECE_FEED, /* a line feed, where words are pieces */
  FATIA_PIECE_BLANK,
  FATIA_PIECE_QUOTE,
  FATIA_PIECE_COMMA,
  FATIA_PIECE_WORD,
} FatiaPieceKind;

/* A stretch of a text. */
typedef struct
{
  const char *start;
  guint length;
  guint number; /* equal pieces have equal ones, see fatia_pieces_number() */
  FatiaPieceKind kind;
} FatiaPiece;

#define fatia_piece_at(pieces, i) (&g_array_index ((pieces), FatiaPiece, (i)))

gboolean fatia_pieces_are_text (GBytes *bytes);
guint fatia_pieces_count_lines (GBytes *bytes);
GArray *fatia_pieces_new_lines (GBytes *bytes);
GArray *fatia_pieces_new_words (GBytes *bytes);
void fatia_pieces_number (GArray *const *texts, guint n_texts);

/* Not mapped to anything. */
#define FATIA_NOWHERE G_MAXUINT

gboolean fatia_pieces_align (
  GArray *a, guint a_from, guint a_to, GArray *b, guint b_from, guint b_to, guint *map);

G_END_DECLS
