/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

int fatia_memfd_new_sealed (const char *name, GBytes *bytes, GError **error);
GBytes *fatia_memfd_map (int fd, GError **error);

G_END_DECLS
