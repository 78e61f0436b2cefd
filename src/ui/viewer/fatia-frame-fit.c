/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/viewer/fatia-frame-fit.h"

#include <math.h>

/* A window a little larger than the guest's screen shows it as it is, not blurred. */
#define SNAP 1.02

static double
whole (double value, double screen_scale)
{
  return round (value * screen_scale) / screen_scale;
}

/**
 * fatia_frame_fit_init:
 * @screen_scale: the screen's pixels for each of the widget's units
 */
void
fatia_frame_fit_init (FatiaFrameFit *self,
                      guint32 frame_width,
                      guint32 frame_height,
                      guint rotation,
                      double widget_width,
                      double widget_height,
                      double screen_scale)
{
  gboolean turned = rotation % 180 != 0;
  double width = turned ? frame_height : frame_width;
  double height = turned ? frame_width : frame_height;
  double factor = MIN (widget_width / width, widget_height / height) * screen_scale;

  self->frame_width = frame_width;
  self->frame_height = frame_height;
  self->rotation = rotation;
  /* Rounded windows are a fraction of a pixel too small at times. */
  if (factor > 1 / 1.001 && factor < SNAP)
    factor = 1;
  self->crisp = fabs (factor - round (factor)) < 0.001 && factor > 0.5;
  self->scale = factor / screen_scale;
  self->width = width * self->scale;
  self->height = height * self->scale;
  self->x = whole ((widget_width - self->width) / 2, screen_scale);
  self->y = whole ((widget_height - self->height) / 2, screen_scale);
}

/**
 * fatia_frame_fit_transform:
 *
 * Makes a frame's pixels the units of @snapshot.
 */
void
fatia_frame_fit_transform (const FatiaFrameFit *self, GtkSnapshot *snapshot)
{
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (self->x, self->y));
  if (self->rotation == 90)
    gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (self->width, 0));
  else if (self->rotation == 180)
    gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (self->width, self->height));
  else if (self->rotation == 270)
    gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, self->height));
  if (self->rotation != 0)
    gtk_snapshot_rotate (snapshot, self->rotation);
  gtk_snapshot_scale (snapshot, self->scale, self->scale);
}

/**
 * fatia_frame_fit_to_frame:
 * @x: in the widget
 * @y: in the widget
 * @frame_x: (out): the pixel there, or the nearest to it
 * @frame_y: (out): the same
 */
void
fatia_frame_fit_to_frame (const FatiaFrameFit *self, double x, double y, int *frame_x, int *frame_y)
{
  double right = (x - self->x) / self->scale;
  double down = (y - self->y) / self->scale;
  double u = right, v = down;

  if (self->rotation == 90)
    {
      u = down;
      v = self->frame_height - right;
    }
  else if (self->rotation == 180)
    {
      u = self->frame_width - right;
      v = self->frame_height - down;
    }
  else if (self->rotation == 270)
    {
      u = self->frame_width - down;
      v = right;
    }
  *frame_x = CLAMP (floor (u), 0, self->frame_width - 1);
  *frame_y = CLAMP (floor (v), 0, self->frame_height - 1);
}
