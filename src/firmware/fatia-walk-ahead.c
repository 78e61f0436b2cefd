/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makers pack drivers one by one: the walk unpacks one while a second thread unpacks those that
 * come after it in the same volume. What is unpacked, and in which order it is used, follows from
 * the image alone: the walk waits for what was begun, and helps with it meanwhile.
 */
#include "fatia-walk-ahead.h"

#include "fatia-decode.h"

/* How many sections are begun at most, and how large these are, unpacked. Their dictionaries are no
 * larger, and two are in work at one time. */
#define WINDOW         8
#define UNPACKED_LIMIT (1024 * 1024)
#define DECODER_MEMORY (128 * 1024)
#define AHEAD_MEMORY   ((WINDOW + 2) * (UNPACKED_LIMIT + 2 * DECODER_MEMORY))
/* Below this a thread costs more than it saves. */
#define PACKED_LEAST 4096

typedef enum
{
  WAITING,
  IN_WORK,
  DONE,
} State;

typedef struct
{
  FatiaPacked packed;
  State state;
  GBytes *bytes; /* (nullable): where it could not be unpacked */
} Item;

struct _FatiaAhead
{
  GThread *thread;
  GMutex mutex;
  GCond changed;
  gboolean quit;
  GCancellable *cancellable;
  Item items[WINDOW]; /* in the order of the walk, from @first on */
  guint first;
  guint count;

  FatiaFrame *frame; /* the volume */
  gsize scanned;     /* up to where its files have been looked for packed sections */
};

static void
unpack (FatiaAhead *self, Item *item)
{
  FatiaBudget budget;
  GBytes *bytes;

  fatia_budget_init (&budget, item->packed.size, self->cancellable);
  budget.memory = 2 * item->packed.unpacked + DECODER_MEMORY;
  bytes = item->packed.decode (item->packed.data, item->packed.size, &budget);
  g_mutex_lock (&self->mutex);
  item->bytes = bytes;
  item->state = DONE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

/* The first item nobody works on, which is the caller's then; with the mutex held. */
static Item *
claim (FatiaAhead *self)
{
  for (guint i = 0; i < self->count; i++)
    {
      Item *item = &self->items[(self->first + i) % WINDOW];

      if (item->state == WAITING)
        {
          item->state = IN_WORK;
          return item;
        }
    }
  return NULL;
}

static gpointer
work (gpointer data)
{
  FatiaAhead *self = data;

  g_mutex_lock (&self->mutex);
  while (!self->quit)
    {
      Item *item = claim (self);

      if (item == NULL)
        {
          g_cond_wait (&self->changed, &self->mutex);
          continue;
        }
      g_mutex_unlock (&self->mutex);
      unpack (self, item);
      g_mutex_lock (&self->mutex);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

/* With the mutex held, which others hold in between. */
static void
wait_for (FatiaAhead *self, Item *item)
{
  while (item->state != DONE)
    {
      Item *other = claim (self);

      if (other == NULL)
        {
          g_cond_wait (&self->changed, &self->mutex);
          continue;
        }
      g_mutex_unlock (&self->mutex);
      unpack (self, other);
      g_mutex_lock (&self->mutex);
    }
}

/* (transfer full) (nullable): what came of the first item */
static GBytes *
take_first (FatiaAhead *self)
{
  Item *item = &self->items[self->first];
  GBytes *bytes;

  g_mutex_lock (&self->mutex);
  wait_for (self, item);
  bytes = g_steal_pointer (&item->bytes);
  self->first = (self->first + 1) % WINDOW;
  self->count--;
  g_mutex_unlock (&self->mutex);
  return bytes;
}

static void
add (FatiaAhead *self, const FatiaPacked *packed)
{
  g_mutex_lock (&self->mutex);
  self->items[(self->first + self->count++) % WINDOW] = (Item) { .packed = *packed };
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  if (self->count > 1 && self->thread == NULL)
    self->thread = g_thread_new ("firmware-ahead", work, self);
}

/* Looks for packed sections in the files from where that was left. Stops before a large one, whose
 * unpacking needs the memory. */
static void
look_ahead (FatiaWalk *self, FatiaFrame *frame)
{
  FatiaAhead *ahead = self->ahead;

  ahead->scanned = MAX (ahead->scanned, frame->position);
  while (ahead->count < WINDOW)
    {
      FatiaPacked packed;
      gsize body, end;

      if (!fatia_walk_peek_file (self, frame, ahead->scanned, &body, &end))
        return;
      if (fatia_section_find_packed (frame->data, body, end, &packed))
        {
          if (packed.unpacked > UNPACKED_LIMIT)
            return;
          if (packed.size >= PACKED_LEAST)
            add (ahead, &packed);
        }
      ahead->scanned = end;
    }
}

/**
 * fatia_walk_ahead_fill:
 * @frame: (transfer none): the walk is between two files of this volume
 *
 * Begins with sections of the files that come next. One volume at a time: those in its files are
 * unpacked already.
 */
void
fatia_walk_ahead_fill (FatiaWalk *self, FatiaFrame *frame)
{
  if (self->ahead == NULL)
    {
      if (g_get_num_processors () < 2 || self->budget.memory < 2 * AHEAD_MEMORY)
        return;
      self->ahead = g_new0 (FatiaAhead, 1);
      self->ahead->frame = frame;
      self->ahead->cancellable = self->budget.cancellable;
      self->budget.memory -= AHEAD_MEMORY;
      g_mutex_init (&self->ahead->mutex);
      g_cond_init (&self->ahead->changed);
    }
  if (self->ahead->frame == frame)
    look_ahead (self, frame);
}

/* What was unpacked ahead costs the walk's budget what it would have cost it now. */
static GBytes *
charge (FatiaWalk *self, GBytes *bytes)
{
  gsize size = g_bytes_get_size (bytes);

  if (fatia_budget_take_output (&self->budget, size) &&
      fatia_budget_take_memory (&self->budget, size))
    return bytes;
  g_bytes_unref (bytes);
  return NULL;
}

static gboolean
has_begun (FatiaAhead *self, const guint8 *data)
{
  for (guint i = 0; i < self->count; i++)
    if (self->items[(self->first + i) % WINDOW].packed.data == data)
      return TRUE;
  return FALSE;
}

/**
 * fatia_walk_ahead_take:
 * @packed: what the walk has come to
 * @bytes: (out) (nullable): what they unpack to, for fatia_sink_drop()
 *
 * Returns: %FALSE where they were not begun or could not be unpacked: the caller does it
 */
gboolean
fatia_walk_ahead_take (FatiaWalk *self, const FatiaPacked *packed, GBytes **bytes)
{
  const guint8 *first = NULL;
  GBytes *taken = NULL;

  if (self->ahead == NULL)
    return FALSE;
  if (!has_begun (self->ahead, packed->data))
    {
      /* Nothing was begun beyond it, see look_ahead(). */
      if (packed->unpacked > UNPACKED_LIMIT && self->ahead->count == 0)
        fatia_walk_ahead_stop (self);
      return FALSE;
    }
  /* The walk passed over those before it. */
  while (first != packed->data)
    {
      g_clear_pointer (&taken, g_bytes_unref);
      first = self->ahead->items[self->ahead->first].packed.data;
      taken = take_first (self->ahead);
    }
  if (taken == NULL)
    return FALSE;
  *bytes = charge (self, taken);
  return TRUE;
}

/**
 * fatia_walk_ahead_leave:
 *
 * The walk leaves @frame.
 */
void
fatia_walk_ahead_leave (FatiaWalk *self, FatiaFrame *frame)
{
  if (self->ahead && self->ahead->frame == frame)
    fatia_walk_ahead_stop (self);
}

void
fatia_walk_ahead_stop (FatiaWalk *self)
{
  FatiaAhead *ahead = g_steal_pointer (&self->ahead);

  g_mutex_lock (&ahead->mutex);
  ahead->quit = TRUE;
  g_cond_broadcast (&ahead->changed);
  g_mutex_unlock (&ahead->mutex);
  if (ahead->thread)
    g_thread_join (ahead->thread);
  for (guint i = 0; i < WINDOW; i++)
    g_clear_pointer (&ahead->items[i].bytes, g_bytes_unref);
  g_mutex_clear (&ahead->mutex);
  g_cond_clear (&ahead->changed);
  g_free (ahead);
  fatia_budget_give_memory (&self->budget, AHEAD_MEMORY);
}
