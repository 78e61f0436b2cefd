/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-lgmp.h"

/* The host can die with a lock held: 40 * 50 us is much longer than anybody holds one alive. */
#define LOCK_TRIES    40
#define LOCK_PAUSE_US 50

/* The longest ring there is has 32 entries; a header that tells many more is scribble. */
#define MAX_MESSAGES 1024

static guint32
get (FatiaLgmpQueue *self, guint16 field)
{
  return fatia_glass_memory_load32 (self->lgmp->memory, self->at + field);
}

static void
set (FatiaLgmpQueue *self, guint16 field, guint32 value)
{
  fatia_glass_memory_store32 (self->lgmp->memory, self->at + field, value);
}

static gboolean
lock (FatiaLgmpQueue *self, guint16 field)
{
  const FatiaLgmpLayout *layout = self->lgmp->layout;

  for (guint i = 0; i < LOCK_TRIES; i++)
    {
      if (fatia_glass_memory_try_lock (self->lgmp->memory, self->at + field, layout->lock_bytes))
        return TRUE;
      g_usleep (LOCK_PAUSE_US);
    }
  return FALSE;
}

static void
unlock (FatiaLgmpQueue *self, guint16 field)
{
  fatia_glass_memory_unlock (self->lgmp->memory, self->at + field, self->lgmp->layout->lock_bytes);
}

/* The subscribers' bits, of either width. */
static void
get_subscribers (FatiaLgmpQueue *self, guint32 *on, guint32 *bad)
{
  const FatiaLgmpLayout *layout = self->lgmp->layout;

  if (layout->subscribers_bytes == 8)
    {
      guint64 bits = fatia_glass_memory_load64 (self->lgmp->memory, self->at + layout->subscribers);

      *on = bits >> 32;
      *bad = (guint32) bits;
    }
  else
    {
      guint32 bits = get (self, layout->subscribers);

      *on = bits >> 16;
      *bad = bits & 0xffff;
    }
}

/* Under the lock. */
static void
set_subscribers (FatiaLgmpQueue *self, guint32 on, guint32 bad)
{
  const FatiaLgmpLayout *layout = self->lgmp->layout;

  if (layout->subscribers_bytes == 8)
    fatia_glass_memory_store64 (self->lgmp->memory, self->at + layout->subscribers,
                                ((guint64) on << 32) | bad);
  else
    set (self, layout->subscribers, (on << 16) | (bad & 0xffff));
}

static guint64
message_at (FatiaLgmpQueue *self, guint32 index)
{
  return self->messages + (guint64) index * self->lgmp->layout->message_stride;
}

static guint32
get_pending (FatiaLgmpQueue *self, guint32 index)
{
  return fatia_glass_memory_load32 (self->lgmp->memory,
                                    message_at (self, index) + self->lgmp->layout->message_pending);
}

static guint32
clear_pending (FatiaLgmpQueue *self, guint32 index)
{
  return fatia_glass_memory_and32 (self->lgmp->memory,
                                   message_at (self, index) + self->lgmp->layout->message_pending,
                                   ~(1u << self->slot));
}

/* Finds the queue and latches where its ring is, once and for all: what the guest writes there
 * later is not looked at again. */
static gboolean
find_queue (FatiaLgmpQueue *self, FatiaLgmp *lgmp, guint32 id)
{
  const FatiaLgmpLayout *layout = lgmp->layout;
  guint32 n_queues = fatia_glass_memory_load32 (lgmp->memory, layout->n_queues);

  self->lgmp = lgmp;
  for (guint32 i = 0; i < MIN (n_queues, layout->max_queues); i++)
    {
      self->at = layout->queues + i * layout->queue_stride;
      if (get (self, layout->id) != id)
        continue;
      self->n_messages = get (self, layout->n_messages);
      self->messages = get (self, layout->messages);
      return self->n_messages >= 2 && self->n_messages <= MAX_MESSAGES && self->messages % 8 == 0 &&
             (!layout->queue_scanned || (self->n_messages & (self->n_messages - 1)) == 0) &&
             fatia_glass_memory_contains (lgmp->memory, self->messages,
                                          (guint64) self->n_messages * layout->message_stride);
    }
  return FALSE;
}

/* Under the lock: slots of clients that died are free again once their time is over. */
static gboolean
take_slot (FatiaLgmpQueue *self)
{
  const FatiaLgmpLayout *layout = self->lgmp->layout;
  guint64 now = fatia_lgmp_get_timestamp (self->lgmp);
  guint32 on, bad;

  get_subscribers (self, &on, &bad);
  for (guint i = 0; i < layout->n_clients; i++)
    if ((bad & (1u << i)) &&
        now > fatia_glass_memory_load64 (self->lgmp->memory, self->at + layout->timeouts + 8 * i))
      {
        on &= ~(1u << i);
        bad &= ~(1u << i);
      }
  for (self->slot = 0; self->slot < layout->n_clients; self->slot++)
    if (!((on | bad) & (1u << self->slot)))
      break;
  if (self->slot == layout->n_clients)
    return FALSE;
  if (layout->queue_scanned)
    for (guint32 i = 0; i < self->n_messages; i++)
      clear_pending (self, i);
  set (self, layout->clients + 4 * self->slot, self->lgmp->client);
  fatia_glass_memory_store64 (self->lgmp->memory, self->at + layout->timeouts + 8 * self->slot, 0);
  set_subscribers (self, on | (1u << self->slot), bad);
  fatia_glass_memory_add32 (self->lgmp->memory, self->at + layout->new_subscribers, 1);
  self->position = get (self, layout->position);
  return layout->queue_scanned || self->position < self->n_messages;
}

/**
 * fatia_lgmp_queue_subscribe:
 * @self: (out caller-allocates): the subscription
 * @lgmp: must live as long as @self is used
 * @id: the queue's number
 *
 * Returns: whether the queue is there and had room for us; else try again later
 */
gboolean
fatia_lgmp_queue_subscribe (FatiaLgmpQueue *self, FatiaLgmp *lgmp, guint32 id)
{
  gboolean taken = FALSE;

  if (find_queue (self, lgmp, id) && lock (self, lgmp->layout->lock))
    {
      taken = take_slot (self);
      unlock (self, lgmp->layout->lock);
    }
  if (!taken)
    self->lgmp = NULL;
  return taken;
}

/**
 * fatia_lgmp_queue_is_subscribed:
 *
 * Returns: whether the host still counts us among the queue's clients; it strikes off who holds
 *   a message for too long
 */
gboolean
fatia_lgmp_queue_is_subscribed (FatiaLgmpQueue *self)
{
  guint32 on, bad;

  if (self->lgmp == NULL)
    return FALSE;
  get_subscribers (self, &on, &bad);
  return (on & ~bad & (1u << self->slot)) &&
         get (self, self->lgmp->layout->clients + 4 * self->slot) == self->lgmp->client;
}

/* The index of the nth unread message. */
static FatiaLgmpPeek
walk (FatiaLgmpQueue *self, guint nth, guint32 *index)
{
  guint32 end = get (self, self->lgmp->layout->position);
  guint32 n_unread;

  if (end >= self->n_messages)
    return FATIA_LGMP_LOST;
  n_unread = (end + self->n_messages - self->position) % self->n_messages;
  if (nth >= n_unread)
    return FATIA_LGMP_EMPTY;
  *index = (self->position + nth) % self->n_messages;
  return FATIA_LGMP_MESSAGE;
}

/* Under the lock: the same where messages are for some clients only. */
static FatiaLgmpPeek
scan (FatiaLgmpQueue *self, guint nth, guint32 *index)
{
  const FatiaLgmpLayout *layout = self->lgmp->layout;
  guint32 start = get (self, layout->start);
  guint32 count = MIN (get (self, layout->count), self->n_messages);

  for (guint32 i = 0; i < count; i++)
    {
      *index = (start + i) & (self->n_messages - 1);
      if ((get_pending (self, *index) & (1u << self->slot)) && nth-- == 0)
        return FATIA_LGMP_MESSAGE;
    }
  return FATIA_LGMP_EMPTY;
}

/**
 * fatia_lgmp_queue_peek:
 * @nth: 0: the oldest message not done with, 1: the one after it, …
 * @message: (out caller-allocates): a copy of what the ring says of it
 *
 * Reads nothing of the message itself. It stays the client's until fatia_lgmp_queue_done().
 */
FatiaLgmpPeek
fatia_lgmp_queue_peek (FatiaLgmpQueue *self, guint nth, FatiaLgmpMessage *message)
{
  const FatiaLgmpLayout *layout;
  guint32 entry[8];
  FatiaLgmpPeek peek;

  if (!fatia_lgmp_queue_is_subscribed (self))
    return FATIA_LGMP_LOST;
  layout = self->lgmp->layout;
  if (!layout->queue_scanned)
    peek = walk (self, nth, &message->index);
  else if (lock (self, layout->lock))
    {
      peek = scan (self, nth, &message->index);
      unlock (self, layout->lock);
    }
  else
    return FATIA_LGMP_EMPTY;
  if (peek != FATIA_LGMP_MESSAGE)
    return peek;
  if (!fatia_glass_memory_copy (self->lgmp->memory, message_at (self, message->index), entry,
                                layout->message_stride))
    return FATIA_LGMP_LOST;
  message->udata = entry[layout->message_udata / 4];
  if (layout->message_stride == sizeof entry)
    message->udata |= (guint64) entry[layout->message_udata / 4 + 1] << 32;
  message->size = entry[layout->message_size / 4];
  message->offset = entry[layout->message_offset / 4];
  return FATIA_LGMP_MESSAGE;
}

/* The ring's index after @index. Versions 10 and 12 may count without end: where start or
 * position went beyond the ring they do (count is 1 at least, so this shows in time). */
static guint32
next_start (FatiaLgmpQueue *self, guint32 start)
{
  if (!self->lgmp->layout->queue_scanned)
    return (start + 1) % self->n_messages;
  if (start >= self->n_messages || get (self, self->lgmp->layout->position) >= self->n_messages)
    return start + 1;
  return (start + 1) & (self->n_messages - 1);
}

/* Under the lock: the host may use the entry again when the last client is done with it. */
static void
advance (FatiaLgmpQueue *self, guint32 index)
{
  const FatiaLgmpLayout *layout = self->lgmp->layout;
  guint32 start = get (self, layout->start);
  guint32 count = get (self, layout->count);

  if (start % self->n_messages != index || count == 0 || get_pending (self, index) != 0)
    return;
  fatia_glass_memory_store64 (self->lgmp->memory, self->at + layout->message_timeout,
                              fatia_lgmp_get_timestamp (self->lgmp) + get (self, layout->max_time));
  set (self, layout->start, next_start (self, start));
  set (self, layout->count, count - 1);
}

/**
 * fatia_lgmp_queue_done:
 * @message: the oldest message that was not done with
 *
 * Gives the message back: its memory must not be read after this.
 */
void
fatia_lgmp_queue_done (FatiaLgmpQueue *self, const FatiaLgmpMessage *message)
{
  const FatiaLgmpLayout *layout = self->lgmp->layout;

  self->position = (message->index + 1) % self->n_messages;
  if (!fatia_lgmp_queue_is_subscribed (self))
    return;
  if (!layout->queue_scanned)
    {
      if (clear_pending (self, message->index) == 0 && lock (self, layout->lock))
        {
          advance (self, message->index);
          unlock (self, layout->lock);
        }
    }
  else if (lock (self, layout->lock))
    {
      clear_pending (self, message->index);
      advance (self, message->index);
      unlock (self, layout->lock);
    }
}

/**
 * fatia_lgmp_queue_unsubscribe:
 *
 * Gives every message back and leaves the queue.
 */
void
fatia_lgmp_queue_unsubscribe (FatiaLgmpQueue *self)
{
  FatiaLgmpMessage message;
  guint32 on, bad;

  for (guint32 i = 0; i < self->n_messages && self->lgmp; i++)
    {
      if (fatia_lgmp_queue_peek (self, 0, &message) != FATIA_LGMP_MESSAGE)
        break;
      fatia_lgmp_queue_done (self, &message);
    }
  if (fatia_lgmp_queue_is_subscribed (self) && lock (self, self->lgmp->layout->lock))
    {
      get_subscribers (self, &on, &bad);
      set_subscribers (self, on & ~(1u << self->slot), bad);
      unlock (self, self->lgmp->layout->lock);
    }
  self->lgmp = NULL;
}

/**
 * fatia_lgmp_queue_send:
 * @data: (array length=size): a message to the host, of 64 bytes at most
 *
 * Returns: whether it was sent; the host's ring may be full, or its lock held
 */
gboolean
fatia_lgmp_queue_send (FatiaLgmpQueue *self, gconstpointer data, gsize size)
{
  const FatiaLgmpLayout *layout;
  gboolean sent = FALSE;
  guint32 position;
  guint64 at;

  g_return_val_if_fail (size <= FATIA_LGMP_MAIL_SIZE, FALSE);

  if (!fatia_lgmp_queue_is_subscribed (self))
    return FALSE;
  layout = self->lgmp->layout;
  if (layout->queue_scanned && !lock (self, layout->lock))
    return FALSE;
  if (lock (self, layout->mail_lock))
    {
      position = get (self, layout->mail_position);
      if (get (self, layout->mail_available) > 0 && position < layout->n_mail)
        {
          at = self->at + layout->mail + position * layout->mail_stride;
          fatia_glass_memory_store32 (self->lgmp->memory, at, size);
          if (layout->mail_client)
            fatia_glass_memory_store32 (self->lgmp->memory, at + layout->mail_client,
                                        self->lgmp->client);
          fatia_glass_memory_write (self->lgmp->memory, at + layout->mail_data, data, size);
          set (self, layout->mail_position, (position + 1) % layout->n_mail);
          fatia_glass_memory_add32 (self->lgmp->memory, self->at + layout->mail_available, -1);
          fatia_glass_memory_add32 (self->lgmp->memory, self->at + layout->mail_serial, 1);
          sent = TRUE;
        }
      unlock (self, layout->mail_lock);
    }
  if (layout->queue_scanned)
    unlock (self, layout->lock);
  return sent;
}
