/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-budget.h"
#include "fatia-bytes.h"
#include "fatia-walk.h"

G_BEGIN_DECLS

/* As many as a flash descriptor tells of. */
#define FATIA_WALK_REGIONS 16

/* Any bytes; a row of FFS files; a row of sections. */
typedef enum
{
  FATIA_FRAME_SCAN,
  FATIA_FRAME_FILES,
  FATIA_FRAME_SECTIONS,
} FatiaFrameKind;

/* A range of bytes and how far it has been walked. */
typedef struct
{
  FatiaFrameKind kind;
  GBytes *bytes;           /* (owned): the image, or what a decoder gave */
  gboolean unpacked;       /* @bytes counts in the budget until this frame is left */
  const guint8 *data;      /* of @bytes */
  FatiaWalkNode *node;     /* (owned) (nullable): what the range stands in */
  FatiaFirmwareItem *item; /* (nullable): the same, in the tree that is recorded */
  gsize start;             /* offsets into @data */
  gsize position;
  gsize end;
  gsize gap;            /* SCAN: from where on no volume was found */
  gsize told;           /* up to where the tree has been told */
  guint8 erased;        /* FILES: the byte that stands for nothing written */
  gboolean large_files; /* FILES: FFSv3 */
  gboolean tails;       /* FILES: revision 1, where files may end in a 2-byte tail */
} FatiaFrame;

/* Packed data the walk will come to. */
typedef struct
{
  const guint8 *data;
  gsize size;
  guint64 unpacked; /* as their header claims; 0 where it was not asked */
  GBytes *(*decode) (const guint8 *data, gsize size, FatiaBudget *budget);
} FatiaPacked;

typedef struct _FatiaAhead FatiaAhead;

/* The walk is a stack of frames instead of recursion: as deep as the budget says. */
typedef struct
{
  FatiaBudget budget;
  const FatiaWalkVisitor *visitor;
  gpointer visitor_data;
  GBytes *image;
  guint depth;
  guint64 done; /* bytes of the image */
  FatiaWalkSummary summary;
  FatiaAhead *ahead; /* (nullable): fatia-walk-ahead.c */

  /* What is recorded; fatia-walk-record.c */
  FatiaFirmwareItem *item; /* (nullable): what this step met */
  FatiaFirmwareItem *capsule;
  FatiaFirmwareItem *regions[FATIA_WALK_REGIONS];
  guint n_regions;
  guint n_items;
  gboolean items_missing;

  FatiaFrame frames[FATIA_BUDGET_DEPTH];
} FatiaWalk;

FatiaFrame *fatia_walk_top (FatiaWalk *self);
FatiaFrame *fatia_walk_push (
  FatiaWalk *self, FatiaFrameKind kind, GBytes *bytes, FatiaWalkNode *node, gsize start, gsize end);
void fatia_walk_pop (FatiaWalk *self);
void fatia_walk_scan_rest (FatiaFrame *frame);
void
fatia_walk_leaf (FatiaWalk *self, FatiaFrame *frame, FatiaWalkLeaf kind, gsize start, gsize end);
gboolean
fatia_walk_is_filled (FatiaWalk *self, const guint8 *data, gsize start, gsize end, guint8 byte);
void fatia_walk_gap (FatiaWalk *self, FatiaFrame *frame, gsize start, gsize end);
FatiaWalkNode *fatia_walk_node_new (FatiaWalkNode *parent, gboolean file, const char *label);

/* One step each: the top frame is moved on, another one pushed, or the top one popped. */
void fatia_walk_step_scan (FatiaWalk *self, FatiaFrame *frame);
void fatia_walk_step_files (FatiaWalk *self, FatiaFrame *frame);
void fatia_walk_step_sections (FatiaWalk *self, FatiaFrame *frame);

gboolean
fatia_walk_peek_file (FatiaWalk *self, FatiaFrame *frame, gsize at, gsize *body, gsize *end);
gboolean
fatia_section_find_packed (const guint8 *data, gsize start, gsize end, FatiaPacked *packed);
gboolean fatia_sections_plausible (const guint8 *data, gsize start, gsize end);

G_END_DECLS
