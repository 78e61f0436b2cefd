/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How deep boxes may stand in boxes. Honest images need about a dozen. */
#define FATIA_BUDGET_DEPTH 64

/*
 * What one walk through an image may cost. Every allocation and every loop whose length the
 * image decides asks here first; whoever is refused stops and the reason waits in @error.
 */
typedef struct
{
  guint64 output; /* bytes all decoders may still give out */
  guint64 work;   /* bytes that may still be looked at a second time */
  guint sections;
  guint files;
  GCancellable *cancellable;
  GError *error; /* set once and for all by the first refusal */
} FatiaBudget;

void fatia_budget_init (FatiaBudget *self, gsize image_size, GCancellable *cancellable);
void fatia_budget_clear (FatiaBudget *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FatiaBudget, fatia_budget_clear)

gboolean fatia_budget_goes_on (FatiaBudget *self);
gboolean fatia_budget_take_output (FatiaBudget *self, guint64 bytes);
gboolean fatia_budget_take_work (FatiaBudget *self, guint64 bytes);
gboolean fatia_budget_take_section (FatiaBudget *self);
gboolean fatia_budget_take_file (FatiaBudget *self);
void fatia_budget_refuse_depth (FatiaBudget *self);

/* A decoder's output, which grows as bytes really come and never to what a header claims. */
typedef struct
{
  FatiaBudget *budget;
  guint8 *data;
  gsize size; /* bytes written */
  gsize capacity;
} FatiaSink;

void fatia_sink_init (FatiaSink *self, FatiaBudget *budget, guint64 claimed, gsize input);
void fatia_sink_clear (FatiaSink *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FatiaSink, fatia_sink_clear)

gboolean fatia_sink_grow (FatiaSink *self);
GBytes *fatia_sink_finish (FatiaSink *self);

G_END_DECLS
