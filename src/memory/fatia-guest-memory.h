/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

/* In MiB; a power of two. The least is what 640x480 needs, the most what 7680x4320 does, twice. */
#define FATIA_GUEST_MEMORY_MIN 8
#define FATIA_GUEST_MEMORY_MAX 1024

/* What the memory is: a file in /dev/shm, or the device of the module kvmfr, which graphics
 * processors can read from themselves. */
typedef enum
{
  FATIA_MEMORY_SHM,
  FATIA_MEMORY_KVMFR,
} FatiaMemoryKind;

gboolean fatia_memory_kind_from_string (const char *text, FatiaMemoryKind *kind, GError **error);
gboolean fatia_guest_memory_plan (FatiaHostRoot *root,
                                  FatiaMemoryKind kind,
                                  guint megabytes,
                                  const char *user,
                                  FatiaChangeSet *set,
                                  GError **error);

G_END_DECLS
