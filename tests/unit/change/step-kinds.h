/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every kind of step there is: a host it is made for, and the real planner. */
#pragma once

#include "change/fatia-change.h"
#include "tree.h"

typedef struct _StepKind StepKind;

struct _StepKind
{
  const char *name;
  const char *step; /* the journal's word */
  void (*make_host) (Tree *tree, const StepKind *kind);
  gboolean (*plan) (Tree *tree, FatiaChangeSet *set, GError **error);
  gconstpointer data; /* of make_host */
};

extern const StepKind step_kinds[];
extern const gsize n_step_kinds;
