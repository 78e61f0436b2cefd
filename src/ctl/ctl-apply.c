/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <glib/gi18n.h>

/* The verb apply. */

/* Words to a person; with --json only the answer is on standard output. */
static void G_GNUC_PRINTF (1, 2) say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (ctl_options.json)
    g_printerr ("%s\n", text);
  else
    g_print ("%s\n", text);
}

/**
 * ctl_apply_step:
 *
 * Shows what a step would do, asks, does it.
 *
 * Returns: the exit status: %CTL_NOTHING where the person said no
 */
int
ctl_apply_step (FatiaSetup *setup, FatiaStep *step)
{
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  plan = ctl_wait_object (fatia_step_plan (step), &error);
  if (!plan)
    return ctl_fail_setup (error);
  if (fatia_plan_is_empty (plan))
    {
      say (_ ("%s: nothing is left to do."), fatia_step_get_title (step));
      return CTL_OK;
    }
  if (!ctl_options.json)
    ctl_print_plan (plan);
  if (!ctl_ask (_ ("Apply this?")))
    {
      say (_ ("Nothing was changed."));
      return CTL_NOTHING;
    }
  if (!ctl_wait (fatia_step_apply (step, plan), &error))
    return ctl_fail_setup (error);
  ctl_progress_end ();
  say (_ ("%s: done."), fatia_step_get_title (step));
  if (fatia_step_get_state (step) == FATIA_STEP_RESTART)
    say ("%s", fatia_step_get_message (step));
  return CTL_OK;
}

/* Why "all" passes over a step; NULL where it does not. */
static const char *
why_left_out (FatiaStep *step)
{
  if (FATIA_IS_GOP_STEP (step) && !ctl_options.image && !ctl_options.from_this_computer)
    return _ ("left out: it needs --image FILE or --from-this-computer");
  if (FATIA_IS_VM_STEP (step) && !ctl_options.iso)
    return _ ("left out: it needs --iso FILE");
  return NULL;
}

/* What is left to the person, who has to bring something along; NULL where nothing is. */
static const char *
why_by_hand (FatiaStep *step)
{
  if (FATIA_IS_MODULE_STEP (step) && !ctl_options.file)
    return _ ("left out: it needs --file FILE; “fatiactl plan module” says which file");
  if (FATIA_IS_KEY_STEP (step))
    return _ ("left out: run “fatiactl apply key”, which asks for a password");
  return NULL;
}

/* One step among all of them. @left: set where something is left that Fatia can't do now. */
static int
apply_among_all (FatiaSetup *setup, FatiaStep *step, gboolean *left)
{
  const char *title = fatia_step_get_title (step);
  FatiaStepState state = fatia_step_get_state (step);
  int status;

  if (state == FATIA_STEP_DONE || state == FATIA_STEP_RESTART)
    return CTL_OK;
  if (why_left_out (step))
    {
      say ("%s: %s", title, why_left_out (step));
      return CTL_OK;
    }
  if (state == FATIA_STEP_BLOCKED)
    {
      say ("%s: %s", title, fatia_step_get_message (step));
      *left = TRUE;
      return CTL_OK;
    }
  if (why_by_hand (step))
    {
      say ("%s: %s", title, why_by_hand (step));
      *left = TRUE;
      return CTL_OK;
    }
  if (FATIA_IS_SOFTWARE_STEP (step) &&
      !fatia_software_step_can_install (FATIA_SOFTWARE_STEP (step)))
    {
      g_autoptr (FatiaPlan) plan = ctl_wait_object (fatia_step_plan (step), NULL);

      if (plan && !ctl_options.json)
        ctl_print_plan (plan);
      else
        say ("%s: %s", title, fatia_step_get_message (step));
      *left = TRUE;
      return CTL_OK;
    }
  status = ctl_configure_step (step);
  return status != CTL_OK ? status : ctl_apply_step (setup, step);
}

static int
apply_all (FatiaSetup *setup)
{
  GListModel *steps = fatia_setup_get_steps (setup);
  gboolean left = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (FatiaStep) step = g_list_model_get_item (steps, i);
      int status = apply_among_all (setup, step, &left);

      if (status != CTL_OK)
        return status;
      if (fatia_setup_is_restart_needed (setup))
        {
          say (_ ("Restart the computer, then run “fatiactl apply all” again for what is left."));
          return CTL_OK;
        }
    }
  return left ? CTL_NOTHING : CTL_OK;
}

static void
print_json_result (FatiaSetup *setup, GStrv before)
{
  FatiaHost *host = fatia_setup_get_host (setup);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_auto (GStrv) after = ctl_list_change_ids (host, "applied", NULL);
  FatiaDomain *domain = fatia_setup_get_domain (setup);

  json_builder_begin_object (builder);
  ctl_add_ids (builder, "changes", after, before);
  ctl_json_add (builder, "domain", domain ? fatia_domain_get_name (domain) : NULL);
  json_builder_set_member_name (builder, "restart");
  json_builder_add_boolean_value (builder, fatia_setup_is_restart_needed (setup));
  json_builder_end_object (builder);
  ctl_print_json (builder);
}

static int
apply_one (FatiaSetup *setup, FatiaStep *step)
{
  int status = ctl_configure_step (step);

  if (status == CTL_OK && FATIA_IS_KEY_STEP (step) &&
      fatia_step_get_state (step) == FATIA_STEP_TODO)
    status = ctl_read_password (FATIA_KEY_STEP (step));
  return status != CTL_OK ? status : ctl_apply_step (setup, step);
}

/**
 * ctl_apply:
 * @args: a step, "all", or nothing for all of them
 *
 * The verb "apply".
 *
 * Returns: the exit status
 */
int
ctl_apply (char **args)
{
  gboolean all = !args[0] || g_str_equal (args[0], "all");
  g_autoptr (FatiaSetup) setup = NULL;
  g_auto (GStrv) before = NULL;
  g_autoptr (GError) error = NULL;
  FatiaStep *step;
  int status;

  setup = ctl_open_setup (&error);
  if (!setup)
    return ctl_fail_setup (error);
  step = all ? NULL : fatia_setup_get_step (setup, args[0]);
  if (!all && !step)
    return ctl_usage (NULL,
                      _ ("there is no step “%s”: they are software, module, key, gop, boot, vfs, "
                         "memory and vm, or all"),
                      args[0]);
  /* A VM is no change of the helper's, which may not be there at all. */
  if (ctl_options.json && !(step && FATIA_IS_VM_STEP (step)))
    {
      before = ctl_list_change_ids (fatia_setup_get_host (setup), "applied", &error);
      if (!before)
        return ctl_fail_setup (error);
    }
  status = step ? apply_one (setup, step) : apply_all (setup);
  if (ctl_options.json && (status == CTL_OK || all))
    print_json_result (setup, before);
  return status;
}
