/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan is the list model of what the helper said. */
#include "setup/fatia-plan.h"

static void
test_empty (void)
{
  g_autoptr (FatiaPlan) plan = fatia_plan_new (NULL);

  g_assert_true (fatia_plan_is_empty (plan));
  g_assert_cmpstr (fatia_plan_get_digest (plan), ==, "");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (plan)), ==, 0);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (plan), 0));
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (plan)) == FATIA_TYPE_PLAN_ITEM);
}

static void
test_from_variant (void)
{
  g_autoptr (GVariant) items =
    g_variant_ref_sink (g_variant_new_parsed ("[('file', '/etc/default/grub', 'Change it', '--- "
                                              "a'), ('command', 'update-grub', 'Run', '')]"));
  g_autoptr (FatiaPlan) plan = fatia_plan_new_from_variant ("abc", items);
  g_autoptr (FatiaPlanItem) first = g_list_model_get_item (G_LIST_MODEL (plan), 0);
  g_autoptr (FatiaPlanItem) second = g_list_model_get_item (G_LIST_MODEL (plan), 1);

  g_assert_cmpstr (fatia_plan_get_digest (plan), ==, "abc");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (plan)), ==, 2);
  g_assert_cmpstr (fatia_plan_item_get_kind (first), ==, "file");
  g_assert_cmpstr (fatia_plan_item_get_target (first), ==, "/etc/default/grub");
  g_assert_cmpstr (fatia_plan_item_get_title (first), ==, "Change it");
  g_assert_cmpstr (fatia_plan_item_get_text (first), ==, "--- a");
  g_assert_cmpstr (fatia_plan_item_get_kind (second), ==, "command");
  g_assert_cmpstr (fatia_plan_item_get_text (second), ==, "");
}

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, guint *calls)
{
  g_assert_cmpuint (position, ==, *calls);
  g_assert_cmpuint (removed, ==, 0);
  g_assert_cmpuint (added, ==, 1);
  (*calls)++;
}

static void
test_add_tells (void)
{
  g_autoptr (FatiaPlan) plan = fatia_plan_new ("d");
  guint calls = 0;

  g_signal_connect (plan, "items-changed", G_CALLBACK (on_items_changed), &calls);
  fatia_plan_add (plan, "advice", "apt install x", "Run it", "apt install x");
  fatia_plan_add (plan, "domain", "Windows", "Make it", NULL);
  g_assert_cmpuint (calls, ==, 2);
  g_assert_false (fatia_plan_is_empty (plan));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/empty", test_empty);
  g_test_add_func ("/plan/from-variant", test_from_variant);
  g_test_add_func ("/plan/add-tells", test_add_tells);
  return g_test_run ();
}
