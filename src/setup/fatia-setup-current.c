/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-step-private.h"

/* Where to go on. */

static gboolean
is_behind (FatiaStep *step)
{
  FatiaStepState state = fatia_step_get_state (step);

  return state == FATIA_STEP_DONE || state == FATIA_STEP_SKIPPED;
}

/* Whether Fatia's own work is to be seen in a step after @position: who came that far has
 * skipped what may be skipped before it, though nothing remembers that. */
static gboolean
work_after (GListModel *steps, guint position)
{
  for (guint i = position + 1; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (FatiaStep) step = g_list_model_get_item (steps, i);
      FatiaStepState state = fatia_step_get_state (step);

      if (FATIA_STEP_GET_CLASS (step)->change_step && !FATIA_STEP_GET_CLASS (step)->may_be_found &&
          (state == FATIA_STEP_DONE || state == FATIA_STEP_RESTART))
        return TRUE;
    }
  return FALSE;
}

/**
 * fatia_setup_get_current_step:
 *
 * Returns: (transfer none) (nullable): the step to open at: the first that is neither done nor
 *   skipped, passing over one that may be skipped where a later one was worked on; else the
 *   first that was passed over; %NULL where none is left
 */
FatiaStep *
fatia_setup_get_current_step (FatiaSetup *self)
{
  GListModel *steps = fatia_setup_get_steps (self);
  FatiaStep *passed_over = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (FatiaStep) step = g_list_model_get_item (steps, i);

      if (is_behind (step))
        continue;
      if (!fatia_step_is_skippable (step) || !work_after (steps, i))
        return step;
      if (!passed_over)
        passed_over = step;
    }
  return passed_over;
}
