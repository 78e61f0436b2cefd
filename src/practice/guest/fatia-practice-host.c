/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-practice-host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#define POINTERS        20
#define FRAMES          2
#define FRAME_TIME_MS   1000
#define POINTER_TIME_MS 1000
#define MAX_SHAPE       (64 * 64 * 4)
#define CURSOR_SIZE     24
/* The pixels of a frame begin on a page. */
#define PAGE 4096

struct _PracticeHost
{
  guint8 *memory;
  guint64 size;
  guint32 kvmfr;
  PracticeLgmp lgmp;
  PracticeQueue *pointers, *frames;
  guint32 pointer_place[POINTERS + 1];
  guint32 frame_place[FRAMES + 1];
  guint32 frame_size;
  guint buffer; /* of the frame sent last */
};

/**
 * practice_host_measure:
 *
 * Returns: bytes the memory of a guest with such a screen has: room for three pictures and 4 MiB,
 *   rounded up to what a PCI device can have
 */
guint64
practice_host_measure (guint32 width, guint32 height, guint bytes_per_pixel)
{
  guint64 line = ((guint64) width * bytes_per_pixel + 255) / 256 * 256;
  guint64 needed = line * height * 3 + 4 * 1024 * 1024;
  guint64 size = 1024 * 1024;

  while (size < needed)
    size *= 2;
  return size;
}

static guint8 *
map (const char *path, guint64 *size, GError **error)
{
  g_autofd int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
  struct stat info;
  void *memory = MAP_FAILED;

  if (fd >= 0 && fstat (fd, &info) == 0)
    {
      /* A larger memory is used as it is. */
      *size = MAX (*size, (guint64) info.st_size);
      if ((guint64) info.st_size == *size || ftruncate (fd, *size) == 0)
        memory = mmap (NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
  if (memory == MAP_FAILED)
    {
      int saved_errno = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s: %s", path,
                   g_strerror (saved_errno));
      return NULL;
    }
  return memory;
}

static void
put (GByteArray *to, gconstpointer bytes, gsize size, gsize room)
{
  gsize end = to->len + room;

  g_byte_array_append (to, bytes, size);
  g_byte_array_set_size (to, end);
  memset (to->data + end - room + size, 0, room - size);
}

static void
put32 (GByteArray *to, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (to, (guint8 *) &value, sizeof value);
}

/* What the host tells of itself, with a record of the virtual machine. */
static GBytes *
make_user_data (guint32 kvmfr)
{
  static const char model[] = "Fatia practice guest";
  const guint8 uuid[16] = { 0xfa, 0x71, 0xa0 };
  const guint8 cpus[3] = { 4, 4, 1 };
  GByteArray *data = g_byte_array_new ();

  put (data, "KVMFR---", 8, 8);
  put32 (data, kvmfr);
  put (data, "practice", 8, 32);
  put32 (data, 1); /* the pointer's position may be set */
  put (data, "\1", 1, 4);
  put32 (data, 51 + sizeof model);
  put (data, uuid, 16, 16);
  put (data, "Practice", 8, 32);
  put (data, cpus, 3, 3);
  put (data, model, sizeof model, sizeof model);
  return g_byte_array_free_to_bytes (data);
}

/**
 * practice_host_open:
 * @path: the memory's file, made where it is missing
 * @lgmp: the version to speak, 5 or 6
 * @kvmfr: 19 or 20
 * @size: bytes the file has at least
 *
 * Returns: (transfer full) (nullable): a host that clients may join
 */
PracticeHost *
practice_host_open (const char *path, guint32 lgmp, guint32 kvmfr, guint64 size, GError **error)
{
  g_autofree PracticeHost *self = g_new0 (PracticeHost, 1);
  g_autoptr (GBytes) user_data = make_user_data (kvmfr);
  guint64 left;

  self->size = size;
  self->memory = map (path, &self->size, error);
  if (self->memory == NULL)
    return NULL;
  self->kvmfr = kvmfr;
  practice_lgmp_begin (&self->lgmp, self->memory, user_data);
  self->pointers = practice_lgmp_add_queue (&self->lgmp, 1, POINTERS, POINTER_TIME_MS);
  self->frames = practice_lgmp_add_queue (&self->lgmp, 2, FRAMES, FRAME_TIME_MS);
  for (guint i = 0; i < G_N_ELEMENTS (self->pointer_place); i++)
    self->pointer_place[i] = practice_lgmp_reserve (&self->lgmp, CURSOR_SIZE + MAX_SHAPE, 64);
  left = MIN (self->size, G_MAXUINT32) - self->lgmp.next - PAGE;
  self->frame_size = left / G_N_ELEMENTS (self->frame_place) / PAGE * PAGE;
  for (guint i = 0; i < G_N_ELEMENTS (self->frame_place); i++)
    self->frame_place[i] = practice_lgmp_reserve (&self->lgmp, self->frame_size, PAGE);
  practice_lgmp_set_time (&self->lgmp, g_get_monotonic_time () / 1000);
  practice_lgmp_open (&self->lgmp, lgmp);
  return g_steal_pointer (&self);
}

/**
 * practice_host_close:
 * @self: (transfer full): the host; its file stays, and clients see its clock stand
 */
void
practice_host_close (PracticeHost *self)
{
  munmap (self->memory, self->size);
  g_free (self);
}

/**
 * practice_host_tick:
 *
 * To be called every 10 ms or more often.
 */
void
practice_host_tick (PracticeHost *self)
{
  practice_lgmp_set_time (&self->lgmp, g_get_monotonic_time () / 1000);
  practice_queue_expire (&self->lgmp, self->pointers);
  practice_queue_expire (&self->lgmp, self->frames);
}

/**
 * practice_host_has_viewer:
 *
 * Returns: whether anybody looks
 */
gboolean
practice_host_has_viewer (PracticeHost *self)
{
  return practice_queue_has_subscribers (self->frames);
}

/**
 * practice_host_wants_frame:
 *
 * Returns: whether somebody came who has no frame yet
 */
gboolean
practice_host_wants_frame (PracticeHost *self)
{
  return practice_queue_take_new_subscribers (self->frames);
}

/**
 * practice_host_wants_pointer:
 *
 * Returns: whether somebody came who does not know the pointer yet
 */
gboolean
practice_host_wants_pointer (PracticeHost *self)
{
  return practice_queue_take_new_subscribers (self->pointers);
}

/**
 * practice_host_can_send_frame:
 *
 * Returns: whether every frame but one was read
 */
gboolean
practice_host_can_send_frame (PracticeHost *self)
{
  return practice_queue_has_room (self->frames);
}

/* The message in front of the pixels. */
static void
write_frame_message (PracticeHost *self, const PracticeFrame *frame, guint8 *to)
{
  gboolean packed = frame->format >= PRACTICE_BGR24;
  gboolean wide = frame->format == PRACTICE_RGBA16F;
  GByteArray *message = g_byte_array_new ();

  put32 (message, 1);
  put32 (message, frame->serial);
  put32 (message, frame->format);
  put32 (message, frame->screen_width ? frame->screen_width : frame->width);
  put32 (message, frame->screen_height ? frame->screen_height : frame->height);
  if (self->kvmfr >= 20)
    {
      put32 (message, packed ? frame->width * 3 / 4 : frame->width);
      put32 (message, frame->data_height ? frame->data_height : frame->height);
    }
  put32 (message, frame->width);
  put32 (message, frame->height);
  put32 (message, frame->rotation);
  put32 (message, frame->pitch / (wide ? 8 : 4));
  put32 (message, frame->pitch);
  put32 (message, PAGE - 4);
  put32 (message, frame->n_areas);
  put (message, (const guint8 *) frame->areas, frame->n_areas * sizeof (PracticeArea),
       64 * sizeof (PracticeArea));
  put32 (message, frame->flags);
  g_assert (message->len == (self->kvmfr >= 20 ? 1084 : 1076));
  memcpy (to, message->data, message->len);
  g_byte_array_unref (message);
}

/**
 * practice_host_send_frame:
 *
 * Tells of a frame before its pixels are written, as the real host does.
 *
 * Returns: (transfer none) (nullable): where to write the pixels, `practice_host_get_buffer()`
 *   telling which of the memory's buffers that is; or %NULL where there is no room
 */
guint8 *
practice_host_send_frame (PracticeHost *self, const PracticeFrame *frame)
{
  guint buffer = self->frames->position;
  guint8 *at = self->memory + self->frame_place[buffer];

  if (!practice_host_can_send_frame (self) ||
      PAGE + (guint64) frame->pitch * frame->height > self->frame_size)
    return NULL;
  write_frame_message (self, frame, at);
  self->buffer = buffer;
  practice_host_set_written (self, 0);
  if (!practice_queue_post (&self->lgmp, self->frames, 0, self->frame_place[buffer],
                            self->frame_size))
    return NULL;
  return at + PAGE;
}

/**
 * practice_host_get_buffer:
 *
 * Returns: the number, below 3, of the buffer the last frame is in; it still holds what was
 *   last written there
 */
guint
practice_host_get_buffer (PracticeHost *self)
{
  return self->buffer;
}

/**
 * practice_host_set_written:
 * @bytes: how many of the last frame's are there
 */
void
practice_host_set_written (PracticeHost *self, guint32 bytes)
{
  guint8 *at = self->memory + self->frame_place[self->buffer] + PAGE - 4;

  __atomic_store_n ((guint32 *) at, GUINT32_TO_LE (bytes), __ATOMIC_RELEASE);
}

/**
 * practice_host_send_pointer:
 * @what: bits: which of @pointer's parts to send
 *
 * Returns: whether there was room
 */
gboolean
practice_host_send_pointer (PracticeHost *self, guint32 what, const PracticePointer *pointer)
{
  guint32 place = self->pointer_place[self->pointers->position];
  guint8 *at = self->memory + place;
  const guint32 words[6] = { (guint16) pointer->x | (guint32) (guint16) pointer->y << 16,
                             pointer->type,
                             (guint8) pointer->hotspot_x | (guint32) (guint8) pointer->hotspot_y
                                                             << 8,
                             pointer->width,
                             pointer->height,
                             pointer->pitch };
  gsize shape_size = (what & PRACTICE_SHAPE) ? (gsize) pointer->pitch * pointer->height : 0;

  if (!practice_queue_has_room (self->pointers) || shape_size > MAX_SHAPE)
    return FALSE;
  memcpy (at, words, CURSOR_SIZE);
  if (shape_size > 0)
    memcpy (at + CURSOR_SIZE, pointer->shape, shape_size);
  return practice_queue_post (&self->lgmp, self->pointers, what, place, CURSOR_SIZE + shape_size);
}

/**
 * practice_host_get_wanted_position:
 * @x: (out): where a client wants the pointer
 * @y: (out): the same
 *
 * Returns: whether a client said so since the last call
 */
gboolean
practice_host_get_wanted_position (PracticeHost *self, int *x, int *y)
{
  gboolean wanted = FALSE;
  PracticeMail mail;
  gint32 words[3];

  while (practice_queue_read_mail (&self->lgmp, self->pointers, &mail))
    {
      memcpy (words, mail.data, sizeof words);
      if (mail.size < sizeof words || words[0] != 0)
        continue;
      *x = words[1];
      *y = words[2];
      wanted = TRUE;
    }
  return wanted;
}
