/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  FATIA_PIXELS_BGRA,
  FATIA_PIXELS_RGBA,
  FATIA_PIXELS_RGBA10,
  FATIA_PIXELS_RGBA16F,
  FATIA_PIXELS_BGR24, /* packed, 3 bytes a pixel */
  FATIA_PIXELS_RGB24,
} FatiaPixels;

typedef struct
{
  guint32 x, y, width, height;
} FatiaRectangle;

/* One picture of the guest, whole and immutable. Reference-counted (GAtomicRcBox). */
typedef struct
{
  guint32 width, height; /* pixels as stored, before rotation */
  guint32 pitch;         /* bytes from line to line */
  FatiaPixels format;
  guint rotation; /* degrees clockwise the picture is to be turned: 0, 90, 180, 270 */
  guint32 serial;
  gboolean hdr;
  guint n_damage; /* 0: everything changed since the frame that was sent before this one */
  const FatiaRectangle *damage;
  GBytes *pixels; /* height * pitch bytes */
} FatiaFrame;

/* The guest's pointer. Reference-counted (GAtomicRcBox). */
typedef struct
{
  gboolean visible;
  int x, y; /* the image's top left corner, in pixels of the frame */
  int hotspot_x, hotspot_y;
  guint32 width, height; /* 0: no shape known yet */
  guint32 shape_serial;  /* changes when the shape does */
  GBytes *rgba;   /* width * height * 4, straight alpha; masked and monochrome ones made visible */
  GBytes *invert; /* (nullable): width * height bytes, 255 where the screen is to be inverted */
} FatiaCursor;

typedef enum
{
  FATIA_SOURCE_WAITING, /* nobody writes the memory yet */
  FATIA_SOURCE_RUNNING,
  FATIA_SOURCE_SILENT,       /* the host application in the guest stopped answering */
  FATIA_SOURCE_INCOMPATIBLE, /* the message says both versions and what to install */
  FATIA_SOURCE_FAILED,       /* the message says why: no file, no permission, … */
} FatiaSourceState;

FatiaFrame *fatia_frame_ref (FatiaFrame *frame);
void fatia_frame_unref (FatiaFrame *frame);
FatiaCursor *fatia_cursor_ref (FatiaCursor *cursor);
void fatia_cursor_unref (FatiaCursor *cursor);

/*
 * Anything that shows a guest's screen: Looking Glass memory, SPICE, practice. Signals come in
 * the main context: "frame" (FatiaFrame *, as a pointer, valid during the emission: take a
 * reference to keep it), "cursor" (FatiaCursor *, the same), "state-changed" ().
 */
#define FATIA_TYPE_FRAME_SOURCE (fatia_frame_source_get_type ())
G_DECLARE_INTERFACE (FatiaFrameSource, fatia_frame_source, FATIA, FRAME_SOURCE, GObject)

struct _FatiaFrameSourceInterface
{
  GTypeInterface parent;
  void (*start) (FatiaFrameSource *self);
  void (*stop) (FatiaFrameSource *self);
  FatiaSourceState (*get_state) (FatiaFrameSource *self, const char **message);
  gboolean (*can_point) (FatiaFrameSource *self);
  void (*point) (FatiaFrameSource *self, int x, int y);
};

void fatia_frame_source_start (FatiaFrameSource *self);
void fatia_frame_source_stop (FatiaFrameSource *self);
/* @message: (out) (optional) (transfer none) (nullable): in words, valid until the next change */
FatiaSourceState fatia_frame_source_get_state (FatiaFrameSource *self, const char **message);
/* Whether the guest takes a pointer position, and sending one, in pixels of the frame. */
gboolean fatia_frame_source_can_point (FatiaFrameSource *self);
void fatia_frame_source_point (FatiaFrameSource *self, int x, int y);
/* For implementations. */
void fatia_frame_source_emit_frame (FatiaFrameSource *self, FatiaFrame *frame);
void fatia_frame_source_emit_cursor (FatiaFrameSource *self, FatiaCursor *cursor);
void fatia_frame_source_emit_state_changed (FatiaFrameSource *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaFrame, fatia_frame_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaCursor, fatia_cursor_unref)

G_END_DECLS
