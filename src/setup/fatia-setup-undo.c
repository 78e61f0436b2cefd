/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-step-private.h"

/* Undoing everything. */

/* What practice made in libvirt is practice's. In a real libvirt the VM and its disk are the
 * person's, with a Windows in it: it stays until they delete it. */
static gboolean
delete_domains (FatiaSetup *self, GError **error)
{
  FatiaVirt *virt = fatia_setup_get_virt (self);

  if (!virt || !fatia_host_owns_virt (fatia_setup_get_host (self)))
    return TRUE;
  while (fatia_setup_get_domain (self))
    {
      g_autoptr (FatiaDomain) domain = g_object_ref (fatia_setup_get_domain (self));

      if (fatia_domain_is_on (domain) && !dex_await (fatia_virt_force_off (virt, domain), error))
        return FALSE;
      if (!dex_await (fatia_virt_delete (virt, domain, TRUE), error) ||
          !dex_await (fatia_virt_refresh (virt), error))
        return FALSE;
    }
  return TRUE;
}

/* Goes on after one that can't be undone: the others are no worse for it. @error is the first. */
static gboolean
undo_changes (FatiaHost *host, GVariant *decisions, GError **error)
{
  g_autoptr (GListModel) changes = dex_await_object (fatia_host_list_changes (host), error);
  g_autoptr (GError) first = NULL;

  if (!changes)
    return FALSE;
  for (guint i = g_list_model_get_n_items (changes); i-- > 0;)
    {
      g_autoptr (FatiaPastChange) change = g_list_model_get_item (changes, i);

      if (!g_str_equal (fatia_past_change_get_state (change), "applied"))
        continue;
      dex_await (fatia_host_undo_change (host, fatia_past_change_get_id (change), decisions),
                 first ? NULL : &first);
      /* Who was not authorised is not asked again for each. */
      if (g_error_matches (first, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
        break;
    }
  if (!first)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

typedef struct
{
  FatiaSetup *self;
  GVariant *decisions; /* (nullable) */
} UndoAll;

static void
undo_all_free (gpointer data)
{
  UndoAll *undo = data;

  g_object_unref (undo->self);
  g_clear_pointer (&undo->decisions, g_variant_unref);
  g_free (undo);
}

static DexFuture *
undo_all_fiber (gpointer user_data)
{
  UndoAll *undo = user_data;
  FatiaSetup *self = undo->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refresh_error = NULL;

  if (delete_domains (self, &error))
    undo_changes (fatia_setup_get_host (self), undo->decisions, &error);
  dex_await (fatia_setup_refresh (self), &refresh_error);
  if (error)
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (refresh_error)
    return dex_future_new_for_error (g_steal_pointer (&refresh_error));
  return dex_future_new_true ();
}

/**
 * fatia_setup_undo_all:
 * @decisions: (nullable): a{sb}: of files that others changed too, by path, whether what was
 *   there before comes back (else what is there stays); floating references are taken
 *
 * Undoes every change of the helper's journal, newest first. In practice and in a tree our VM
 * goes too, before them; in a libvirt that was named or is the computer's it stays, with its disk.
 *
 * Returns: (transfer full): a boolean; rejects with the first error, after the other changes
 *   were undone all the same
 */
DexFuture *
fatia_setup_undo_all (FatiaSetup *self, GVariant *decisions)
{
  DexFuture *future;
  UndoAll *undo;

  g_return_val_if_fail (FATIA_IS_SETUP (self), NULL);

  undo = g_new0 (UndoAll, 1);
  undo->self = g_object_ref (self);
  undo->decisions = decisions ? g_variant_ref_sink (decisions) : NULL;
  future = dex_scheduler_spawn (NULL, 0, undo_all_fiber, undo, undo_all_free);
  dex_future_disown (dex_ref (future));
  return future;
}

static gboolean
has_target (FatiaPlan *plan, const char *target)
{
  g_auto (GStrv) conflicts = fatia_plan_get_conflicts (plan);

  return g_strv_contains ((const char *const *) conflicts, target);
}

/* Each file once: what a newer change shows of it is what is there now. */
static void
add_conflicts (FatiaPlan *conflicts, FatiaPlan *plan)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (plan)); i++)
    {
      g_autoptr (FatiaPlanItem) item = g_list_model_get_item (G_LIST_MODEL (plan), i);
      const char *target = fatia_plan_item_get_target (item);

      if (g_str_equal (fatia_plan_item_get_kind (item), "conflict") &&
          !has_target (conflicts, target))
        fatia_plan_add (conflicts, "conflict", target, fatia_plan_item_get_title (item),
                        fatia_plan_item_get_text (item));
    }
}

static DexFuture *
find_conflicts_fiber (gpointer user_data)
{
  FatiaHost *host = fatia_setup_get_host (user_data);
  g_autoptr (FatiaPlan) conflicts = fatia_plan_new (NULL);
  g_autoptr (GListModel) changes = NULL;
  g_autoptr (GError) error = NULL;

  changes = dex_await_object (fatia_host_list_changes (host), &error);
  if (!changes)
    return dex_future_new_for_error (g_steal_pointer (&error));
  for (guint i = g_list_model_get_n_items (changes); i-- > 0;)
    {
      g_autoptr (FatiaPastChange) change = g_list_model_get_item (changes, i);
      g_autoptr (FatiaPlan) plan = NULL;

      if (!g_str_equal (fatia_past_change_get_state (change), "applied"))
        continue;
      /* One whose turn has not come yet can't be planned; it is told when it is undone. */
      plan = dex_await_object (fatia_host_plan_undo (host, fatia_past_change_get_id (change), NULL),
                               NULL);
      if (plan)
        add_conflicts (conflicts, plan);
    }
  return dex_future_new_take_object (g_steal_pointer (&conflicts));
}

/**
 * fatia_setup_find_conflicts:
 *
 * Looks for what a person has to decide about before everything is undone.
 *
 * Returns: (transfer full): resolves to a #FatiaPlan (object) of items of kind "conflict" alone
 */
DexFuture *
fatia_setup_find_conflicts (FatiaSetup *self)
{
  g_return_val_if_fail (FATIA_IS_SETUP (self), NULL);
  return dex_scheduler_spawn (NULL, 0, find_conflicts_fiber, g_object_ref (self), g_object_unref);
}
