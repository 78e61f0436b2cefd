/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-practice-lgmp.h"

G_BEGIN_DECLS

/* The Looking Glass host of a guest: the memory's file and what is said in it (KVMFR 19, 20). */
typedef struct _PracticeHost PracticeHost;

typedef struct
{
  guint32 x, y, width, height;
} PracticeArea;

/* As the guest numbers them. */
enum
{
  PRACTICE_BGRA = 1,
  PRACTICE_RGBA,
  PRACTICE_RGBA10,
  PRACTICE_RGBA16F,
  PRACTICE_BGR24,
  PRACTICE_RGB24,
};

/* A frame that is to be sent. */
typedef struct
{
  guint32 format;
  guint32 width, height;
  guint32 screen_width, screen_height; /* 0: as the frame */
  guint32 data_height;                 /* 0: as the frame */
  guint32 pitch;                       /* bytes */
  guint32 rotation;                    /* quarters of a turn */
  guint32 flags;
  guint32 serial;
  guint n_areas; /* 0: all changed */
  const PracticeArea *areas;
} PracticeFrame;

/* A pointer that is to be shown. */
enum
{
  PRACTICE_COLOUR,
  PRACTICE_MONO,
  PRACTICE_MASKED,
};

enum
{
  PRACTICE_POSITION = 1,
  PRACTICE_VISIBLE = 2,
  PRACTICE_SHAPE = 4,
};

typedef struct
{
  gint16 x, y;
  guint32 type;
  gint8 hotspot_x, hotspot_y;
  guint32 width, height, pitch;
  const guint8 *shape; /* height * pitch bytes */
} PracticePointer;

guint64 practice_host_measure (guint32 width, guint32 height, guint bytes_per_pixel);
PracticeHost *
practice_host_open (const char *path, guint32 lgmp, guint32 kvmfr, guint64 size, GError **error);
void practice_host_close (PracticeHost *self);
void practice_host_tick (PracticeHost *self);

gboolean practice_host_has_viewer (PracticeHost *self);
gboolean practice_host_wants_frame (PracticeHost *self);
gboolean practice_host_wants_pointer (PracticeHost *self);
gboolean practice_host_can_send_frame (PracticeHost *self);
guint8 *practice_host_send_frame (PracticeHost *self, const PracticeFrame *frame);
guint practice_host_get_buffer (PracticeHost *self);
void practice_host_set_written (PracticeHost *self, guint32 bytes);
gboolean
practice_host_send_pointer (PracticeHost *self, guint32 what, const PracticePointer *pointer);
gboolean practice_host_get_wanted_position (PracticeHost *self, int *x, int *y);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeHost, practice_host_close)

G_END_DECLS
