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

FORMAT_BEGINS (program)
FORMAT_INSIDE (zip)
FORMAT_INSIDE (7z)
FORMAT_INSIDE (cab)
FORMAT_INSIDE (rar)
FORMAT_INSIDE (inno)
FORMAT_INSIDE (nsis)
FORMAT_INSIDE (installshield)

G_END_DECLS
