/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How deep boxes may stand in boxes. Honest images need about a dozen. */
#define FATIA_BUDGET_DEPTH 64

/* A cancel is seen after at most so many bytes that were scanned, or that a decoder gave out. */
#define FATIA_BUDGET_SCAN_STEP   (1024 * 1024)
#define FATIA_BUDGET_DECODE_STEP (256 * 1024)

/*
 * What one walk through an image may cost. Every allocation and every loop whose length the image
 * decides asks here first. Who is refused leaves that part out; where nothing is left of what
 * bounds the walk as a whole, the walk stops. The reason, in words, is kept in both cases.
 */
typedef struct
{
  guint64 output; /* bytes all decoders may still give out */
  guint64 memory; /* bytes that may still be held at one time: decoders and what they gave out */
  guint64 work;   /* bytes that may still be looked at a second time */
  guint sections;
  guint files;
  gint64 time; /* nanoseconds of the processor, of this thread, when it ends */
  guint looks; /* at whether it goes on */
  GCancellable *cancellable;
  gboolean stopped;
  const char *unread;  /* (nullable): why the first thing that was left out was, translated */
  const char *refused; /* (nullable): the same of the last one; for who tells of it to clear */
} FatiaBudget;

void fatia_budget_init (FatiaBudget *self, gsize image_size, GCancellable *cancellable);

gboolean fatia_budget_goes_on (FatiaBudget *self);
gboolean fatia_budget_failed (FatiaBudget *self, GError **error);
char *fatia_budget_explain (const char *unread);
gboolean fatia_budget_take_output (FatiaBudget *self, guint64 bytes);
gboolean fatia_budget_take_memory (FatiaBudget *self, guint64 bytes);
void fatia_budget_give_memory (FatiaBudget *self, guint64 bytes);
gboolean fatia_budget_take_work (FatiaBudget *self, guint64 bytes);
gboolean fatia_budget_take_section (FatiaBudget *self);
gboolean fatia_budget_take_file (FatiaBudget *self);
void fatia_budget_refuse_depth (FatiaBudget *self);

void *fatia_budget_alloc (FatiaBudget *self, gsize size);
void fatia_budget_free (FatiaBudget *self, void *block);

G_END_DECLS
