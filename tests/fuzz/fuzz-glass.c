/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest's memory that is all but right: a practice host's, into which the input writes words,
 * before the client joins or once a frame and a pointer were sent to it, as the first bit says.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fatia-practice-host.h"
#include "glass/fatia-glass-session.h"
#include "glass/fatia-lgmp.h"

#define SIZE  (1024 * 1024)
#define POLLS 4

typedef struct
{
  char *path;
  guint8 *memory;
} Guest;

static Guest *
make_guest (void)
{
  Guest *self = g_new0 (Guest, 1);
  int fd = memfd_create ("guest", MFD_CLOEXEC);

  g_assert_cmpint (ftruncate (fd, SIZE), ==, 0);
  self->path = g_strdup_printf ("/proc/self/fd/%d", fd);
  self->memory = mmap (NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (self->memory != MAP_FAILED);
  return self;
}

static void
send_all (PracticeHost *host)
{
  static const guint8 shape[16 * 16 * 4];
  const PracticePointer pointer = { 3, 4, PRACTICE_COLOUR, 1, 1, 16, 16, 64, shape };
  const PracticeArea areas[] = { { 1, 2, 30, 20 }, { 40, 0, 10, 32 } };
  const PracticeFrame frame = { .format = PRACTICE_BGRA,
                                .width = 64,
                                .height = 32,
                                .pitch = 256,
                                .serial = 1,
                                .n_areas = G_N_ELEMENTS (areas),
                                .areas = areas };

  practice_host_tick (host);
  if (practice_host_send_frame (host, &frame))
    practice_host_set_written (host, frame.pitch * frame.height);
  practice_host_send_pointer (host, PRACTICE_POSITION | PRACTICE_VISIBLE | PRACTICE_SHAPE,
                              &pointer);
  practice_host_tick (host);
}

/* Six bytes: where, in words from the start, and the word. */
static void
scribble (Guest *self, const uint8_t *data, size_t size)
{
  for (; size >= 6; data += 6, size -= 6)
    memcpy (self->memory + (gsize) (data[0] | data[1] << 8) * 4, data + 2, 4);
}

static void
poll_session (FatiaGlassSession *session)
{
  FatiaFrame *frame = NULL;
  FatiaCursor *cursor = NULL;

  fatia_glass_session_poll (session, &frame, &cursor);
  if (frame)
    {
      g_assert_cmpuint (g_bytes_get_size (frame->pixels), ==, (gsize) frame->pitch * frame->height);
      for (guint i = 0; i < frame->n_damage; i++)
        g_assert_true ((guint64) frame->damage[i].x + frame->damage[i].width <= frame->width &&
                       (guint64) frame->damage[i].y + frame->damage[i].height <= frame->height);
    }
  fatia_glass_session_get_missing (session);
  g_clear_pointer (&frame, fatia_frame_unref);
  g_clear_pointer (&cursor, fatia_cursor_unref);
}

/* A session with the host in @memory, NULL where there is none. */
static FatiaGlassSession *
join (FatiaGlassMemory *memory)
{
  const FatiaLgmpLayout *layout = NULL;
  g_autoptr (GBytes) user_data = NULL;
  FatiaKvmfrHost host;
  guint32 version;

  if (fatia_lgmp_find (memory, &layout, &version) != FATIA_LGMP_FOUND)
    return NULL;
  user_data = fatia_lgmp_read_user_data (memory, layout);
  if (!fatia_kvmfr_read_host (user_data, &host) || host.layout == NULL)
    return NULL;
  return fatia_glass_session_new (memory, layout, &host);
}

static void
suffer (Guest *self, FatiaGlassSession *session, const uint8_t *data, size_t size)
{
  const size_t part = size / POLLS;

  for (guint i = 0; i < POLLS; i++)
    {
      scribble (self, data + i * part, part);
      poll_session (session);
    }
  fatia_glass_session_point (session, 1, 2);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static Guest *guest;
  g_autoptr (GError) error = NULL;
  g_autoptr (PracticeHost) host = NULL;
  g_autoptr (FatiaGlassMemory) memory = NULL;
  g_autoptr (FatiaGlassSession) session = NULL;
  gboolean late;

  if (size == 0)
    return 0;
  late = data[0] & 1;
  if (guest == NULL)
    guest = make_guest ();
  host = practice_host_open (guest->path, 6, 20, SIZE, &error);
  g_assert_no_error (error);
  memory = fatia_glass_memory_open (guest->path, &error);
  g_assert_no_error (error);
  if (!late)
    scribble (guest, data + 1, size - 1);
  session = join (memory);
  if (session == NULL)
    return 0;
  poll_session (session);
  if (late)
    send_all (host);
  suffer (guest, session, data + 1, size - 1);
  return 0;
}
