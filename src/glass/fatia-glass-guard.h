/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A mapping whose file may be shortened while it is read. The kernel answers an access beyond
 * the file's end with SIGBUS; here the mapping is replaced by zeros, `lost` is set and the
 * access goes on. (Copies by process_vm_readv() would tell EFAULT instead of raising the
 * signal, but the locks in the memory need atomic access, and it is one system call a word.)
 */
typedef struct _FatiaGlassGuard FatiaGlassGuard;
struct _FatiaGlassGuard
{
  FatiaGlassGuard *next;
  guint8 *data;
  gsize size;
  int lost; /* written in the signal handler: read with g_atomic_int_get() */
};

/* For accesses of the calling thread, until it takes the guard away again. */
void fatia_glass_guard_add (FatiaGlassGuard *guard);
void fatia_glass_guard_remove (FatiaGlassGuard *guard);

G_END_DECLS
