/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's pointer: its place, its shapes of every kind, and moving it. */
#include "glass-fixture.h"

#include <string.h>

static void
set_up (Fixture *self, gconstpointer data)
{
  PracticePicture picture = { 320, 180, 1 };
  PracticeFrame frame = { 0 };

  fixture_set_up (self, data);
  fixture_open_host (self, 6, 20, 8 * 1024 * 1024);
  fixture_start (self);
  fixture_send (self, &picture, &frame);
  WAIT_FOR (self, self->frame && practice_host_wants_pointer (self->host));
}

static void
send (Fixture *self, guint32 what, const PracticePointer *pointer)
{
  guint n = self->n_cursors;

  WAIT_FOR (self, practice_host_send_pointer (self->host, what, pointer));
  WAIT_FOR (self, self->n_cursors > n);
}

static guint32
rgba_at (const FatiaCursor *cursor, guint32 x, guint32 y)
{
  const guint8 *p = g_bytes_get_data (cursor->rgba, NULL);

  p += (y * cursor->width + x) * 4;
  return (guint32) p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static guint8
invert_at (const FatiaCursor *cursor, guint32 x, guint32 y)
{
  return ((const guint8 *) g_bytes_get_data (cursor->invert, NULL))[y * cursor->width + x];
}

static void
test_place (Fixture *self, gconstpointer data)
{
  PracticePointer pointer = { .x = 17, .y = -3 };

  send (self, PRACTICE_POSITION | PRACTICE_VISIBLE, &pointer);
  g_assert_cmpint (self->cursor->x, ==, 17);
  g_assert_cmpint (self->cursor->y, ==, -3);
  g_assert_true (self->cursor->visible);
  g_assert_cmpuint (self->cursor->width, ==, 0);
  g_assert_null (self->cursor->rgba);
  pointer.x = 100;
  send (self, 0, &pointer);
  g_assert_false (self->cursor->visible);
  g_assert_cmpint (self->cursor->x, ==, 17);
}

static void
test_colour (Fixture *self, gconstpointer data)
{
  guint8 shape[2 * 24] = { 1, 2, 3, 4, 5, 6, 7, 8 };
  PracticePointer pointer = { .type = PRACTICE_COLOUR,
                              .hotspot_x = 1,
                              .hotspot_y = 2,
                              .width = 3,
                              .height = 2,
                              .pitch = 24,
                              .shape = shape };
  guint32 serial;

  shape[24 + 8] = 0xaa;
  shape[24 + 11] = 0xff;
  send (self, PRACTICE_VISIBLE | PRACTICE_SHAPE, &pointer);
  g_assert_cmpuint (self->cursor->width, ==, 3);
  g_assert_cmpuint (self->cursor->height, ==, 2);
  g_assert_cmpint (self->cursor->hotspot_x, ==, 1);
  g_assert_cmpint (self->cursor->hotspot_y, ==, 2);
  g_assert_cmpuint (g_bytes_get_size (self->cursor->rgba), ==, 3 * 2 * 4);
  g_assert_null (self->cursor->invert);
  g_assert_cmphex (rgba_at (self->cursor, 0, 0), ==, 0x03020104);
  g_assert_cmphex (rgba_at (self->cursor, 1, 0), ==, 0x07060508);
  g_assert_cmphex (rgba_at (self->cursor, 2, 1), ==, 0x0000aaff);
  serial = self->cursor->shape_serial;
  pointer.x = 5;
  send (self, PRACTICE_POSITION | PRACTICE_VISIBLE, &pointer);
  g_assert_cmpuint (self->cursor->shape_serial, ==, serial);
  send (self, PRACTICE_VISIBLE | PRACTICE_SHAPE, &pointer);
  g_assert_cmpuint (self->cursor->shape_serial, !=, serial);
}

static void
test_mono (Fixture *self, gconstpointer data)
{
  /* 9 wide, 2 high: the AND plane above the XOR plane. */
  const guint8 shape[] = { 0x3f, 0x80, 0xff, 0x00, 0x40, 0x80, 0x00, 0x80 };
  PracticePointer pointer = {
    .type = PRACTICE_MONO, .width = 9, .height = 4, .pitch = 2, .shape = shape
  };

  send (self, PRACTICE_VISIBLE | PRACTICE_SHAPE, &pointer);
  g_assert_cmpuint (self->cursor->width, ==, 9);
  g_assert_cmpuint (self->cursor->height, ==, 2);
  g_assert_nonnull (self->cursor->invert);
  g_assert_cmphex (rgba_at (self->cursor, 0, 0), ==, 0x000000ff); /* 0, 0: black */
  g_assert_cmphex (rgba_at (self->cursor, 1, 0), ==, 0xffffffff); /* 0, 1: white */
  g_assert_cmphex (rgba_at (self->cursor, 2, 0), ==, 0);          /* 1, 0: the screen */
  g_assert_cmphex (rgba_at (self->cursor, 8, 0), ==, 0);          /* 1, 1: inverted */
  g_assert_cmpuint (invert_at (self->cursor, 8, 0), ==, 255);
  g_assert_cmpuint (invert_at (self->cursor, 2, 0), ==, 0);
  g_assert_cmphex (rgba_at (self->cursor, 8, 1), ==, 0xffffffff);
  g_assert_cmpuint (invert_at (self->cursor, 8, 1), ==, 0);
}

static void
test_masked (Fixture *self, gconstpointer data)
{
  const guint8 shape[] = { 0x10, 0x20, 0x30, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0xff };
  PracticePointer pointer = {
    .type = PRACTICE_MASKED, .width = 3, .height = 1, .pitch = 12, .shape = shape
  };

  send (self, PRACTICE_VISIBLE | PRACTICE_SHAPE, &pointer);
  g_assert_cmphex (rgba_at (self->cursor, 0, 0), ==, 0x302010ff);
  g_assert_cmphex (rgba_at (self->cursor, 1, 0), ==, 0);
  g_assert_cmphex (rgba_at (self->cursor, 2, 0), ==, 0);
  g_assert_nonnull (self->cursor->invert);
  g_assert_cmpuint (invert_at (self->cursor, 0, 0), ==, 0);
  g_assert_cmpuint (invert_at (self->cursor, 1, 0), ==, 255);
  g_assert_cmpuint (invert_at (self->cursor, 2, 0), ==, 0);
}

/* Shapes that can't be: the last good one stays. */
static void
test_impossible (Fixture *self, gconstpointer data)
{
  guint8 shape[64] = { 0 };
  PracticePointer pointer = {
    .type = PRACTICE_COLOUR, .width = 1, .height = 1, .pitch = 4, .shape = shape
  };
  PracticePointer bad[] = {
    { .type = 3, .width = 1, .height = 1, .pitch = 4, .shape = shape },
    { .type = PRACTICE_COLOUR, .width = 5, .height = 1, .pitch = 19, .shape = shape },
    { .type = PRACTICE_COLOUR, .width = 0x40000001, .height = 1, .pitch = 4, .shape = shape },
    { .type = PRACTICE_MONO, .width = 8, .height = 1, .pitch = 1, .shape = shape },
    { .type = PRACTICE_MONO, .width = 0xffffffff, .height = 2, .pitch = 1, .shape = shape },
    { .type = PRACTICE_COLOUR, .width = 0, .height = 1, .pitch = 4, .shape = shape },
  };
  guint32 serial;

  send (self, PRACTICE_VISIBLE | PRACTICE_SHAPE, &pointer);
  serial = self->cursor->shape_serial;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      send (self, PRACTICE_VISIBLE | PRACTICE_SHAPE, &bad[i]);
      g_assert_cmpuint (self->cursor->shape_serial, ==, serial);
      g_assert_cmpuint (self->cursor->width, ==, 1);
    }
}

static void
test_move (Fixture *self, gconstpointer data)
{
  FatiaFrameSource *source = FATIA_FRAME_SOURCE (self->glass);
  int x = 0, y = 0;

  g_assert_true (fatia_frame_source_can_point (source));
  fatia_frame_source_point (source, 12, 34);
  WAIT_FOR (self, practice_host_get_wanted_position (self->host, &x, &y));
  g_assert_cmpint (x, ==, 12);
  g_assert_cmpint (y, ==, 34);
  /* More than the guest's ring holds, while the guest sleeps: the last one counts. */
  for (int i = 0; i < 40; i++)
    {
      fatia_frame_source_point (source, i, 100);
      g_usleep (3000);
    }
  while (x != 39)
    WAIT_FOR (self, practice_host_get_wanted_position (self->host, &x, &y));
  g_assert_cmpint (y, ==, 100);
}

/* The host shrinks its pictures: places are in pixels of the screen there, of the frame here. */
static void
test_scaled (Fixture *self, gconstpointer data)
{
  PracticePicture picture = { 320, 180, 2 };
  PracticeFrame frame = { .screen_width = 640, .screen_height = 360 };
  PracticePointer pointer = { .x = 100, .y = 50 };
  int x, y;

  fixture_send (self, &picture, &frame);
  WAIT_FOR (self, self->frame->serial == 2);
  send (self, PRACTICE_POSITION | PRACTICE_VISIBLE, &pointer);
  g_assert_cmpint (self->cursor->x, ==, 50);
  g_assert_cmpint (self->cursor->y, ==, 25);
  fatia_frame_source_point (FATIA_FRAME_SOURCE (self->glass), 10, 20);
  WAIT_FOR (self, practice_host_get_wanted_position (self->host, &x, &y));
  g_assert_cmpint (x, ==, 20);
  g_assert_cmpint (y, ==, 40);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, fixture_tear_down)
  ADD ("/glass/cursor/place", test_place);
  ADD ("/glass/cursor/colour", test_colour);
  ADD ("/glass/cursor/mono", test_mono);
  ADD ("/glass/cursor/masked", test_masked);
  ADD ("/glass/cursor/impossible", test_impossible);
  ADD ("/glass/cursor/move", test_move);
  ADD ("/glass/cursor/scaled", test_scaled);
  return g_test_run ();
}
