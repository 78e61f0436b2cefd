/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <glib/gi18n.h>

/* The verb changes. */

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
