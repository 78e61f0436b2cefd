/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass-fixture.h"

#include <math.h>
#include <string.h>

static void
on_frame (FatiaFrameSource *source, FatiaFrame *frame, Fixture *self)
{
  g_clear_pointer (&self->frame, fatia_frame_unref);
  self->frame = fatia_frame_ref (frame);
  self->n_frames++;
}

static void
on_cursor (FatiaFrameSource *source, FatiaCursor *cursor, Fixture *self)
{
  g_clear_pointer (&self->cursor, fatia_cursor_unref);
  self->cursor = fatia_cursor_ref (cursor);
  self->n_cursors++;
}

static void
on_state (FatiaFrameSource *source, Fixture *self)
{
  self->n_changes++;
}

void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("fatia-glass-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "memory", NULL);
}

void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  const char *rm[] = { "rm", "-rf", self->folder, NULL };

  if (self->glass)
    g_assert_finalize_object (self->glass);
  g_clear_pointer (&self->host, practice_host_close);
  g_clear_pointer (&self->frame, fatia_frame_unref);
  g_clear_pointer (&self->cursor, fatia_cursor_unref);
  g_assert_true (g_spawn_sync (NULL, (char **) rm, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (self->path);
  g_free (self->folder);
}

/* Makes the source for the path, and starts it. */
void
fixture_start (Fixture *self)
{
  self->glass = fatia_glass_new (self->path);
  g_signal_connect (self->glass, "frame", G_CALLBACK (on_frame), self);
  g_signal_connect (self->glass, "cursor", G_CALLBACK (on_cursor), self);
  g_signal_connect (self->glass, "state-changed", G_CALLBACK (on_state), self);
  fatia_frame_source_start (FATIA_FRAME_SOURCE (self->glass));
}

void
fixture_open_host (Fixture *self, guint32 lgmp, guint32 kvmfr, guint64 size)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->host, practice_host_close);
  self->host = practice_host_open (self->path, lgmp, kvmfr, size, &error);
  g_assert_no_error (error);
}

/* A millisecond of the host's life and of ours. */
void
fixture_turn (Fixture *self)
{
  if (self->host)
    practice_host_tick (self->host);
  g_usleep (1000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
fixture_turn_for (Fixture *self, guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    fixture_turn (self);
}

FatiaSourceState
fixture_get_state (Fixture *self)
{
  return fatia_frame_source_get_state (FATIA_FRAME_SOURCE (self->glass), NULL);
}

const char *
fixture_get_message (Fixture *self)
{
  const char *message = NULL;

  fatia_frame_source_get_state (FATIA_FRAME_SOURCE (self->glass), &message);
  return message ? message : "";
}

/* Tells of @picture as @frame says, its format, pitch and size filled in where they are 0, once
 * there is room; returns where its pixels go. */
guint8 *
fixture_announce (Fixture *self, const PracticePicture *picture, PracticeFrame *frame)
{
  guint8 *pixels;

  frame->format = frame->format ? frame->format : PRACTICE_BGRA;
  frame->width = picture->width;
  frame->height = picture->height;
  frame->serial = picture->number;
  if (frame->pitch == 0)
    frame->pitch = picture->width * practice_picture_get_bytes (frame->format);
  WAIT_FOR (self,
            practice_host_has_viewer (self->host) && practice_host_can_send_frame (self->host));
  pixels = practice_host_send_frame (self->host, frame);
  g_assert_nonnull (pixels);
  return pixels;
}

/* The same with the pixels. */
void
fixture_send (Fixture *self, const PracticePicture *picture, PracticeFrame *frame)
{
  const PracticeArea all = { 0, 0, picture->width, picture->height };
  guint8 *pixels = fixture_announce (self, picture, frame);

  /* What the pitch leaves over is no picture. */
  memset (pixels, 0x55, (gsize) frame->pitch * frame->height);
  practice_picture_draw (picture, &all, frame->format, pixels, frame->pitch);
  practice_host_set_written (self->host, frame->pitch * frame->height);
}

static guint32
from_half (guint16 half)
{
  int exponent = (half >> 10) & 31;
  double value = half == 0 ? 0 : ldexp (1024 + (half & 1023), exponent - 25);

  return lround (value * 255);
}

/* 0xRRGGBB, whatever the format. */
guint32
frame_get_colour (const FatiaFrame *frame, guint32 x, guint32 y)
{
  const guint8 *line = (const guint8 *) g_bytes_get_data (frame->pixels, NULL) + y * frame->pitch;
  const guint8 *p = line + x * 4;
  guint32 word;
  guint16 halves[4];

  switch (frame->format)
    {
    case FATIA_PIXELS_BGR24:
      p = line + x * 3;
      G_GNUC_FALLTHROUGH;
    case FATIA_PIXELS_BGRA:
      return p[2] << 16 | p[1] << 8 | p[0];
    case FATIA_PIXELS_RGB24:
      p = line + x * 3;
      G_GNUC_FALLTHROUGH;
    case FATIA_PIXELS_RGBA:
      return p[0] << 16 | p[1] << 8 | p[2];
    case FATIA_PIXELS_RGBA10:
      memcpy (&word, p, sizeof word);
      return ((word & 1023) >> 2) << 16 | ((word >> 10 & 1023) >> 2) << 8 |
             (word >> 20 & 1023) >> 2;
    case FATIA_PIXELS_RGBA16F:
      memcpy (halves, line + x * 8, sizeof halves);
      return from_half (halves[0]) << 16 | from_half (halves[1]) << 8 | from_half (halves[2]);
    default:
      g_assert_not_reached ();
    }
}

/* Every pixel. */
void
frame_assert_shows (const FatiaFrame *frame, const PracticePicture *picture)
{
  g_assert_cmpuint (frame->width, ==, picture->width);
  g_assert_cmpuint (g_bytes_get_size (frame->pixels), ==, (gsize) frame->pitch * frame->height);
  for (guint32 y = 0; y < frame->height; y++)
    for (guint32 x = 0; x < frame->width; x++)
      {
        guint32 seen = frame_get_colour (frame, x, y);
        guint32 expected = practice_picture_get_colour (picture, x, y);

        if (seen != expected)
          g_error ("frame %u: pixel %u,%u is %06x instead of %06x", frame->serial, x, y, seen,
                   expected);
      }
}
