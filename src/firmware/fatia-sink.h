/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-budget.h"

G_BEGIN_DECLS

/* A decoder's output, which grows as bytes really come and never to what a header claims. */
typedef struct
{
  FatiaBudget *budget;
  guint8 *data;
  gsize size; /* bytes written */
  gsize capacity;
  guint64 claimed;
} FatiaSink;

void fatia_sink_init (FatiaSink *self, FatiaBudget *budget, guint64 claimed, gsize input);
void fatia_sink_clear (FatiaSink *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FatiaSink, fatia_sink_clear)

gboolean fatia_sink_grow (FatiaSink *self);
GBytes *fatia_sink_finish (FatiaSink *self);
void fatia_sink_drop (FatiaBudget *budget, GBytes *bytes);

G_END_DECLS
