/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-frame-source.h"

/**
 * FatiaFrameSource:
 *
 * Anything that shows a guest's screen. Frames, cursors and states come by signal in the main
 * context that was the thread's default when the source was started.
 */
G_DEFINE_INTERFACE (FatiaFrameSource, fatia_frame_source, G_TYPE_OBJECT)

enum
{
  FRAME,
  CURSOR,
  STATE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
fatia_frame_source_default_init (FatiaFrameSourceInterface *iface)
{
  GType type = G_TYPE_FROM_INTERFACE (iface);

  /**
   * FatiaFrameSource::frame:
   * @frame: (type gpointer): a FatiaFrame, valid during the emission
   *
   * There is a new picture.
   */
  signals[FRAME] = g_signal_new ("frame", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 1, G_TYPE_POINTER);
  /**
   * FatiaFrameSource::cursor:
   * @cursor: (type gpointer): a FatiaCursor, valid during the emission
   *
   * The guest's pointer moved, changed its shape, came or went.
   */
  signals[CURSOR] = g_signal_new ("cursor", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_POINTER);
  /**
   * FatiaFrameSource::state-changed:
   *
   * What fatia_frame_source_get_state() or fatia_frame_source_can_point() tell has changed.
   */
  signals[STATE_CHANGED] =
    g_signal_new ("state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/**
 * fatia_frame_ref:
 *
 * Frames are made with `g_atomic_rc_box_new0 (FatiaFrame)`; the damage rectangles of a frame
 * are memory of g_malloc(), and belong to it as its pixels do.
 *
 * Returns: (transfer full): @frame; from any thread
 */
FatiaFrame *
fatia_frame_ref (FatiaFrame *frame)
{
  g_return_val_if_fail (frame != NULL, NULL);
  return g_atomic_rc_box_acquire (frame);
}

static void
clear_frame (gpointer data)
{
  FatiaFrame *frame = data;

  g_free ((gpointer) frame->damage);
  g_clear_pointer (&frame->pixels, g_bytes_unref);
}

/**
 * fatia_frame_unref:
 * @frame: (transfer full): a frame
 */
void
fatia_frame_unref (FatiaFrame *frame)
{
  g_return_if_fail (frame != NULL);
  g_atomic_rc_box_release_full (frame, clear_frame);
}

/**
 * fatia_cursor_ref:
 *
 * Cursors are made with `g_atomic_rc_box_new0 (FatiaCursor)`; their bytes belong to them.
 *
 * Returns: (transfer full): @cursor; from any thread
 */
FatiaCursor *
fatia_cursor_ref (FatiaCursor *cursor)
{
  g_return_val_if_fail (cursor != NULL, NULL);
  return g_atomic_rc_box_acquire (cursor);
}

static void
clear_cursor (gpointer data)
{
  FatiaCursor *cursor = data;

  g_clear_pointer (&cursor->rgba, g_bytes_unref);
  g_clear_pointer (&cursor->invert, g_bytes_unref);
}

/**
 * fatia_cursor_unref:
 * @cursor: (transfer full): a cursor
 */
void
fatia_cursor_unref (FatiaCursor *cursor)
{
  g_return_if_fail (cursor != NULL);
  g_atomic_rc_box_release_full (cursor, clear_cursor);
}

/**
 * fatia_frame_source_start:
 *
 * Begins to show the guest's screen; nothing happens where that began before.
 */
void
fatia_frame_source_start (FatiaFrameSource *self)
{
  g_return_if_fail (FATIA_IS_FRAME_SOURCE (self));
  FATIA_FRAME_SOURCE_GET_IFACE (self)->start (self);
}

/**
 * fatia_frame_source_stop:
 *
 * Ends it; no signal comes afterwards. The source may be started again.
 */
void
fatia_frame_source_stop (FatiaFrameSource *self)
{
  g_return_if_fail (FATIA_IS_FRAME_SOURCE (self));
  FATIA_FRAME_SOURCE_GET_IFACE (self)->stop (self);
}

/**
 * fatia_frame_source_get_state:
 * @message: (out) (optional) (transfer none) (nullable): the state in words, where there is
 *   something to say; valid until the next "state-changed"
 */
FatiaSourceState
fatia_frame_source_get_state (FatiaFrameSource *self, const char **message)
{
  const char *words = NULL;
  FatiaSourceState state;

  g_return_val_if_fail (FATIA_IS_FRAME_SOURCE (self), FATIA_SOURCE_FAILED);

  state = FATIA_FRAME_SOURCE_GET_IFACE (self)->get_state (self, &words);
  if (message)
    *message = words;
  return state;
}

/**
 * fatia_frame_source_can_point:
 *
 * Returns: whether the guest takes a pointer position now
 */
gboolean
fatia_frame_source_can_point (FatiaFrameSource *self)
{
  g_return_val_if_fail (FATIA_IS_FRAME_SOURCE (self), FALSE);
  return FATIA_FRAME_SOURCE_GET_IFACE (self)->can_point (self);
}

/**
 * fatia_frame_source_point:
 * @x: where the pointer's hotspot is to be, in pixels of the frame
 * @y: the same
 *
 * Moves the guest's pointer; nothing happens where the guest takes no position.
 */
void
fatia_frame_source_point (FatiaFrameSource *self, int x, int y)
{
  g_return_if_fail (FATIA_IS_FRAME_SOURCE (self));
  FATIA_FRAME_SOURCE_GET_IFACE (self)->point (self, x, y);
}

/**
 * fatia_frame_source_emit_frame:
 *
 * For implementations: emits "frame".
 */
void
fatia_frame_source_emit_frame (FatiaFrameSource *self, FatiaFrame *frame)
{
  g_return_if_fail (FATIA_IS_FRAME_SOURCE (self));
  g_return_if_fail (frame != NULL);
  g_signal_emit (self, signals[FRAME], 0, frame);
}

/**
 * fatia_frame_source_emit_cursor:
 *
 * For implementations: emits "cursor".
 */
void
fatia_frame_source_emit_cursor (FatiaFrameSource *self, FatiaCursor *cursor)
{
  g_return_if_fail (FATIA_IS_FRAME_SOURCE (self));
  g_return_if_fail (cursor != NULL);
  g_signal_emit (self, signals[CURSOR], 0, cursor);
}

/**
 * fatia_frame_source_emit_state_changed:
 *
 * For implementations: emits "state-changed".
 */
void
fatia_frame_source_emit_state_changed (FatiaFrameSource *self)
{
  g_return_if_fail (FATIA_IS_FRAME_SOURCE (self));
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}
