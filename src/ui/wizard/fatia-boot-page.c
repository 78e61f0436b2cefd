/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-boot-page.h"

#include "setup/fatia-steps.h"
#include "ui/fatia-step-panel.h"

struct _FatiaBootPage
{
  FatiaWizardPage parent_instance;

  GtkWidget *arguments_group;
  GtkListBox *arguments;
  FatiaStepPanel *panel;
  GtkWidget *way_out_group;
  AdwPreferencesRow *way_out_row;
  GtkWidget *restart_group;
};

G_DEFINE_FINAL_TYPE (FatiaBootPage, fatia_boot_page, FATIA_TYPE_WIZARD_PAGE)

static const char *const step_ids[] = { "boot", NULL };

static GtkWidget *
argument_row (const FatiaArgument *argument)
{
  GtkWidget *row = adw_action_row_new ();

  g_object_set (row, "use-markup", FALSE, "title", argument->argument, "subtitle", argument->why,
                "activatable", FALSE, NULL);
  gtk_widget_add_css_class (row, "fatia-code-title");
  return row;
}

static void
fatia_boot_page_update (FatiaWizardPage *page)
{
  FatiaBootPage *self = FATIA_BOOT_PAGE (page);
  FatiaStep *step = fatia_wizard_page_get_step (page, "boot");
  GPtrArray *arguments = fatia_boot_step_get_arguments (FATIA_BOOT_STEP (step));
  g_autofree char *way_out = fatia_boot_step_get_emergency_exit (FATIA_BOOT_STEP (step));

  gtk_list_box_remove_all (self->arguments);
  for (guint i = 0; arguments != NULL && i < arguments->len; i++)
    gtk_list_box_append (self->arguments, argument_row (g_ptr_array_index (arguments, i)));
  gtk_widget_set_visible (self->arguments_group, arguments != NULL && arguments->len > 0);
  gtk_widget_set_visible (self->way_out_group, arguments != NULL && arguments->len > 0);
  adw_preferences_row_set_title (self->way_out_row, way_out);
  gtk_widget_set_visible (self->restart_group, fatia_step_get_state (step) == FATIA_STEP_RESTART);
}

static void
fatia_boot_page_constructed (GObject *object)
{
  FatiaBootPage *self = FATIA_BOOT_PAGE (object);

  G_OBJECT_CLASS (fatia_boot_page_parent_class)->constructed (object);
  fatia_step_panel_set_step (self->panel,
                             fatia_wizard_page_get_step (FATIA_WIZARD_PAGE (self), "boot"));
}

static void
fatia_boot_page_class_init (FatiaBootPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = fatia_boot_page_constructed;
  FATIA_WIZARD_PAGE_CLASS (klass)->steps = step_ids;
  FATIA_WIZARD_PAGE_CLASS (klass)->update = fatia_boot_page_update;

  g_type_ensure (FATIA_TYPE_STEP_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/wizard/fatia-boot-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaBootPage, arguments_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaBootPage, arguments);
  gtk_widget_class_bind_template_child (widget_class, FatiaBootPage, panel);
  gtk_widget_class_bind_template_child (widget_class, FatiaBootPage, way_out_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaBootPage, way_out_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaBootPage, restart_group);
}

static void
fatia_boot_page_init (FatiaBootPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
