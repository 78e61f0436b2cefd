/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-lgmp.h"

/* The host's own data is small; a header that tells more is scribble. */
#define MAX_USER_DATA (64 * 1024)

/**
 * fatia_lgmp_find:
 * @layout: (out): the layout, where it is known
 * @version: (out): the version that was found
 *
 * Looks who writes the memory.
 */
FatiaLgmpFound
fatia_lgmp_find (FatiaGlassMemory *memory, const FatiaLgmpLayout **layout, guint32 *version)
{
  FatiaLgmpFound found = FATIA_LGMP_NONE;

  for (guint i = 0; i < fatia_lgmp_n_layouts; i++)
    {
      const FatiaLgmpLayout *candidate = &fatia_lgmp_layouts[i];

      if (fatia_glass_memory_load32 (memory, candidate->magic) != FATIA_LGMP_MAGIC)
        continue;
      *version = fatia_glass_memory_load32 (memory, candidate->magic + 4);
      found = FATIA_LGMP_UNKNOWN;
      if (*version == candidate->version)
        {
          *layout = candidate;
          return FATIA_LGMP_FOUND;
        }
    }
  return found;
}

/**
 * fatia_lgmp_join:
 * @self: (out caller-allocates): the client
 * @memory: must live as long as @self is used
 *
 * Latches the session. Whether its host is alive is the caller's to find out: the timestamp
 * moves then.
 */
void
fatia_lgmp_join (FatiaLgmp *self, FatiaGlassMemory *memory, const FatiaLgmpLayout *layout)
{
  self->memory = memory;
  self->layout = layout;
  self->session = fatia_glass_memory_load32 (memory, layout->magic + 8);
  if (layout->next_client)
    self->client = fatia_glass_memory_add32 (memory, layout->next_client, 1) + 1;
  else
    self->client = g_random_int () | 1;
}

/**
 * fatia_lgmp_get_timestamp:
 *
 * Returns: the host's clock, in milliseconds
 */
guint64
fatia_lgmp_get_timestamp (FatiaLgmp *self)
{
  return fatia_glass_memory_load64 (self->memory, self->layout->timestamp);
}

/**
 * fatia_lgmp_is_same:
 *
 * Returns: whether the session that was joined still is the memory's
 */
gboolean
fatia_lgmp_is_same (FatiaLgmp *self)
{
  const FatiaLgmpLayout *layout = self->layout;

  return fatia_glass_memory_load32 (self->memory, layout->magic) == FATIA_LGMP_MAGIC &&
         fatia_glass_memory_load32 (self->memory, layout->magic + 4) == layout->version &&
         fatia_glass_memory_load32 (self->memory, layout->magic + 8) == self->session;
}

/**
 * fatia_lgmp_read_user_data:
 *
 * Returns: (transfer full) (nullable): a copy of what the host tells of itself
 */
GBytes *
fatia_lgmp_read_user_data (FatiaGlassMemory *memory, const FatiaLgmpLayout *layout)
{
  guint32 size = fatia_glass_memory_load32 (memory, layout->user_size);
  g_autofree guint8 *data = NULL;

  if (size == 0 || size > MAX_USER_DATA)
    return NULL;
  data = g_malloc (size);
  if (!fatia_glass_memory_copy (memory, layout->user, data, size))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&data), size);
}
