/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-lgmp-layout.h"

/* Versions 5 (Looking Glass B6) and 6 (B7) differ in the locks alone. */
#define OLD_HEADER                                                                                 \
  .magic = 0, .timestamp = 16, .n_queues = 24, .queues = 32, .queue_stride = 1144,                 \
  .max_queues = 5, .user_size = 5752, .user = 5756, .size = 5760
#define OLD_QUEUE                                                                                  \
  .id = 0, .n_messages = 4, .new_subscribers = 8, .max_time = 12, .position = 16, .messages = 20,  \
  .timeouts = 24, .clients = 280, .n_clients = 32, .lock = 408, .subscribers = 416,                \
  .subscribers_bytes = 8, .start = 424, .message_timeout = 432, .count = 440, .mail_lock = 444,    \
  .mail_available = 448, .mail_position = 452, .mail_serial = 456, .mail_read_serial = 460,        \
  .mail = 464, .mail_stride = 68, .n_mail = 10, .mail_data = 4

/* Versions 10 and 12: Looking Glass with the virtual display driver. */
#define NEW_QUEUE                                                                                  \
  .id = 296, .n_messages = 300, .new_subscribers = 196, .max_time = 308, .position = 0,            \
  .messages = 304, .timeouts = 232, .clients = 200, .n_clients = 8, .lock = 64, .lock_bytes = 4,   \
  .subscribers = 192, .subscribers_bytes = 4, .start = 4, .message_timeout = 16, .count = 8,       \
  .mail_lock = 128, .mail_available = 132, .mail_position = 136, .mail_serial = 140,               \
  .mail_read_serial = 144, .mail = 320, .mail_stride = 80, .n_mail = 16, .mail_data = 16

#define SHORT_MESSAGE                                                                              \
  .message_stride = 16, .message_udata = 0, .message_size = 4, .message_offset = 8,                \
  .message_pending = 12
#define LONG_MESSAGE                                                                               \
  .message_stride = 32, .message_udata = 0, .message_size = 8, .message_offset = 12,               \
  .message_pending = 16

/* Versions 5 and 6 were tried against the B7 client. */
const FatiaLgmpLayout fatia_lgmp_layouts[] = {
  { .version = 5, OLD_HEADER, OLD_QUEUE, .lock_bytes = 1, SHORT_MESSAGE },
  { .version = 6, OLD_HEADER, OLD_QUEUE, .lock_bytes = 4, SHORT_MESSAGE },
  { .version = 10,
    .magic = 8064,
    .timestamp = 0,
    .n_queues = 8076,
    .queues = 64,
    .queue_stride = 1600,
    .max_queues = 5,
    .user_size = 8080,
    .user = 8084,
    .size = 8128,
    .queue_scanned = TRUE,
    NEW_QUEUE,
    SHORT_MESSAGE },
  { .version = 12,
    .magic = 9664,
    .timestamp = 0,
    .next_client = 8,
    .n_queues = 9676,
    .queues = 64,
    .queue_stride = 1600,
    .max_queues = 6,
    .user_size = 9680,
    .user = 9684,
    .size = 9728,
    .queue_scanned = TRUE,
    NEW_QUEUE,
    .mail_client = 4,
    LONG_MESSAGE },
};

const guint fatia_lgmp_n_layouts = G_N_ELEMENTS (fatia_lgmp_layouts);
