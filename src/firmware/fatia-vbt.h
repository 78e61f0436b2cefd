/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A Video BIOS Table: which screens a board has and how they are wired. Images hold several, one
 * for each kind of board they are made for. */
typedef struct
{
  char *name;         /* what its mark says after "$VBT", often a platform: "ALDERLAKE-N" */
  guint16 version;    /* of its header: 100 is 1.00 */
  guint16 bdb;        /* of its data block, which tells how to read it */
  gsize size;         /* bytes, as its header says */
  gboolean whole;     /* they are all there */
  gboolean sum_right; /* their sum is zero, as it must be */
  char *sha256;       /* of the bytes that are there, lower case */
  char *file;         /* (nullable): GUID or name of the file it is in */
  GBytes *bytes;
} FatiaVbt;

FatiaVbt *fatia_vbt_read (const guint8 *data, gsize size);
char *fatia_vbt_describe (const FatiaVbt *self);
char *fatia_vbt_file_name (const FatiaVbt *self, guint number);
void fatia_vbt_free (FatiaVbt *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaVbt, fatia_vbt_free)

G_END_DECLS
