/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-undo-all.h"

#include <glib/gi18n.h>

#include "ui/fatia-futures.h"
#include "ui/preview/fatia-conflict-list.h"

static const char *
describe (FatiaSetup *setup)
{
  return fatia_host_get_kind (fatia_setup_get_host (setup)) == FATIA_HOST_SYSTEM
           ? _ ("Every change Fatia made on this computer is taken back, the newest first. The "
                "virtual machine and its disk stay until you delete them.")
           : _ ("Every change Fatia made here is taken back, the newest first, and the virtual "
                "machine goes with its disk.");
}

/* The question is fatia_confirm()'s, whose button waits for the decisions. */
static void
update (FatiaConflictList *conflicts)
{
  GtkWidget *dialog = gtk_widget_get_ancestor (GTK_WIDGET (conflicts), ADW_TYPE_ALERT_DIALOG);

  if (dialog != NULL)
    adw_alert_dialog_set_response_enabled (ADW_ALERT_DIALOG (dialog), FATIA_CONFIRM_AGREE,
                                           fatia_conflict_list_is_decided (conflicts));
}

static gboolean
ask_with_conflicts (GtkWidget *parent,
                    FatiaSetup *setup,
                    FatiaConflictList *conflicts,
                    GVariant **decisions)
{
  g_autofree char *body = g_strdup_printf (
    "%s\n\n%s", describe (setup),
    _ ("Others changed these files where Fatia had changed them. Decide about each what stays."));

  g_signal_connect (conflicts, "map", G_CALLBACK (update), NULL);
  g_signal_connect (conflicts, "decided", G_CALLBACK (update), NULL);
  if (!fatia_confirm (parent, _ ("Undo Everything?"), body, _ ("_Cancel"), _ ("_Undo Everything"),
                      ADW_RESPONSE_DESTRUCTIVE, GTK_WIDGET (conflicts)))
    return FALSE;
  *decisions = g_variant_ref_sink (fatia_conflict_list_get_decisions (conflicts));
  return TRUE;
}

/**
 * fatia_undo_all_ask:
 * @parent: what the question is shown over
 * @setup: the setup of the host
 * @decisions: (out) (nullable) (transfer full): for fatia_setup_undo_all()
 *
 * Asks and waits for the answer, so it is for fibers.
 *
 * Returns: whether the person agreed
 */
gboolean
fatia_undo_all_ask (GtkWidget *parent, FatiaSetup *setup, GVariant **decisions)
{
  g_autoptr (FatiaConflictList) conflicts = NULL;
  g_autoptr (FatiaPlan) plan = NULL;

  *decisions = NULL;
  /* Where that can't be found out, undoing says it. */
  plan = dex_await_object (fatia_setup_find_conflicts (setup), NULL);
  if (plan == NULL || fatia_plan_is_empty (plan))
    return fatia_confirm (parent, _ ("Undo Everything?"), describe (setup), _ ("_Cancel"),
                          _ ("_Undo Everything"), ADW_RESPONSE_DESTRUCTIVE, NULL);
  conflicts = FATIA_CONFLICT_LIST (g_object_ref_sink (fatia_conflict_list_new ()));
  fatia_conflict_list_set_plan (conflicts, plan);
  return ask_with_conflicts (parent, setup, conflicts, decisions);
}
