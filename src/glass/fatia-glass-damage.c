/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-glass-damage.h"

static gboolean
covers (const FatiaRectangle *a, const FatiaRectangle *b)
{
  return a->x <= b->x && a->y <= b->y && a->x + a->width >= b->x + b->width &&
         a->y + a->height >= b->y + b->height;
}

static void
grow (FatiaRectangle *a, const FatiaRectangle *b)
{
  guint32 right = MAX (a->x + a->width, b->x + b->width);
  guint32 bottom = MAX (a->y + a->height, b->y + b->height);

  a->x = MIN (a->x, b->x);
  a->y = MIN (a->y, b->y);
  a->width = right - a->x;
  a->height = bottom - a->y;
}

/**
 * fatia_rectangle_clip:
 * @self: (inout): a rectangle, its numbers as a guest wrote them
 *
 * Returns: whether anything is left of it within @width by @height
 */
gboolean
fatia_rectangle_clip (FatiaRectangle *self, guint32 width, guint32 height)
{
  if (self->x >= width || self->y >= height)
    return FALSE;
  self->width = MIN (self->width, width - self->x);
  self->height = MIN (self->height, height - self->y);
  return self->width > 0 && self->height > 0;
}

/**
 * fatia_damage_add:
 * @rectangle: a rectangle within the picture
 *
 * Where there are too many rectangles, one around them all takes their place.
 */
void
fatia_damage_add (FatiaDamage *self, const FatiaRectangle *rectangle)
{
  if (self->full)
    return;
  for (guint i = 0; i < self->n; i++)
    if (covers (&self->rectangles[i], rectangle))
      return;
  if (self->n == FATIA_DAMAGE_RECTANGLES)
    {
      for (guint i = 1; i < self->n; i++)
        grow (&self->rectangles[0], &self->rectangles[i]);
      grow (&self->rectangles[0], rectangle);
      self->n = 1;
      return;
    }
  self->rectangles[self->n++] = *rectangle;
}

/**
 * fatia_damage_join:
 *
 * Adds what changed in @other.
 */
void
fatia_damage_join (FatiaDamage *self, const FatiaDamage *other)
{
  self->full |= other->full;
  for (guint i = 0; i < other->n && !self->full; i++)
    fatia_damage_add (self, &other->rectangles[i]);
  if (self->full)
    self->n = 0;
}
