/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-facts.h"

G_BEGIN_DECLS

typedef enum
{
  FATIA_STATE_PASSED,
  FATIA_STATE_WARNING,
  FATIA_STATE_FAILED,
  FATIA_STATE_UNKNOWN,
} FatiaState;

/* What a check found, in words for the person who owns the computer (translated). */
#define FATIA_TYPE_FINDING (fatia_finding_get_type ())
G_DECLARE_FINAL_TYPE (FatiaFinding, fatia_finding, FATIA, FINDING, GObject)

const char *fatia_finding_get_id (FatiaFinding *self);
FatiaState fatia_finding_get_state (FatiaFinding *self);
const char *fatia_finding_get_title (FatiaFinding *self);
const char *fatia_finding_get_meaning (FatiaFinding *self);
const char *const *fatia_finding_get_remedy (FatiaFinding *self);
const char *fatia_state_to_string (FatiaState state);

/* (transfer full) (element-type FatiaFinding), in the order people should read them. */
GPtrArray *fatia_checks_run (const FatiaFacts *facts);
/* Every finding there can be: id and title; state FATIA_STATE_UNKNOWN. */
GPtrArray *fatia_checks_list (void);
FatiaState fatia_checks_worst (GPtrArray *findings);

/* The facts and findings as text a person can post: no serial number, host name, user name,
 * MAC address. (transfer full) */
char *fatia_report (const FatiaFacts *facts, GPtrArray *findings);

G_END_DECLS
