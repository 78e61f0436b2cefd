/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-step-private.h"

#include <glib/gi18n-lib.h>

/* Planning, applying and undoing a step. */

static DexFuture *
check_ready (FatiaStep *self)
{
  FatiaSetup *setup = fatia_step_get_setup (self);

  if (fatia_step_is_busy (self))
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_BUSY,
                                  _ ("“%s” is being worked on already"),
                                  fatia_step_get_title (self));
  if (!setup || !fatia_setup_get_facts (setup))
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_INITIALIZED,
                                  _ ("This computer has not been looked at yet"));
  return NULL;
}

/**
 * fatia_step_plan:
 *
 * Tells what applying the step would do; changes nothing.
 *
 * Returns: (transfer full): resolves to a #FatiaPlan (object), empty where nothing is left to do
 */
DexFuture *
fatia_step_plan (FatiaStep *self)
{
  DexFuture *problem;

  g_return_val_if_fail (FATIA_IS_STEP (self), NULL);

  problem = check_ready (self);
  if (problem)
    return problem;
  if (fatia_step_get_state (self) == FATIA_STEP_BLOCKED)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s",
                                  fatia_step_get_message (self));
  return FATIA_STEP_GET_CLASS (self)->plan (self);
}

static void
on_progress (FatiaHost *host, const char *text, FatiaStep *self)
{
  fatia_step_set_progress (self, text, -1.0);
  fatia_step_add_log (self, text);
}

static void
on_fraction (FatiaHost *host, double fraction, FatiaStep *self)
{
  g_autofree char *progress = NULL;

  g_object_get (self, "progress", &progress, NULL);
  fatia_step_set_progress (self, progress, fraction);
}

typedef struct
{
  FatiaStep *self;
  FatiaPlan *plan; /* (nullable): undo */
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  g_object_unref (work->self);
  g_clear_object (&work->plan);
  g_free (work);
}

static DexFuture *
find_change_fiber (gpointer user_data)
{
  FatiaStep *self = user_data;
  g_autoptr (GListModel) changes = NULL;
  g_autoptr (GError) error = NULL;

  changes = dex_await_object (fatia_host_list_changes (fatia_step_get_host (self)), &error);
  if (!changes)
    return dex_future_new_for_error (g_steal_pointer (&error));
  for (guint i = g_list_model_get_n_items (changes); i-- > 0;)
    {
      g_autoptr (FatiaPastChange) change = g_list_model_get_item (changes, i);
      const char *step = fatia_past_change_get_step (change);

      if (g_strcmp0 (step, FATIA_STEP_GET_CLASS (self)->change_step) == 0 &&
          g_str_equal (fatia_past_change_get_state (change), "applied"))
        return dex_future_new_take_object (g_steal_pointer (&change));
    }
  return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                _ ("Fatia has changed nothing here that could be undone"));
}

/**
 * fatia_step_find_change:
 *
 * Returns: (transfer full): resolves to the #FatiaPastChange (object) that fatia_step_undo()
 *   would undo; %G_IO_ERROR_NOT_FOUND where there is none
 */
DexFuture *
fatia_step_find_change (FatiaStep *self)
{
  g_return_val_if_fail (FATIA_IS_STEP (self), NULL);
  return dex_scheduler_spawn (NULL, 0, find_change_fiber, g_object_ref (self), g_object_unref);
}

static DexFuture *
undo_newest_fiber (gpointer user_data)
{
  FatiaStep *self = user_data;
  g_autoptr (FatiaPastChange) change = NULL;
  g_autoptr (GError) error = NULL;

  change = dex_await_object (fatia_step_find_change (self), &error);
  if (!change)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return fatia_host_undo_change (fatia_step_get_host (self), fatia_past_change_get_id (change),
                                 NULL);
}

static DexFuture *
begin (Work *work)
{
  FatiaStepClass *klass = FATIA_STEP_GET_CLASS (work->self);

  if (work->plan)
    return klass->apply (work->self, work->plan);
  if (klass->undo)
    return klass->undo (work->self);
  return dex_scheduler_spawn (NULL, 0, undo_newest_fiber, g_object_ref (work->self),
                              g_object_unref);
}

static DexFuture *
work_fiber (gpointer user_data)
{
  Work *work = user_data;
  FatiaStep *self = work->self;
  g_autoptr (FatiaSetup) setup = g_object_ref (fatia_step_get_setup (self));
  FatiaHost *host = fatia_setup_get_host (setup);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refresh_error = NULL;
  gulong progress = g_signal_connect (host, "progress", G_CALLBACK (on_progress), self);
  gulong fraction = g_signal_connect (host, "fraction", G_CALLBACK (on_fraction), self);

  dex_await (begin (work), &error);
  fatia_step_set_cancellable (self, NULL);
  g_signal_handler_disconnect (host, fraction);
  g_signal_handler_disconnect (host, progress);
  /* Also after a failure: what is true now is what the helper left. */
  dex_await (fatia_setup_refresh (setup), &refresh_error);
  fatia_step_set_busy (self, FALSE);
  if (error)
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (refresh_error)
    return dex_future_new_for_error (g_steal_pointer (&refresh_error));
  return dex_future_new_true ();
}

/* Applying can be cancelled where it is the helper that works; undoing goes to its end. */
static void
allow_cancelling (FatiaStep *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (fatia_host_cancel),
                           fatia_step_get_host (self), G_CONNECT_SWAPPED);
  fatia_step_set_cancellable (self, cancellable);
}

static DexFuture *
start_work (FatiaStep *self, FatiaPlan *plan)
{
  DexFuture *future = check_ready (self);
  Work *work;

  if (future)
    return future;
  work = g_new0 (Work, 1);
  work->self = g_object_ref (self);
  g_set_object (&work->plan, plan);
  if (plan && FATIA_STEP_GET_CLASS (self)->change_step)
    allow_cancelling (self);
  fatia_step_set_busy (self, TRUE);
  fatia_step_add_log (self, NULL);
  future = dex_scheduler_spawn (NULL, 0, work_fiber, work, work_free);
  /* Goes to its end whether or not somebody waits for it. */
  dex_future_disown (dex_ref (future));
  return future;
}

/**
 * fatia_step_apply:
 * @plan: what was shown; %FATIA_CHANGE_ERROR_STALE where it is no longer what would be done
 *
 * Does what @plan says, then reads the facts again.
 *
 * Returns: (transfer full): a boolean
 */
DexFuture *
fatia_step_apply (FatiaStep *self, FatiaPlan *plan)
{
  g_return_val_if_fail (FATIA_IS_STEP (self), NULL);
  g_return_val_if_fail (FATIA_IS_PLAN (plan), NULL);
  return start_work (self, plan);
}

/**
 * fatia_step_undo:
 *
 * Undoes what applying the step did last, then reads the facts again.
 *
 * Returns: (transfer full): a boolean; %G_IO_ERROR_NOT_FOUND where there is nothing to undo
 */
DexFuture *
fatia_step_undo (FatiaStep *self)
{
  g_return_val_if_fail (FATIA_IS_STEP (self), NULL);
  return start_work (self, NULL);
}
