/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-practice-host.h"

G_BEGIN_DECLS

/* The practice guest's screen: colour bars, a block that moves across them, and the number of
 * the picture as 32 black and white squares at the top, the highest bit at the left. Every
 * pixel follows from its place and that number. */
typedef struct
{
  guint32 width, height;
  guint32 number;
} PracticePicture;

#define PRACTICE_AREAS 3

guint32 practice_picture_get_colour (const PracticePicture *self, guint32 x, guint32 y);
void practice_picture_get_areas (const PracticePicture *self, PracticeArea areas[PRACTICE_AREAS]);
guint practice_picture_get_bytes (guint32 format);
void practice_picture_draw (const PracticePicture *self,
                            const PracticeArea *area,
                            guint32 format,
                            guint8 *pixels,
                            gsize pitch);

G_END_DECLS
