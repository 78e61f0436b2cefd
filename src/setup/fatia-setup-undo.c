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
undo_changes (FatiaHost *host, GError **error)
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
      dex_await (fatia_host_undo_change (host, fatia_past_change_get_id (change)),
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

static DexFuture *
undo_all_fiber (gpointer user_data)
{
  FatiaSetup *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refresh_error = NULL;

  if (delete_domains (self, &error))
    undo_changes (fatia_setup_get_host (self), &error);
  dex_await (fatia_setup_refresh (self), &refresh_error);
  if (error)
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (refresh_error)
    return dex_future_new_for_error (g_steal_pointer (&refresh_error));
  return dex_future_new_true ();
}

/**
 * fatia_setup_undo_all:
 *
 * Undoes every change of the helper's journal, newest first. In practice and in a tree our VM
 * goes too, before them; in a libvirt that was named or is the computer's it stays, with its disk.
 *
 * Returns: (transfer full): a boolean; rejects with the first error, after the other changes
 *   were undone all the same
 */
DexFuture *
fatia_setup_undo_all (FatiaSetup *self)
{
  DexFuture *future;

  g_return_val_if_fail (FATIA_IS_SETUP (self), NULL);

  future = dex_scheduler_spawn (NULL, 0, undo_all_fiber, g_object_ref (self), g_object_unref);
  dex_future_disown (dex_ref (future));
  return future;
}
