/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Text in a fixed width: a unified diff with its added and removed lines coloured, or a text
 * as it is. */
#define FATIA_TYPE_DIFF_VIEW (fatia_diff_view_get_type ())
G_DECLARE_FINAL_TYPE (FatiaDiffView, fatia_diff_view, FATIA, DIFF_VIEW, AdwBin)

GtkWidget *fatia_diff_view_new (const char *text, gboolean diff, const char *label);
void fatia_diff_view_set_text (FatiaDiffView *self, const char *text);

G_END_DECLS
