/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-budget.h"

#include <glib/gi18n-lib.h>

#include "fatia-firmware.h"

#define MIB (1024 * 1024)

/* The largest honest sections are whole volumes: some 20 MiB on desktops, 32 on servers. */
#define SECTION_LIMIT (64 * MIB)
/* All that comes out of the decoders: honest images grow about fivefold, small ones with much
 * erased space more. */
#define OUTPUT_FLOOR   (64 * MIB)
#define OUTPUT_FACTOR  16
#define OUTPUT_CEILING (512 * MIB)
/* The largest honest images have some 3,000 files and 15,000 sections. */
#define FILE_LIMIT          50000
#define SECTION_COUNT_LIMIT 500000
#define FIRST_CAPACITY      (64 * 1024)
/* Decoders look for their end mark only while there is room. */
#define SLACK 64

/**
 * fatia_budget_init:
 * @image_size: bytes of the image
 * @cancellable: (nullable) (transfer none): must outlive the budget
 */
void
fatia_budget_init (FatiaBudget *self, gsize image_size, GCancellable *cancellable)
{
  guint64 bounded = MIN (image_size, OUTPUT_CEILING);

  *self = (FatiaBudget) {
    .output = MIN (OUTPUT_FLOOR + OUTPUT_FACTOR * bounded, OUTPUT_CEILING),
    .work = OUTPUT_FLOOR + OUTPUT_FACTOR * bounded,
    .sections = SECTION_COUNT_LIMIT,
    .files = FILE_LIMIT,
    .cancellable = cancellable,
  };
}

void
fatia_budget_clear (FatiaBudget *self)
{
  g_clear_error (&self->error);
}

static void
refuse (FatiaBudget *self, const char *what)
{
  if (self->error == NULL)
    g_set_error (&self->error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_BUDGET,
                 _ ("This file was not read to its end: %s. No firmware made by a computer's "
                    "maker is like that; get the file again from the maker's page."),
                 what);
}

/**
 * fatia_budget_goes_on:
 *
 * Returns: %FALSE where something was refused or the walk was cancelled; @error is set then
 */
gboolean
fatia_budget_goes_on (FatiaBudget *self)
{
  if (self->error != NULL)
    return FALSE;
  return !g_cancellable_set_error_if_cancelled (self->cancellable, &self->error);
}

gboolean
fatia_budget_take_output (FatiaBudget *self, guint64 bytes)
{
  if (bytes > self->output)
    {
      refuse (self, _ ("what is packed in it unpacks to far too many bytes"));
      return FALSE;
    }
  self->output -= bytes;
  return fatia_budget_goes_on (self);
}

gboolean
fatia_budget_take_work (FatiaBudget *self, guint64 bytes)
{
  if (bytes > self->work)
    {
      refuse (self, _ ("it is full of beginnings of volumes that are none"));
      return FALSE;
    }
  self->work -= bytes;
  return TRUE;
}

gboolean
fatia_budget_take_section (FatiaBudget *self)
{
  if (self->sections == 0)
    {
      refuse (self, _ ("it has far too many sections"));
      return FALSE;
    }
  self->sections--;
  return TRUE;
}

gboolean
fatia_budget_take_file (FatiaBudget *self)
{
  if (self->files == 0)
    {
      refuse (self, _ ("it has far too many files inside"));
      return FALSE;
    }
  self->files--;
  return TRUE;
}

void
fatia_budget_refuse_depth (FatiaBudget *self)
{
  refuse (self, _ ("boxes stand in boxes far too deep in it"));
}

/**
 * fatia_sink_init:
 * @claimed: how many bytes a header says will come, which may be a lie
 * @input: bytes of the packed data
 *
 * Where the claim is likely (a factor of eight) the room is made at once.
 */
void
fatia_sink_init (FatiaSink *self, FatiaBudget *budget, guint64 claimed, gsize input)
{
  guint64 likely = MIN (MAX ((guint64) input * 8, FIRST_CAPACITY), SECTION_LIMIT - SLACK);

  *self = (FatiaSink) { .budget = budget };
  self->capacity = MIN (claimed, likely) + SLACK;
  if (fatia_budget_take_output (budget, self->capacity))
    self->data = g_malloc (self->capacity);
  else
    self->capacity = 0;
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
    self->budget->output += self->capacity - self->size;
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
  gsize more = MIN (self->capacity, SECTION_LIMIT - self->capacity);

  if (self->size < self->capacity)
    return fatia_budget_goes_on (self->budget);
  if (self->data == NULL)
    return FALSE;
  if (more == 0)
    {
      refuse (self->budget, _ ("one packed section in it unpacks to more than 64 MiB"));
      return FALSE;
    }
  if (!fatia_budget_take_output (self->budget, more))
    return FALSE;
  self->capacity += more;
  self->data = g_realloc (self->data, self->capacity);
  return TRUE;
}

/**
 * fatia_sink_finish:
 *
 * Gives back to the budget the room that was not needed.
 *
 * Returns: (transfer full): the bytes written
 */
GBytes *
fatia_sink_finish (FatiaSink *self)
{
  gsize size = self->size;

  self->budget->output += self->capacity - size;
  /* Shrunk, since an image's sections stay side by side in memory while one is walked. */
  if (size < self->capacity)
    self->data = g_realloc (self->data, MAX (size, 1));
  self->capacity = 0;
  self->size = 0;
  return g_bytes_new_take (g_steal_pointer (&self->data), size);
}
