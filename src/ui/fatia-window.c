/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-window.h"

#include <glib/gi18n.h>

#include "ui/dashboard/fatia-dashboard.h"
#include "ui/fatia-futures.h"
#include "ui/fatia-menu-button.h"
#include "ui/fatia-restart.h"
#include "ui/fatia-text.h"
#include "ui/fatia-undo-all.h"
#include "ui/wizard/fatia-wizard.h"

struct _FatiaWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkStack *stack;
  AdwStatusPage *problem_page;

  GSettings *settings; /* (nullable): where the schema is not installed */
  FatiaSetup *setup;
  GtkWidget *view;  /* the wizard or the dashboard */
  gboolean undoing; /* everything */
  GFile *firmware;  /* (nullable): to be read once the host is */
};

G_DEFINE_FINAL_TYPE (FatiaWindow, fatia_window, ADW_TYPE_APPLICATION_WINDOW)

static void
replace_view (FatiaWindow *self, GtkWidget *view)
{
  GtkWidget *old = self->view;

  self->view = view;
  if (view != NULL)
    {
      gtk_stack_add_child (self->stack, view);
      gtk_stack_set_visible_child (self->stack, view);
    }
  if (old != NULL)
    gtk_stack_remove (self->stack, old);
}

/* A toast must not lie on the buttons at the foot of the setup's pages. */
static void
set_has_foot (FatiaWindow *self, gboolean has_foot)
{
  if (has_foot)
    gtk_widget_add_css_class (GTK_WIDGET (self->toasts), "fatia-foot");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->toasts), "fatia-foot");
}

static void
show_dashboard (FatiaWindow *self)
{
  set_has_foot (self, FALSE);
  replace_view (self, fatia_dashboard_new (self->setup));
}

static void
show_wizard (FatiaWindow *self)
{
  g_autoptr (GFile) firmware = g_steal_pointer (&self->firmware);
  GtkWidget *wizard = firmware != NULL ? fatia_wizard_new_with_firmware (self->setup, firmware)
                                       : fatia_wizard_new (self->setup);

  g_signal_connect_object (wizard, "finished", G_CALLBACK (show_dashboard), self,
                           G_CONNECT_SWAPPED);
  set_has_foot (self, TRUE);
  replace_view (self, wizard);
}

static void
start_over (FatiaWindow *self)
{
  show_wizard (self);
  fatia_wizard_start_over (FATIA_WIZARD (self->view));
}

/* The dashboard is for a VM that is there; without one the setup is what is left to show. */
static void
setup_changed (FatiaWindow *self)
{
  if (!self->undoing && FATIA_IS_DASHBOARD (self->view) && !fatia_setup_is_complete (self->setup))
    show_wizard (self);
}

static DexFuture *
load_fiber (gpointer data)
{
  FatiaWindow *self = FATIA_WINDOW (data);
  g_autoptr (FatiaSetup) setup = g_object_ref (self->setup);
  g_autoptr (GError) error = NULL;
  gboolean read = dex_await (fatia_setup_refresh (setup), &error);

  /* Another host may have been opened in the meantime. */
  if (self->setup != setup)
    return dex_future_new_for_boolean (FALSE);
  if (!read)
    fatia_window_show_problem (self, error->message);
  else if (fatia_setup_is_complete (setup) && self->firmware == NULL)
    show_dashboard (self);
  else
    show_wizard (self);
  return dex_future_new_for_boolean (read);
}

static void
load (FatiaWindow *self)
{
  gtk_stack_set_visible_child_name (self->stack, "loading");
  fatia_run (load_fiber, self);
}

static DexFuture *
check_again_fiber (gpointer data)
{
  FatiaWindow *self = FATIA_WINDOW (data);
  g_autoptr (FatiaSetup) setup = g_object_ref (self->setup);
  g_autoptr (GError) error = NULL;

  if (dex_await (fatia_setup_refresh (setup), &error))
    fatia_toast (GTK_WIDGET (self), _ ("Checked again"));
  else
    fatia_toast_error (GTK_WIDGET (self), error);
  return dex_future_new_for_boolean (TRUE);
}

static void
check_again (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FatiaWindow *self = FATIA_WINDOW (widget);

  if (self->view != NULL)
    fatia_run (check_again_fiber, self);
}

static void
run_setup (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FatiaWindow *self = FATIA_WINDOW (widget);

  if (self->view != NULL)
    start_over (self);
}

static void
go_to_dashboard (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FatiaWindow *self = FATIA_WINDOW (widget);

  if (self->view != NULL && fatia_setup_is_complete (self->setup))
    show_dashboard (self);
}

static void
copy_report (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FatiaWindow *self = FATIA_WINDOW (widget);
  g_autofree char *report = NULL;

  if (self->view == NULL)
    return;
  report = fatia_setup_get_report (self->setup);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), report);
  fatia_toast (widget, _ ("Report copied: it names no serial number, user or address"));
}

static DexFuture *
restart_fiber (gpointer data)
{
  FatiaWindow *self = FATIA_WINDOW (data);
  g_autoptr (FatiaSetup) setup = g_object_ref (self->setup);

  return dex_future_new_for_boolean (fatia_restart_offer (GTK_WIDGET (self), setup));
}

static void
restart (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FatiaWindow *self = FATIA_WINDOW (widget);

  if (self->view != NULL)
    fatia_run (restart_fiber, self);
}

static DexFuture *
undo_all_fiber (gpointer data)
{
  FatiaWindow *self = FATIA_WINDOW (data);
  g_autoptr (FatiaSetup) setup = g_object_ref (self->setup);
  g_autoptr (GVariant) decisions = NULL;
  g_autoptr (GError) error = NULL;

  if (!fatia_undo_all_ask (GTK_WIDGET (self), setup, &decisions))
    return dex_future_new_for_boolean (FALSE);

  /* The VM goes first: what is shown meanwhile must not follow each part. */
  self->undoing = TRUE;
  gtk_stack_set_visible_child_name (self->stack, "undoing");
  dex_await (fatia_setup_undo_all (setup, decisions), &error);
  self->undoing = FALSE;
  if (self->setup == NULL)
    return dex_future_new_for_boolean (FALSE);

  if (fatia_setup_is_complete (setup))
    show_dashboard (self);
  else
    start_over (self);
  if (error != NULL)
    fatia_toast_error (GTK_WIDGET (self), error);
  else
    fatia_toast (GTK_WIDGET (self), _ ("Everything is undone"));
  if (fatia_restart_ends_arguments (setup))
    fatia_restart_offer (GTK_WIDGET (self), setup);
  return dex_future_new_for_boolean (error == NULL);
}

static void
undo_all (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FatiaWindow *self = FATIA_WINDOW (widget);

  if (self->view != NULL && !self->undoing)
    fatia_run (undo_all_fiber, self);
}

static void
toast (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AdwToast *message = adw_toast_new (g_variant_get_string (parameter, NULL));

  adw_toast_set_use_markup (message, FALSE);
  /* What happened last is what counts: it does not queue behind what was said before. */
  adw_toast_set_priority (message, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_overlay_add_toast (FATIA_WINDOW (widget)->toasts, message);
}

static void
toggle_fullscreen (GtkWidget *widget, const char *name, GVariant *parameter)
{
  if (gtk_window_is_fullscreen (GTK_WINDOW (widget)))
    {
      gtk_window_unfullscreen (GTK_WINDOW (widget));
      return;
    }
  gtk_window_fullscreen (GTK_WINDOW (widget));
  fatia_toast (widget, _ ("F11 leaves fullscreen"));
}

static gboolean
is_busy (FatiaWindow *self)
{
  GListModel *steps = self->setup != NULL ? fatia_setup_get_steps (self->setup) : NULL;

  for (guint i = 0; steps != NULL && i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (FatiaStep) step = g_list_model_get_item (steps, i);

      if (fatia_step_is_busy (step))
        return TRUE;
    }
  return FALSE;
}

static gboolean
fatia_window_close_request (GtkWindow *window)
{
  FatiaWindow *self = FATIA_WINDOW (window);

  if (self->undoing || is_busy (self))
    {
      fatia_toast (GTK_WIDGET (self), _ ("A change is being made: wait until it is finished"));
      return TRUE;
    }
  return GTK_WINDOW_CLASS (fatia_window_parent_class)->close_request (window);
}

/* Settings only remember the window's size, so the program works without them. */
static void
bind_settings (FatiaWindow *self)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, "dev.fatia.Fatia", TRUE);
  if (schema == NULL)
    return;
  self->settings = g_settings_new_full (schema, NULL, NULL);
  g_settings_bind (self->settings, "width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
}

static void
fatia_window_dispose (GObject *object)
{
  FatiaWindow *self = FATIA_WINDOW (object);

  self->view = NULL;
  g_clear_object (&self->firmware);
  g_clear_object (&self->settings);
  g_clear_object (&self->setup);
  G_OBJECT_CLASS (fatia_window_parent_class)->dispose (object);
}

static void
fatia_window_class_init (FatiaWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fatia_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = fatia_window_close_request;

  g_type_ensure (FATIA_TYPE_MENU_BUTTON);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/fatia/Fatia/fatia-window.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, FatiaWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, FatiaWindow, problem_page);

  gtk_widget_class_install_action (widget_class, "win.check-again", NULL, check_again);
  gtk_widget_class_install_action (widget_class, "win.run-setup", NULL, run_setup);
  gtk_widget_class_install_action (widget_class, "win.dashboard", NULL, go_to_dashboard);
  gtk_widget_class_install_action (widget_class, "win.copy-report", NULL, copy_report);
  gtk_widget_class_install_action (widget_class, "win.restart", NULL, restart);
  gtk_widget_class_install_action (widget_class, "win.undo-all", NULL, undo_all);
  gtk_widget_class_install_action (widget_class, "win.fullscreen", NULL, toggle_fullscreen);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast);
}

static void
fatia_window_init (FatiaWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  bind_settings (self);
}

/**
 * fatia_window_new:
 * @application: the application
 *
 * Returns: (transfer none): a window that shows nothing yet
 */
FatiaWindow *
fatia_window_new (GtkApplication *application)
{
  return g_object_new (FATIA_TYPE_WINDOW, "application", application, NULL);
}

/**
 * fatia_window_open:
 * @self: the window
 * @setup: the setup of a host
 *
 * Reads the host's facts and shows the dashboard where a VM of ours is there, else the setup at
 * the step it stands at. What was shown before goes.
 */
void
fatia_window_open (FatiaWindow *self, FatiaSetup *setup)
{
  g_return_if_fail (FATIA_IS_WINDOW (self));
  g_return_if_fail (FATIA_IS_SETUP (setup));

  if (self->setup != NULL)
    g_signal_handlers_disconnect_by_func (self->setup, setup_changed, self);
  g_set_object (&self->setup, setup);
  g_signal_connect_object (setup, "changed", G_CALLBACK (setup_changed), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  load (self);
  replace_view (self, NULL);
}

/**
 * fatia_window_read_firmware:
 * @self: the window
 * @file: a firmware image
 *
 * Looks for the GOP driver in it, on the page that is for that; once the host is read.
 */
void
fatia_window_read_firmware (FatiaWindow *self, GFile *file)
{
  g_return_if_fail (FATIA_IS_WINDOW (self));
  g_return_if_fail (G_IS_FILE (file));

  if (is_busy (self))
    {
      fatia_toast (GTK_WIDGET (self), _ ("A change is being made: wait until it is finished"));
      return;
    }
  g_set_object (&self->firmware, file);
  /* Else the host is being read, and the wizard comes after it. */
  if (self->view != NULL)
    show_wizard (self);
}

/**
 * fatia_window_show_problem:
 * @self: the window
 * @message: in words, why the host can't be opened and what to do
 */
void
fatia_window_show_problem (FatiaWindow *self, const char *message)
{
  g_return_if_fail (FATIA_IS_WINDOW (self));

  fatia_status_set_description (self->problem_page, message);
  gtk_stack_set_visible_child_name (self->stack, "problem");
}
