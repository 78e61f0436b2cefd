/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/dashboard/fatia-undo-dialog.h"

#include <glib/gi18n.h>

#include "change/fatia-change.h"
#include "ui/fatia-futures.h"
#include "ui/fatia-text.h"
#include "ui/preview/fatia-changes-view.h"
#include "ui/preview/fatia-conflict-list.h"

struct _FatiaUndoDialog
{
  AdwDialog parent_instance;

  GtkWidget *conflict_group;
  FatiaConflictList *conflicts;
  AdwPreferencesGroup *group;
  FatiaChangesView *changes;
  GtkWidget *nothing_label;
  GtkLabel *problem_label;
  GtkWidget *spinner;
  GtkWidget *undo_button;

  FatiaSetup *setup;
  FatiaPastChange *change;
  FatiaPlan *plan;  /* (nullable): what is shown, and what is done */
  guint generation; /* of the plan asked for last */
};

G_DEFINE_FINAL_TYPE (FatiaUndoDialog, fatia_undo_dialog, ADW_TYPE_DIALOG)

static void
set_busy (FatiaUndoDialog *self, gboolean busy)
{
  gtk_widget_set_visible (self->spinner, busy);
  gtk_widget_set_sensitive (self->undo_button, !busy && self->plan != NULL &&
                                                 fatia_conflict_list_is_decided (self->conflicts));
  adw_dialog_set_can_close (ADW_DIALOG (self), !busy);
}

static void
show_problem (FatiaUndoDialog *self, const GError *error)
{
  gtk_widget_set_visible (GTK_WIDGET (self->problem_label), error != NULL);
  gtk_label_set_text (self->problem_label, error != NULL ? error->message : "");
}

/* What is not decided about yet is shown apart. (transfer full) (nullable) */
static FatiaPlan *
without_conflicts (FatiaPlan *plan)
{
  FatiaPlan *rest = plan != NULL ? fatia_plan_new (fatia_plan_get_digest (plan)) : NULL;

  for (guint i = 0; plan != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (plan)); i++)
    {
      g_autoptr (FatiaPlanItem) item = g_list_model_get_item (G_LIST_MODEL (plan), i);

      if (!g_str_equal (fatia_plan_item_get_kind (item), "conflict"))
        fatia_plan_add (rest, fatia_plan_item_get_kind (item), fatia_plan_item_get_target (item),
                        fatia_plan_item_get_title (item), fatia_plan_item_get_text (item));
    }
  return rest;
}

static void
show_plan (FatiaUndoDialog *self, FatiaPlan *plan)
{
  g_autoptr (FatiaPlan) rest = without_conflicts (plan);

  g_set_object (&self->plan, plan);
  fatia_changes_view_set_plan (self->changes, rest);
  gtk_widget_set_visible (self->nothing_label, plan != NULL && fatia_plan_is_empty (plan));
}

static DexFuture *
plan_fiber (gpointer data)
{
  FatiaUndoDialog *self = FATIA_UNDO_DIALOG (data);
  FatiaHost *host = fatia_setup_get_host (self->setup);
  const char *id = fatia_past_change_get_id (self->change);
  gboolean first = fatia_conflict_list_is_empty (self->conflicts);
  guint generation = ++self->generation;
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  plan = dex_await_object (
    fatia_host_plan_undo (host, id, fatia_conflict_list_get_decisions (self->conflicts)), &error);
  if (generation != self->generation)
    return dex_future_new_for_boolean (FALSE);
  /* Asked once: what is decided about stays in the list, so that it can be decided otherwise. */
  if (first)
    fatia_conflict_list_set_plan (self->conflicts, plan);
  gtk_widget_set_visible (self->conflict_group, !fatia_conflict_list_is_empty (self->conflicts));
  show_plan (self, plan);
  show_problem (self, error);
  set_busy (self, FALSE);
  return dex_future_new_for_boolean (plan != NULL);
}

static void
decided (FatiaUndoDialog *self)
{
  /* Until it is known what that would do. */
  show_plan (self, NULL);
  set_busy (self, FALSE);
  fatia_run (plan_fiber, self);
}

/* What is there is no longer what was decided about. */
static void
ask_anew (FatiaUndoDialog *self)
{
  fatia_conflict_list_set_plan (self->conflicts, NULL);
  show_plan (self, NULL);
}

static DexFuture *
undo_fiber (gpointer data)
{
  FatiaUndoDialog *self = FATIA_UNDO_DIALOG (data);
  FatiaHost *host = fatia_setup_get_host (self->setup);
  gboolean whole = fatia_conflict_list_is_empty (self->conflicts);
  g_autoptr (GError) error = NULL;

  set_busy (self, TRUE);
  if (dex_await (fatia_host_undo (host, fatia_past_change_get_id (self->change),
                                  fatia_conflict_list_get_decisions (self->conflicts),
                                  fatia_plan_get_digest (self->plan)),
                 &error) &&
      dex_await (fatia_setup_refresh (self->setup), &error))
    {
      set_busy (self, FALSE);
      fatia_toast (GTK_WIDGET (self), whole ? _ ("Undone: what Fatia did is taken back")
                                            : _ ("Undone, as you decided"));
      adw_dialog_close (ADW_DIALOG (self));
      return dex_future_new_for_boolean (TRUE);
    }
  if (g_error_matches (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_STALE) ||
      g_error_matches (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_TOUCHED))
    {
      ask_anew (self);
      dex_await (plan_fiber (self), NULL);
    }
  show_problem (self, error);
  set_busy (self, FALSE);
  return dex_future_new_for_boolean (FALSE);
}

static void
undo (FatiaUndoDialog *self)
{
  fatia_run (undo_fiber, self);
}

static void
fatia_undo_dialog_dispose (GObject *object)
{
  FatiaUndoDialog *self = FATIA_UNDO_DIALOG (object);

  self->generation++;
  g_clear_object (&self->plan);
  g_clear_object (&self->change);
  g_clear_object (&self->setup);
  G_OBJECT_CLASS (fatia_undo_dialog_parent_class)->dispose (object);
}

static void
fatia_undo_dialog_class_init (FatiaUndoDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fatia_undo_dialog_dispose;

  g_type_ensure (FATIA_TYPE_CHANGES_VIEW);
  g_type_ensure (FATIA_TYPE_CONFLICT_LIST);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/dashboard/fatia-undo-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaUndoDialog, conflict_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaUndoDialog, conflicts);
  gtk_widget_class_bind_template_child (widget_class, FatiaUndoDialog, group);
  gtk_widget_class_bind_template_child (widget_class, FatiaUndoDialog, changes);
  gtk_widget_class_bind_template_child (widget_class, FatiaUndoDialog, nothing_label);
  gtk_widget_class_bind_template_child (widget_class, FatiaUndoDialog, problem_label);
  gtk_widget_class_bind_template_child (widget_class, FatiaUndoDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, FatiaUndoDialog, undo_button);
  gtk_widget_class_bind_template_callback (widget_class, decided);
  gtk_widget_class_bind_template_callback (widget_class, undo);
}

static void
fatia_undo_dialog_init (FatiaUndoDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * fatia_undo_dialog_new:
 * @setup: the setup of the host
 * @change: what is to be undone
 *
 * Returns: (transfer floating): a dialog that is asking what that would change
 */
AdwDialog *
fatia_undo_dialog_new (FatiaSetup *setup, FatiaPastChange *change)
{
  FatiaUndoDialog *self;

  g_return_val_if_fail (FATIA_IS_SETUP (setup), NULL);
  g_return_val_if_fail (FATIA_IS_PAST_CHANGE (change), NULL);

  self = g_object_new (FATIA_TYPE_UNDO_DIALOG, NULL);
  self->setup = g_object_ref (setup);
  self->change = g_object_ref (change);
  fatia_group_set_description (self->group, fatia_past_change_get_title (change));
  fatia_run (plan_fiber, self);
  return ADW_DIALOG (self);
}
