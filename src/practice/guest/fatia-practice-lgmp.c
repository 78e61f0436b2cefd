/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-practice-lgmp.h"

#include <string.h>

#define MAGIC      0x504d474c /* "LGMP" */
#define BAD_FOR_MS 10000      /* how long a struck off client's place is not given away */

/* A client can die with the lock held: take it from the dead after a while. */
#define LOCK_TRIES    1000
#define LOCK_PAUSE_US 20

static void
take_lock (PracticeLgmp *self, guint32 *lock)
{
  for (guint i = 0; i < LOCK_TRIES; i++)
    {
      guint32 free_value = 0;

      if (self->header->version == 5
            ? __atomic_exchange_n ((guint8 *) lock, 1, __ATOMIC_ACQ_REL) == 0
            : __atomic_compare_exchange_n (lock, &free_value, 1, FALSE, __ATOMIC_ACQ_REL,
                                           __ATOMIC_RELAXED))
        return;
      g_usleep (LOCK_PAUSE_US);
    }
}

static void
leave_lock (guint32 *lock)
{
  __atomic_store_n (lock, 0, __ATOMIC_RELEASE);
}

static guint32
index_of (PracticeLgmp *self, PracticeQueue *queue)
{
  return queue - self->header->queues;
}

static PracticeMessage *
messages_of (PracticeLgmp *self, PracticeQueue *queue)
{
  return (PracticeMessage *) ((guint8 *) self->header + queue->messages);
}

/**
 * practice_lgmp_begin:
 * @memory: the shared memory, aligned to a page
 * @user_data: what the host tells of itself
 *
 * Clears the header: clients of a host that was there before see it go.
 */
void
practice_lgmp_begin (PracticeLgmp *self, gpointer memory, GBytes *user_data)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (user_data, &size);

  memset (self, 0, sizeof *self);
  self->header = memory;
  __atomic_store_n (&self->header->magic, 0, __ATOMIC_SEQ_CST);
  memset (self->header, 0, sizeof *self->header);
  self->header->user_size = size;
  memcpy (self->header->user, data, size);
  self->next = G_STRUCT_OFFSET (PracticeHeader, user) + size;
}

/**
 * practice_lgmp_reserve:
 *
 * Returns: the place of @size bytes nobody else has
 */
guint32
practice_lgmp_reserve (PracticeLgmp *self, guint32 size, guint32 alignment)
{
  guint32 place = (self->next + alignment - 1) / alignment * alignment;

  self->next = place + size;
  return place;
}

/**
 * practice_lgmp_add_queue:
 * @length: how many messages it may hold
 * @time: milliseconds a client may take for one
 */
PracticeQueue *
practice_lgmp_add_queue (PracticeLgmp *self, guint32 id, guint length, guint time)
{
  PracticeQueue *queue = &self->header->queues[self->header->n_queues++];

  queue->id = id;
  queue->n_messages = length + 1;
  queue->max_time = time;
  queue->messages = practice_lgmp_reserve (self, queue->n_messages * sizeof (PracticeMessage), 64);
  queue->mail_available = PRACTICE_MAIL;
  memset (messages_of (self, queue), 0, queue->n_messages * sizeof (PracticeMessage));
  return queue;
}

/**
 * practice_lgmp_open:
 * @version: of LGMP
 *
 * Everything is in place: clients may come.
 */
void
practice_lgmp_open (PracticeLgmp *self, guint32 version)
{
  self->header->version = version;
  self->header->session = g_random_int ();
  __atomic_store_n (&self->header->magic, MAGIC, __ATOMIC_SEQ_CST);
}

/**
 * practice_lgmp_set_time:
 *
 * Shows that the host is alive.
 */
void
practice_lgmp_set_time (PracticeLgmp *self, guint64 milliseconds)
{
  __atomic_store_n (&self->header->timestamp, milliseconds, __ATOMIC_RELEASE);
}

/**
 * practice_queue_has_room:
 */
gboolean
practice_queue_has_room (PracticeQueue *queue)
{
  return __atomic_load_n (&queue->count, __ATOMIC_ACQUIRE) < queue->n_messages - 1;
}

/**
 * practice_queue_has_subscribers:
 */
gboolean
practice_queue_has_subscribers (PracticeQueue *queue)
{
  return (__atomic_load_n (&queue->on, __ATOMIC_ACQUIRE) &
          ~__atomic_load_n (&queue->bad, __ATOMIC_ACQUIRE)) != 0;
}

/**
 * practice_queue_take_new_subscribers:
 *
 * Returns: whether somebody came since the last call, who wants to know how things are
 */
gboolean
practice_queue_take_new_subscribers (PracticeQueue *queue)
{
  return __atomic_exchange_n (&queue->new_subscribers, 0, __ATOMIC_ACQ_REL) != 0;
}

static void
restart_clock (PracticeLgmp *self, PracticeQueue *queue)
{
  queue->message_timeout = self->header->timestamp + queue->max_time;
}

/**
 * practice_queue_post:
 * @offset: of the message's data in the memory
 *
 * Returns: whether there was room for it
 */
gboolean
practice_queue_post (
  PracticeLgmp *self, PracticeQueue *queue, guint32 udata, guint32 offset, guint32 size)
{
  gboolean room;

  take_lock (self, &queue->lock);
  room = practice_queue_has_room (queue);
  if (room && practice_queue_has_subscribers (queue))
    {
      PracticeMessage *message = &messages_of (self, queue)[queue->position];

      message->udata = udata;
      message->offset = offset;
      message->size = size;
      message->pending = queue->on & ~queue->bad;
      if (queue->count == 0)
        restart_clock (self, queue);
      __atomic_add_fetch (&queue->count, 1, __ATOMIC_ACQ_REL);
      __atomic_store_n (&queue->position, (queue->position + 1) % queue->n_messages,
                        __ATOMIC_RELEASE);
    }
  leave_lock (&queue->lock);
  return room;
}

/**
 * practice_queue_expire:
 *
 * Takes away messages everybody has read, and strikes off who takes too long.
 */
void
practice_queue_expire (PracticeLgmp *self, PracticeQueue *queue)
{
  guint64 now = self->header->timestamp;

  take_lock (self, &queue->lock);
  while (queue->count > 0)
    {
      PracticeMessage *message = &messages_of (self, queue)[queue->start];
      guint32 late =
        __atomic_load_n (&message->pending, __ATOMIC_ACQUIRE) & queue->on & ~queue->bad;

      if (late != 0 && now < queue->message_timeout)
        break;
      for (guint i = 0; i < PRACTICE_CLIENTS; i++)
        if (late & (1u << i))
          queue->timeouts[i] = now + BAD_FOR_MS;
      queue->bad |= late;
      queue->start = (queue->start + 1) % queue->n_messages;
      __atomic_sub_fetch (&queue->count, 1, __ATOMIC_ACQ_REL);
      restart_clock (self, queue);
    }
  leave_lock (&queue->lock);
}

/**
 * practice_queue_read_mail:
 * @mail: (out caller-allocates): what a client sent
 *
 * Returns: whether there was anything
 */
gboolean
practice_queue_read_mail (PracticeLgmp *self, PracticeQueue *queue, PracticeMail *mail)
{
  guint8 *place = &self->mail_place[index_of (self, queue)];

  if (__atomic_load_n (&queue->mail_written, __ATOMIC_ACQUIRE) == queue->mail_read)
    return FALSE;
  take_lock (self, &queue->mail_lock);
  *mail = queue->mail[*place];
  *place = (*place + 1) % PRACTICE_MAIL;
  queue->mail_available++;
  __atomic_add_fetch (&queue->mail_read, 1, __ATOMIC_ACQ_REL);
  leave_lock (&queue->mail_lock);
  return mail->size <= sizeof mail->data;
}
