/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "firmware/fatia-firmware.h"

G_BEGIN_DECLS

/* A driver found in a firmware image, to choose with @button: what it is and why it was taken. */
GtkWidget *fatia_candidate_row_new (const FatiaGopCandidate *candidate, GtkWidget *button);

G_END_DECLS
