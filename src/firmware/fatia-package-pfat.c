/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AMI BIOS Guard updates (PFAT): the firmware cut in blocks, each with a header and a script for
 * Intel's BIOS Guard. A text tells the parts and how many blocks each has. Layout: as the
 * BIOSUtilities' documentation of AMI's and Intel's structures describes it.
 */
#include "fatia-package-formats.h"

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"

#define MARK_AT     8
#define MARK        "_AMIPFAT"
#define TEXT_AT     17 /* after the size, the checksum, the mark and a byte of flags */
#define TITLE       "AMI_BIOS_GUARD_FLASH_CONFIGURATIONS"
#define TEXT_LIMIT  (64 * 1024)
#define PARTS_LIMIT 1000

/* Intel's header of a block */
#define BLOCK_ID_SIZE     20 /* version and platform, the same in all blocks */
#define BLOCK_ATTRIBUTES  0x14
#define BLOCK_SCRIPT_SIZE 0x1C
#define BLOCK_DATA_SIZE   0x20
#define BLOCK_HEADER_SIZE 0x30
#define SIGNED            1u
/* A signature: two words, then modulus, exponent and signature of 2,048 or 3,072 bits */
#define SIGNATURE_2K (8 + 256 + 4 + 256)
#define SIGNATURE_3K (8 + 384 + 4 + 384)

typedef struct
{
  FatiaUnpacking *work;
  const guint8 *data;
  gsize size;
  gsize at; /* how far it is unpacked */
  GByteArray *out;
} Pfat;

gboolean
fatia_pfat_begins (const guint8 *data, gsize size)
{
  return size >= MARK_AT + strlen (MARK) && memcmp (data + MARK_AT, MARK, strlen (MARK)) == 0;
}

gboolean
fatia_pfat_inside (const guint8 *data, gsize size, gsize *at)
{
  gsize from = 0, hit;

  while (fatia_package_search (data + from, size - from, TITLE, strlen (TITLE), &hit))
    {
      hit += from;
      if (hit >= TEXT_AT && fatia_pfat_begins (data + hit - TEXT_AT, size - hit + TEXT_AT))
        {
          *at = hit - TEXT_AT;
          return TRUE;
        }
      from = hit + 1;
    }
  return FALSE;
}

static gsize
signature_size (const Pfat *self, gsize block, gsize end)
{
  gsize left = self->size - end;
  const guint8 *next;

  if (left < 4)
    return 0;
  switch (fatia_read_u32 (self->data + end))
    {
    case 1:
      return SIGNATURE_2K;
    case 2:
    case 3:
      return SIGNATURE_3K;
    default:
      /* The next block's header tells where the signature ends. */
      next = memmem (self->data + end, MIN (left, SIGNATURE_3K + BLOCK_ID_SIZE), self->data + block,
                     BLOCK_ID_SIZE);
      return next ? (gsize) (next - self->data) - end : SIGNATURE_3K;
    }
}

static gboolean
unpack_block (Pfat *self, const char *part, guint number, GError **error)
{
  const guint8 *block = self->data + self->at;
  gsize left = self->size - self->at, start = self->at;
  guint64 script = 0, data = 0;

  if (left >= BLOCK_HEADER_SIZE)
    {
      script = fatia_read_u32 (block + BLOCK_SCRIPT_SIZE);
      data = fatia_read_u32 (block + BLOCK_DATA_SIZE);
    }
  if (left < BLOCK_HEADER_SIZE + script + data)
    {
      /* TRANSLATORS: a block of a part: “BIOS_FV_MAIN.bin” */
      fatia_package_damaged (self->work, start, error, _ ("block %u of “%s” is cut off"), number,
                             part);
      return FALSE;
    }
  g_byte_array_append (self->out, block + BLOCK_HEADER_SIZE + script, data);
  self->at += BLOCK_HEADER_SIZE + script + data;
  if (fatia_read_u32 (block + BLOCK_ATTRIBUTES) & SIGNED)
    self->at += MIN (signature_size (self, start, self->at), self->size - self->at);
  return TRUE;
}

/* A line of the text: "1 /P 32;BIOS_FV_MAIN.bin", of which the third word is the blocks' count. */
static gboolean
unpack_part (Pfat *self, const char *line, gsize text, GError **error)
{
  g_auto (GStrv) halves = g_strsplit (line, ";", 2);
  g_auto (GStrv) words = g_strsplit_set (g_strchug (halves[0]), " \t", 4);
  g_autofree char *part = NULL;
  guint64 blocks;

  if (halves[1] == NULL || g_strv_length (words) < 3 ||
      !g_ascii_string_to_unsigned (words[2], 10, 0, G_MAXUINT16, &blocks, NULL))
    {
      fatia_package_damaged (self->work, text, error,
                             _ ("its list of parts is not what such an update has"));
      return FALSE;
    }
  part = fatia_package_name (g_strstrip (halves[1]));
  for (guint i = 0; i < blocks; i++)
    if (!fatia_budget_goes_on (&self->work->budget) || !unpack_block (self, part, i + 1, error))
      return FALSE;
  return TRUE;
}

static gboolean
unpack_parts (Pfat *self, GError **error)
{
  gsize start = self->at, size = fatia_read_u32 (self->data + start);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (size < TEXT_AT || size > TEXT_LIMIT || size > self->size - start)
    {
      fatia_package_damaged (self->work, start, error, _ ("its list of parts is cut off"));
      return FALSE;
    }
  text = g_strndup ((const char *) self->data + start + TEXT_AT, size - TEXT_AT);
  lines = g_strsplit (text, "\n", PARTS_LIMIT);
  self->at += size;
  /* The first line is the title. */
  for (guint i = 1; i < g_strv_length (lines); i++)
    if (*g_strstrip (lines[i]) && !unpack_part (self, lines[i], start + TEXT_AT, error))
      return FALSE;
  return TRUE;
}

/* What stands after the blocks belongs to the firmware too; it may be such an update again. */
GBytes *
fatia_pfat_unpack (FatiaUnpacking *work, GBytes *package, gsize at, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (package, &size);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  Pfat self = { work, data, size, at, out };

  if (!fatia_budget_take_output (&work->budget, size - at))
    return NULL;
  do
    {
      if (!unpack_parts (&self, error))
        return NULL;
    }
  while (fatia_pfat_begins (data + self.at, size - self.at));
  g_byte_array_append (out, data + self.at, size - self.at);
  if (out->len == 0)
    {
      fatia_package_damaged (work, at, error, _ ("it has no block"));
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
