/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-glass-picture.h"

/* One is shown, one waits to be shown, one is written. */
#define MAX_SPARE 3

/* The buffers of one geometry. Each buffer in use holds a reference, as it may outlive the
 * reader; the mutex guards the lists and every buffer's `stale`. */
typedef struct
{
  GMutex mutex;
  GPtrArray *buffers; /* borrowed */
  GQueue spare;       /* owned */
  gboolean retired;
} Pool;

typedef struct
{
  Pool *pool;
  FatiaDamage stale; /* what is older in it than the last picture taken */
  guint8 *data;
} Buffer;

struct _FatiaGlassPicture
{
  Pool *pool;
  guint32 width, height, pitch;
  FatiaPixels format;
};

static void
free_buffer (gpointer data)
{
  Buffer *buffer = data;

  g_free (buffer->data);
  g_free (buffer);
}

static void
clear_pool (gpointer data)
{
  Pool *pool = data;

  g_queue_clear_full (&pool->spare, free_buffer);
  g_ptr_array_unref (pool->buffers);
  g_mutex_clear (&pool->mutex);
}

static Pool *
pool_new (void)
{
  Pool *pool = g_atomic_rc_box_new0 (Pool);

  g_mutex_init (&pool->mutex);
  g_queue_init (&pool->spare);
  pool->buffers = g_ptr_array_new ();
  return pool;
}

static void
pool_retire (Pool *pool)
{
  g_mutex_lock (&pool->mutex);
  pool->retired = TRUE;
  g_queue_clear_full (&pool->spare, free_buffer);
  g_mutex_unlock (&pool->mutex);
  g_atomic_rc_box_release_full (pool, clear_pool);
}

/* The last reference to a picture is gone, in any thread. */
static void
give_back (gpointer data)
{
  Buffer *buffer = data;
  Pool *pool = g_steal_pointer (&buffer->pool);

  g_mutex_lock (&pool->mutex);
  if (pool->retired || g_queue_get_length (&pool->spare) >= MAX_SPARE)
    {
      g_ptr_array_remove_fast (pool->buffers, buffer);
      free_buffer (buffer);
    }
  else
    g_queue_push_head (&pool->spare, buffer);
  g_mutex_unlock (&pool->mutex);
  g_atomic_rc_box_release_full (pool, clear_pool);
}

/* Notes in every buffer what @damage makes old in it, and takes one: (out) @stale is what is to
 * be copied. */
static Buffer *
pool_take (Pool *pool, gsize size, const FatiaDamage *damage, FatiaDamage *stale)
{
  Buffer *buffer;

  g_mutex_lock (&pool->mutex);
  for (guint i = 0; i < pool->buffers->len; i++)
    fatia_damage_join (&((Buffer *) pool->buffers->pdata[i])->stale, damage);
  buffer = g_queue_pop_head (&pool->spare);
  if (buffer == NULL)
    {
      buffer = g_new0 (Buffer, 1);
      buffer->data = g_malloc0 (size);
      buffer->stale.full = TRUE;
      g_ptr_array_add (pool->buffers, buffer);
    }
  *stale = buffer->stale;
  buffer->stale.full = FALSE;
  buffer->stale.n = 0;
  g_mutex_unlock (&pool->mutex);
  buffer->pool = g_atomic_rc_box_acquire (pool);
  return buffer;
}

static void
copy_rectangle (FatiaGlassMemory *memory,
                const FatiaKvmfrFrame *source,
                const FatiaRectangle *rectangle,
                guint8 *to,
                guint32 pitch)
{
  gsize left = (gsize) rectangle->x * source->bytes_per_pixel;
  gsize length = (gsize) rectangle->width * source->bytes_per_pixel;

  for (guint32 y = rectangle->y; y < rectangle->y + rectangle->height; y++)
    fatia_glass_memory_copy (memory, source->pixels + (guint64) y * source->pitch + left,
                             to + (gsize) y * pitch + left, length);
}

/**
 * fatia_glass_picture_new:
 *
 * Returns: (transfer full): nothing copied yet
 */
FatiaGlassPicture *
fatia_glass_picture_new (void)
{
  return g_new0 (FatiaGlassPicture, 1);
}

/**
 * fatia_glass_picture_free:
 * @self: (transfer full): frames taken from it live on
 */
void
fatia_glass_picture_free (FatiaGlassPicture *self)
{
  g_clear_pointer (&self->pool, pool_retire);
  g_free (self);
}

/* Whether @source has the geometry of the pictures before it; else it is the first of its own. */
static gboolean
keep_geometry (FatiaGlassPicture *self, const FatiaKvmfrFrame *source)
{
  if (self->pool && self->width == source->width && self->height == source->height &&
      self->format == source->format)
    return TRUE;
  g_clear_pointer (&self->pool, pool_retire);
  self->pool = pool_new ();
  self->width = source->width;
  self->height = source->height;
  self->format = source->format;
  /* Lines that begin on a cache line copy faster. */
  self->pitch = (source->width * source->bytes_per_pixel + 63) & ~63u;
  return FALSE;
}

/**
 * fatia_glass_picture_take:
 * @source: a frame whose pixels are complete; its damage is relative to the picture taken before
 *
 * Returns: (transfer full): a copy of it
 */
FatiaFrame *
fatia_glass_picture_take (FatiaGlassPicture *self,
                          FatiaGlassMemory *memory,
                          const FatiaKvmfrFrame *source)
{
  const FatiaRectangle all = { 0, 0, source->width, source->height };
  gboolean partial = keep_geometry (self, source) && !source->damage.full;
  gsize size = (gsize) self->pitch * self->height;
  const FatiaDamage full = { .full = TRUE };
  FatiaFrame *frame = g_atomic_rc_box_new0 (FatiaFrame);
  FatiaDamage stale;
  Buffer *buffer = pool_take (self->pool, size, partial ? &source->damage : &full, &stale);

  if (stale.full)
    copy_rectangle (memory, source, &all, buffer->data, self->pitch);
  for (guint i = 0; i < stale.n && !stale.full; i++)
    copy_rectangle (memory, source, &stale.rectangles[i], buffer->data, self->pitch);
  frame->width = self->width;
  frame->height = self->height;
  frame->pitch = self->pitch;
  frame->format = self->format;
  frame->rotation = source->rotation;
  frame->serial = source->serial;
  frame->hdr = (source->flags & FATIA_KVMFR_FRAME_HDR) != 0;
  frame->pixels = g_bytes_new_with_free_func (buffer->data, size, give_back, buffer);
  if (partial)
    {
      frame->n_damage = source->damage.n;
      frame->damage =
        g_memdup2 (source->damage.rectangles, source->damage.n * sizeof (FatiaRectangle));
    }
  return frame;
}
