/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-budget.h"

#include <time.h>

#include <glib/gi18n-lib.h>

#include "fatia-firmware.h"

#define MIB (1024 * 1024)

/* All that comes out of the decoders: honest images grow about fivefold, small ones with much
 * erased space more. */
#define OUTPUT_FLOOR   (64 * MIB)
#define OUTPUT_FACTOR  8
#define OUTPUT_CEILING (256 * MIB)
/* What is held at one time: the volumes around what is being unpacked, that and its dictionary.
 * With what the program itself needs it stays below 64 MiB. */
#define MEMORY_LIMIT (54 * MIB)
/* The largest honest images have some 3,000 files and 15,000 sections. */
#define FILE_LIMIT    50000
#define SECTION_LIMIT 500000
/* The other bounds keep hostile images below a second; this is for the case that one does not. */
#define TIME_LIMIT     (30 * (gint64) 1000000000)
#define LOOKS_PER_TIME 64

/* Before each block from fatia_budget_alloc(), so that what follows is aligned for everything */
typedef union
{
  gsize size;
  max_align_t alignment;
} BlockHeader;

static gint64
thread_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * (gint64) 1000000000 + now.tv_nsec;
}

/**
 * fatia_budget_init:
 * @image_size: bytes of the image
 * @cancellable: (nullable) (transfer none): must outlive the budget
 *
 * The budget is for the calling thread.
 */
void
fatia_budget_init (FatiaBudget *self, gsize image_size, GCancellable *cancellable)
{
  guint64 bounded = MIN (image_size, OUTPUT_CEILING);

  *self = (FatiaBudget) {
    .output = MIN (OUTPUT_FLOOR + OUTPUT_FACTOR * bounded, OUTPUT_CEILING),
    .memory = MEMORY_LIMIT,
    .work = MIN (OUTPUT_FLOOR + OUTPUT_FACTOR * bounded, OUTPUT_CEILING),
    .sections = SECTION_LIMIT,
    .files = FILE_LIMIT,
    .time = thread_time () + TIME_LIMIT,
    .cancellable = cancellable,
  };
}

static void
refuse (FatiaBudget *self, const char *why)
{
  self->refused = why;
  if (self->unread == NULL)
    self->unread = why;
}

static void
stop (FatiaBudget *self, const char *why)
{
  refuse (self, why);
  self->stopped = TRUE;
}

/**
 * fatia_budget_goes_on:
 *
 * Returns: %FALSE where the walk was cancelled or has cost all it may
 */
gboolean
fatia_budget_goes_on (FatiaBudget *self)
{
  if (++self->looks % LOOKS_PER_TIME == 0 && !self->stopped && thread_time () > self->time)
    stop (self, _ ("reading it takes far too long"));
  return !self->stopped && !g_cancellable_is_cancelled (self->cancellable);
}

/**
 * fatia_budget_explain:
 * @unread: (nullable): why something was left out
 *
 * Returns: (transfer full) (nullable): that and what to do, in sentences (translated)
 */
char *
fatia_budget_explain (const char *unread)
{
  if (unread == NULL)
    return NULL;
  return g_strdup_printf (_ ("This file was not read to its end: %s. No firmware made by a "
                             "computer's maker is like that; get the file again from the maker's "
                             "page."),
                          unread);
}

/**
 * fatia_budget_failed:
 * @error: return location for %G_IO_ERROR_CANCELLED or %FATIA_FIRMWARE_ERROR_BUDGET
 *
 * For who can use the whole alone.
 *
 * Returns: whether it was cancelled or anything was refused
 */
gboolean
fatia_budget_failed (FatiaBudget *self, GError **error)
{
  g_autofree char *why = fatia_budget_explain (self->unread);

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return TRUE;
  if (why)
    g_set_error_literal (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_BUDGET, why);
  return why != NULL;
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
fatia_budget_take_memory (FatiaBudget *self, guint64 bytes)
{
  if (bytes > self->memory)
    {
      refuse (self, _ ("what is packed in it takes far too much memory to unpack"));
      return FALSE;
    }
  self->memory -= bytes;
  return TRUE;
}

void
fatia_budget_give_memory (FatiaBudget *self, guint64 bytes)
{
  self->memory += bytes;
}

gboolean
fatia_budget_take_work (FatiaBudget *self, guint64 bytes)
{
  if (bytes > self->work)
    {
      stop (self, _ ("it is full of beginnings of volumes that are none"));
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
      stop (self, _ ("it has far too many sections"));
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
      stop (self, _ ("it has far too many files inside"));
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
 * fatia_budget_alloc:
 *
 * Memory for a library that unpacks.
 *
 * Returns: (nullable): %NULL where the budget does not allow it
 */
void *
fatia_budget_alloc (FatiaBudget *self, gsize size)
{
  BlockHeader *header;

  if (size > G_MAXUINT32 || !fatia_budget_take_memory (self, sizeof *header + size))
    return NULL;
  header = g_malloc (sizeof *header + size);
  header->size = sizeof *header + size;
  return header + 1;
}

/**
 * fatia_budget_free:
 * @block: (nullable): from fatia_budget_alloc()
 */
void
fatia_budget_free (FatiaBudget *self, void *block)
{
  BlockHeader *header = block;

  if (block == NULL)
    return;
  header--;
  fatia_budget_give_memory (self, header->size);
  g_free (header);
}
