/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

int fatia_practice_folder_open (const char *folder, const char *tree, GError **error);

G_END_DECLS
