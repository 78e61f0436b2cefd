/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts taken apart into lines or words, to be compared. */
#include "change/fatia-pieces.h"

#include <string.h>

/* Longer texts are no configuration a person reads. */
#define TEXT_LIMIT (1024 * 1024)

/**
 * fatia_pieces_are_text:
 * @bytes: (nullable): what a file has
 *
 * Returns: whether that can be compared line by line. A comment in an old encoding is no reason
 *   against it.
 */
gboolean
fatia_pieces_are_text (GBytes *bytes)
{
  gsize length = 0;
  const char *data = bytes ? g_bytes_get_data (bytes, &length) : NULL;

  return length == 0 || (length <= TEXT_LIMIT && memchr (data, '\0', length) == NULL);
}

/**
 * fatia_pieces_count_lines:
 * @bytes: (nullable): a text
 *
 * Returns: how many lines fatia_pieces_new_lines() would give
 */
guint
fatia_pieces_count_lines (GBytes *bytes)
{
  gsize length = 0;
  const char *text = bytes ? g_bytes_get_data (bytes, &length) : NULL;
  guint n = length > 0 && text[length - 1] != '\n';

  for (gsize i = 0; i < length; i++)
    n += text[i] == '\n';
  return n;
}

static void
add (GArray *pieces, FatiaPieceKind kind, const char *start, gsize length)
{
  const FatiaPiece piece = { start, length, 0, kind };

  g_array_append_val (pieces, piece);
}

/**
 * fatia_pieces_new_lines:
 * @bytes: (nullable): a text; it must outlive the pieces
 *
 * Returns: (transfer full) (element-type FatiaPiece): its lines, each with its line feed
 */
GArray *
fatia_pieces_new_lines (GBytes *bytes)
{
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (FatiaPiece));
  gsize length = 0;
  const char *text = bytes ? g_bytes_get_data (bytes, &length) : NULL;

  while (length > 0)
    {
      const char *feed = memchr (text, '\n', length);
      gsize n = feed ? (gsize) (feed - text) + 1 : length;

      add (pieces, FATIA_PIECE_LINE, text, n);
      text += n;
      length -= n;
    }
  return pieces;
}

static FatiaPieceKind
classify (char c)
{
  switch (c)
    {
    case '\n':
      return FATIA_PIECE_FEED;
    case ' ':
    case '\t':
    case '\v':
    case '\f':
    case '\r':
      return FATIA_PIECE_BLANK;
    case '"':
    case '\'':
    case '`':
      return FATIA_PIECE_QUOTE;
    case ',':
      return FATIA_PIECE_COMMA;
    default:
      return FATIA_PIECE_WORD;
    }
}

/**
 * fatia_pieces_new_words:
 * @bytes: (nullable): a text; it must outlive the pieces
 *
 * Takes a text apart so that an argument, a list's member and a quoted value are pieces: words
 * and blanks as long as they go, quotation marks, commas and line feeds one by one. An
 * assignment ("key=value") stays one word, as half of it means nothing.
 *
 * Returns: (transfer full) (element-type FatiaPiece): the pieces
 */
GArray *
fatia_pieces_new_words (GBytes *bytes)
{
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (FatiaPiece));
  gsize length = 0;
  const char *text = bytes ? g_bytes_get_data (bytes, &length) : NULL;

  for (gsize i = 0; i < length;)
    {
      FatiaPieceKind kind = classify (text[i]);
      gsize end = i + 1;

      while ((kind == FATIA_PIECE_WORD || kind == FATIA_PIECE_BLANK) && end < length &&
             classify (text[end]) == kind)
        end++;
      add (pieces, kind, text + i, end - i);
      i = end;
    }
  return pieces;
}

static int
compare_pieces (gconstpointer a, gconstpointer b)
{
  const FatiaPiece *first = *(const FatiaPiece *const *) a;
  const FatiaPiece *second = *(const FatiaPiece *const *) b;

  if (first->length != second->length)
    return first->length < second->length ? -1 : 1;
  return memcmp (first->start, second->start, first->length);
}

/**
 * fatia_pieces_number:
 * @texts: (array length=n_texts) (element-type FatiaPiece): pieces of texts to be compared
 *
 * Numbers the pieces, equal ones alike. By sorting: what a hash table costs is for the text to
 * say, and the text may be hostile.
 */
void
fatia_pieces_number (GArray *const *texts, guint n_texts)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  guint number = 0;

  for (guint i = 0; i < n_texts; i++)
    for (guint j = 0; j < texts[i]->len; j++)
      g_ptr_array_add (sorted, fatia_piece_at (texts[i], j));
  g_ptr_array_sort (sorted, compare_pieces);
  for (guint i = 0; i < sorted->len; i++)
    {
      if (i > 0 && compare_pieces (&sorted->pdata[i - 1], &sorted->pdata[i]) != 0)
        number++;
      ((FatiaPiece *) sorted->pdata[i])->number = number;
    }
}
