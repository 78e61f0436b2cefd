/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Changes to a text, collected first and made at once: every byte between them stays. */
typedef GArray FatiaSplices;

FatiaSplices *fatia_splices_new (void);
void fatia_splices_add (FatiaSplices *self, gsize start, gsize end, const char *text);
char *fatia_splices_apply (FatiaSplices *self, const char *text, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaSplices, g_array_unref)

G_END_DECLS
