/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

/* What a profile adds to a plan. */
typedef struct
{
  FatiaHostRoot *root;
  FatiaChangeSet *set;
  const char *pf;
  const char *profile;
  guint now;       /* how many virtual functions there are */
  guint count;     /* and are to be */
  gboolean remake; /* they are made anew */
} FatiaSchedulingPlan;

gboolean fatia_scheduling_plan_check (const FatiaSchedulingPlan *plan, GError **error);
void fatia_scheduling_plan_before (const FatiaSchedulingPlan *plan);
void fatia_scheduling_plan_between (const FatiaSchedulingPlan *plan);
void fatia_scheduling_plan_after (const FatiaSchedulingPlan *plan);

G_END_DECLS
