/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-advice.h"
#include "host/fatia-checks.h"
#include "setup/fatia-step.h"

G_BEGIN_DECLS

/*
 * The setup of one host as a model: facts, findings, steps. Properties: "complete" (boolean: a
 * VM of ours is defined, so the program opens as a dashboard), "restart-needed" (boolean).
 * Signal "changed" after each refresh.
 */
#define FATIA_TYPE_SETUP (fatia_setup_get_type ())
G_DECLARE_FINAL_TYPE (FatiaSetup, fatia_setup, FATIA, SETUP, GObject)

FatiaSetup *fatia_setup_new (FatiaHost *host);
FatiaHost *fatia_setup_get_host (FatiaSetup *self);
/* Reads facts in a thread, runs the checks, derives every step's state. Boolean. */
DexFuture *fatia_setup_refresh (FatiaSetup *self);
const FatiaFacts *
fatia_setup_get_facts (FatiaSetup *self);                /* (nullable) before the first refresh */
GListModel *fatia_setup_get_findings (FatiaSetup *self); /* FatiaFinding; updated in place */
/* The steps in order: "software", "module", "key", "gop", "boot", "vfs", "memory", "vm". */
GListModel *fatia_setup_get_steps (FatiaSetup *self);
FatiaStep *fatia_setup_get_step (FatiaSetup *self, const char *id); /* (transfer none) */
/* The step to open at: the first that is neither done nor skipped; one that may be skipped is
 * passed over where a later one was worked on; NULL where none is left. */
FatiaStep *fatia_setup_get_current_step (FatiaSetup *self);
gboolean fatia_setup_is_complete (FatiaSetup *self);
gboolean fatia_setup_is_restart_needed (FatiaSetup *self);
FatiaDomain *fatia_setup_get_domain (FatiaSetup *self); /* (nullable): our VM */
/* Deletes nothing of the person's: undoes every applied change, newest first. Boolean. */
DexFuture *fatia_setup_undo_all (FatiaSetup *self, GVariant *decisions);
/* What has to be decided first: a FatiaPlan of "conflict" items, empty where nothing has. */
DexFuture *fatia_setup_find_conflicts (FatiaSetup *self);
char *fatia_setup_get_report (FatiaSetup *self); /* (transfer full) */

G_END_DECLS
