/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-step.h"

G_BEGIN_DECLS

/* What a step is doing: in words, how far it is, and what the tools it runs put out. */
#define FATIA_TYPE_STEP_ACTIVITY (fatia_step_activity_get_type ())
G_DECLARE_FINAL_TYPE (FatiaStepActivity, fatia_step_activity, FATIA, STEP_ACTIVITY, GtkBox)

void fatia_step_activity_set_step (FatiaStepActivity *self, FatiaStep *step);

G_END_DECLS
