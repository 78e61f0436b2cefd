/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* How a frame lies in a widget: as large as it fits, turned, its middle in the middle. */
typedef struct
{
  double frame_width, frame_height; /* pixels, before it is turned */
  guint rotation;                   /* degrees clockwise */
  double scale;                     /* the widget's units for each pixel */
  double x, y, width, height;       /* of the turned picture, in the widget's units */
  gboolean crisp;                   /* each pixel is a whole number of the screen's */
} FatiaFrameFit;

void fatia_frame_fit_init (FatiaFrameFit *self,
                           guint32 frame_width,
                           guint32 frame_height,
                           guint rotation,
                           double widget_width,
                           double widget_height,
                           double screen_scale);
void fatia_frame_fit_transform (const FatiaFrameFit *self, GtkSnapshot *snapshot);
void fatia_frame_fit_to_frame (
  const FatiaFrameFit *self, double x, double y, int *frame_x, int *frame_y);

G_END_DECLS
