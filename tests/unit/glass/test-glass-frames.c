/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames arrive pixel by pixel as the guest drew them, whatever their form. */
#include "glass-fixture.h"

#include <math.h>
#include <string.h>

static const PracticePicture first = { 320, 180, 1 };

static void
show_first (Fixture *self, guint32 lgmp, guint32 kvmfr, PracticeFrame *frame)
{
  fixture_open_host (self, lgmp, kvmfr, 8 * 1024 * 1024);
  if (self->glass == NULL)
    fixture_start (self);
  fixture_send (self, &first, frame);
  WAIT_FOR (self, self->frame && self->frame->serial == 1);
}

static void
test_formats (Fixture *self, gconstpointer data)
{
  static const FatiaPixels formats[] = { FATIA_PIXELS_BGRA,   FATIA_PIXELS_RGBA,
                                         FATIA_PIXELS_RGBA10, FATIA_PIXELS_RGBA16F,
                                         FATIA_PIXELS_BGR24,  FATIA_PIXELS_RGB24 };
  PracticePicture picture = first;

  fixture_open_host (self, 6, 20, 8 * 1024 * 1024);
  fixture_start (self);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++, picture.number++)
    {
      PracticeFrame frame = { .format = i + 1, .flags = i == 3 ? 8 : 0 };

      fixture_send (self, &picture, &frame);
      WAIT_FOR (self, self->frame && self->frame->serial == picture.number);
      g_assert_cmpint (self->frame->format, ==, formats[i]);
      g_assert_cmpint (self->frame->hdr, ==, i == 3);
      g_assert_cmpuint (self->frame->n_damage, ==, 0);
      frame_assert_shows (self->frame, &picture);
    }
}

static void
test_old_version (Fixture *self, gconstpointer data)
{
  PracticeFrame frame = { .pitch = 1536 };

  show_first (self, 5, 19, &frame);
  frame_assert_shows (self->frame, &first);
}

static void
test_rotation_and_pitch (Fixture *self, gconstpointer data)
{
  PracticePicture picture = first;

  fixture_open_host (self, 6, 20, 8 * 1024 * 1024);
  fixture_start (self);
  for (guint i = 0; i < 4; i++, picture.number++)
    {
      PracticeFrame frame = { .pitch = 320 * 4 + i * 256, .rotation = i };

      fixture_send (self, &picture, &frame);
      WAIT_FOR (self, self->frame && self->frame->serial == picture.number);
      g_assert_cmpuint (self->frame->rotation, ==, 90 * i);
      frame_assert_shows (self->frame, &picture);
    }
}

static void
test_size_changes (Fixture *self, gconstpointer data)
{
  const PracticePicture pictures[] = { { 320, 180, 1 }, { 640, 400, 2 }, { 33, 17, 3 } };

  fixture_open_host (self, 6, 20, 8 * 1024 * 1024);
  fixture_start (self);
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      /* A host may well tell damage though the size changed. */
      const PracticeArea area = { 0, 0, 8, 8 };
      PracticeFrame frame = { .n_areas = 1, .areas = &area };

      fixture_send (self, &pictures[i], &frame);
      WAIT_FOR (self, self->frame && self->frame->serial == pictures[i].number);
      g_assert_cmpuint (self->frame->n_damage, ==, 0);
      frame_assert_shows (self->frame, &pictures[i]);
    }
}

/* A frame skipped in between was larger: its damage must not reach into a smaller buffer. */
static void
test_skipped_size (Fixture *self, gconstpointer data)
{
  const PracticePicture larger = { 640, 400, 2 };
  const PracticePicture again = { 320, 180, 3 };
  const PracticeArea area = { 500, 300, 100, 100 };
  PracticeFrame frames[3] = { { 0 }, { .n_areas = 1, .areas = &area }, { 0 } };
  const PracticeArea small = { 0, 0, 8, 8 };

  show_first (self, 6, 20, &frames[0]);
  frames[2].n_areas = 1;
  frames[2].areas = &small;
  /* Its pixels never come, so it is not taken. */
  fixture_announce (self, &larger, &frames[1]);
  fixture_send (self, &again, &frames[2]);
  WAIT_FOR (self, self->frame->serial == 3);
  g_assert_cmpuint (self->frame->n_damage, ==, 0);
  frame_assert_shows (self->frame, &again);
}

/* Frames we never heard of lie between these two: the damage told says too little. */
static void
test_gap (Fixture *self, gconstpointer data)
{
  const PracticePicture picture = { 320, 180, 9 };
  const PracticeArea area = { 0, 0, 8, 8 };
  PracticeFrame frame = { 0 };

  show_first (self, 6, 20, &frame);
  frame = (PracticeFrame) { .n_areas = 1, .areas = &area };
  fixture_send (self, &picture, &frame);
  WAIT_FOR (self, self->frame->serial == 9);
  g_assert_cmpuint (self->frame->n_damage, ==, 0);
  frame_assert_shows (self->frame, &picture);
}

/* Each frame's damage must cover all that differs from the one delivered before it. */
static void
assert_damage_covers (const FatiaFrame *before, const FatiaFrame *frame)
{
  for (guint32 y = 0; y < frame->height && frame->n_damage > 0; y++)
    for (guint32 x = 0; x < frame->width; x++)
      {
        gboolean covered = FALSE;

        for (guint i = 0; i < frame->n_damage && !covered; i++)
          covered = x - frame->damage[i].x < frame->damage[i].width &&
                    y - frame->damage[i].y < frame->damage[i].height;
        if (!covered)
          g_assert_cmphex (frame_get_colour (before, x, y), ==, frame_get_colour (frame, x, y));
      }
}

/* The main loop falls asleep now and then, and frames are held for a while, so that buffers of
 * all ages are used and damage is joined. */
static void
test_damage (Fixture *self, gconstpointer data)
{
  g_autoptr (GQueue) held = g_queue_new ();
  PracticePicture picture = first;
  PracticeFrame frame = { 0 };
  guint n_partial = 0, n_skipped = 0;
  guint n = 0;

  show_first (self, 6, 20, &frame);
  for (guint i = 0; i < 60; i++)
    {
      FatiaFrame *before = fatia_frame_ref (self->frame);
      PracticeArea areas[PRACTICE_AREAS];

      for (guint k = 0; k <= i % 3; k++)
        {
          picture.number++;
          practice_picture_get_areas (&picture, areas);
          frame = (PracticeFrame) { .n_areas = PRACTICE_AREAS, .areas = areas };
          while (!practice_host_can_send_frame (self->host))
            {
              practice_host_tick (self->host);
              g_usleep (200);
            }
          fixture_send (self, &picture, &frame);
        }
      n = self->n_frames;
      WAIT_FOR (self, self->frame->serial == picture.number);
      n_skipped += i % 3 + 1 - (self->n_frames - n);
      n_partial += self->frame->n_damage > 0;
      frame_assert_shows (self->frame, &picture);
      if (self->n_frames == n + 1)
        assert_damage_covers (before, self->frame);
      g_queue_push_tail (held, before);
      if (g_queue_get_length (held) > i % 5)
        fatia_frame_unref (g_queue_pop_head (held));
    }
  g_queue_clear_full (held, (GDestroyNotify) fatia_frame_unref);
  g_assert_cmpuint (n_partial, >, 30);
  g_test_message ("%u frames were joined with others", n_skipped);
}

/* A frame that was delivered never changes, whatever the guest does to its memory. */
static void
test_frames_stay (Fixture *self, gconstpointer data)
{
  PracticeFrame frame = { 0 };
  PracticePicture picture = first;
  FatiaFrame *kept;

  show_first (self, 6, 20, &frame);
  kept = fatia_frame_ref (self->frame);
  for (picture.number = 2; picture.number < 12; picture.number++)
    {
      frame = (PracticeFrame) { 0 };
      fixture_send (self, &picture, &frame);
      WAIT_FOR (self, self->frame->serial == picture.number);
    }
  frame_assert_shows (kept, &first);
  fatia_frame_source_stop (FATIA_FRAME_SOURCE (self->glass));
  frame_assert_shows (kept, &first);
  fatia_frame_unref (kept);
}

/* The host tells of a frame before it copies the pixels: half a picture is not shown. */
static void
test_no_tearing (Fixture *self, gconstpointer data)
{
  const PracticePicture picture = { 320, 180, 2 };
  const PracticeArea upper = { 0, 0, 320, 90 };
  const PracticeArea lower = { 0, 90, 320, 90 };
  PracticeFrame frame = { 0 };
  guint8 *pixels;

  show_first (self, 6, 20, &frame);
  frame.serial = 2;
  pixels = practice_host_send_frame (self->host, &frame);
  g_assert_nonnull (pixels);
  practice_picture_draw (&picture, &upper, PRACTICE_BGRA, pixels, frame.pitch);
  practice_host_set_written (self->host, frame.pitch * 90);
  fixture_turn_for (self, 100);
  g_assert_cmpuint (self->frame->serial, ==, 1);
  practice_picture_draw (&picture, &lower, PRACTICE_BGRA, pixels, frame.pitch);
  practice_host_set_written (self->host, frame.pitch * 180);
  WAIT_FOR (self, self->frame->serial == 2);
  frame_assert_shows (self->frame, &picture);
}

/* A frame whose pixels never come is given up before the host strikes us off, and nothing of it
 * is left in the next one. */
static void
test_unfinished_frame (Fixture *self, gconstpointer data)
{
  const PracticePicture picture = { 320, 180, 3 };
  const PracticeArea area = { 0, 0, 1, 1 };
  PracticeFrame frame = { 0 };

  show_first (self, 6, 20, &frame);
  g_assert_true (practice_host_wants_frame (self->host));
  fixture_announce (self, &(PracticePicture) { 320, 180, 2 }, &frame);
  fixture_turn_for (self, 1500);
  g_assert_true (practice_host_has_viewer (self->host));
  g_assert_false (practice_host_wants_frame (self->host));
  frame = (PracticeFrame) { .n_areas = 1, .areas = &area };
  fixture_send (self, &picture, &frame);
  WAIT_FOR (self, self->frame->serial == 3);
  g_assert_cmpuint (self->frame->n_damage, ==, 0);
  frame_assert_shows (self->frame, &picture);
}

/* Numbers that do not fit the memory, or make no sense. */
static void
test_impossible_frames (Fixture *self, gconstpointer data)
{
  const PracticePicture picture = { 320, 180, 20 };
  PracticeFrame good = { 0 };
  PracticeFrame bad[] = {
    { .width = 320, .height = 180, .pitch = 1280, .format = 0 },
    { .width = 320, .height = 180, .pitch = 1280, .format = 7 },
    { .width = 0, .height = 180, .pitch = 1280, .format = 1 },
    { .width = 0x40000000, .height = 1, .pitch = 1280, .format = 1 },
    { .width = 320, .height = 180, .pitch = 1279, .format = 1 },
    { .width = 320, .height = 180, .pitch = 1280, .format = 4 },
    { .width = 320, .height = 180, .pitch = 1280, .format = 1, .rotation = 4 },
  };

  gint64 start;

  show_first (self, 6, 20, &good);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      bad[i].serial = 2 + i;
      WAIT_FOR (self, practice_host_can_send_frame (self->host));
      g_assert_nonnull (practice_host_send_frame (self->host, &bad[i]));
      practice_host_set_written (self->host, G_MAXUINT32);
    }
  good = (PracticeFrame) { 0 };
  fixture_send (self, &picture, &good);
  WAIT_FOR (self, self->frame->serial == 20);
  g_assert_cmpuint (self->n_frames, ==, 2);
  /* They are not waited for. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
  frame_assert_shows (self->frame, &picture);
}

/* A picture too large for the memory comes with fewer lines, and words about it. */
static void
test_truncated (Fixture *self, gconstpointer data)
{
  PracticeFrame frame = { .data_height = 100, .flags = 4 };

  show_first (self, 6, 20, &frame);
  g_assert_cmpuint (self->frame->height, ==, 100);
  frame_assert_shows (self->frame, &first);
  WAIT_FOR (self, strstr (fixture_get_message (self), "MiB") != NULL);
  g_assert_cmpint (fixture_get_state (self), ==, FATIA_SOURCE_RUNNING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("/glass/frames/formats", test_formats);
  ADD ("/glass/frames/old-version", test_old_version);
  ADD ("/glass/frames/rotation-and-pitch", test_rotation_and_pitch);
  ADD ("/glass/frames/size-changes", test_size_changes);
  ADD ("/glass/frames/skipped-size", test_skipped_size);
  ADD ("/glass/frames/gap", test_gap);
  ADD ("/glass/frames/damage", test_damage);
  ADD ("/glass/frames/stay", test_frames_stay);
  ADD ("/glass/frames/no-tearing", test_no_tearing);
  ADD ("/glass/frames/unfinished", test_unfinished_frame);
  ADD ("/glass/frames/impossible", test_impossible_frames);
  ADD ("/glass/frames/truncated", test_truncated);
  return g_test_run ();
}
