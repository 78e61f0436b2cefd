/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The walk through an image: its frames and its loop. What stands in volumes is in
 * fatia-walk-volume.c, what in files in fatia-walk-section.c.
 */
#include "fatia-sink.h"
#include "fatia-walk-ahead.h"
#include "fatia-walk-record.h"

/* Progress is told in steps of this many bytes. */
#define PROGRESS_STEP (256 * 1024)

FatiaWalkNode *
fatia_walk_node_new (FatiaWalkNode *parent, gboolean file, const char *label)
{
  FatiaWalkNode *self = g_rc_box_new0 (FatiaWalkNode);

  self->parent = parent ? g_rc_box_acquire (parent) : NULL;
  self->file = file;
  self->unused = parent && parent->unused;
  self->label = g_strdup (label);
  return self;
}

FatiaWalkNode *
fatia_walk_node_ref (FatiaWalkNode *self)
{
  return g_rc_box_acquire (self);
}

static void
node_clear (gpointer data)
{
  FatiaWalkNode *self = data;

  /* Chains are no longer than the walk is deep, twice. */
  g_clear_pointer (&self->parent, fatia_walk_node_unref);
  g_free (self->label);
  g_free (self->name);
}

void
fatia_walk_node_unref (FatiaWalkNode *self)
{
  g_rc_box_release_full (self, node_clear);
}

/**
 * fatia_walk_node_path:
 *
 * Returns: (transfer full): the labels from the outside in, "/" between
 */
char *
fatia_walk_node_path (FatiaWalkNode *self)
{
  GString *path = g_string_new (self->label);

  for (FatiaWalkNode *node = self->parent; node; node = node->parent)
    {
      g_string_prepend_c (path, '/');
      g_string_prepend (path, node->label);
    }
  return g_string_free_and_steal (path);
}

FatiaFrame *
fatia_walk_top (FatiaWalk *self)
{
  return &self->frames[self->depth - 1];
}

/**
 * fatia_walk_push:
 * @node: (nullable): what the range stands in
 *
 * Returns: (transfer none) (nullable): the new frame, to be completed; %NULL, and the budget
 *   says so, where it would stand too deep
 */
FatiaFrame *
fatia_walk_push (
  FatiaWalk *self, FatiaFrameKind kind, GBytes *bytes, FatiaWalkNode *node, gsize start, gsize end)
{
  FatiaFrame *frame;

  g_assert (start <= end && end <= g_bytes_get_size (bytes));
  if (self->depth == G_N_ELEMENTS (self->frames))
    {
      fatia_budget_refuse_depth (&self->budget);
      fatia_walk_record_refusal (self);
      return NULL;
    }
  frame = &self->frames[self->depth++];
  *frame = (FatiaFrame) {
    .kind = kind,
    .bytes = g_bytes_ref (bytes),
    .data = g_bytes_get_data (bytes, NULL),
    .node = node ? fatia_walk_node_ref (node) : NULL,
    .item = self->item,
    .start = start,
    .position = start,
    .end = end,
    .gap = start,
  };
  return frame;
}

void
fatia_walk_pop (FatiaWalk *self)
{
  FatiaFrame *frame = fatia_walk_top (self);

  fatia_walk_ahead_leave (self, frame);
  if (frame->unpacked)
    fatia_sink_drop (&self->budget, g_steal_pointer (&frame->bytes));
  g_clear_pointer (&frame->bytes, g_bytes_unref);
  g_clear_pointer (&frame->node, fatia_walk_node_unref);
  self->depth--;
}

/**
 * fatia_walk_scan_rest:
 *
 * What is left of @frame is not of its kind: volumes may stand in it all the same.
 */
void
fatia_walk_scan_rest (FatiaFrame *frame)
{
  frame->kind = FATIA_FRAME_SCAN;
  frame->gap = frame->position;
}

void
fatia_walk_leaf (FatiaWalk *self, FatiaFrame *frame, FatiaWalkLeaf kind, gsize start, gsize end)
{
  if (self->visitor->leaf && frame->node && start < end)
    self->visitor->leaf (frame->node, kind, frame->bytes, start, end - start, self->visitor_data);
}

/**
 * fatia_walk_gap:
 *
 * From @start to @end stands neither volume, file nor section.
 */
void
fatia_walk_gap (FatiaWalk *self, FatiaFrame *frame, gsize start, gsize end)
{
  fatia_walk_record_gap (self, frame, start, end);
  fatia_walk_leaf (self, frame, FATIA_WALK_DATA, start, end);
}

/**
 * fatia_walk_is_filled:
 *
 * Returns: whether all of it is @byte; %FALSE, too, where the walk does not go on
 */
gboolean
fatia_walk_is_filled (FatiaWalk *self, const guint8 *data, gsize start, gsize end, guint8 byte)
{
  if (start < end && data[start] != byte)
    return FALSE;
  while (end - start > 1)
    {
      gsize n = MIN (end - start - 1, FATIA_BUDGET_SCAN_STEP);

      if (memcmp (data + start, data + start + 1, n) != 0 || !fatia_budget_goes_on (&self->budget))
        return FALSE;
      start += n;
    }
  return TRUE;
}

static void
step (FatiaWalk *self)
{
  FatiaFrame *frame = fatia_walk_top (self);

  self->item = frame->item;
  /* How far the image itself has been walked; what was unpacked from it counts for nothing. */
  if (frame->bytes == self->image)
    self->done = MAX (self->done, frame->position);
  switch (frame->kind)
    {
    case FATIA_FRAME_SCAN:
      fatia_walk_step_scan (self, frame);
      break;
    case FATIA_FRAME_FILES:
      fatia_walk_step_files (self, frame);
      break;
    case FATIA_FRAME_SECTIONS:
      fatia_walk_step_sections (self, frame);
      break;
    default:
      g_assert_not_reached ();
    }
}

/**
 * fatia_walk:
 * @image: a firmware image
 * @visitor: what to call for what is found; it must not touch the walk
 * @progress: (nullable): told the bytes of the image walked
 * @cancellable: (nullable):
 * @summary: (out):
 * @error: return location for %G_IO_ERROR_CANCELLED
 *
 * Walks through every volume, file and section of @image in the order in which they stand,
 * unpacking as it goes. Damaged parts are passed over, and so is what costs more than in any honest
 * image: @summary says so then. Terms and layouts: UEFI Platform Initialization specification,
 * volume 3.
 *
 * Returns: %FALSE where the walk was cancelled
 */
gboolean
fatia_walk (GBytes *image,
            const FatiaWalkVisitor *visitor,
            gpointer visitor_data,
            FatiaFirmwareProgress progress,
            gpointer progress_data,
            GCancellable *cancellable,
            FatiaWalkSummary *summary,
            GError **error)
{
  g_autofree FatiaWalk *self = g_new0 (FatiaWalk, 1);
  guint64 total = g_bytes_get_size (image);
  guint64 told = 0, output;

  fatia_budget_init (&self->budget, total, cancellable);
  if (visitor->output_limit > 0)
    self->budget.output = self->budget.memory = visitor->output_limit;
  output = self->budget.output;
  self->visitor = visitor;
  self->visitor_data = visitor_data;
  self->image = image;
  fatia_walk_record_outline (self);
  self->item = visitor->tree;
  fatia_walk_push (self, FATIA_FRAME_SCAN, image, NULL, 0, total);
  while (self->depth > 0 && fatia_budget_goes_on (&self->budget))
    {
      step (self);
      if (progress && self->done - told >= PROGRESS_STEP)
        {
          told = self->done;
          progress (told, total, progress_data);
        }
    }
  while (self->depth > 0)
    fatia_walk_pop (self);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  *summary = self->summary;
  summary->unread = self->budget.unread;
  summary->output = output - self->budget.output;
  summary->looks = self->budget.looks;
  if (progress)
    progress (total, total, progress_data);
  return TRUE;
}
