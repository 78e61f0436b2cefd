/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-sink.h"

#define FIRST_CAPACITY 4096
/* How much data may grow that have much erased space among them */
#define LIKELY_FACTOR 16
/* Decoders look for their end mark only while there is room. */
#define SLACK 64

static gboolean
add_room (FatiaSink *self, gsize more)
{
  if (!fatia_budget_take_output (self->budget, more))
    return FALSE;
  /* While it is moved it stands there twice. */
  if (!fatia_budget_take_memory (self->budget, self->capacity + more))
    {
      self->budget->output += more;
      return FALSE;
    }
  self->data = g_realloc (self->data, self->capacity + more);
  fatia_budget_give_memory (self->budget, self->capacity);
  self->capacity += more;
  return TRUE;
}

/**
 * fatia_sink_init:
 * @claimed: how many bytes a header says will come, which may be a lie
 * @input: bytes of the packed data
 *
 * Where the claim is likely the room is made at once.
 */
void
fatia_sink_init (FatiaSink *self, FatiaBudget *budget, guint64 claimed, gsize input)
{
  guint64 likely = MAX ((guint64) input * LIKELY_FACTOR, FIRST_CAPACITY);

  *self = (FatiaSink) { .budget = budget, .claimed = claimed };
  if (!add_room (self, MIN (claimed, likely) + SLACK))
    self->budget = NULL;
}

/**
 * fatia_sink_clear:
 *
 * Drops what was written. It was work all the same, so only room never filled goes back.
 */
void
fatia_sink_clear (FatiaSink *self)
{
  g_clear_pointer (&self->data, g_free);
  if (self->budget)
    {
      self->budget->output += self->capacity - self->size;
      fatia_budget_give_memory (self->budget, self->capacity);
    }
  self->size = self->capacity = 0;
}

/**
 * fatia_sink_grow:
 *
 * Makes room for at least one more byte.
 *
 * Returns: %FALSE where the budget allows no more
 */
gboolean
fatia_sink_grow (FatiaSink *self)
{
  guint64 more = self->capacity;

  if (self->budget == NULL)
    return FALSE;
  if (self->size < self->capacity)
    return fatia_budget_goes_on (self->budget);
  if (self->claimed + SLACK > self->capacity)
    more = MIN (more, self->claimed + SLACK - self->capacity);
  /* The last of it may be enough; where there is none, the budget says so. */
  more = MIN (more, self->budget->output);
  if (self->budget->memory > self->capacity)
    more = MIN (more, self->budget->memory - self->capacity);
  return add_room (self, MAX (more, 1));
}

/**
 * fatia_sink_finish:
 *
 * Gives back to the budget the room that was not needed. What is needed counts as held until
 * fatia_sink_drop().
 *
 * Returns: (transfer full): the bytes written
 */
GBytes *
fatia_sink_finish (FatiaSink *self)
{
  gsize size = self->size;

  self->budget->output += self->capacity - size;
  fatia_budget_give_memory (self->budget, self->capacity - size);
  /* Shrunk, since an image's sections stay side by side in memory while one is walked. */
  if (size < self->capacity)
    self->data = g_realloc (self->data, MAX (size, 1));
  self->capacity = 0;
  self->size = 0;
  return g_bytes_new_take (g_steal_pointer (&self->data), size);
}

/**
 * fatia_sink_drop:
 * @bytes: (transfer full) (nullable): what a decoder gave
 */
void
fatia_sink_drop (FatiaBudget *budget, GBytes *bytes)
{
  if (bytes == NULL)
    return;
  fatia_budget_give_memory (budget, g_bytes_get_size (bytes));
  g_bytes_unref (bytes);
}
