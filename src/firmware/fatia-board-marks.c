/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where images say what board they are for.
 *
 * SMBIOS: tables a firmware fills DMI from (DMTF DSP0134); AMI keeps them in a freeform section.
 * $IBIOSI$: Intel's BIOS ID (EDK II, BiosId.h), UTF-16.
 * $BOOTEFI$: ASUS; $FID: AMI's project, as the ACPI table FIDT shows it on running computers;
 * $BVDT$: Insyde's version table. Nobody specifies these three: the offsets are those at which
 * the published images of several makers agree, and what does not look like text is not taken.
 */
#include "fatia-board-of-image.h"

#include <string.h>

#include "fatia-bytes.h"

/* What one image may say; a honest one says four or five things. */
#define BOARDS_LIMIT 16
#define TEXT_LIMIT   64

typedef struct
{
  gsize offset; /* from the mark's "$"; 0: not there */
  gsize length;
} Field;

typedef struct
{
  const char *mark;
  const char *source; /* NULL: the mark */
  const char *vendor; /* (nullable) */
  FatiaBoardNaming naming;
  gboolean dollars; /* each field has a "$" before it */
  Field product;
  Field version;
} Mark;

static const Mark marks[] = {
  { "$BOOTEFI$", NULL, "ASUS", FATIA_BOARD_NAMED, FALSE, { 14, 60 }, { 0, 0 } },
  { "$BVDT$", NULL, NULL, FATIA_BOARD_BY_OTHER, TRUE, { 0x27, 25 }, { 0x0E, 24 } },
  { "$FID", NULL, NULL, FATIA_BOARD_BY_OTHER, FALSE, { 7, 9 }, { 0, 0 } },
};

#define BIOS_ID       "$IBIOSI$"
#define BIOS_ID_UNITS 32 /* "TRFTCRB1.86C.0008.D03.0506081529", units of UTF-16 */
#define BIOS_ID_BOARD 8  /* of them, before the first dot */

/* SMBIOS structures */
#define SMBIOS_SYSTEM       1
#define SMBIOS_BOARD        2
#define SMBIOS_MANUFACTURER 4
#define SMBIOS_PRODUCT      5
#define SMBIOS_SERIAL       7
#define SMBIOS_STRINGS      32
/* Since SMBIOS 2.4, and from the shortest to the longest in use */
#define SYSTEM_LENGTH      27
#define BOARD_LENGTH_LEAST 8
#define BOARD_LENGTH_MOST  17
/* Files with tables have some kilobytes. */
#define SMBIOS_FILE_LIMIT (256 * 1024)

/* What makers leave in when they do not say. */
static const char *const fillers[] = {
  "to be filled by",
  "default string",
  "system product name",
  "system manufacturer",
  "base board product",
  "type1",
  "type2",
  "not specified",
  "not applicable",
  "o.e.m.",
  "undefined",
  "$",
};

/**
 * fatia_board_name_says:
 * @name: (nullable): as DMI has it
 *
 * Returns: whether it is a name, and not what stands there where the maker wrote none
 */
gboolean
fatia_board_name_says (const char *name)
{
  g_autofree char *folded = g_ascii_strdown (name ? name : "", -1);

  for (guint i = 0; i < G_N_ELEMENTS (fillers); i++)
    if (g_str_has_prefix (folded, fillers[i]))
      return FALSE;
  return folded[0] != '\0';
}

/* Text up to a NUL or to the field's end. NULL where it is none, or says nothing. */
static char *
read_text (const guint8 *data, gsize size)
{
  gsize length = 0;
  g_autofree char *text = NULL;
  gboolean says = FALSE;

  while (length < size && data[length] != '\0')
    {
      if (!g_ascii_isprint (data[length]))
        return NULL;
      says |= g_ascii_isalnum (data[length]);
      length++;
    }
  text = g_strstrip (g_strndup ((const char *) data, length));
  return says && fatia_board_name_says (text) ? g_steal_pointer (&text) : NULL;
}

static gboolean
is_same (const FatiaBoardOfImage *a, const FatiaBoardOfImage *b)
{
  return g_str_equal (a->source, b->source) && g_strcmp0 (a->vendor, b->vendor) == 0 &&
         g_strcmp0 (a->product, b->product) == 0 && g_strcmp0 (a->version, b->version) == 0;
}

/* Takes @vendor, @product and @version. Spare copies of a table say the same again. */
static void
add (GPtrArray *boards,
     FatiaBoardNaming naming,
     const char *source,
     char *vendor,
     char *product,
     char *version)
{
  FatiaBoardOfImage *board = g_new0 (FatiaBoardOfImage, 1);
  gboolean wanted = (product || version) && boards->len < BOARDS_LIMIT;

  board->naming = naming;
  board->source = g_strdup (source);
  board->vendor = vendor;
  board->product = product;
  board->version = version;
  for (guint i = 0; i < boards->len && wanted; i++)
    wanted = !is_same (boards->pdata[i], board);
  if (wanted)
    g_ptr_array_add (boards, board);
  else
    fatia_board_of_image_free (board);
}

static char *
read_field (const guint8 *data, gsize size, const Field *field, gboolean dollar)
{
  if (field->offset == 0 || size < field->offset + field->length ||
      (dollar && data[field->offset - 1] != '$'))
    return NULL;
  return read_text (data + field->offset, field->length);
}

static void
read_bios_id (GPtrArray *boards, const guint8 *data, gsize size)
{
  char text[BIOS_ID_UNITS + 1] = "";
  gsize start = strlen (BIOS_ID);
  char *product;

  if (size < start + BIOS_ID_UNITS * 2)
    return;
  for (gsize i = 0; i < BIOS_ID_UNITS; i++)
    {
      guint16 unit = fatia_read_u16 (data + start + 2 * i);

      if (unit < ' ' || unit > '~')
        return;
      text[i] = (char) unit;
    }
  if (text[BIOS_ID_BOARD] != '.')
    return;
  product = read_text ((const guint8 *) text, BIOS_ID_BOARD);
  if (product)
    add (boards, FATIA_BOARD_BY_ID, BIOS_ID, NULL, product, g_strdup (text + BIOS_ID_BOARD + 1));
}

/**
 * fatia_board_of_image_read_mark:
 * @boards: (element-type FatiaBoardOfImage): what is said there goes in here
 * @data: bytes that begin with "$"
 * @size: how many are there
 */
void
fatia_board_of_image_read_mark (GPtrArray *boards, const guint8 *data, gsize size)
{
  if (size >= strlen (BIOS_ID) && memcmp (data, BIOS_ID, strlen (BIOS_ID)) == 0)
    read_bios_id (boards, data, size);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      const Mark *mark = &marks[i];
      gsize length = strlen (mark->mark);

      if (size >= length && memcmp (data, mark->mark, length) == 0)
        add (boards, mark->naming, mark->mark, g_strdup (mark->vendor),
             read_field (data, size, &mark->product, mark->dollars),
             read_field (data, size, &mark->version, mark->dollars));
    }
}

typedef struct
{
  const guint8 *at[SMBIOS_STRINGS];
  gsize length[SMBIOS_STRINGS];
  guint n;
} Strings;

/* The strings after a structure: each ends with a NUL, the last with two. */
static gboolean
read_strings (const guint8 *data, gsize size, Strings *strings)
{
  gsize at = 0;

  strings->n = 0;
  while (at < size && data[at] != '\0')
    {
      gsize end = at;

      while (end < size && data[end] != '\0' && end - at <= TEXT_LIMIT)
        {
          if (!g_ascii_isprint (data[end]))
            return FALSE;
          end++;
        }
      if (end == size || data[end] != '\0' || strings->n == SMBIOS_STRINGS)
        return FALSE;
      strings->at[strings->n] = data + at;
      strings->length[strings->n++] = end - at;
      at = end + 1;
    }
  return at < size && strings->n > 0;
}

static char *
nth_string (const Strings *strings, guint8 number)
{
  return number > 0 ? read_text (strings->at[number - 1], strings->length[number - 1]) : NULL;
}

/* A structure of the system or of the board: its four first numbers are of strings it has. */
static gboolean
read_structure (const guint8 *data, gsize size, Strings *strings)
{
  guint8 type = data[0], length = data[1];

  if (type == SMBIOS_SYSTEM ? length != SYSTEM_LENGTH
                            : length < BOARD_LENGTH_LEAST || length > BOARD_LENGTH_MOST)
    return FALSE;
  if (size < length || !read_strings (data + length, size - length, strings))
    return FALSE;
  for (gsize i = SMBIOS_MANUFACTURER; i <= SMBIOS_SERIAL; i++)
    if (data[i] > strings->n)
      return FALSE;
  return data[SMBIOS_MANUFACTURER] > 0 && data[SMBIOS_PRODUCT] > 0;
}

/**
 * fatia_board_of_image_read_smbios:
 * @boards: (element-type FatiaBoardOfImage): what is said there goes in here
 * @data: a file's body
 *
 * Looks for SMBIOS structures of a system or a board, which may stand after others.
 */
void
fatia_board_of_image_read_smbios (GPtrArray *boards, const guint8 *data, gsize size)
{
  if (size > SMBIOS_FILE_LIMIT)
    return;
  for (gsize at = 0; at + BOARD_LENGTH_LEAST < size; at++)
    {
      Strings strings;

      if ((data[at] != SMBIOS_SYSTEM && data[at] != SMBIOS_BOARD) ||
          !read_structure (data + at, size - at, &strings))
        continue;
      add (boards, FATIA_BOARD_NAMED, "SMBIOS",
           nth_string (&strings, data[at + SMBIOS_MANUFACTURER]),
           nth_string (&strings, data[at + SMBIOS_PRODUCT]), NULL);
      at += data[at + 1];
    }
}
