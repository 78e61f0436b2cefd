/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "guest/fatia-domain-spec.h"

G_BEGIN_DECLS

/* What the VM page's lists offer. */

/* One choice: what a person reads and what it stands for. */
#define FATIA_TYPE_CHOICE (fatia_choice_get_type ())
G_DECLARE_FINAL_TYPE (FatiaChoice, fatia_choice, FATIA, CHOICE, GObject)

const char *fatia_choice_get_value (FatiaChoice *self); /* (nullable): none */
/* The resolution a choice of resolutions stands for. */
void fatia_choice_get_size (FatiaChoice *self, guint *width, guint *height);

/* Fill @row and select what @spec has. */
void fatia_choices_show_resolutions (AdwComboRow *row, const FatiaDomainSpec *spec);
void
fatia_choices_show_vfs (AdwComboRow *row, const FatiaFacts *facts, const FatiaDomainSpec *spec);
void
fatia_choices_show_roms (AdwComboRow *row, const FatiaFacts *facts, const FatiaDomainSpec *spec);
/* (transfer none) (nullable) */
FatiaChoice *fatia_choices_get_selected (AdwComboRow *row);

G_END_DECLS
