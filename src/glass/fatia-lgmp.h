/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "glass/fatia-glass-memory.h"
#include "glass/fatia-lgmp-layout.h"

G_BEGIN_DECLS

/* LGMP: queues of messages in shared memory, from one host (in the guest) to its clients. */

typedef enum
{
  FATIA_LGMP_NONE,    /* nobody wrote this memory yet */
  FATIA_LGMP_UNKNOWN, /* of a version not known here */
  FATIA_LGMP_FOUND,
} FatiaLgmpFound;

typedef struct
{
  FatiaGlassMemory *memory; /* borrowed */
  const FatiaLgmpLayout *layout;
  guint32 session;
  guint32 client;
} FatiaLgmp;

FatiaLgmpFound
fatia_lgmp_find (FatiaGlassMemory *memory, const FatiaLgmpLayout **layout, guint32 *version);
void fatia_lgmp_join (FatiaLgmp *self, FatiaGlassMemory *memory, const FatiaLgmpLayout *layout);
guint64 fatia_lgmp_get_timestamp (FatiaLgmp *self);
gboolean fatia_lgmp_is_same (FatiaLgmp *self);
GBytes *fatia_lgmp_read_user_data (FatiaGlassMemory *memory, const FatiaLgmpLayout *layout);

typedef struct
{
  FatiaLgmp *lgmp; /* borrowed; NULL: not subscribed */
  guint64 at;      /* the queue's place in the memory */
  guint slot;      /* our bit among the subscribers */
  guint32 n_messages;
  guint32 messages; /* the ring's place in the memory */
  guint32 position; /* the next message to be read */
} FatiaLgmpQueue;

typedef struct
{
  guint32 index; /* in the ring */
  guint64 udata;
  guint32 size;
  guint32 offset; /* of its data, in the memory */
} FatiaLgmpMessage;

typedef enum
{
  FATIA_LGMP_EMPTY,
  FATIA_LGMP_MESSAGE,
  FATIA_LGMP_LOST, /* no subscriber any more: subscribe again */
} FatiaLgmpPeek;

gboolean fatia_lgmp_queue_subscribe (FatiaLgmpQueue *self, FatiaLgmp *lgmp, guint32 id);
void fatia_lgmp_queue_unsubscribe (FatiaLgmpQueue *self);
gboolean fatia_lgmp_queue_is_subscribed (FatiaLgmpQueue *self);
FatiaLgmpPeek fatia_lgmp_queue_peek (FatiaLgmpQueue *self, guint nth, FatiaLgmpMessage *message);
void fatia_lgmp_queue_done (FatiaLgmpQueue *self, const FatiaLgmpMessage *message);
gboolean fatia_lgmp_queue_send (FatiaLgmpQueue *self, gconstpointer data, gsize size);

G_END_DECLS
