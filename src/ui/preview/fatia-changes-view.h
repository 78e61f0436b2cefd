/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-plan.h"

G_BEGIN_DECLS

/* What would be changed: one row for each item of a plan, its text to unfold. */
#define FATIA_TYPE_CHANGES_VIEW (fatia_changes_view_get_type ())
G_DECLARE_FINAL_TYPE (FatiaChangesView, fatia_changes_view, FATIA, CHANGES_VIEW, AdwBin)

GtkWidget *fatia_changes_view_new (void);
void fatia_changes_view_set_plan (FatiaChangesView *self, FatiaPlan *plan);

G_END_DECLS
