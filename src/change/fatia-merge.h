/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Takes what made @after of @before out of @present, which others made of @after. */
GBytes *fatia_merge_take_out (GBytes *before, GBytes *after, GBytes *present);

G_END_DECLS
