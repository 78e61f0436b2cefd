/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "glass/fatia-frame-source.h"

G_BEGIN_DECLS

/* What changed between two pictures: nothing, some rectangles or everything. */
#define FATIA_DAMAGE_RECTANGLES 64

typedef struct
{
  gboolean full;
  guint n;
  FatiaRectangle rectangles[FATIA_DAMAGE_RECTANGLES];
} FatiaDamage;

void fatia_damage_add (FatiaDamage *self, const FatiaRectangle *rectangle);
void fatia_damage_join (FatiaDamage *self, const FatiaDamage *other);
gboolean fatia_rectangle_clip (FatiaRectangle *self, guint32 width, guint32 height);

G_END_DECLS
