/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-gop-findings.h"
#include "fatia-walk.h"

G_BEGIN_DECLS

/* Takes what is in the image beside the driver out of the bytes that come by. */
typedef struct
{
  GPtrArray *vbts;
  GPtrArray *vbt_nodes; /* (element-type FatiaWalkNode): what each is in */
  GPtrArray *boards;
} FatiaGopBeside;

void fatia_gop_beside_init (FatiaGopBeside *self);
void fatia_gop_beside_clear (FatiaGopBeside *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FatiaGopBeside, fatia_gop_beside_clear)

void
fatia_gop_beside_read (FatiaGopBeside *self, FatiaWalkNode *node, const guint8 *data, gsize size);

FatiaGopFindings *
fatia_gop_findings_new (GBytes *image, GPtrArray *candidates, FatiaGopBeside *beside);

G_END_DECLS
