/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-software-page.h"

#include <glib/gi18n.h>

#include "setup/fatia-steps.h"
#include "ui/fatia-futures.h"
#include "ui/fatia-step-panel.h"

struct _FatiaSoftwarePage
{
  FatiaWizardPage parent_instance;

  FatiaStepPanel *software_panel;
  GtkWidget *command_group;
  AdwActionRow *command_row;
  GtkWidget *module_group;
  AdwActionRow *release_row;
  AdwActionRow *file_row;
  GtkWidget *practice_row;
  AdwActionRow *chosen_row;
  FatiaStepPanel *module_panel;
  GtkWidget *key_group;
  GtkEditable *password_row;
  GtkEditable *again_row;
  FatiaStepPanel *key_panel;

  FatiaModuleStep *module;
  FatiaKeyStep *key;
  gboolean lacked; /* software was missing since the page is there: what was done can be undone */
};

G_DEFINE_FINAL_TYPE (FatiaSoftwarePage, fatia_software_page, FATIA_TYPE_WIZARD_PAGE)

static const char *const step_ids[] = { "software", "module", "key", NULL };

static FatiaStepState
state_of (FatiaSoftwarePage *self, const char *id)
{
  return fatia_step_get_state (fatia_wizard_page_get_step (FATIA_WIZARD_PAGE (self), id));
}

static void
copy_command (FatiaSoftwarePage *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          adw_action_row_get_subtitle (self->command_row));
  fatia_toast (GTK_WIDGET (self), _ ("Command copied"));
}

static gboolean
needs_module (FatiaSoftwarePage *self)
{
  FatiaSetup *setup = fatia_wizard_page_get_setup (FATIA_WIZARD_PAGE (self));

  return fatia_advice_needs_module (fatia_setup_get_facts (setup));
}

/* Nothing can be installed before there is a file. */
static void
update_module (FatiaSoftwarePage *self)
{
  const char *path = fatia_module_step_get_path (self->module);
  gboolean open = fatia_step_get_state (FATIA_STEP (self->module)) == FATIA_STEP_TODO;
  g_autofree char *name = path != NULL ? g_filename_display_name (path) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->chosen_row), name != NULL);
  adw_action_row_set_subtitle (self->chosen_row, name);
  gtk_widget_set_visible (GTK_WIDGET (self->module_panel),
                          needs_module (self) && (!open || path != NULL));
  fatia_step_panel_preview (self->module_panel);
}

static void
take_file (FatiaSoftwarePage *self, const char *path)
{
  g_autoptr (GError) error = NULL;

  if (!fatia_module_step_set_path (self->module, path, &error))
    fatia_toast_error (GTK_WIDGET (self), error);
  update_module (self);
}

static DexFuture *
choose_fiber (gpointer data)
{
  FatiaSoftwarePage *self = FATIA_SOFTWARE_PAGE (data);
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;

  gtk_file_dialog_set_title (dialog, _ ("Choose the Driver’s File"));
  file = dex_await_object (fatia_open_file (dialog, GTK_WIDGET (self)), &error);
  if (self->module == NULL)
    return dex_future_new_for_boolean (FALSE);
  if (file == NULL)
    fatia_toast_error (GTK_WIDGET (self), error);
  else if (g_file_peek_path (file) == NULL)
    fatia_toast (GTK_WIDGET (self), _ ("Only files on this computer can be read: copy it here "
                                       "first."));
  else
    take_file (self, g_file_peek_path (file));
  return dex_future_new_for_boolean (file != NULL);
}

static void
choose_file (FatiaSoftwarePage *self)
{
  fatia_run (choose_fiber, self);
}

static gboolean
dropped (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  FatiaSoftwarePage *self = FATIA_SOFTWARE_PAGE (data);
  GFile *file = g_value_get_object (value);

  if (file == NULL || g_file_peek_path (file) == NULL ||
      fatia_step_get_state (FATIA_STEP (self->module)) != FATIA_STEP_TODO)
    return FALSE;
  take_file (self, g_file_peek_path (file));
  return TRUE;
}

static void
use_practice_file (FatiaSoftwarePage *self)
{
  FatiaHost *host = fatia_setup_get_host (fatia_wizard_page_get_setup (FATIA_WIZARD_PAGE (self)));
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  path = fatia_practice_make_driver_file (
    fatia_host_get_practice (host), fatia_module_step_get_release_name (self->module), &error);
  if (path != NULL)
    take_file (self, path);
  else
    fatia_toast_error (GTK_WIDGET (self), error);
}

static void
page_opened (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (FatiaSoftwarePage) self = data;
  g_autoptr (GError) error = NULL;

  if (!gtk_uri_launcher_launch_finish (GTK_URI_LAUNCHER (object), result, &error))
    fatia_toast_error (GTK_WIDGET (self), error);
}

static void
open_page (FatiaSoftwarePage *self)
{
  const char *page = fatia_module_step_get_page (self->module);
  g_autoptr (GtkUriLauncher) launcher = gtk_uri_launcher_new (page);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_uri_launcher_launch (launcher, GTK_WINDOW (root), NULL, page_opened, g_object_ref (self));
}

static void
set_invalid (GtkEditable *row, gboolean invalid)
{
  if (invalid)
    gtk_widget_add_css_class (GTK_WIDGET (row), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
                               invalid ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static gboolean
needs_key (FatiaSoftwarePage *self)
{
  FatiaSetup *setup = fatia_wizard_page_get_setup (FATIA_WIZARD_PAGE (self));

  return needs_module (self) && fatia_setup_get_facts (setup)->secure_boot == FATIA_YES;
}

/* Says what is wrong with the password, and tells the step once nothing is. */
static void
password_changed (FatiaSoftwarePage *self)
{
  const char *password = gtk_editable_get_text (self->password_row);
  const char *again = gtk_editable_get_text (self->again_row);
  gboolean open = fatia_step_get_state (FATIA_STEP (self->key)) == FATIA_STEP_TODO;
  gboolean same = g_str_equal (password, again);
  g_autoptr (GError) error = NULL;
  const char *problem = NULL;

  if (!fatia_key_password_check (password, &error))
    problem = error->message;
  else if (!same)
    problem = _ ("Type the same password once more.");
  set_invalid (self->password_row, *password != '\0' && error != NULL);
  set_invalid (self->again_row, error == NULL && *again != '\0' && !same);
  fatia_key_step_set_password (self->key, problem == NULL ? password : NULL, &error);
  gtk_widget_set_visible (GTK_WIDGET (self->key_panel),
                          needs_key (self) && (!open || *password != '\0'));
  fatia_step_panel_set_problem (self->key_panel, open ? problem : NULL);
  fatia_step_panel_preview (self->key_panel);
}

/* The driver's and the key's parts are there where they are for this computer. */
static void
fatia_software_page_update (FatiaWizardPage *page)
{
  FatiaSoftwarePage *self = FATIA_SOFTWARE_PAGE (page);
  const FatiaFacts *facts = fatia_setup_get_facts (fatia_wizard_page_get_setup (page));
  FatiaStep *software = fatia_wizard_page_get_step (page, "software");
  g_autofree char *command = fatia_advice_install_command (facts);

  self->lacked |= fatia_step_get_state (software) != FATIA_STEP_DONE;
  gtk_widget_set_visible (GTK_WIDGET (self->software_panel), self->lacked);
  adw_action_row_set_subtitle (self->command_row, command);
  gtk_widget_set_visible (self->command_group,
                          command != NULL &&
                            !fatia_software_step_can_install (FATIA_SOFTWARE_STEP (software)));
  gtk_widget_set_visible (self->module_group,
                          needs_module (self) && state_of (self, "module") == FATIA_STEP_TODO);
  gtk_widget_set_visible (self->key_group,
                          needs_key (self) && state_of (self, "key") == FATIA_STEP_TODO);
  adw_action_row_set_subtitle (self->release_row,
                               fatia_module_step_get_release_name (self->module));
  adw_action_row_set_subtitle (self->file_row, fatia_module_step_get_file_name (self->module));
  update_module (self);
  password_changed (self);
}

/* Where all was there from the start there is nothing to see. */
static gboolean
fatia_software_page_applies (FatiaWizardPage *page)
{
  FatiaSoftwarePage *self = FATIA_SOFTWARE_PAGE (page);

  for (guint i = 0; step_ids[i] != NULL; i++)
    if (state_of (self, step_ids[i]) != FATIA_STEP_DONE)
      return TRUE;
  return FALSE;
}

static void
fatia_software_page_constructed (GObject *object)
{
  FatiaSoftwarePage *self = FATIA_SOFTWARE_PAGE (object);
  FatiaWizardPage *page = FATIA_WIZARD_PAGE (self);
  FatiaHost *host = fatia_setup_get_host (fatia_wizard_page_get_setup (page));
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  G_OBJECT_CLASS (fatia_software_page_parent_class)->constructed (object);
  self->module = g_object_ref (FATIA_MODULE_STEP (fatia_wizard_page_get_step (page, "module")));
  self->key = g_object_ref (FATIA_KEY_STEP (fatia_wizard_page_get_step (page, "key")));
  fatia_step_panel_set_step (self->software_panel, fatia_wizard_page_get_step (page, "software"));
  fatia_step_panel_set_step (self->module_panel, FATIA_STEP (self->module));
  fatia_step_panel_set_step (self->key_panel, FATIA_STEP (self->key));
  gtk_widget_set_visible (self->practice_row, fatia_host_get_kind (host) == FATIA_HOST_PRACTICE);
  g_signal_connect_object (target, "drop", G_CALLBACK (dropped), self, G_CONNECT_DEFAULT);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

static void
fatia_software_page_dispose (GObject *object)
{
  FatiaSoftwarePage *self = FATIA_SOFTWARE_PAGE (object);

  g_clear_object (&self->module);
  g_clear_object (&self->key);
  G_OBJECT_CLASS (fatia_software_page_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, software_panel);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, command_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, command_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, module_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, release_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, file_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, practice_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, chosen_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, module_panel);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, key_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, password_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, again_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaSoftwarePage, key_panel);
  gtk_widget_class_bind_template_callback (widget_class, copy_command);
  gtk_widget_class_bind_template_callback (widget_class, choose_file);
  gtk_widget_class_bind_template_callback (widget_class, use_practice_file);
  gtk_widget_class_bind_template_callback (widget_class, open_page);
  gtk_widget_class_bind_template_callback (widget_class, password_changed);
}

static void
fatia_software_page_class_init (FatiaSoftwarePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  FatiaWizardPageClass *page_class = FATIA_WIZARD_PAGE_CLASS (klass);

  object_class->constructed = fatia_software_page_constructed;
  object_class->dispose = fatia_software_page_dispose;
  page_class->steps = step_ids;
  page_class->update = fatia_software_page_update;
  page_class->applies = fatia_software_page_applies;

  g_type_ensure (FATIA_TYPE_STEP_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/wizard/fatia-software-page.ui");
  bind_template (widget_class);
}

static void
fatia_software_page_init (FatiaSoftwarePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
