/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-find.h"

#include <string.h>

/* Where the rare byte comes more often than once in so many bytes, it is not rare here. */
#define RARE_ENOUGH  32
#define MISSES_FIRST 64

/**
 * fatia_find:
 * @length: bytes of @what
 * @rare: which of them is the rarest in programs
 *
 * Finds @what in @data. Jumping from one rare byte to the next is many times faster than
 * memmem(), which takes over where somebody has filled @data with that byte.
 *
 * Returns: (nullable): the first place
 */
const guint8 *
fatia_find (const guint8 *data, gsize size, const void *what, gsize length, gsize rare)
{
  const guint8 *end = data + size;
  const guint8 *at = data;
  int byte = ((const guint8 *) what)[rare];

  for (gsize misses = 0; (gsize) (end - at) >= length; misses++)
    {
      const guint8 *hit = memchr (at + rare, byte, end - at - (length - 1));

      if (hit == NULL)
        return NULL;
      hit -= rare;
      if (memcmp (hit, what, length) == 0)
        return hit;
      at = hit + 1;
      if (misses > MISSES_FIRST && misses > (gsize) (at - data) / RARE_ENOUGH)
        return memmem (at, end - at, what, length);
    }
  return NULL;
}
