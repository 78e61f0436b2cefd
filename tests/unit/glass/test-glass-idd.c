/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LGMP 10 and 12 with KVMFR 34, as Looking Glass' virtual display driver writes them. The host
 * is described here again, apart from the tables in src/glass. */
#include "glass-fixture.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define SIZE          (4 * 1024 * 1024)
#define RING          4
#define RINGS         (64 * 1024)  /* where the messages of queue i are: + i * 4096 */
#define DATA          (128 * 1024) /* and their data: + index * DATA_STEP */
#define DATA_STEP     (512 * 1024)
#define SOMEBODY_ELSE 5 /* a client's slot */

typedef struct
{
  guint32 size, client, padding[2];
  guint8 data[64];
} Mail;

typedef struct
{
  guint32 position, start, count, padding;
  guint64 message_timeout;
  guint8 padding2[40];
  guint32 lock;
  guint8 padding3[60];
  guint32 mail_lock, mail_available, mail_position, mail_written, mail_read;
  guint8 padding4[44];
  guint16 bad, on;
  guint32 new_subscribers;
  guint32 clients[8];
  guint64 timeouts[8];
  guint32 id, n_messages, messages, max_time;
  guint8 padding5[8];
  Mail mail[16];
} Queue;

G_STATIC_ASSERT (sizeof (Queue) == 1600);

typedef struct
{
  guint32 version;
  gboolean endless; /* start and position are never wrapped */
} Style;

typedef struct
{
  const Style *style;
  guint8 *memory;
  Queue *queues;
  guint64 clock;
} Host;

static Host idd; /* ticked by a timeout while the fixture waits */

static void
put32 (guint32 at, guint32 value)
{
  memcpy (idd.memory + at, &value, sizeof value);
}

static gboolean
tick (gpointer data)
{
  idd.clock += 10;
  __atomic_store_n ((guint64 *) idd.memory, idd.clock, __ATOMIC_RELEASE);
  return G_SOURCE_CONTINUE;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  const Style *style = data;
  guint32 header = style->version == 12 ? 9664 : 8064;
  g_autofd int fd = -1;

  fixture_set_up (self, data);
  fd = open (self->path, O_RDWR | O_CREAT, 0600);
  g_assert_cmpint (ftruncate (fd, SIZE), ==, 0);
  idd.memory = mmap (NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (idd.memory != MAP_FAILED);
  idd.style = style;
  idd.queues = (Queue *) (idd.memory + 64);
  for (guint i = 0; i < 2; i++)
    {
      idd.queues[i].id = i + 1;
      idd.queues[i].n_messages = RING;
      idd.queues[i].messages = RINGS + i * 4096;
      idd.queues[i].max_time = 1000;
      idd.queues[i].mail_available = 16;
      idd.queues[i].on = 1 << SOMEBODY_ELSE;
    }
  put32 (header + 4, style->version);
  put32 (header + 8, 4242);
  put32 (header + 12, 2);
  put32 (header + 16, 48);
  memcpy (idd.memory + header + 20, "KVMFR---", 8);
  put32 (header + 20 + 8, 34);
  put32 (header + 20 + 44, 1);
  put32 (header, 0x504d474c);
  if (style->version == 12)
    put32 (8, 7);
  g_timeout_add (5, tick, NULL);
  fixture_start (self);
  WAIT_FOR (self, idd.queues[0].new_subscribers && idd.queues[1].new_subscribers);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_assert_true (g_source_remove_by_user_data (NULL));
  munmap (idd.memory, SIZE);
  fixture_tear_down (self, data);
}

/* Posts in queue @q what was written at @offset, for the clients @to. */
static void
post (Fixture *self, guint q, guint32 udata, guint32 offset, guint32 size, guint32 to)
{
  Queue *queue = &idd.queues[q];
  guint32 stride = idd.style->version == 12 ? 32 : 16;
  guint32 at = queue->messages + queue->position % RING * stride;

  WAIT_FOR (self, __atomic_load_n (&queue->count, __ATOMIC_ACQUIRE) < RING);
  put32 (at, udata);
  put32 (at + (stride == 32 ? 8 : 4), size);
  put32 (at + (stride == 32 ? 12 : 8), offset);
  put32 (at + (stride == 32 ? 16 : 12), to);
  if (stride == 32)
    put32 (at + 4, 0);
  while (__atomic_exchange_n (&queue->lock, 1, __ATOMIC_ACQ_REL))
    g_usleep (10);
  queue->position = idd.style->endless ? queue->position + 1 : (queue->position + 1) % RING;
  queue->count++;
  __atomic_store_n (&queue->lock, 0, __ATOMIC_RELEASE);
}

/* Where the next message's data goes: a ring of as many places. */
static guint32
next_data (guint q)
{
  return DATA + q * RING * DATA_STEP / 2 + idd.queues[q].position % RING * DATA_STEP / 2;
}

/* The frame's message, its pixels @offset + 4 bytes behind its beginning. */
static void
write_frame (const PracticePicture *picture, guint32 at, guint32 offset)
{
  const guint32 words[304] = { 1,
                               picture->number,
                               PRACTICE_BGRA,
                               picture->width,
                               picture->height,
                               picture->width,
                               picture->height,
                               picture->width,
                               picture->height,
                               0,
                               picture->width,
                               picture->width * 4,
                               offset };

  memcpy (idd.memory + at, words, sizeof words);
}

static void
send_picture (Fixture *self, const PracticePicture *picture, guint32 to)
{
  const PracticeArea all = { 0, 0, picture->width, picture->height };
  guint32 at = next_data (1);

  write_frame (picture, at, 4092);
  practice_picture_draw (picture, &all, PRACTICE_BGRA, idd.memory + at + 4096, picture->width * 4);
  put32 (at + 4092, picture->width * 4 * picture->height);
  post (self, 1, 0, at, DATA_STEP / 2, to);
}

static guint32
our_bits (guint q)
{
  return idd.queues[q].on & ~(1u << SOMEBODY_ELSE);
}

/* More frames than the ring has places, each given back; those for somebody else are left. */
static void
test_frames (Fixture *self, gconstpointer data)
{
  PracticePicture picture = { 160, 90, 1 };
  Queue *queue = &idd.queues[1];

  g_assert_cmphex (our_bits (1), ==, 1);
  if (idd.style->version == 12)
    g_assert_cmpuint (queue->clients[0], ==, 8);
  for (; picture.number <= 11; picture.number++)
    {
      send_picture (self, &picture, our_bits (1));
      WAIT_FOR (self, self->frame && self->frame->serial == picture.number);
      frame_assert_shows (self->frame, &picture);
      WAIT_FOR (self, __atomic_load_n (&queue->count, __ATOMIC_ACQUIRE) == 0);
      g_assert_cmpuint (queue->start, ==, queue->position);
      g_assert_cmpuint (queue->message_timeout, >=, 1000);
    }
  g_assert_cmpuint (queue->position, ==, idd.style->endless ? 11 : 11 % RING);

  send_picture (self, &picture, 1 << SOMEBODY_ELSE);
  picture.number++;
  send_picture (self, &picture, our_bits (1));
  WAIT_FOR (self, self->frame->serial == picture.number);
  g_assert_cmpuint (self->n_frames, ==, 12);
  frame_assert_shows (self->frame, &picture);
  g_assert_cmpuint (queue->count, ==, 2);
}

/* Pixels that begin within the memory and end beyond it, and messages that do. */
static void
test_beyond (Fixture *self, gconstpointer data)
{
  PracticePicture picture = { 160, 90, 1 };
  const guint32 bytes = 160 * 4 * 90;
  guint32 at = next_data (1);

  put32 (SIZE - bytes - 4, G_MAXUINT32);
  put32 (SIZE - bytes, G_MAXUINT32);
  write_frame (&picture, at, SIZE - bytes - at);
  post (self, 1, 0, at, 1216, our_bits (1));
  post (self, 1, 0, SIZE - 1000, 1216, our_bits (1));
  post (self, 1, 0, G_MAXUINT32 - 3, 1216, our_bits (1));
  fixture_turn_for (self, 50);
  g_assert_cmpuint (self->n_frames, ==, 0);
  g_assert_cmpuint (idd.queues[1].count, ==, 0);
  /* One word less, and they fit. */
  at = next_data (1);
  write_frame (&picture, at, SIZE - bytes - 4 - at);
  post (self, 1, 0, at, 1216, our_bits (1));
  WAIT_FOR (self, self->n_frames == 1);
}

static void
test_pointer (Fixture *self, gconstpointer data)
{
  guint32 at = next_data (0);
  const guint32 words[7] = { 11 | 22 << 16, 0, 1 | 2 << 8, 1, 1, 4, 0 };
  const guint8 pixel[] = { 1, 2, 3, 4 };
  Queue *queue = &idd.queues[0];
  gint32 wanted[3];

  memcpy (idd.memory + at, words, sizeof words);
  memcpy (idd.memory + at + sizeof words, pixel, sizeof pixel);
  /* Position, visible, shape, and: visible counts. */
  post (self, 0, 1 | 2 | 4 | 0x10, at, 64, our_bits (0));
  WAIT_FOR (self, self->cursor);
  g_assert_cmpint (self->cursor->x, ==, 11);
  g_assert_cmpint (self->cursor->y, ==, 22);
  g_assert_true (self->cursor->visible);
  g_assert_nonnull (self->cursor->rgba);
  g_assert_cmpmem (g_bytes_get_data (self->cursor->rgba, NULL), 4, "\3\2\1\4", 4);
  /* Without that it does not. */
  post (self, 0, 1, at, 64, our_bits (0));
  WAIT_FOR (self, self->n_cursors == 2);
  g_assert_true (self->cursor->visible);

  fatia_frame_source_point (FATIA_FRAME_SOURCE (self->glass), 33, 44);
  WAIT_FOR (self, __atomic_load_n (&queue->mail_written, __ATOMIC_ACQUIRE) == 1);
  memcpy (wanted, queue->mail[0].data, sizeof wanted);
  g_assert_cmpuint (queue->mail[0].size, ==, sizeof wanted);
  g_assert_cmpint (wanted[0], ==, 0);
  g_assert_cmpint (wanted[1], ==, 33);
  g_assert_cmpint (wanted[2], ==, 44);
  if (idd.style->version == 12)
    g_assert_cmpuint (queue->mail[0].client, ==, 8);
  g_assert_cmpuint (queue->mail_available, ==, 15);
  WAIT_FOR (self, !__atomic_load_n (&queue->mail_lock, __ATOMIC_ACQUIRE) &&
                    !__atomic_load_n (&queue->lock, __ATOMIC_ACQUIRE));
}

/* Leaving, the source takes its bit away and leaves the other client's. */
static void
test_leave (Fixture *self, gconstpointer data)
{
  fatia_frame_source_stop (FATIA_FRAME_SOURCE (self->glass));
  g_assert_cmphex (our_bits (0), ==, 0);
  g_assert_cmphex (our_bits (1), ==, 0);
  g_assert_cmphex (idd.queues[1].on, ==, 1 << SOMEBODY_ELSE);
  g_assert_cmpuint (idd.queues[1].lock, ==, 0);
}

/* A guest that scribbles over header, queues, rings and what it tells of itself. The session's
 * number is hit too, so that it is joined anew again and again. */
static void
test_scribble (Fixture *self, gconstpointer data)
{
  static const guint32 words[] = {
    0, 1, 2, 3, 4, 31, 48, G_MAXUINT32, 0x80000000, SIZE - 8, RINGS
  };
  const guint32 magic = idd.style->version == 12 ? 9664 : 8064;
  PracticePicture picture = { 160, 90, 1 };
  GRand *rand = g_rand_new_with_seed (12);

  send_picture (self, &picture, our_bits (1));
  WAIT_FOR (self, self->frame);
  for (guint turn = 0; turn < 1000; turn++)
    {
      for (guint i = 0; i < 300; i++)
        {
          guint32 at = g_rand_int_range (rand, 0, 8) ? g_rand_int_range (rand, 16, 9800)
                                                     : g_rand_int_range (rand, RINGS, DATA + 9000);

          at = at / 4 * 4;
          if (at != magic && at != magic + 4 && (at != magic + 8 || i == 0))
            put32 (at, words[g_rand_int_range (rand, 0, G_N_ELEMENTS (words))]);
        }
      fixture_turn (self);
      g_assert_cmpuint (g_bytes_get_size (self->frame->pixels), ==,
                        (gsize) self->frame->pitch * self->frame->height);
    }
  g_rand_free (rand);
  g_assert_cmpint (fixture_get_state (self), !=, FATIA_SOURCE_FAILED);
}

int
main (int argc, char **argv)
{
  static const Style ten = { 10, FALSE };
  static const Style twelve = { 12, FALSE };
  static const Style endless = { 12, TRUE };

  g_test_init (&argc, &argv, NULL);
#define ADD(path, style, func) g_test_add (path, Fixture, style, set_up, func, tear_down)
  ADD ("/glass/idd/10/frames", &ten, test_frames);
  ADD ("/glass/idd/10/pointer", &ten, test_pointer);
  ADD ("/glass/idd/12/frames", &twelve, test_frames);
  ADD ("/glass/idd/12/frames-endless", &endless, test_frames);
  ADD ("/glass/idd/12/beyond", &twelve, test_beyond);
  ADD ("/glass/idd/12/pointer", &twelve, test_pointer);
  ADD ("/glass/idd/10/scribble", &ten, test_scribble);
  ADD ("/glass/idd/12/scribble", &twelve, test_scribble);
  ADD ("/glass/idd/12/leave", &twelve, test_leave);
  return g_test_run ();
}
