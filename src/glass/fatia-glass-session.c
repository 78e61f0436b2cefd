/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-glass-session.h"

#include "glass/fatia-glass-cursor.h"
#include "glass/fatia-glass-picture.h"

#define MS G_TIME_SPAN_MILLISECOND

/* A host whose clock stands for longer is dead. */
#define DEAD_AFTER (1000 * MS)
/* A message held for 1000 ms gets us struck off. */
#define FRAME_PATIENCE (400 * MS)
/* More than any ring holds: a guest can't keep us in one poll. */
#define MAX_CURSORS 64
#define MAX_FRAMES  8
#define SET_POINTER 0

struct _FatiaGlassSession
{
  FatiaGlassMemory *memory;
  const FatiaKvmfrLayout *layout;
  guint32 features;
  FatiaLgmp lgmp;
  FatiaLgmpQueue pointers;
  FatiaLgmpQueue frames;

  guint64 timestamp;
  gint64 alive_at; /* the times are those of g_get_monotonic_time() */
  gint64 lively_at;
  gint64 frame_since; /* 0, or since when we wait for a frame's pixels */

  FatiaGlassCursor cursor;
  FatiaGlassPicture *picture;
  FatiaKvmfrFrame last; /* the last frame taken, width 0 before the first */
  FatiaDamage skipped;  /* what changed in frames not taken since */
  guint32 next_serial;  /* of the frame whose damage continues `skipped` */
};

/**
 * fatia_glass_session_new:
 * @memory: must live as long as the session
 * @host: what the host told of itself; its layout is known
 *
 * Returns: (transfer full): the session, of a host that is alive now
 */
FatiaGlassSession *
fatia_glass_session_new (FatiaGlassMemory *memory,
                         const FatiaLgmpLayout *layout,
                         const FatiaKvmfrHost *host)
{
  FatiaGlassSession *self = g_new0 (FatiaGlassSession, 1);

  self->memory = memory;
  self->layout = host->layout;
  self->features = host->features;
  self->picture = fatia_glass_picture_new ();
  fatia_lgmp_join (&self->lgmp, memory, layout);
  self->alive_at = self->lively_at = g_get_monotonic_time ();
  return self;
}

/**
 * fatia_glass_session_free:
 * @self: (transfer full): the session; its host is told that we leave
 */
void
fatia_glass_session_free (FatiaGlassSession *self)
{
  if (fatia_lgmp_is_same (&self->lgmp))
    {
      fatia_lgmp_queue_unsubscribe (&self->pointers);
      fatia_lgmp_queue_unsubscribe (&self->frames);
    }
  fatia_glass_cursor_clear (&self->cursor);
  fatia_glass_picture_free (self->picture);
  g_free (self);
}

/**
 * fatia_glass_session_is_alive:
 *
 * Returns: whether the host is the one we joined, and its clock still moves
 */
gboolean
fatia_glass_session_is_alive (FatiaGlassSession *self)
{
  guint64 timestamp = fatia_lgmp_get_timestamp (&self->lgmp);
  gint64 now = g_get_monotonic_time ();

  if (timestamp != self->timestamp)
    self->alive_at = now;
  self->timestamp = timestamp;
  return fatia_lgmp_is_same (&self->lgmp) && now - self->alive_at <= DEAD_AFTER;
}

/* The host may make its queues later than its header, and may have struck us off. */
static gboolean
be_subscribed (FatiaGlassSession *self, FatiaLgmpQueue *queue, guint32 id)
{
  return fatia_lgmp_queue_is_subscribed (queue) ||
         fatia_lgmp_queue_subscribe (queue, &self->lgmp, id);
}

/* How many pixels of the frame one of the guest's screen is: the host can be told to shrink its
 * pictures, and a memory that is too small takes only their upper part. */
static void
get_scale (FatiaGlassSession *self, double *x, double *y)
{
  const FatiaKvmfrFrame *last = &self->last;
  gboolean turned = last->rotation % 180 != 0;
  guint32 width = turned ? last->screen_height : last->screen_width;
  guint32 height = turned ? last->screen_width : last->screen_height;
  gboolean whole = !(last->flags & FATIA_KVMFR_FRAME_TRUNCATED);

  *x = last->width > 0 && width > 0 ? (double) last->width / width : 1;
  *y = last->height > 0 && height > 0 && whole ? (double) last->height / height : *x;
}

static FatiaCursor *
poll_pointer (FatiaGlassSession *self)
{
  FatiaLgmpMessage message;
  gboolean changed = FALSE;
  double x, y;

  if (!be_subscribed (self, &self->pointers, FATIA_KVMFR_POINTER_QUEUE))
    return NULL;
  for (guint i = 0; i < MAX_CURSORS; i++)
    {
      if (fatia_lgmp_queue_peek (&self->pointers, 0, &message) != FATIA_LGMP_MESSAGE)
        break;
      changed |= fatia_glass_cursor_read (&self->cursor, self->layout, self->memory, &message);
      fatia_lgmp_queue_done (&self->pointers, &message);
    }
  if (!changed)
    return NULL;
  get_scale (self, &x, &y);
  return fatia_glass_cursor_make (&self->cursor, x, y);
}

static gboolean
has_geometry_of (const FatiaKvmfrFrame *a, const FatiaKvmfrFrame *b)
{
  return a->width == b->width && a->height == b->height && a->format == b->format;
}

/* Adds to what was skipped what @frame changed. Where a frame before it was never seen, that is
 * everything. */
static void
join_damage (FatiaGlassSession *self, const FatiaKvmfrFrame *frame)
{
  if (frame->serial != self->next_serial || !has_geometry_of (frame, &self->last))
    self->skipped.full = TRUE;
  fatia_damage_join (&self->skipped, &frame->damage);
  self->next_serial = frame->serial + 1;
}

/* The host sends its last frame again for new readers. */
static gboolean
was_taken (FatiaGlassSession *self, const FatiaKvmfrFrame *frame)
{
  return has_geometry_of (frame, &self->last) && self->last.serial == frame->serial &&
         self->next_serial == frame->serial + 1;
}

/* Takes @frame, which joined its damage already. */
static FatiaFrame *
take_frame (FatiaGlassSession *self, FatiaKvmfrFrame *frame)
{
  g_autoptr (FatiaFrame) taken = NULL;

  frame->damage = self->skipped;
  taken = fatia_glass_picture_take (self->picture, self->memory, frame);
  /* Had we been struck off meanwhile, the host could have written over the pixels. */
  if (!fatia_lgmp_queue_is_subscribed (&self->frames) || fatia_glass_memory_is_lost (self->memory))
    {
      self->skipped.full = TRUE;
      return NULL;
    }
  self->skipped = (FatiaDamage) { 0 };
  self->last = *frame;
  return g_steal_pointer (&taken);
}

typedef struct
{
  FatiaLgmpMessage message;
  FatiaKvmfrFrame frame;
  gboolean valid;
} Unread;

/* Reads what frames there are; (out) @newest is the newest that can be taken, or -1. A newer one
 * whose pixels still come must not hide it: with a host as fast as its copying nothing would
 * ever be shown. */
static guint
read_frames (FatiaGlassSession *self, Unread unread[MAX_FRAMES], int *newest)
{
  guint n = 0;

  *newest = -1;
  for (; n < MAX_FRAMES; n++)
    {
      Unread *u = &unread[n];

      if (fatia_lgmp_queue_peek (&self->frames, n, &u->message) != FATIA_LGMP_MESSAGE)
        break;
      u->valid = fatia_kvmfr_read_frame (self->layout, self->memory, &u->message, &u->frame);
      if (!u->valid || fatia_kvmfr_is_complete (self->memory, &u->frame))
        *newest = n;
    }
  return n;
}

/* A frame whose pixels don't come is given up in time. */
static gboolean
lost_patience (FatiaGlassSession *self, guint n_unread)
{
  gint64 now = g_get_monotonic_time ();

  if (n_unread == 0)
    self->frame_since = 0;
  else if (self->frame_since == 0)
    self->frame_since = now;
  return self->frame_since != 0 && now - self->frame_since > FRAME_PATIENCE;
}

static FatiaFrame *
poll_frames (FatiaGlassSession *self)
{
  Unread unread[MAX_FRAMES];
  FatiaFrame *taken = NULL;
  int newest;
  guint n;

  if (!be_subscribed (self, &self->frames, FATIA_KVMFR_FRAME_QUEUE))
    return NULL;
  n = read_frames (self, unread, &newest);
  if (newest < 0 && lost_patience (self, n))
    {
      self->skipped.full = TRUE;
      newest = 0;
      unread[0].valid = FALSE;
    }
  for (int i = 0; i <= newest; i++)
    {
      Unread *u = &unread[i];

      if (!u->valid)
        self->skipped.full = TRUE;
      else if (!was_taken (self, &u->frame))
        {
          join_damage (self, &u->frame);
          if (i == newest)
            taken = take_frame (self, &u->frame);
        }
      fatia_lgmp_queue_done (&self->frames, &u->message);
    }
  if (newest >= 0)
    self->frame_since = 0;
  return taken;
}

/**
 * fatia_glass_session_poll:
 * @frame: (out) (nullable) (transfer full): the newest picture, where there is a new one
 * @cursor: (out) (nullable) (transfer full): the pointer, where it changed
 */
void
fatia_glass_session_poll (FatiaGlassSession *self, FatiaFrame **frame, FatiaCursor **cursor)
{
  *frame = poll_frames (self);
  *cursor = poll_pointer (self);
  if (*frame || *cursor)
    self->lively_at = g_get_monotonic_time ();
}

/**
 * fatia_glass_session_get_pause:
 *
 * Returns: how many microseconds to wait until the next poll: few as long as the screen lives
 */
gint64
fatia_glass_session_get_pause (FatiaGlassSession *self)
{
  gint64 still = g_get_monotonic_time () - self->lively_at;

  if (self->frame_since != 0)
    return MS / 2;
  if (still < 250 * MS)
    return MS;
  return still < 1000 * MS ? 4 * MS : 15 * MS;
}

/**
 * fatia_glass_session_get_missing:
 *
 * Returns: how many bytes the memory would have to have for the guest's whole picture, where it
 *   is too small; else 0
 */
guint64
fatia_glass_session_get_missing (FatiaGlassSession *self)
{
  const FatiaKvmfrFrame *last = &self->last;
  guint64 lines = last->rotation % 180 ? last->screen_width : last->screen_height;
  guint64 size = 1024 * 1024;

  if (!(last->flags & FATIA_KVMFR_FRAME_TRUNCATED))
    return 0;
  /* Three pictures and a cursor's shapes, rounded up to what a PCI device can have. */
  while (size < lines * last->pitch * 3 + 4 * 1024 * 1024)
    size *= 2;
  return size;
}

/**
 * fatia_glass_session_can_point:
 *
 * Returns: whether the host offers to set the pointer's position
 */
gboolean
fatia_glass_session_can_point (FatiaGlassSession *self)
{
  return (self->features & FATIA_KVMFR_FEATURE_SET_POINTER) != 0;
}

/**
 * fatia_glass_session_point:
 * @x: in pixels of the frame
 * @y: the same
 *
 * Returns: whether the message was sent; else try again at the next poll
 */
gboolean
fatia_glass_session_point (FatiaGlassSession *self, int x, int y)
{
  double scale_x, scale_y;
  guint32 data[3];

  get_scale (self, &scale_x, &scale_y);
  data[0] = SET_POINTER;
  data[1] = (gint32) (x / scale_x);
  data[2] = (gint32) (y / scale_y);
  self->lively_at = g_get_monotonic_time ();
  return fatia_lgmp_queue_send (&self->pointers, data, sizeof data);
}
