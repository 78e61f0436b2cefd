/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "glass/fatia-kvmfr.h"

G_BEGIN_DECLS

/* One run of the Looking Glass host in the guest: its queues are read until it dies. */
typedef struct _FatiaGlassSession FatiaGlassSession;

FatiaGlassSession *fatia_glass_session_new (FatiaGlassMemory *memory,
                                            const FatiaLgmpLayout *layout,
                                            const FatiaKvmfrHost *host);
void fatia_glass_session_free (FatiaGlassSession *self);
gboolean fatia_glass_session_is_alive (FatiaGlassSession *self);
void fatia_glass_session_poll (FatiaGlassSession *self, FatiaFrame **frame, FatiaCursor **cursor);
gint64 fatia_glass_session_get_pause (FatiaGlassSession *self);
guint64 fatia_glass_session_get_missing (FatiaGlassSession *self);
gboolean fatia_glass_session_can_point (FatiaGlassSession *self);
gboolean fatia_glass_session_point (FatiaGlassSession *self, int x, int y);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaGlassSession, fatia_glass_session_free)

G_END_DECLS
