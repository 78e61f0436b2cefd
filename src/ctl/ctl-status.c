/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <glib/gi18n.h>

/* The verbs status and restart. */

/**
 * ctl_add_step:
 *
 * Adds an object's members that say where a step stands.
 */
void
ctl_add_step (JsonBuilder *builder, FatiaStep *step)
{
  ctl_json_add (builder, "id", fatia_step_get_id (step));
  ctl_json_add (builder, "title", fatia_step_get_title (step));
  ctl_json_add (builder, "state", fatia_step_state_to_string (fatia_step_get_state (step)));
  ctl_json_add (builder, "message", fatia_step_get_message (step));
}

static const char *
word_for (FatiaStepState state)
{
  switch (state)
    {
    case FATIA_STEP_DONE:
      return _ ("done");
    case FATIA_STEP_RESTART:
      return _ ("restart");
    case FATIA_STEP_BLOCKED:
      return _ ("blocked");
    case FATIA_STEP_SKIPPED:
      return _ ("skipped");
    case FATIA_STEP_TODO:
    default:
      return _ ("to do");
    }
}

static void
print_step (FatiaStep *step)
{
  const char *word = word_for (fatia_step_get_state (step));
  int width = 9 - (int) g_utf8_strlen (word, -1);

  g_print ("%-9s %s%*s ", fatia_step_get_id (step), word, MAX (width, 0), "");
  ctl_print_wrapped (fatia_step_get_title (step), 20);
  if (fatia_step_get_message (step))
    {
      g_print ("%20s", "");
      ctl_print_wrapped (fatia_step_get_message (step), 20);
    }
}

static void
print_json_status (FatiaSetup *setup)
{
  GListModel *steps = fatia_setup_get_steps (setup);
  FatiaStep *current = fatia_setup_get_current_step (setup);
  FatiaDomain *domain = fatia_setup_get_domain (setup);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (FatiaStep) step = g_list_model_get_item (steps, i);

      json_builder_begin_object (builder);
      ctl_add_step (builder, step);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  ctl_json_add (builder, "current", current ? fatia_step_get_id (current) : NULL);
  json_builder_set_member_name (builder, "restart");
  json_builder_add_boolean_value (builder, fatia_setup_is_restart_needed (setup));
  json_builder_set_member_name (builder, "complete");
  json_builder_add_boolean_value (builder, fatia_setup_is_complete (setup));
  ctl_json_add (builder, "domain", domain ? fatia_domain_get_name (domain) : NULL);
  json_builder_end_object (builder);
  ctl_print_json (builder);
}

/**
 * ctl_status:
 *
 * The verb "status".
 *
 * Returns: the exit status
 */
int
ctl_status (char **args)
{
  g_autoptr (FatiaSetup) setup = NULL;
  g_autoptr (GError) error = NULL;
  GListModel *steps;
  FatiaStep *current;

  setup = ctl_open_setup (&error);
  if (!setup)
    return ctl_fail_setup (error);
  if (ctl_options.json)
    {
      print_json_status (setup);
      return CTL_OK;
    }
  steps = fatia_setup_get_steps (setup);
  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (FatiaStep) step = g_list_model_get_item (steps, i);

      print_step (step);
    }
  current = fatia_setup_get_current_step (setup);
  if (fatia_setup_is_restart_needed (setup))
    g_print ("\n%s\n", _ ("Restart the computer to go on."));
  else if (current)
    g_print (_ ("\nNext: fatiactl plan %s\n"), fatia_step_get_id (current));
  return CTL_OK;
}

/**
 * ctl_restart:
 *
 * The verb "restart": practice computers alone.
 *
 * Returns: the exit status
 */
int
ctl_restart (char **args)
{
  g_autoptr (FatiaHost) host = NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (GError) error = NULL;

  host = ctl_open_host (&error);
  if (!host)
    return ctl_fail_setup (error);
  if (fatia_host_get_kind (host) == FATIA_HOST_SYSTEM)
    {
      ctl_error (_ ("this verb plays the restart of a practice computer (--host-root DIR). Restart "
                    "your own with “systemctl reboot”."));
      return CTL_ERROR;
    }
  if (!ctl_wait (fatia_host_restart (host), &error))
    return ctl_fail_setup (error);
  if (!ctl_options.json)
    {
      g_print ("%s\n", _ ("The practice computer has restarted."));
      return CTL_OK;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "restarted");
  json_builder_add_boolean_value (builder, TRUE);
  json_builder_end_object (builder);
  ctl_print_json (builder);
  return CTL_OK;
}
