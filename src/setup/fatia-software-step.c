/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-steps.h"

#include <glib/gi18n-lib.h>

#include "change/fatia-command.h"
#include "host/fatia-package-table.h"
#include "setup/fatia-step-private.h"

/**
 * FatiaSoftwareStep:
 *
 * The software a VM and the graphics driver need. The helper has the package manager install it
 * where it knows how to ask it; elsewhere the step tells what is missing, and sees for itself when
 * it is there.
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

/* What the helper is asked for: "(as)" */
static GVariant *
helper_arguments (FatiaStep *step)
{
  g_autoptr (GPtrArray) packages = fatia_advice_missing_packages (fatia_step_get_facts (step));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) needs = NULL;

  for (guint i = 0; i < packages->len; i++)
    g_strv_builder_add (builder, ((FatiaPackage *) g_ptr_array_index (packages, i))->id);
  needs = g_strv_builder_end (builder);
  return g_variant_new ("(^as)", needs);
}

/* What the person does by hand. */
static FatiaPlan *
make_advice (FatiaStep *step)
{
  const FatiaFacts *facts = fatia_step_get_facts (step);
  g_autoptr (GPtrArray) packages = fatia_advice_missing_packages (facts);
  g_autofree char *command = fatia_advice_install_command (facts);
  g_autofree char *titles = missing_titles (packages);
  FatiaPlan *plan = fatia_plan_new (NULL);

  if (command)
    fatia_plan_add (plan, "advice", command,
                    _ ("Run this in a terminal: here Fatia can’t ask the package manager itself."),
                    command);
  else
    fatia_plan_add (plan, "advice", titles,
                    _ ("Install these with your distribution's package manager; Fatia does not "
                       "know what they are called there."),
                    titles);
  return plan;
}

static DexFuture *
fatia_software_step_plan (FatiaStep *step)
{
  if (fatia_step_get_state (step) == FATIA_STEP_DONE)
    return dex_future_new_take_object (fatia_plan_new (NULL));
  if (!fatia_software_step_can_install (FATIA_SOFTWARE_STEP (step)))
    return dex_future_new_take_object (make_advice (step));
  return fatia_host_plan (fatia_step_get_host (step), "Software", helper_arguments (step), -1);
}

static DexFuture *
fatia_software_step_apply (FatiaStep *step, FatiaPlan *plan)
{
  g_autofree char *command = NULL;

  if (fatia_plan_is_empty (plan))
    return dex_future_new_true ();
  if (fatia_software_step_can_install (FATIA_SOFTWARE_STEP (step)))
    return fatia_host_apply (fatia_step_get_host (step), "Software", helper_arguments (step), -1,
                             fatia_plan_get_digest (plan));
  command = fatia_advice_install_command (fatia_step_get_facts (step));
  if (!command)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                  _ ("Fatia can’t install software here. Install what is missing "
                                     "with your distribution's package manager."));
  return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                _ ("Fatia can’t install software here. Run this yourself: %s"),
                                command);
}

static void
fatia_software_step_class_init (FatiaSoftwareStepClass *klass)
{
  FatiaStepClass *step_class = FATIA_STEP_CLASS (klass);

  step_class->id = "software";
  step_class->title = N_ ("Software");
  step_class->change_step = "software";
  step_class->may_be_found = TRUE;
  step_class->update = fatia_software_step_update;
  step_class->plan = fatia_software_step_plan;
  step_class->apply = fatia_software_step_apply;
}

static void
fatia_software_step_init (FatiaSoftwareStep *self)
{
}

/**
 * fatia_software_step_can_install:
 *
 * Returns: whether the helper knows this host's package manager, and it is there
 */
gboolean
fatia_software_step_can_install (FatiaSoftwareStep *self)
{
  FatiaStep *step = FATIA_STEP (self);
  g_autofree char *family = NULL;
  g_auto (GStrv) add = NULL;

  g_return_val_if_fail (FATIA_IS_SOFTWARE_STEP (self), FALSE);

  family = fatia_package_family_find (fatia_step_get_facts (step));
  add = family ? fatia_package_family_get_list (family, "Add") : NULL;
  return add && add[0] &&
         fatia_command_is_there (fatia_host_get_root (fatia_step_get_host (step)), add[0], NULL);
}
