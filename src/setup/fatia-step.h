/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "setup/fatia-host.h"

G_BEGIN_DECLS

typedef enum
{
  FATIA_STEP_TODO,
  FATIA_STEP_DONE,
  FATIA_STEP_RESTART, /* applied; a restart of the computer makes it so */
  FATIA_STEP_BLOCKED, /* can't be done now: the message says why and what to do first */
  FATIA_STEP_SKIPPED,
} FatiaStepState;
#define FATIA_TYPE_STEP_STATE (fatia_step_state_get_type ())
GType fatia_step_state_get_type (void);

typedef struct _FatiaSetup FatiaSetup;

/*
 * One step of the setup: what it needs, whether it is done (derived from facts, never stored),
 * what it would do, doing it, undoing it. Properties, all notified in the main context:
 * "state" (FatiaStepState), "message" (string, nullable), "busy" (boolean), "progress" (string,
 * nullable: what is being done), "fraction" (double, below 0: unknown), "log" (string: the lines
 * of the tools that ran).
 */
#define FATIA_TYPE_STEP (fatia_step_get_type ())
G_DECLARE_DERIVABLE_TYPE (FatiaStep, fatia_step, FATIA, STEP, GObject)

struct _FatiaStepClass
{
  GObjectClass parent_class;
  const char *id;    /* "boot" */
  const char *title; /* N_() */
  gboolean skippable;
  const char *skipping_means; /* (nullable) N_(): what the person then goes without */
  const char *change_step;    /* (nullable): the journal's name for it */
  gboolean may_be_found;      /* done is no sign of Fatia's work: it may be so from the start */
  /* Derives state and message from setup's facts. */
  void (*update) (FatiaStep *self);
  DexFuture *(*plan) (FatiaStep *self);                   /* FatiaPlan */
  DexFuture *(*apply) (FatiaStep *self, FatiaPlan *plan); /* boolean */
  /* (nullable): default is to undo the journal's newest applied change of change_step */
  DexFuture *(*undo) (FatiaStep *self);
};

const char *fatia_step_get_id (FatiaStep *self);
const char *fatia_step_get_title (FatiaStep *self);
FatiaSetup *fatia_step_get_setup (FatiaStep *self);
FatiaStepState fatia_step_get_state (FatiaStep *self);
const char *fatia_step_state_to_string (FatiaStepState state);
const char *fatia_step_get_message (FatiaStep *self);
gboolean fatia_step_is_busy (FatiaStep *self);
gboolean fatia_step_is_skippable (FatiaStep *self);
const char *fatia_step_get_skipping_means (FatiaStep *self);
void fatia_step_set_skipped (FatiaStep *self, gboolean skipped); /* for this session only */

/* apply and undo refresh the setup's facts before they resolve. */
DexFuture *fatia_step_plan (FatiaStep *self);
DexFuture *fatia_step_apply (FatiaStep *self, FatiaPlan *plan);
DexFuture *fatia_step_undo (FatiaStep *self);
DexFuture *fatia_step_find_change (FatiaStep *self); /* FatiaPastChange: what undo undoes */
void fatia_step_cancel (FatiaStep *self);            /* where the work can be (reading, applying) */
gboolean fatia_step_can_cancel (FatiaStep *self);

/* For subclasses. */
void fatia_step_set_state (FatiaStep *self, FatiaStepState state, const char *message);
void fatia_step_set_progress (FatiaStep *self, const char *progress, double fraction);

G_END_DECLS
