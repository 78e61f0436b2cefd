/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/* How long a driver may take to make its virtual functions, or to remove them. */
#define FATIA_ATTRIBUTE_SECONDS 5

GBytes *fatia_attribute_read (FatiaHostRoot *root, const char *path);
char *fatia_attribute_to_value (GBytes *raw);
gboolean fatia_attribute_says (GBytes *raw, const char *value);
gboolean
fatia_attribute_write (FatiaHostRoot *root, const char *path, const char *value, GError **error);
gboolean fatia_attribute_wait (
  FatiaHostRoot *root, const char *path, gint64 deadline, gboolean *found, GError **error);
gboolean
fatia_attribute_restore (FatiaHostRoot *root, const char *path, GBytes *raw, GError **error);

G_END_DECLS
