/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

gboolean fatia_driver_bind (
  FatiaHostRoot *root, const char *path, const char *driver, gint64 deadline, GError **error);

G_END_DECLS
