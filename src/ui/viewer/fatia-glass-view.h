/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "glass/fatia-frame-source.h"

G_BEGIN_DECLS

/*
 * Shows a guest's screen: the frames and the pointer of any source. Properties: "source",
 * "frame-width" and "frame-height" (of the picture as it is shown, 0 before the first).
 */
#define FATIA_TYPE_GLASS_VIEW (fatia_glass_view_get_type ())
G_DECLARE_FINAL_TYPE (FatiaGlassView, fatia_glass_view, FATIA, GLASS_VIEW, GtkWidget)

GtkWidget *fatia_glass_view_new (void);
void fatia_glass_view_set_source (FatiaGlassView *self, FatiaFrameSource *source);
FatiaFrameSource *fatia_glass_view_get_source (FatiaGlassView *self);
guint64 fatia_glass_view_get_frames_shown (FatiaGlassView *self);

G_END_DECLS
