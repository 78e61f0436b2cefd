/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-steps.h"

#include <glib/gi18n-lib.h>

#include "setup/fatia-step-private.h"

/**
 * FatiaSoftwareStep:
 *
 * The software a VM needs. Installing packages is the package manager's and the person's own:
 * this step tells what is missing and the command, and sees for itself when it is there.
 */
struct _FatiaSoftwareStep
{
  FatiaStep parent_instance;
};

G_DEFINE_FINAL_TYPE (FatiaSoftwareStep, fatia_software_step, FATIA_TYPE_STEP)

/* (transfer full): "QEMU, swtpm" */
static char *
missing_titles (GPtrArray *packages)
{
  g_autoptr (GString) titles = g_string_new (NULL);

  for (guint i = 0; i < packages->len; i++)
    g_string_append_printf (titles, "%s%s", i ? ", " : "",
                            ((FatiaPackage *) g_ptr_array_index (packages, i))->title);
  return g_string_free (g_steal_pointer (&titles), FALSE);
}

static void
fatia_software_step_update (FatiaStep *step)
{
  g_autoptr (GPtrArray) packages = fatia_advice_missing_packages (fatia_step_get_facts (step));
  g_autofree char *titles = missing_titles (packages);

  if (packages->len == 0)
    fatia_step_set_state (step, FATIA_STEP_DONE, NULL);
  else
    fatia_step_set_statef (step, FATIA_STEP_TODO, _ ("Missing: %s"), titles);
}

static DexFuture *
fatia_software_step_plan (FatiaStep *step)
{
  const FatiaFacts *facts = fatia_step_get_facts (step);
  g_autoptr (GPtrArray) packages = fatia_advice_missing_packages (facts);
  g_autofree char *command = fatia_advice_install_command (facts);
  g_autofree char *titles = missing_titles (packages);
  g_autoptr (FatiaPlan) plan = fatia_plan_new (NULL);

  if (packages->len > 0 && command)
    fatia_plan_add (plan, "advice", command,
                    _ ("Run this in a terminal. Fatia does not install software by itself."),
                    command);
  else if (packages->len > 0)
    fatia_plan_add (plan, "advice", titles,
                    _ ("Install these with your distribution's package manager; Fatia does not "
                       "know what they are called there."),
                    titles);
  return dex_future_new_take_object (g_steal_pointer (&plan));
}

static DexFuture *
fatia_software_step_apply (FatiaStep *step, FatiaPlan *plan)
{
  g_autofree char *command = fatia_advice_install_command (fatia_step_get_facts (step));

  if (fatia_plan_is_empty (plan))
    return dex_future_new_true ();
  if (!command)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                  _ ("Fatia does not install software. Install what is missing "
                                     "with your distribution's package manager."));
  return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                _ ("Fatia does not install software. Run this yourself: %s"),
                                command);
}

static DexFuture *
fatia_software_step_undo (FatiaStep *step)
{
  return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                _ ("Fatia has installed nothing, so it removes nothing"));
}

static void
fatia_software_step_class_init (FatiaSoftwareStepClass *klass)
{
  FatiaStepClass *step_class = FATIA_STEP_CLASS (klass);

  step_class->id = "software";
  step_class->title = N_ ("Software");
  step_class->update = fatia_software_step_update;
  step_class->plan = fatia_software_step_plan;
  step_class->apply = fatia_software_step_apply;
  step_class->undo = fatia_software_step_undo;
}

static void
fatia_software_step_init (FatiaSoftwareStep *self)
{
}
