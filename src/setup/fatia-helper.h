/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libdex.h>

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/* The helper's other side: a proxy for /dev/fatia/Helper, on the system bus for this computer,
 * else on a private connection to a helper process of our own. Signals "progress" (text) and
 * "fraction" (double from 0 to 1). */
#define FATIA_TYPE_HELPER (fatia_helper_get_type ())
G_DECLARE_FINAL_TYPE (FatiaHelper, fatia_helper, FATIA, HELPER, GObject)

FatiaHelper *fatia_helper_new (FatiaHostRoot *root);
DexFuture *fatia_helper_call (
  FatiaHelper *self, const char *method, GVariant *args, int fd, const char *reply_type);
DexFuture *
fatia_helper_call_for_bytes (FatiaHelper *self, const char *method, const char *reply_type);
void fatia_helper_cancel (FatiaHelper *self);
void fatia_helper_close (FatiaHelper *self);

/* The private connection. */
DexFuture *fatia_helper_spawn (FatiaHostRoot *root, GSubprocess **process);
/* The errors that come over the bus, in words. */
gboolean fatia_helper_error_is_refusal (const GError *error);
GError *fatia_helper_error_in_words (GError *error);

G_END_DECLS
