/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * LGMP 5 and 6 as a host speaks them. Written apart from src/glass, and it must stay so: the
 * two check each other, which they could not if they shared one description of the memory.
 */

#define PRACTICE_CLIENTS 32
#define PRACTICE_MAIL    10

typedef struct
{
  guint32 size;
  guint8 data[64];
} PracticeMail;

typedef struct
{
  guint32 id;
  guint32 n_messages;
  guint32 new_subscribers;
  guint32 max_time;
  guint32 position;
  guint32 messages;
  guint64 timeouts[PRACTICE_CLIENTS];
  guint32 clients[PRACTICE_CLIENTS];
  guint32 lock; /* version 5: its first byte */
  guint32 padding;
  guint32 bad, on;
  guint32 start;
  guint32 padding2;
  guint64 message_timeout;
  guint32 count;
  guint32 mail_lock; /* version 5: its first byte */
  guint32 mail_available;
  guint32 mail_position;
  guint32 mail_written;
  guint32 mail_read;
  PracticeMail mail[PRACTICE_MAIL];
} PracticeQueue;

typedef struct
{
  guint32 magic;
  guint32 version;
  guint32 session;
  guint32 padding;
  guint64 timestamp;
  guint32 n_queues;
  guint32 padding2;
  PracticeQueue queues[5];
  guint32 user_size;
  guint8 user[]; /* goes on beyond the structure's size */
} PracticeHeader;

typedef struct
{
  guint32 udata;
  guint32 size;
  guint32 offset;
  guint32 pending;
} PracticeMessage;

G_STATIC_ASSERT (sizeof (PracticeQueue) == 1144);
G_STATIC_ASSERT (sizeof (PracticeHeader) == 5760);
G_STATIC_ASSERT (G_STRUCT_OFFSET (PracticeHeader, user) == 5756);

/* The memory, `header` at its start. */
typedef struct
{
  PracticeHeader *header;
  guint32 next;         /* the first byte nobody has */
  guint8 mail_place[5]; /* where the next message of a client will be, for each queue */
} PracticeLgmp;

void practice_lgmp_begin (PracticeLgmp *self, gpointer memory, GBytes *user_data);
PracticeQueue *practice_lgmp_add_queue (PracticeLgmp *self, guint32 id, guint length, guint time);
guint32 practice_lgmp_reserve (PracticeLgmp *self, guint32 size, guint32 alignment);
void practice_lgmp_open (PracticeLgmp *self, guint32 version);
void practice_lgmp_set_time (PracticeLgmp *self, guint64 milliseconds);

gboolean practice_queue_has_room (PracticeQueue *queue);
gboolean practice_queue_has_subscribers (PracticeQueue *queue);
gboolean practice_queue_take_new_subscribers (PracticeQueue *queue);
gboolean practice_queue_post (
  PracticeLgmp *self, PracticeQueue *queue, guint32 udata, guint32 offset, guint32 size);
void practice_queue_expire (PracticeLgmp *self, PracticeQueue *queue);
gboolean practice_queue_read_mail (PracticeLgmp *self, PracticeQueue *queue, PracticeMail *mail);

G_END_DECLS
