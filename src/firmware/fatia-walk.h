/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-firmware-tree.h"

G_BEGIN_DECLS

/* A volume or an FFS file met on the way, with what it stands in. Reference counted (GRcBox). */
typedef struct _FatiaWalkNode FatiaWalkNode;
struct _FatiaWalkNode
{
  FatiaWalkNode *parent; /* (nullable) */
  gboolean file;         /* else a volume */
  gboolean unused;       /* it stands in a pad file, or in a file that is marked as deleted */
  char *label; /* a file's GUID; a volume's, with its offset where it stands in the image itself */
  char *name;  /* (nullable): known only once the file was walked */
  guint8 type;
  guint64 size;
};

FatiaWalkNode *fatia_walk_node_ref (FatiaWalkNode *self);
void fatia_walk_node_unref (FatiaWalkNode *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaWalkNode, fatia_walk_node_unref)
char *fatia_walk_node_path (FatiaWalkNode *self);

typedef enum
{
  FATIA_WALK_PE32, /* a PE32 section's body */
  FATIA_WALK_DATA, /* what is neither volume, file nor section: RAW and freeform sections too */
} FatiaWalkLeaf;

typedef struct
{
  /* (nullable): for each file, from the outside in and the start to the end; its body is @length
   * bytes at @offset of @bytes */
  void (*file) (FatiaWalkNode *file, GBytes *bytes, gsize offset, gsize length, gpointer data);
  /* (nullable): @length bytes at @offset of @bytes, which stand in @node. Each byte comes once;
   * those of the image itself that are in no volume never come. */
  void (*leaf) (FatiaWalkNode *node,
                FatiaWalkLeaf kind,
                GBytes *bytes,
                gsize offset,
                gsize length,
                gpointer data);
  /* (nullable): the image; what is met becomes its parts, up to so many */
  FatiaFirmwareItem *tree;
  guint tree_limit;
  /* Bytes all decoders may give out, and hold; 0 for what an image of this size may cost. */
  gsize output_limit;
} FatiaWalkVisitor;

typedef struct
{
  guint64 output; /* bytes all decoders gave out */
  guint looks;    /* steps of the work, each of which is bounded */
  guint volumes;
  const char
    *unread; /* (nullable): why some of it was left out, translated; no honest image is so */
  gboolean truncated; /* a volume in the image itself goes on after the image's end */
} FatiaWalkSummary;

gboolean fatia_walk (GBytes *image,
                     const FatiaWalkVisitor *visitor,
                     gpointer visitor_data,
                     FatiaFirmwareProgress progress,
                     gpointer progress_data,
                     GCancellable *cancellable,
                     FatiaWalkSummary *summary,
                     GError **error);

G_END_DECLS
