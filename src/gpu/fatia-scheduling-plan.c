/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scheduling profile as changes. What the drivers do by themselves decides the order
 * (i915-sriov-dkms, intel_iov_provisioning.c and i915_sriov.c; xe, xe_gt_sriov_pf_config.c):
 *
 * - Turns may be changed at any time. Taking the functions away resets them, and the undo of that
 *   makes functions without: so what they had is reset before, in a change of its own.
 * - i915 shares out memory (quotas) when functions are made, unless each has some already, or its
 *   switch for that is off. It goes off by itself when a function is given turns or memory, and on
 *   again only while none has memory.
 * - Memory that we gave stays with the functions' numbers; what the driver gave goes with them.
 */
#include "gpu/fatia-scheduling-plan.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "host/fatia-scheduling.h"

static char *
make_title (guint function, const char *name, const char *value)
{
  /* Translators: an attribute of this computer's own part of the graphics processor, its value */
  return function == 0 ? g_strdup_printf (_ ("For this computer: %s = %s"), name, value)
                       /* Translators: the number of a slice, an attribute of it, its value */
                       : g_strdup_printf (_ ("For slice %u: %s = %s"), function, name, value);
}

/* Of each of the function's files of that name; @from: what it will say by then, %NULL: what it
 * says now. */
static void
add_value (const FatiaSchedulingPlan *plan,
           guint function,
           const char *name,
           const char *from,
           const char *to)
{
  g_auto (GStrv) folders = fatia_scheduling_list_folders (plan->root, plan->pf, function);
  g_autofree char *title = make_title (function, name, to);

  for (guint i = 0; folders[i]; i++)
    {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);
      g_autofree char *chosen = fatia_scheduling_read (plan->root, folders[i], name);
      g_autofree char *line = chosen ? fatia_host_root_read_line (plan->root, path) : NULL;

      if (line && strcmp (from ? from : chosen, to) != 0)
        fatia_change_set_add_attribute_titled (plan->set, path, from ? from : line, to, title);
    }
}

/* What @profile, or in its place the driver, has a function's file say; NULL: nobody of ours has a
 * say in it. */
static char *
get_wanted (const FatiaSchedulingPlan *plan, guint function, const char *name)
{
  char *value = fatia_scheduling_get_value (plan->profile, function, name);
  g_autofree char *active = NULL;
  g_autofree char *ours = NULL;

  if (value)
    return value;
  active = fatia_scheduling_find_profile (plan->root, plan->pf);
  ours = active ? fatia_scheduling_get_value (active, function, name) : NULL;
  return ours ? g_strdup (fatia_scheduling_get_default (name)) : NULL;
}

static gboolean
offers_quotas (const FatiaSchedulingPlan *plan)
{
  g_auto (GStrv) folders = fatia_scheduling_list_folders (plan->root, plan->pf, 1);
  g_autofree char *quota =
    folders[0] ? fatia_scheduling_read (plan->root, folders[0], fatia_scheduling_quotas[0]) : NULL;

  return quota != NULL;
}

/* Memory that we gave can't be taken from functions that are there. */
static gboolean
check_quotas (const FatiaSchedulingPlan *plan, GError **error)
{
  g_autofree char *active = fatia_scheduling_find_profile (plan->root, plan->pf);
  gboolean same = g_strcmp0 (active, plan->profile) == 0 && plan->now == plan->count;

  if (plan->now == 0 || plan->count == 0 || same || !offers_quotas (plan) ||
      !(fatia_scheduling_has_quotas (plan->profile) ||
        (active && fatia_scheduling_has_quotas (active))))
    return TRUE;
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                       _ ("How the memory is shared can be changed only while there are no "
                          "slices. Take them away first, then make them anew."));
  return FALSE;
}

/**
 * fatia_scheduling_plan_check:
 *
 * Returns: whether the profile can be put into effect: %FATIA_CHANGE_ERROR_INVALID where there is
 *   none of that name, %FATIA_CHANGE_ERROR_UNSUPPORTED where the driver offers none,
 *   %FATIA_CHANGE_ERROR_REFUSED where the functions have to go first
 */
gboolean
fatia_scheduling_plan_check (const FatiaSchedulingPlan *plan, GError **error)
{
  if (!fatia_scheduling_has_profile (plan->profile))
    {
      g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                           _ ("There is no such way to share the graphics processor."));
      return FALSE;
    }
  if (plan->count > 0 && strcmp (plan->profile, FATIA_SCHEDULING_DRIVER) != 0 &&
      !fatia_scheduling_is_offered (plan->root, plan->pf))
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                   _ ("The driver of %s does not let the graphics processor's time be shared "
                      "otherwise than it does itself."),
                   plan->pf);
      return FALSE;
    }
  return check_quotas (plan, error);
}

/**
 * fatia_scheduling_plan_before:
 *
 * Adds what comes before the functions that are there are taken away.
 */
void
fatia_scheduling_plan_before (const FatiaSchedulingPlan *plan)
{
  for (guint function = 1; plan->remake && function <= plan->now; function++)
    for (guint i = 0; fatia_scheduling_times[i]; i++)
      add_value (plan, function, fatia_scheduling_times[i], NULL,
                 fatia_scheduling_get_default (fatia_scheduling_times[i]));
}

/* What is left of functions that are gone, and what those to come are to have. */
static void
add_quotas (const FatiaSchedulingPlan *plan)
{
  for (guint function = 1;; function++)
    {
      g_auto (GStrv) folders = fatia_scheduling_list_folders (plan->root, plan->pf, function);

      if (folders[0] == NULL)
        return;
      for (guint i = 0; fatia_scheduling_quotas[i]; i++)
        {
          const char *name = fatia_scheduling_quotas[i];
          g_autofree char *quota = function <= plan->count
                                     ? fatia_scheduling_get_quota (plan->profile, plan->count, name)
                                     : NULL;

          add_value (plan, function, name, NULL, quota ? quota : "0");
        }
    }
}

/* Has the driver share out the memory. Where a turn's length will turn that off, undo turns it on
 * again. */
static void
add_automatic (const FatiaSchedulingPlan *plan)
{
  g_autofree char *path = fatia_scheduling_find_automatic (plan->root, plan->pf);
  g_autofree char *present = path ? fatia_host_root_read_line (plan->root, path) : NULL;
  const char *title = _ ("Let the driver share the memory among the slices");

  if (present == NULL || plan->count == 0 || fatia_scheduling_has_quotas (plan->profile))
    return;
  if (plan->now > 0 && strcmp (present, "1") != 0)
    fatia_change_set_add_attribute_titled (plan->set, path, NULL, "1", title);
  else if (plan->now == 0 && strcmp (present, "1") != 0)
    fatia_change_set_add_attribute_titled (plan->set, path, present, "1", title);
  else if (plan->now == 0 && strcmp (plan->profile, FATIA_SCHEDULING_DRIVER) != 0)
    fatia_change_set_add_attribute_held (plan->set, path, present, title);
}

/**
 * fatia_scheduling_plan_between:
 *
 * Adds what comes while there are no functions.
 */
void
fatia_scheduling_plan_between (const FatiaSchedulingPlan *plan)
{
  if (plan->now == 0 && plan->count > 0 && offers_quotas (plan))
    add_quotas (plan);
  if (plan->remake)
    add_automatic (plan);
  for (guint i = 0; fatia_scheduling_times[i]; i++)
    {
      g_autofree char *wanted = get_wanted (plan, 0, fatia_scheduling_times[i]);

      if (wanted)
        add_value (plan, 0, fatia_scheduling_times[i], NULL, wanted);
    }
}

/**
 * fatia_scheduling_plan_after:
 *
 * Adds what comes once the functions are made.
 */
void
fatia_scheduling_plan_after (const FatiaSchedulingPlan *plan)
{
  for (guint function = 1; function <= plan->count; function++)
    for (guint i = 0; fatia_scheduling_times[i]; i++)
      {
        const char *name = fatia_scheduling_times[i];
        g_autofree char *wanted = get_wanted (plan, function, name);
        gboolean reset = plan->remake && function <= plan->now;

        if (wanted)
          add_value (plan, function, name, reset ? fatia_scheduling_get_default (name) : NULL,
                     wanted);
      }
}
