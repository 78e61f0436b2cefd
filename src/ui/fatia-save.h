/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include <libdex.h>

G_BEGIN_DECLS

/* Asks where to, writes it there, and says so; for fibers. */
gboolean fatia_save_bytes (GtkWidget *parent, const char *name, GBytes *content);
/* The same in a fiber of its own. */
void fatia_save_bytes_soon (GtkWidget *parent, const char *name, GBytes *content);

G_END_DECLS
