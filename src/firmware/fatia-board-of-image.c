/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an image says of the board it is for, and whether that is this computer's. No rule makes a
 * firmware say so: what is not said stays unknown. What is read and where: fatia-board-marks.c.
 */
#include "fatia-board-of-image.h"

#include <string.h>

/* A shorter beginning is every other one's. */
#define BEGINNING_LEAST 2
/* A version such as "1.05" is many boards'; one such as "F7A0133" is one's. */
#define TELLING_VERSION 6

/**
 * fatia_board_of_image_free:
 * @self: (transfer full) (nullable):
 */
void
fatia_board_of_image_free (FatiaBoardOfImage *self)
{
  if (self == NULL)
    return;
  g_free (self->source);
  g_free (self->vendor);
  g_free (self->product);
  g_free (self->version);
  g_free (self);
}

/* Letters and digits, as makers write now "Radxa-X4", now "RADXA X4". */
static char *
fold (const char *name)
{
  GString *folded = g_string_new (NULL);

  for (const char *p = name; p && *p; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (folded, g_ascii_tolower (*p));
    else if (folded->len > 0 && folded->str[folded->len - 1] != ' ')
      g_string_append_c (folded, ' ');
  return g_strchomp (g_string_free_and_steal (folded));
}

static gboolean
has_words (char **words, char **wanted)
{
  for (guint i = 0; wanted[i]; i++)
    if (!g_strv_contains ((const char *const *) words, wanted[i]))
      return FALSE;
  return wanted[0] != NULL;
}

/* Whether one name's words are all in the other: "X4" and "Radxa X4". */
static gboolean
is_alike (const char *left, const char *right)
{
  g_autofree char *a = fold (left);
  g_autofree char *b = fold (right);
  g_auto (GStrv) a_words = g_strsplit (a, " ", -1);
  g_auto (GStrv) b_words = g_strsplit (b, " ", -1);

  return has_words (a_words, b_words) || has_words (b_words, a_words);
}

static gboolean
begins_alike (const char *text, const char *beginning)
{
  g_autofree char *a = fold (text);
  g_autofree char *b = fold (beginning);

  return strlen (b) >= BEGINNING_LEAST && g_str_has_prefix (a, b);
}

static gboolean
is_same_version (const char *left, const char *right)
{
  g_autofree char *a = fold (left);
  g_autofree char *b = fold (right);

  return strlen (a) >= TELLING_VERSION && g_str_equal (a, b);
}

/* The computer's version has the form of Intel's BIOS IDs: "DNKBLI7V.86A.0062.2018.0406.2204". */
static gboolean
has_bios_id (const char *version)
{
  g_auto (GStrv) parts = g_strsplit (version, ".", -1);

  return g_strv_length (parts) >= 4 && strlen (parts[1]) == 3 && strlen (parts[0]) >= 4;
}

static FatiaBoardsVerdict
compare_one (const FatiaBoardOfImage *board, const FatiaBoardOfComputer *computer)
{
  switch (board->naming)
    {
    case FATIA_BOARD_NAMED:
      if (board->product == NULL ||
          (!fatia_board_name_says (computer->product) && !fatia_board_name_says (computer->board)))
        return FATIA_BOARDS_UNKNOWN;
      return is_alike (board->product, computer->product) ||
                 is_alike (board->product, computer->board)
               ? FATIA_BOARDS_SAME
               : FATIA_BOARDS_DIFFER;
    case FATIA_BOARD_BY_ID:
      if (computer->bios_version == NULL || !has_bios_id (computer->bios_version))
        return FATIA_BOARDS_UNKNOWN;
      return begins_alike (computer->bios_version, board->product) ? FATIA_BOARDS_SAME
                                                                   : FATIA_BOARDS_DIFFER;
    case FATIA_BOARD_BY_OTHER:
    default:
      /* A maker's own mark that DMI does not show may be of this board all the same. */
      return is_alike (board->product, computer->product) ||
                 is_alike (board->product, computer->board) ||
                 begins_alike (computer->bios_version, board->product) ||
                 is_same_version (computer->bios_version, board->version)
               ? FATIA_BOARDS_SAME
               : FATIA_BOARDS_UNKNOWN;
    }
}

/**
 * fatia_board_of_image_compare:
 * @boards: (element-type FatiaBoardOfImage): what the image says
 * @computer: what DMI says
 *
 * Returns: whether they can be the same board's: one thing that agrees is enough, as images for
 *   several boards name each; they differ where at least one thing tells another board
 */
FatiaBoardsVerdict
fatia_board_of_image_compare (GPtrArray *boards, const FatiaBoardOfComputer *computer)
{
  FatiaBoardsVerdict verdict = FATIA_BOARDS_UNKNOWN;

  for (guint i = 0; i < boards->len; i++)
    switch (compare_one (boards->pdata[i], computer))
      {
      case FATIA_BOARDS_SAME:
        return FATIA_BOARDS_SAME;
      case FATIA_BOARDS_DIFFER:
        verdict = FATIA_BOARDS_DIFFER;
        break;
      case FATIA_BOARDS_UNKNOWN:
      default:
        break;
      }
  return verdict;
}

static void
append_word (GString *text, const char *word)
{
  if (word == NULL)
    return;
  if (text->len > 0)
    g_string_append_c (text, ' ');
  g_string_append (text, word);
}

/* "Radxa X4 V007 (SMBIOS)"; the vendor goes where the name does not begin with it. */
static char *
describe_one (const FatiaBoardOfImage *board)
{
  GString *text = g_string_new (NULL);

  if (board->product == NULL || board->vendor == NULL ||
      !begins_alike (board->product, board->vendor))
    append_word (text, board->vendor);
  append_word (text, board->product);
  append_word (text, board->version);
  g_string_append_printf (text, " (%s)", board->source);
  return g_string_free_and_steal (text);
}

/**
 * fatia_board_of_image_describe:
 * @boards: (element-type FatiaBoardOfImage): what the image says
 *
 * Returns: (transfer full) (nullable): one line for each thing, with its source; %NULL where the
 *   image says nothing
 */
char *
fatia_board_of_image_describe (GPtrArray *boards)
{
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < boards->len; i++)
    {
      g_autofree char *line = describe_one (boards->pdata[i]);

      g_string_append_printf (lines, "%s%s", i > 0 ? "\n" : "", line);
    }
  if (lines->len == 0)
    {
      g_string_free (lines, TRUE);
      return NULL;
    }
  return g_string_free_and_steal (lines);
}
