/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-walk-private.h"

G_BEGIN_DECLS

void fatia_walk_ahead_fill (FatiaWalk *self, FatiaFrame *frame);
gboolean fatia_walk_ahead_take (FatiaWalk *self, const FatiaPacked *packed, GBytes **bytes);
void fatia_walk_ahead_leave (FatiaWalk *self, FatiaFrame *frame);
void fatia_walk_ahead_stop (FatiaWalk *self);

G_END_DECLS
