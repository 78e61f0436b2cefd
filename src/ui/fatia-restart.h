/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include <libdex.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* Asks whether to restart the computer, with the way out at hand, and does it. For fibers. */
gboolean fatia_restart_offer (GtkWidget *parent, FatiaSetup *setup);
/* Whether the kernel was started with arguments of ours that are no longer configured. */
gboolean fatia_restart_ends_arguments (FatiaSetup *setup);

G_END_DECLS
