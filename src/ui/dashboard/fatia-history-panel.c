/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/dashboard/fatia-history-panel.h"

#include <glib/gi18n.h>

#include "ui/dashboard/fatia-undo-dialog.h"
#include "ui/fatia-futures.h"
#include "ui/fatia-text.h"

struct _FatiaHistoryPanel
{
  AdwBin parent_instance;

  GtkStack *stack;
  AdwStatusPage *problem_page;
  GtkListBox *list;
  GtkWidget *undo_all_row;

  FatiaSetup *setup;
  guint generation; /* of the list asked for last */
};

G_DEFINE_FINAL_TYPE (FatiaHistoryPanel, fatia_history_panel, ADW_TYPE_BIN)

static gboolean
is_applied (FatiaPastChange *change)
{
  return g_strcmp0 (fatia_past_change_get_state (change), "applied") == 0;
}

static char *
describe (FatiaPastChange *change)
{
  g_autoptr (GDateTime) time =
    g_date_time_new_from_unix_local (fatia_past_change_get_time (change));
  g_autofree char *when = time != NULL ? g_date_time_format (time, "%x %H:%M") : NULL;

  if (is_applied (change))
    return g_steal_pointer (&when);
  /* Translators: when a change was made, and that it is undone. */
  return g_strdup_printf (_ ("%s, undone"), when != NULL ? when : "");
}

static void
undo_clicked (FatiaHistoryPanel *self, GtkButton *button)
{
  FatiaPastChange *change = g_object_get_data (G_OBJECT (button), "change");
  AdwDialog *dialog = fatia_undo_dialog_new (self->setup, change);

  adw_dialog_present (dialog, GTK_WIDGET (self));
}

static GtkWidget *
row_of (FatiaHistoryPanel *self, FatiaPastChange *change)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *subtitle = describe (change);

  g_object_set (row, "use-markup", FALSE, "title", fatia_past_change_get_title (change), "subtitle",
                subtitle, NULL);
  if (is_applied (change))
    {
      GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Undo…"));

      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      g_object_set_data_full (G_OBJECT (button), "change", g_object_ref (change), g_object_unref);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                      fatia_past_change_get_title (change), -1);
      g_signal_connect_object (button, "clicked", G_CALLBACK (undo_clicked), self,
                               G_CONNECT_SWAPPED);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
  else
    gtk_widget_add_css_class (row, "dim-label");
  return row;
}

static void
show_changes (FatiaHistoryPanel *self, GListModel *changes)
{
  guint n = g_list_model_get_n_items (changes);
  guint applied = 0;

  gtk_list_box_remove_all (self->list);
  for (guint i = n; i > 0; i--)
    {
      g_autoptr (FatiaPastChange) change = g_list_model_get_item (changes, i - 1);

      applied += is_applied (change);
      gtk_list_box_append (self->list, row_of (self, change));
    }
  gtk_widget_set_visible (self->undo_all_row, applied > 0);
  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "list" : "empty");
}

static DexFuture *
refresh_fiber (gpointer data)
{
  FatiaHistoryPanel *self = FATIA_HISTORY_PANEL (data);
  FatiaHost *host = fatia_setup_get_host (self->setup);
  g_autoptr (GListModel) changes = NULL;
  g_autoptr (GError) error = NULL;
  guint generation = ++self->generation;

  changes = dex_await_object (fatia_host_list_changes (host), &error);
  if (generation != self->generation)
    return dex_future_new_for_boolean (FALSE);
  if (changes != NULL)
    show_changes (self, changes);
  else
    {
      fatia_status_set_description (self->problem_page, error->message);
      gtk_stack_set_visible_child_name (self->stack, "problem");
    }
  return dex_future_new_for_boolean (changes != NULL);
}

static void
refresh (FatiaHistoryPanel *self)
{
  fatia_history_panel_refresh (self);
}

static void
fatia_history_panel_dispose (GObject *object)
{
  FatiaHistoryPanel *self = FATIA_HISTORY_PANEL (object);

  self->generation++;
  g_clear_object (&self->setup);
  G_OBJECT_CLASS (fatia_history_panel_parent_class)->dispose (object);
}

static void
fatia_history_panel_class_init (FatiaHistoryPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fatia_history_panel_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/dev/fatia/Fatia/dashboard/"
                                                             "fatia-history-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaHistoryPanel, stack);
  gtk_widget_class_bind_template_child (widget_class, FatiaHistoryPanel, problem_page);
  gtk_widget_class_bind_template_child (widget_class, FatiaHistoryPanel, list);
  gtk_widget_class_bind_template_child (widget_class, FatiaHistoryPanel, undo_all_row);
  gtk_widget_class_bind_template_callback (widget_class, refresh);
}

static void
fatia_history_panel_init (FatiaHistoryPanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * fatia_history_panel_set_setup:
 * @self: the panel
 * @setup: the setup of the host it tells of; set once
 */
void
fatia_history_panel_set_setup (FatiaHistoryPanel *self, FatiaSetup *setup)
{
  g_return_if_fail (FATIA_IS_HISTORY_PANEL (self));
  g_return_if_fail (FATIA_IS_SETUP (setup));
  g_return_if_fail (self->setup == NULL);

  self->setup = g_object_ref (setup);
  g_signal_connect_object (setup, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
}

/**
 * fatia_history_panel_refresh:
 * @self: the panel
 *
 * Asks the helper for the list anew.
 */
void
fatia_history_panel_refresh (FatiaHistoryPanel *self)
{
  g_return_if_fail (FATIA_IS_HISTORY_PANEL (self));

  if (self->setup != NULL)
    fatia_run (refresh_fiber, self);
}
