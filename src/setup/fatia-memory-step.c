/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-steps.h"

#include <glib/gi18n-lib.h>

#include "setup/fatia-step-private.h"

/**
 * FatiaMemoryStep:
 *
 * The memory that the guest's picture comes through: a tmpfiles rule lets both the person and
 * QEMU use it.
 */
struct _FatiaMemoryStep
{
  FatiaStep parent_instance;
};

G_DEFINE_FINAL_TYPE (FatiaMemoryStep, fatia_memory_step, FATIA_TYPE_STEP)

static void
fatia_memory_step_update (FatiaStep *step)
{
  switch (fatia_step_get_facts (step)->memory_rule)
    {
    case FATIA_YES:
      fatia_step_set_state (step, FATIA_STEP_DONE, NULL);
      break;
    case FATIA_NO:
      fatia_step_set_state (step, FATIA_STEP_TODO, NULL);
      break;
    case FATIA_UNKNOWN:
      fatia_step_set_state (step, FATIA_STEP_TODO,
                            _ ("Whether the rule is there can't be read; setting it again does no "
                               "harm."));
      break;
    }
}

static DexFuture *
fatia_memory_step_plan (FatiaStep *step)
{
  return fatia_host_plan (fatia_step_get_host (step), "GuestMemory", NULL, -1);
}

static DexFuture *
fatia_memory_step_apply (FatiaStep *step, FatiaPlan *plan)
{
  return fatia_host_apply (fatia_step_get_host (step), "GuestMemory", NULL, -1,
                           fatia_plan_get_digest (plan));
}

static void
fatia_memory_step_class_init (FatiaMemoryStepClass *klass)
{
  FatiaStepClass *step_class = FATIA_STEP_CLASS (klass);

  step_class->id = "memory";
  step_class->title = N_ ("Memory for the picture");
  step_class->change_step = "memory";
  step_class->update = fatia_memory_step_update;
  step_class->plan = fatia_memory_step_plan;
  step_class->apply = fatia_memory_step_apply;
}

static void
fatia_memory_step_init (FatiaMemoryStep *self)
{
}
