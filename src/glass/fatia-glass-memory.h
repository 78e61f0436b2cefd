/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The memory shared with a guest, mapped. The guest may write anything anywhere at any time,
 * and somebody may shorten the file: no access below leaves the mapping or raises a signal.
 * To be used by the thread that opened it.
 */
typedef struct _FatiaGlassMemory FatiaGlassMemory;

FatiaGlassMemory *fatia_glass_memory_open (const char *path, GError **error);
void fatia_glass_memory_free (FatiaGlassMemory *self);
guint64 fatia_glass_memory_get_size (FatiaGlassMemory *self);
gboolean fatia_glass_memory_is_lost (FatiaGlassMemory *self);
gboolean fatia_glass_memory_is_current (FatiaGlassMemory *self);

gboolean fatia_glass_memory_contains (FatiaGlassMemory *self, guint64 offset, guint64 size);
gboolean fatia_glass_memory_copy (FatiaGlassMemory *self, guint64 offset, gpointer to, gsize size);
gboolean
fatia_glass_memory_write (FatiaGlassMemory *self, guint64 offset, gconstpointer from, gsize size);

/* Words. Outside of the mapping (or unaligned) nothing is written and 0 is read. */
guint32 fatia_glass_memory_load32 (FatiaGlassMemory *self, guint64 offset);
guint64 fatia_glass_memory_load64 (FatiaGlassMemory *self, guint64 offset);
void fatia_glass_memory_store32 (FatiaGlassMemory *self, guint64 offset, guint32 value);
void fatia_glass_memory_store64 (FatiaGlassMemory *self, guint64 offset, guint64 value);
guint32 fatia_glass_memory_add32 (FatiaGlassMemory *self, guint64 offset, guint32 value);
guint32 fatia_glass_memory_and32 (FatiaGlassMemory *self, guint64 offset, guint32 mask);
gboolean fatia_glass_memory_try_lock (FatiaGlassMemory *self, guint64 offset, guint n_bytes);
void fatia_glass_memory_unlock (FatiaGlassMemory *self, guint64 offset, guint n_bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaGlassMemory, fatia_glass_memory_free)

G_END_DECLS
