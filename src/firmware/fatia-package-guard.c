/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blocks for Intel's BIOS Guard that tell where in the flash they belong: Dell's, which do not
 * stand in that order. Each is a header, a script, data.
 */
#include "fatia-package-formats.h"

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"

#define PLATFORM    4
#define SCRIPT_SIZE 0x1C
#define DATA_SIZE   0x20
#define HEADER_SIZE 0x30
/* The script's second operation sets where the data go; each is 8 bytes, the last 4 a number. */
#define SCRIPT_OFFSET 12
#define SCRIPT_LEAST  16
/* Dell's metadata of a block, which go before the script */
#define META_ADDRESS 0
#define META_OFFSET  8
#define META_LEAST   25
/* No flash is larger. */
#define FLASH_LIMIT (64 * 1024 * 1024)

typedef struct
{
  gsize data, size;
  guint32 offset;  /* in the flash */
  guint32 address; /* tells apart those at the same offset */
} Block;

FatiaGuardBlocks *
fatia_guard_blocks_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (Block));
}

/**
 * fatia_guard_blocks_add:
 * @at: where in @data a part of @size bytes stands
 * @meta: where its metadata stand
 *
 * Adds the part where it is a block; it has been checked that both are there.
 */
void
fatia_guard_blocks_add (
  FatiaGuardBlocks *self, const guint8 *data, gsize at, gsize size, gsize meta, gsize meta_size)
{
  const guint8 *header = data + at;
  guint64 script, length;
  Block block;

  if (size < HEADER_SIZE || g_ascii_strncasecmp ((const char *) header + PLATFORM, "dell", 4) != 0)
    return;
  script = fatia_read_u32 (header + SCRIPT_SIZE);
  length = fatia_read_u32 (header + DATA_SIZE);
  if (script < SCRIPT_LEAST || HEADER_SIZE + script + length > size)
    return;
  block.data = at + HEADER_SIZE + script;
  block.size = length;
  block.offset = block.address = fatia_read_u32 (header + HEADER_SIZE + SCRIPT_OFFSET);
  if (meta_size >= META_LEAST)
    {
      block.offset = fatia_read_u32 (data + meta + META_OFFSET);
      block.address = fatia_read_u32 (data + meta + META_ADDRESS);
    }
  g_array_append_val (self, block);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const Block *left = a, *right = b;

  if (left->offset != right->offset)
    return left->offset < right->offset ? -1 : 1;
  return left->address < right->address ? -1 : left->address > right->address;
}

/**
 * fatia_guard_blocks_join:
 * @data: what the blocks were added from
 *
 * Returns: (transfer full) (nullable): the flash's bytes; gaps are erased, and what would overlap
 *   follows instead
 */
GBytes *
fatia_guard_blocks_join (FatiaGuardBlocks *self,
                         FatiaUnpacking *work,
                         const guint8 *data,
                         GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  g_array_sort (self, compare);
  for (guint i = 0; i < self->len; i++)
    {
      const Block *block = &g_array_index (self, Block, i);
      gsize start = MAX (block->offset, out->len), gap = start - out->len;

      if (start > FLASH_LIMIT || block->size > FLASH_LIMIT - start)
        {
          fatia_package_damaged (work, block->data, error,
                                 _ ("a block belongs beyond the end of any flash chip"));
          return NULL;
        }
      if (!fatia_budget_take_output (&work->budget, gap + block->size))
        return NULL;
      g_byte_array_set_size (out, start);
      if (gap > 0)
        memset (out->data + start - gap, 0xFF, gap);
      g_byte_array_append (out, data + block->data, block->size);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
