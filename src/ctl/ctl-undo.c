/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <glib/gi18n.h>

#include "host/fatia-advice.h"

/* The verb undo. */

/* @conflicts: (nullable): why nothing is undone */
static void
print_json_undone (GStrv ids, GStrv without, gboolean restart, GStrv conflicts)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ctl_add_ids (builder, "undone", ids, without);
  json_builder_set_member_name (builder, "restart");
  json_builder_add_boolean_value (builder, restart);
  if (conflicts)
    ctl_add_ids (builder, "conflicts", conflicts, NULL);
  json_builder_end_object (builder);
  ctl_print_json (builder);
}

/* (transfer full) (nullable): a change by its id, the newest that is applied where @id is NULL */
static FatiaPastChange *
find_change (GListModel *changes, const char *id)
{
  for (guint i = g_list_model_get_n_items (changes); i-- > 0;)
    {
      g_autoptr (FatiaPastChange) change = g_list_model_get_item (changes, i);

      if (id ? g_str_equal (fatia_past_change_get_id (change), id)
             : g_str_equal (fatia_past_change_get_state (change), "applied"))
        return g_steal_pointer (&change);
    }
  return NULL;
}

/* Of the newest, which nobody named: on standard error where standard output is for JSON. */
static void
say_which (FatiaPastChange *change)
{
  /* TRANSLATORS: a change's id and its title */
  g_autofree char *text =
    g_strdup_printf (_ ("The newest change is %s: %s"), fatia_past_change_get_id (change),
                     fatia_past_change_get_title (change));

  if (ctl_options.json)
    g_printerr ("%s\n", text);
  else
    g_print ("%s\n\n", text);
}

/* Whether the kernel runs with arguments that undoing has taken out of the boot loader's
 * configuration: they go with the next start. */
static gboolean
needs_restart (FatiaHost *host)
{
  g_autoptr (FatiaFacts) facts = fatia_facts_read (fatia_host_get_root (host));
  g_autoptr (GPtrArray) arguments = fatia_advice_arguments (facts);

  for (guint i = 0; i < arguments->len; i++)
    {
      const FatiaArgument *argument = g_ptr_array_index (arguments, i);

      if (fatia_facts_has_argument (facts, argument->argument))
        return TRUE;
    }
  return FALSE;
}

/* Whether one of @ids that is not in @without is a change of the kernel command line. */
static gboolean
has_boot_change (GListModel *changes, GStrv ids, GStrv without)
{
  for (guint i = 0; ids[i]; i++)
    {
      g_autoptr (FatiaPastChange) change = find_change (changes, ids[i]);

      if (change && g_str_equal (fatia_past_change_get_step (change), "boot") &&
          !(without && g_strv_contains ((const char *const *) without, ids[i])))
        return TRUE;
    }
  return FALSE;
}

static void
say_restart (gboolean restart)
{
  if (restart && !ctl_options.json)
    g_print ("%s\n",
             _ ("Restart the computer before you install updates: until then the kernel runs "
                "with the arguments that were undone, and a new kernel’s entry may be "
                "made with them."));
}

/* What --keep and --put-back say. (transfer full) */
static GVariant *
get_decisions (void)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sb}"));
  for (guint i = 0; ctl_options.keep && ctl_options.keep[i]; i++)
    g_variant_builder_add (&builder, "{sb}", ctl_options.keep[i], FALSE);
  for (guint i = 0; ctl_options.put_back && ctl_options.put_back[i]; i++)
    g_variant_builder_add (&builder, "{sb}", ctl_options.put_back[i], TRUE);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static gboolean
is_decided (const char *path)
{
  return (ctl_options.keep && g_strv_contains ((const char *const *) ctl_options.keep, path)) ||
         (ctl_options.put_back &&
          g_strv_contains ((const char *const *) ctl_options.put_back, path));
}

/* Whether there is a decision about every conflict of @plan; else says what is lacking. */
static gboolean
check_conflicts (FatiaPlan *plan)
{
  g_auto (GStrv) conflicts = fatia_plan_get_conflicts (plan);
  gboolean decided = TRUE;

  for (guint i = 0; conflicts[i]; i++)
    if (!is_decided (conflicts[i]))
      {
        ctl_error (
          _ ("%s was changed by others where Fatia had changed it: say which version is to "
             "stay, what is there now with --keep %s or what was there before with "
             "--put-back %s"),
          conflicts[i], conflicts[i], conflicts[i]);
        decided = FALSE;
      }
  if (!decided && ctl_options.json)
    print_json_undone (NULL, NULL, FALSE, conflicts);
  return decided;
}

static int
undo_one (FatiaHost *host, GListModel *changes, const char *id)
{
  const char *ids[] = { id, NULL };
  g_autoptr (GVariant) decisions = get_decisions ();
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  gboolean restart;

  plan = ctl_wait_object (fatia_host_plan_undo (host, id, decisions), &error);
  if (!plan)
    return ctl_fail_setup (error);
  if (!ctl_options.json)
    ctl_print_plan (plan);
  if (!check_conflicts (plan))
    return CTL_ERROR;
  if (!ctl_ask (_ ("Undo this?")))
    return CTL_NOTHING;
  if (!ctl_wait (fatia_host_undo (host, id, decisions, fatia_plan_get_digest (plan)), &error))
    return ctl_fail_setup (error);
  ctl_progress_end ();
  restart = has_boot_change (changes, (GStrv) ids, NULL) && needs_restart (host);
  if (ctl_options.json)
    print_json_undone ((GStrv) ids, NULL, restart, NULL);
  else
    g_print (_ ("%s: undone.\n"), id);
  say_restart (restart);
  return CTL_OK;
}

/* Whether everything can be undone as far as decisions go; else what lacks one is shown. */
static gboolean
check_all (FatiaSetup *setup, GError **error)
{
  g_autoptr (FatiaPlan) conflicts = NULL;

  conflicts = ctl_wait_object (fatia_setup_find_conflicts (setup), error);
  if (!conflicts)
    return FALSE;
  if (!ctl_options.json)
    ctl_print_plan (conflicts);
  return check_conflicts (conflicts);
}

static int
undo_all (GListModel *changes, GStrv applied)
{
  g_autoptr (FatiaSetup) setup = NULL;
  g_autoptr (GVariant) decisions = NULL;
  g_auto (GStrv) left = NULL;
  g_autofree char *question = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) list_error = NULL;
  gboolean restart;

  setup = ctl_open_setup (&error);
  if (!setup)
    return ctl_fail_setup (error);
  if (!check_all (setup, &error))
    return error ? ctl_fail_setup (error) : CTL_ERROR;
  question = g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE, "Undo %u change?", "Undo %u changes?", g_strv_length (applied)),
    g_strv_length (applied));
  if (!ctl_ask (question))
    return CTL_NOTHING;
  decisions = get_decisions ();
  ctl_wait (fatia_setup_undo_all (setup, decisions), &error);
  left = ctl_list_change_ids (fatia_setup_get_host (setup), "applied", &list_error);
  restart = left && has_boot_change (changes, applied, left) &&
            needs_restart (fatia_setup_get_host (setup));
  if (left && ctl_options.json)
    print_json_undone (applied, left, restart, NULL);
  else if (left)
    g_print (g_dngettext (GETTEXT_PACKAGE, "%u change undone.\n", "%u changes undone.\n",
                          g_strv_length (applied) - g_strv_length (left)),
             g_strv_length (applied) - g_strv_length (left));
  say_restart (restart);
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
  g_autoptr (GListModel) changes = NULL;
  g_autoptr (FatiaPastChange) newest = NULL;
  g_auto (GStrv) applied = NULL;
  g_autoptr (GError) error = NULL;

  host = ctl_open_host (&error);
  if (!host)
    return ctl_fail_setup (error);
  changes = ctl_wait_object (fatia_host_list_changes (host), &error);
  if (!changes)
    return ctl_fail_setup (error);
  if (args[0] && !g_str_equal (args[0], "all"))
    return undo_one (host, changes, args[0]);
  newest = find_change (changes, NULL);
  if (!newest)
    {
      ctl_error (_ ("there is nothing to undo"));
      if (ctl_options.json)
        print_json_undone (NULL, NULL, FALSE, NULL);
      return CTL_NOTHING;
    }
  if (!args[0])
    {
      say_which (newest);
      return undo_one (host, changes, fatia_past_change_get_id (newest));
    }
  applied = ctl_list_change_ids (host, "applied", &error);
  return applied ? undo_all (changes, applied) : ctl_fail_setup (error);
}
