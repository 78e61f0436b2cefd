/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-board-of-image.h"
#include "fatia-firmware-source.h"
#include "fatia-vbt.h"

G_BEGIN_DECLS

/* All that a firmware image was searched for, from one walk through it. Immutable, reference
 * counted. */
typedef struct
{
  GBytes *image;
  FatiaFirmwareSource *source; /* (nullable): how the image was come by */
  GPtrArray *candidates;       /* (element-type FatiaGopCandidate), best first */
  GPtrArray *vbts;             /* (element-type FatiaVbt), no two of the same bytes */
  GPtrArray *boards;           /* (element-type FatiaBoardOfImage): what it says of its board */
} FatiaGopFindings;

#define FATIA_TYPE_GOP_FINDINGS (fatia_gop_findings_get_type ())
GType fatia_gop_findings_get_type (void);
FatiaGopFindings *fatia_gop_findings_ref (FatiaGopFindings *self);
void fatia_gop_findings_unref (FatiaGopFindings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaGopFindings, fatia_gop_findings_unref)

FatiaGopFindings *fatia_gop_search (GBytes *image,
                                    GHashTable *known,
                                    FatiaFirmwareProgress progress,
                                    gpointer data,
                                    GCancellable *cancellable,
                                    GError **error);
FatiaGopFindings *fatia_gop_search_source (FatiaFirmwareSource *source,
                                           GHashTable *known,
                                           FatiaFirmwareProgress progress,
                                           gpointer data,
                                           GCancellable *cancellable,
                                           GError **error);

G_END_DECLS
