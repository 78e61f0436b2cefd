/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <glib/gi18n.h>

/* The verb plan. */

/**
 * ctl_print_plan:
 *
 * Prints each item's title and text; the diffs of all of them together are a patch.
 */
void
ctl_print_plan (FatiaPlan *plan)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (plan)); i++)
    {
      g_autoptr (FatiaPlanItem) item = g_list_model_get_item (G_LIST_MODEL (plan), i);
      const char *text = fatia_plan_item_get_text (item);

      g_print ("%s\n", fatia_plan_item_get_title (item));
      if (*text)
        g_print ("%s%s", text, g_str_has_suffix (text, "\n") ? "" : "\n");
      g_print ("\n");
    }
}

/**
 * ctl_add_plan:
 *
 * Adds the members of an object that are a plan.
 */
void
ctl_add_plan (JsonBuilder *builder, FatiaPlan *plan)
{
  ctl_json_add (builder, "digest", fatia_plan_get_digest (plan));
  json_builder_set_member_name (builder, "items");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (plan)); i++)
    {
      g_autoptr (FatiaPlanItem) item = g_list_model_get_item (G_LIST_MODEL (plan), i);

      json_builder_begin_object (builder);
      ctl_json_add (builder, "kind", fatia_plan_item_get_kind (item));
      ctl_json_add (builder, "target", fatia_plan_item_get_target (item));
      ctl_json_add (builder, "title", fatia_plan_item_get_title (item));
      ctl_json_add (builder, "text", fatia_plan_item_get_text (item));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* One step among all of them: what can't be planned is said and is no failure. */
static void
plan_among_all (FatiaStep *step, JsonBuilder *builder)
{
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  plan = ctl_wait_object (fatia_step_plan (step), &error);
  if (ctl_options.json)
    {
      json_builder_begin_object (builder);
      ctl_add_step (builder, step);
      if (plan)
        ctl_add_plan (builder, plan);
      else
        ctl_json_add (builder, "problem", error->message);
      json_builder_end_object (builder);
      return;
    }
  g_print ("%s (%s)\n", fatia_step_get_title (step), fatia_step_get_id (step));
  if (plan && !fatia_plan_is_empty (plan))
    {
      ctl_print_plan (plan);
      return;
    }
  g_print ("  ");
  ctl_print_wrapped (plan ? _ ("Nothing is left to do.") : error->message, 2);
  g_print ("\n");
}

static int
plan_all (FatiaSetup *setup)
{
  GListModel *steps = fatia_setup_get_steps (setup);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (FatiaStep) step = g_list_model_get_item (steps, i);
      int status = ctl_configure_step (step);

      if (status != CTL_OK)
        return status;
      plan_among_all (step, builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (ctl_options.json)
    ctl_print_json (builder);
  return CTL_OK;
}

static int
plan_one (FatiaStep *step)
{
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (GError) error = NULL;
  int status = ctl_configure_step (step);

  if (status != CTL_OK)
    return status;
  plan = ctl_wait_object (fatia_step_plan (step), &error);
  if (!plan)
    return ctl_fail_setup (error);
  if (!ctl_options.json)
    {
      if (fatia_plan_is_empty (plan))
        g_print ("%s\n", _ ("Nothing is left to do."));
      ctl_print_plan (plan);
      return CTL_OK;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  ctl_add_step (builder, step);
  ctl_add_plan (builder, plan);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ctl_print_json (builder);
  return CTL_OK;
}

/**
 * ctl_plan:
 * @args: a step, or nothing for all of them
 *
 * The verb "plan".
 *
 * Returns: the exit status
 */
int
ctl_plan (char **args)
{
  g_autoptr (FatiaSetup) setup = NULL;
  g_autoptr (GError) error = NULL;
  FatiaStep *step;

  setup = ctl_open_setup (&error);
  if (!setup)
    return ctl_fail_setup (error);
  if (!args[0])
    return plan_all (setup);
  step = fatia_setup_get_step (setup, args[0]);
  if (!step)
    return ctl_usage (NULL,
                      _ ("there is no step “%s”: they are software, module, key, gop, boot, vfs, "
                         "memory and vm"),
                      args[0]);
  return plan_one (step);
}
