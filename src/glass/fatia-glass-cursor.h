/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "glass/fatia-kvmfr.h"

G_BEGIN_DECLS

/* The guest's pointer, as the messages of the pointer queue change it. */
typedef struct
{
  gboolean visible;
  int x, y; /* in pixels of the guest's screen */
  int hotspot_x, hotspot_y;
  guint32 width, height;
  guint32 shape_serial;
  GBytes *rgba;
  GBytes *invert;
} FatiaGlassCursor;

void fatia_glass_cursor_clear (FatiaGlassCursor *self);
gboolean fatia_glass_cursor_read (FatiaGlassCursor *self,
                                  const FatiaKvmfrLayout *layout,
                                  FatiaGlassMemory *memory,
                                  const FatiaLgmpMessage *message);
FatiaCursor *fatia_glass_cursor_make (const FatiaGlassCursor *self, double scale_x, double scale_y);

G_END_DECLS
