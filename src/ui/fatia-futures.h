/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include <libdex.h>

G_BEGIN_DECLS

/* The response that agrees, for who has to hold it back. */
#define FATIA_CONFIRM_AGREE "agree"

/* Questions to the person, as futures, so that a fiber reads from top to bottom. */
gboolean fatia_confirm (GtkWidget *parent,
                        const char *heading,
                        const char *body,
                        const char *refuse,
                        const char *agree,
                        AdwResponseAppearance appearance,
                        GtkWidget *extra);
DexFuture *fatia_open_file (GtkFileDialog *dialog, GtkWidget *parent);
DexFuture *fatia_save_file (GtkFileDialog *dialog, GtkWidget *parent);

/* Runs @fiber with a reference to @self, kept until it ends. */
void fatia_run (DexFiberFunc fiber, gpointer self);

/* Small events: a toast in @widget's window. */
void fatia_toast (GtkWidget *widget, const char *text);
void fatia_toast_error (GtkWidget *widget, const GError *error);

G_END_DECLS
