/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <glib/gi18n.h>

/* The verbs changes and undo. */

static void
add_change (JsonBuilder *builder, FatiaPastChange *change)
{
  json_builder_begin_object (builder);
  ctl_json_add (builder, "id", fatia_past_change_get_id (change));
  ctl_json_add (builder, "step", fatia_past_change_get_step (change));
  json_builder_set_member_name (builder, "time");
  json_builder_add_int_value (builder, fatia_past_change_get_time (change));
  ctl_json_add (builder, "title", fatia_past_change_get_title (change));
  ctl_json_add (builder, "state", fatia_past_change_get_state (change));
  json_builder_end_object (builder);
}

/* The journal's word, for people. */
static const char *
word_for (const char *state)
{
  if (g_str_equal (state, "applied"))
    return _ ("applied");
  if (g_str_equal (state, "undone"))
    return _ ("undone");
  if (g_str_equal (state, "rolled-back"))
    return _ ("taken back");
  return state;
}

static void
print_change (FatiaPastChange *change)
{
  const char *word = word_for (fatia_past_change_get_state (change));
  int width = 11 - (int) g_utf8_strlen (word, -1);
  g_autoptr (GDateTime) when =
    g_date_time_new_from_unix_local (fatia_past_change_get_time (change));
  g_autofree char *text = when ? g_date_time_format (when, "%F %R") : g_strdup ("?");

  g_print ("%-11s  %s  %s%*s %-7s %s\n", fatia_past_change_get_id (change), text, word,
           MAX (width, 0), "", fatia_past_change_get_step (change),
           fatia_past_change_get_title (change));
}

/**
 * ctl_changes:
 *
 * The verb "changes".
 *
 * Returns: the exit status
 */
int
ctl_changes (char **args)
{
  g_autoptr (FatiaHost) host = NULL;
  g_autoptr (GListModel) changes = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) error = NULL;

  host = ctl_open_host (&error);
  if (host)
    changes = ctl_wait_object (fatia_host_list_changes (host), &error);
  if (!changes)
    return ctl_fail_setup (error);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "changes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (changes); i++)
    {
      g_autoptr (FatiaPastChange) change = g_list_model_get_item (changes, i);

      if (ctl_options.json)
        add_change (builder, change);
      else
        print_change (change);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (ctl_options.json)
    ctl_print_json (builder);
  else if (g_list_model_get_n_items (changes) == 0)
    g_print ("%s\n", _ ("Fatia has changed nothing here."));
  return CTL_OK;
}

static void
print_json_undone (GStrv ids, GStrv without)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ctl_add_ids (builder, "undone", ids, without);
  json_builder_end_object (builder);
  ctl_print_json (builder);
}

static int
undo_one (FatiaHost *host, const char *id)
{
  const char *ids[] = { id, NULL };
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  plan = ctl_wait_object (fatia_host_plan_undo (host, id), &error);
  if (!plan)
    return ctl_fail_setup (error);
  if (!ctl_options.json)
    ctl_print_plan (plan);
  if (!ctl_ask (_ ("Undo this?")))
    return CTL_NOTHING;
  if (!ctl_wait (fatia_host_undo (host, id, fatia_plan_get_digest (plan)), &error))
    return ctl_fail_setup (error);
  ctl_progress_end ();
  if (ctl_options.json)
    print_json_undone ((GStrv) ids, NULL);
  else
    g_print (_ ("%s: undone.\n"), id);
  return CTL_OK;
}

static int
undo_all (GStrv applied)
{
  g_autoptr (FatiaSetup) setup = NULL;
  g_auto (GStrv) left = NULL;
  g_autofree char *question = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) list_error = NULL;

  question = g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE, "Undo %u change?", "Undo %u changes?", g_strv_length (applied)),
    g_strv_length (applied));
  if (!ctl_ask (question))
    return CTL_NOTHING;
  setup = ctl_open_setup (&error);
  if (!setup)
    return ctl_fail_setup (error);
  ctl_wait (fatia_setup_undo_all (setup), &error);
  left = ctl_list_change_ids (fatia_setup_get_host (setup), "applied", &list_error);
  if (left && ctl_options.json)
    print_json_undone (applied, left);
  else if (left)
    g_print (g_dngettext (GETTEXT_PACKAGE, "%u change undone.\n", "%u changes undone.\n",
                          g_strv_length (applied) - g_strv_length (left)),
             g_strv_length (applied) - g_strv_length (left));
  if (error)
    return ctl_fail_setup (error);
  if (fatia_setup_get_domain (setup))
    g_printerr (_ ("The VM “%s” and its disk are yours and stay. “fatiactl vm delete” deletes "
                   "them.\n"),
                fatia_domain_get_name (fatia_setup_get_domain (setup)));
  return CTL_OK;
}

/**
 * ctl_undo:
 * @args: a change's id, "all", or nothing for the newest
 *
 * The verb "undo".
 *
 * Returns: the exit status: %CTL_NOTHING where there is nothing to undo
 */
int
ctl_undo (char **args)
{
  g_autoptr (FatiaHost) host = NULL;
  g_auto (GStrv) applied = NULL;
  g_autoptr (GError) error = NULL;

  host = ctl_open_host (&error);
  if (!host)
    return ctl_fail_setup (error);
  if (args[0] && !g_str_equal (args[0], "all"))
    return undo_one (host, args[0]);
  applied = ctl_list_change_ids (host, "applied", &error);
  if (!applied)
    return ctl_fail_setup (error);
  if (!applied[0])
    {
      ctl_error (_ ("there is nothing to undo"));
      if (ctl_options.json)
        print_json_undone (applied, NULL);
      return CTL_NOTHING;
    }
  return args[0] ? undo_all (applied) : undo_one (host, applied[g_strv_length (applied) - 1]);
}
