/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "setup/fatia-host-private.h"
#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* For the steps of this room. */

/* Facts as last read; never NULL within update, plan, apply. */
const FatiaFacts *fatia_step_get_facts (FatiaStep *self);
FatiaHost *fatia_step_get_host (FatiaStep *self);
void fatia_step_update (FatiaStep *self);
void fatia_step_set_busy (FatiaStep *self, gboolean busy);
void fatia_step_add_log (FatiaStep *self, const char *line);
void fatia_step_set_cancellable (FatiaStep *self, GCancellable *cancellable);

/* Set the state with words made from a format. */
void fatia_step_set_statef (FatiaStep *self, FatiaStepState state, const char *format, ...)
  G_GNUC_PRINTF (3, 4);

/* What setup tells its steps. */
FatiaVirt *fatia_setup_get_virt (FatiaSetup *self);          /* (nullable) */
const char *fatia_setup_get_virt_problem (FatiaSetup *self); /* (nullable): in words */

G_END_DECLS
