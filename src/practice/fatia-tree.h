/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean fatia_tree_copy (const char *from, const char *to, GError **error);
gboolean fatia_tree_remove_at (int folder, const char *name, GError **error);
gboolean fatia_tree_remove (const char *path, GError **error);

G_END_DECLS
