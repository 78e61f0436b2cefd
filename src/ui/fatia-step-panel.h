/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/*
 * One step of the setup to act on: its state in words, what it would change, the button that
 * does it, progress and the tools' output meanwhile, the button that undoes it. Properties:
 * "apply-label" (string), "undo-warning" (string, nullable: what undoing would lose, to ask
 * first) and "problem" (string, nullable: why it can't be applied yet).
 */
#define FATIA_TYPE_STEP_PANEL (fatia_step_panel_get_type ())
G_DECLARE_FINAL_TYPE (FatiaStepPanel, fatia_step_panel, FATIA, STEP_PANEL, AdwPreferencesGroup)

void fatia_step_panel_set_step (FatiaStepPanel *self, FatiaStep *step);
void fatia_step_panel_set_problem (FatiaStepPanel *self, const char *problem);
/* Asks the step anew what it would do, soon: many calls make one question. */
void fatia_step_panel_preview (FatiaStepPanel *self);

G_END_DECLS
