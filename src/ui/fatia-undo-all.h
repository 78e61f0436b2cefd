/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* Asks before everything is undone, and what others changed where Fatia did: which version of each
 * file is to stay. */
gboolean fatia_undo_all_ask (GtkWidget *parent, FatiaSetup *setup, GVariant **decisions);

G_END_DECLS
