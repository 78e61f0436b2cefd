/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-sink.h"

G_BEGIN_DECLS

/*
 * The packings met in firmware. Each decoder returns %NULL for damaged data, and for what the
 * budget refuses (budget->refused is set then). What they return is for fatia_sink_drop().
 */

GBytes *fatia_decode_lzma (const guint8 *data, gsize size, FatiaBudget *budget);
GBytes *fatia_decode_lzma_x86 (const guint8 *data, gsize size, FatiaBudget *budget);
guint64 fatia_lzma_claimed (const guint8 *data, gsize size);
GBytes *fatia_decode_brotli (const guint8 *data, gsize size, FatiaBudget *budget);

/* The UEFI specification's own algorithm, in its two forms; the data don't say which they are. */
typedef enum
{
  FATIA_TIANO_EFI_1_1 = 4, /* the bits that tell how many position codes there are */
  FATIA_TIANO_TIANO = 5,
} FatiaTianoForm;

GBytes *
fatia_decode_tiano (const guint8 *data, gsize size, FatiaTianoForm form, FatiaBudget *budget);

G_END_DECLS
