/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest that writes whatever it likes into the memory, while it is read. */
#include "glass-fixture.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define SIZE    (8 * 1024 * 1024)
#define SECONDS 2

typedef struct
{
  guint8 *memory;
  guint32 seed;
  int stop;
} Scribbler;

/* Numbers that are about to be wrong hurt more than those that obviously are. */
static guint32
wicked (GRand *rand)
{
  static const guint32 words[] = { 0,    1,          2,          31,        32,       G_MAXUINT32,
                                   5760, 0x7fffffff, 0x80000000, SIZE - 16, SIZE - 4, SIZE };

  return g_rand_int_range (rand, 0, 3) ? words[g_rand_int_range (rand, 0, G_N_ELEMENTS (words))]
                                       : g_rand_int (rand);
}

/* The header, its queues and the rings; not the magic, or nobody would look at the rest. */
static gpointer
scribble (gpointer data)
{
  Scribbler *self = data;
  GRand *rand = g_rand_new_with_seed (self->seed);

  while (!g_atomic_int_get (&self->stop))
    {
      guint32 place = g_rand_int_range (rand, 0, 8) ? g_rand_int_range (rand, 12, 8192)
                                                    : g_rand_int_range (rand, 12, SIZE / 2);
      guint32 word = wicked (rand);

      memcpy (self->memory + place / 4 * 4, &word, sizeof word);
      if (g_rand_int_range (rand, 0, 64) == 0)
        g_usleep (50);
    }
  g_rand_free (rand);
  return NULL;
}

static guint8 *
map (Fixture *self)
{
  g_autofd int fd = open (self->path, O_RDWR);
  guint8 *memory = mmap (NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

  g_assert_true (memory != MAP_FAILED);
  return memory;
}

static void
assert_sound (const FatiaFrame *frame)
{
  g_assert_cmpuint (g_bytes_get_size (frame->pixels), ==, (gsize) frame->pitch * frame->height);
  for (guint i = 0; i < frame->n_damage; i++)
    {
      const FatiaRectangle *damage = &frame->damage[i];

      g_assert_cmpuint ((guint64) damage->x + damage->width, <=, frame->width);
      g_assert_cmpuint ((guint64) damage->y + damage->height, <=, frame->height);
    }
}

/* Keeps a clock going, so that the reader stays; everything else is the scribbler's. */
static void
suffer (Fixture *self, guint8 *memory)
{
  gint64 end = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  guint64 clock = 0;

  while (g_get_monotonic_time () < end)
    {
      clock++;
      memcpy (memory + 16, &clock, sizeof clock);
      fixture_turn (self);
      if (self->frame)
        assert_sound (self->frame);
    }
}

static void
test_scribbler (Fixture *self, gconstpointer data)
{
  const PracticePicture picture = { 320, 180, 7 };
  PracticeFrame frame = { 0 };
  Scribbler scribbler = { .seed = GPOINTER_TO_UINT (data) };
  GThread *thread;

  fixture_open_host (self, 6, 20, SIZE);
  fixture_start (self);
  fixture_send (self, &picture, &frame);
  WAIT_FOR (self, self->frame != NULL);
  /* It would be led astray like any host. */
  g_clear_pointer (&self->host, practice_host_close);
  scribbler.memory = map (self);
  thread = g_thread_new ("scribbler", scribble, &scribbler);
  suffer (self, scribbler.memory);
  g_atomic_int_set (&scribbler.stop, 1);
  g_thread_join (thread);
  munmap (scribbler.memory, SIZE);

  /* A good host takes over: all is well again. */
  g_clear_pointer (&self->frame, fatia_frame_unref);
  fixture_open_host (self, 6, 20, SIZE);
  frame = (PracticeFrame) { 0 };
  fixture_send (self, &picture, &frame);
  WAIT_FOR (self, self->frame && self->frame->serial == 7 && self->frame->width == 320);
  frame_assert_shows (self->frame, &picture);
}

/* A frame whose numbers are all but right; `frame` is the one before, the same size often. */
static void
make_wicked (GRand *rand, PracticeFrame *frame, PracticeArea areas[64])
{
  frame->serial++;
  frame->n_areas = g_rand_int_range (rand, 0, 65);
  frame->areas = areas;
  for (guint i = 0; i < 64; i++)
    areas[i] = (PracticeArea) { g_rand_int_range (rand, 0, 400), g_rand_int_range (rand, 0, 200),
                                wicked (rand) % 500, wicked (rand) };
  frame->screen_width = wicked (rand);
  frame->screen_height = wicked (rand);
  frame->flags = wicked (rand);
  if (g_rand_int_range (rand, 0, 10) != 0)
    return;
  frame->format = g_rand_int_range (rand, 0, 8);
  frame->width = g_rand_int_range (rand, 0, 400);
  frame->height = g_rand_int_range (rand, 0, 200);
  frame->data_height = g_rand_int_range (rand, 0, 300);
  frame->pitch = g_rand_int_range (rand, 0, 3000);
  frame->rotation = g_rand_int_range (rand, 0, 5);
}

static void
test_wicked_frames (Fixture *self, gconstpointer data)
{
  const PracticePicture picture = { 320, 180, 1000000 };
  GRand *rand = g_rand_new_with_seed (4711);
  PracticeFrame frame = { .format = 1, .width = 300, .height = 170, .pitch = 1200 };
  PracticeArea areas[64];
  guint n_partial = 0;

  fixture_open_host (self, 6, 20, SIZE);
  fixture_start (self);
  WAIT_FOR (self, practice_host_has_viewer (self->host));
  for (guint i = 0; i < 1000; i++)
    {
      make_wicked (rand, &frame, areas);
      WAIT_FOR (self, practice_host_can_send_frame (self->host));
      if (practice_host_send_frame (self->host, &frame))
        practice_host_set_written (self->host, G_MAXUINT32);
      fixture_turn (self);
      if (self->frame)
        {
          assert_sound (self->frame);
          n_partial += self->frame->n_damage > 0;
        }
    }
  g_rand_free (rand);
  g_assert_cmpuint (self->n_frames, >, 100);
  g_assert_cmpuint (n_partial, >, 50);
  frame = (PracticeFrame) { 0 };
  fixture_send (self, &picture, &frame);
  WAIT_FOR (self, self->frame->serial == picture.number);
  frame_assert_shows (self->frame, &picture);
}

/* The file shrinks and grows beneath the reader. */
static void
test_shrinking_file (Fixture *self, gconstpointer data)
{
  const PracticePicture picture = { 320, 180, 1 };
  PracticeFrame frame = { 0 };
  gint64 end;

  fixture_open_host (self, 6, 20, SIZE);
  fixture_start (self);
  fixture_send (self, &picture, &frame);
  WAIT_FOR (self, self->frame != NULL);
  g_clear_pointer (&self->host, practice_host_close);
  end = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  for (guint i = 0; g_get_monotonic_time () < end; i++)
    {
      g_assert_cmpint (truncate (self->path, i % 3 * 4096), ==, 0);
      fixture_turn (self);
      g_assert_cmpint (truncate (self->path, SIZE), ==, 0);
      fixture_turn (self);
    }
  fixture_open_host (self, 6, 20, SIZE);
  frame = (PracticeFrame) { 0 };
  g_clear_pointer (&self->frame, fatia_frame_unref);
  fixture_send (self, &picture, &frame);
  WAIT_FOR (self, self->frame != NULL);
  frame_assert_shows (self->frame, &picture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func)                                                                      \
  g_test_add (path, Fixture, GUINT_TO_POINTER (data), fixture_set_up, func, fixture_tear_down)
  ADD ("/glass/hostile/scribbler/1", 1, test_scribbler);
  ADD ("/glass/hostile/scribbler/2", 2, test_scribbler);
  ADD ("/glass/hostile/frames", 0, test_wicked_frames);
  ADD ("/glass/hostile/shrinking-file", 0, test_shrinking_file);
  return g_test_run ();
}
