/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats of the table in fatia-package.c: how each is recognised and unpacked. */
#pragma once

#include "fatia-package.h"

G_BEGIN_DECLS

#define FORMAT_BEGINS(name) gboolean fatia_##name##_begins (const guint8 *data, gsize size);
#define FORMAT_INSIDE(name)                                                                        \
  gboolean fatia_##name##_inside (const guint8 *data, gsize size, gsize *at);
#define FORMAT_UNPACK(name)                                                                        \
  GBytes *fatia_##name##_unpack (FatiaUnpacking *work, GBytes *package, gsize at, GError **error);

FORMAT_BEGINS (pfat)
FORMAT_INSIDE (pfat)
FORMAT_UNPACK (pfat)

FORMAT_BEGINS (capsule)
FORMAT_UNPACK (capsule)

FORMAT_UNPACK (archive)

FORMAT_BEGINS (dell)
FORMAT_INSIDE (dell)
FORMAT_UNPACK (dell)
FORMAT_BEGINS (pfs)
FORMAT_UNPACK (pfs)

FORMAT_BEGINS (insyde)
FORMAT_INSIDE (insyde)
FORMAT_UNPACK (insyde)
FORMAT_INSIDE (insyde_packer)
FORMAT_UNPACK (insyde_packer)

FORMAT_BEGINS (ucp)
FORMAT_INSIDE (ucp)
FORMAT_UNPACK (ucp)

FORMAT_BEGINS (option_rom)
FORMAT_UNPACK (option_rom)

FORMAT_BEGINS (program)
FORMAT_INSIDE (zip)
FORMAT_INSIDE (7z)
FORMAT_INSIDE (cab)
FORMAT_INSIDE (rar)

/* Blocks that tell where they belong, fatia-package-guard.c. */
typedef GArray FatiaGuardBlocks;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaGuardBlocks, g_array_unref)
FatiaGuardBlocks *fatia_guard_blocks_new (void);
void fatia_guard_blocks_add (
  FatiaGuardBlocks *self, const guint8 *data, gsize at, gsize size, gsize meta, gsize meta_size);
GBytes *fatia_guard_blocks_join (FatiaGuardBlocks *self,
                                 FatiaUnpacking *work,
                                 const guint8 *data,
                                 GError **error);

G_END_DECLS
