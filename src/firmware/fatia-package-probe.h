/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-package.h"

G_BEGIN_DECLS

/* What the bytes of a member say of it. */
typedef enum
{
  FATIA_TRAIT_DESCRIPTOR = 1 << 0, /* an Intel flash descriptor: a whole chip */
  FATIA_TRAIT_VOLUME = 1 << 1,     /* a firmware volume begins in it */
  FATIA_TRAIT_PACKAGE = 1 << 2,    /* an update package, a capsule, an option ROM, an archive */
  FATIA_TRAIT_PROGRAM = 1 << 3,    /* for DOS or Windows */
  FATIA_TRAIT_EFI = 1 << 4,        /* an EFI driver */
} FatiaTraits;

#define FATIA_PROBE_HEAD 1024

/* Reads a member's traits as its bytes come, in any pieces. */
typedef struct
{
  guint8 head[FATIA_PROBE_HEAD];
  gsize filled;
  guint8 tail[3]; /* the last bytes of the piece before, where a mark may begin */
  guint64 size;
  gboolean volume;
} FatiaProbe;

void fatia_probe_feed (FatiaProbe *self, const guint8 *data, gsize size);
FatiaTraits fatia_probe_finish (const FatiaProbe *self);

GBytes *fatia_package_decode (FatiaUnpacking *work, const guint8 *data, gsize size);

G_END_DECLS
