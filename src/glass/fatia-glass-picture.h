/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "glass/fatia-kvmfr.h"

G_BEGIN_DECLS

/* Copies of the guest's pictures, in buffers that are used again: only what changed since a
 * buffer was last used is copied into it. */
typedef struct _FatiaGlassPicture FatiaGlassPicture;

FatiaGlassPicture *fatia_glass_picture_new (void);
void fatia_glass_picture_free (FatiaGlassPicture *self);
FatiaFrame *fatia_glass_picture_take (FatiaGlassPicture *self,
                                      FatiaGlassMemory *memory,
                                      const FatiaKvmfrFrame *source);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaGlassPicture, fatia_glass_picture_free)

G_END_DECLS
