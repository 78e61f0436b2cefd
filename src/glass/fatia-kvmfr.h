/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "glass/fatia-frame-source.h"
#include "glass/fatia-glass-damage.h"
#include "glass/fatia-lgmp.h"

G_BEGIN_DECLS

/* KVMFR: what Looking Glass says in LGMP's messages. */

/* Where a version keeps what in a frame's message; 0: nowhere. */
typedef struct
{
  guint32 version;
  guint16 data_height;
  guint16 frame;    /* width and height */
  guint16 rotation; /* stride in pixels, pitch in bytes and the pixels' offset follow it */
  guint16 n_damage;
  guint16 damage; /* 64 rectangles */
  guint16 flags;
  guint16 size;
  guint8 n_formats;
  guint8 cursor_size;   /* of the message in front of the cursor's shape */
  guint8 visible_valid; /* the message's bit that says that its "visible" bit counts */
} FatiaKvmfrLayout;

#define FATIA_KVMFR_POINTER_QUEUE       1
#define FATIA_KVMFR_FRAME_QUEUE         2
#define FATIA_KVMFR_FEATURE_SET_POINTER 1

/* What the host tells of itself. */
typedef struct
{
  const FatiaKvmfrLayout *layout; /* NULL: its version is not known here */
  guint32 version;
  guint32 features;
  char host[33]; /* its version, in UTF-8 */
} FatiaKvmfrHost;

typedef struct
{
  guint32 serial;
  FatiaPixels format;
  guint32 screen_width, screen_height;
  guint32 width, height; /* of what is there: less than the screen where the memory is small */
  guint32 bytes_per_pixel;
  guint32 pitch;
  guint rotation;
  guint32 flags;
  guint64 write_pointer; /* u32 in the memory: how many bytes of the pixels are there */
  guint64 pixels;        /* their place in the memory */
  FatiaDamage damage;
} FatiaKvmfrFrame;

#define FATIA_KVMFR_FRAME_TRUNCATED 4
#define FATIA_KVMFR_FRAME_HDR       8

gboolean fatia_kvmfr_read_host (GBytes *user_data, FatiaKvmfrHost *host);
char *fatia_kvmfr_explain (FatiaGlassMemory *memory, guint32 lgmp, const FatiaKvmfrHost *host);
gboolean fatia_kvmfr_read_frame (const FatiaKvmfrLayout *layout,
                                 FatiaGlassMemory *memory,
                                 const FatiaLgmpMessage *message,
                                 FatiaKvmfrFrame *frame);
gboolean fatia_kvmfr_is_complete (FatiaGlassMemory *memory, const FatiaKvmfrFrame *frame);

G_END_DECLS
