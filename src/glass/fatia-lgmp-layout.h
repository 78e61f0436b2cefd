/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where LGMP keeps what, for each of its versions: bytes from the memory's start, the queue's
 * or the message's. All numbers are little-endian u32 unless said otherwise. */
typedef struct
{
  guint32 version;

  guint16 magic;       /* followed by the version and the session */
  guint16 timestamp;   /* u64, milliseconds */
  guint16 next_client; /* 0: the client chooses its number by chance */
  guint16 n_queues;
  guint16 queues;
  guint16 queue_stride;
  guint16 max_queues;
  guint16 user_size;
  guint16 user; /* the host's own data, KVMFR's */
  guint16 size;
  gboolean queue_scanned; /* messages may be for some clients only; the ring is a power of two */

  /* Queue */
  guint16 id;
  guint16 n_messages;
  guint16 new_subscribers;
  guint16 max_time;
  guint16 position;
  guint16 messages;
  guint16 timeouts; /* u64 for each client */
  guint16 clients;  /* u32 for each client */
  guint16 n_clients;
  guint16 lock;
  guint16 lock_bytes;
  guint16 subscribers; /* the lower half: BAD bits, the upper: ON bits */
  guint16 subscribers_bytes;
  guint16 start;
  guint16 message_timeout; /* u64 */
  guint16 count;

  /* The queue's ring of messages from clients */
  guint16 mail_lock;
  guint16 mail_available;
  guint16 mail_position;
  guint16 mail_serial;
  guint16 mail_read_serial;
  guint16 mail;
  guint16 mail_stride;
  guint16 n_mail;
  guint16 mail_client; /* 0: it has none */
  guint16 mail_data;

  /* Message */
  guint16 message_stride;
  guint16 message_udata; /* u64 where the stride is 32 */
  guint16 message_size;
  guint16 message_offset;
  guint16 message_pending;
} FatiaLgmpLayout;

#define FATIA_LGMP_MAGIC     0x504d474c
#define FATIA_LGMP_MAIL_SIZE 64 /* the most a message to the host can hold */

extern const FatiaLgmpLayout fatia_lgmp_layouts[];
extern const guint fatia_lgmp_n_layouts;

G_END_DECLS
