/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "glass/fatia-frame-source.h"

G_BEGIN_DECLS

/* Frames and pointers of a guest as GTK's textures. */
GdkTexture *
fatia_frame_make_texture (FatiaFrame *frame, GdkTexture *before, cairo_region_t *changed);
GdkTexture *fatia_cursor_make_texture (FatiaCursor *cursor);
GdkTexture *fatia_cursor_make_invert_texture (FatiaCursor *cursor);

G_END_DECLS
