/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

const guint8 *
fatia_find (const guint8 *data, gsize size, const void *what, gsize length, gsize rare);

G_END_DECLS
