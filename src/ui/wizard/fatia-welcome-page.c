/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-welcome-page.h"

struct _FatiaWelcomePage
{
  FatiaWizardPage parent_instance;

  GtkWidget *start_button;
  GtkWidget *dashboard_button;
  GtkWidget *practice_button;
};

G_DEFINE_FINAL_TYPE (FatiaWelcomePage, fatia_welcome_page, FATIA_TYPE_WIZARD_PAGE)

static void
start (FatiaWelcomePage *self)
{
  fatia_wizard_page_continue (FATIA_WIZARD_PAGE (self));
}

static void
fatia_welcome_page_page_shown (AdwNavigationPage *page)
{
  gtk_widget_grab_focus (FATIA_WELCOME_PAGE (page)->start_button);
}

static void
fatia_welcome_page_update (FatiaWizardPage *page)
{
  gtk_widget_set_visible (FATIA_WELCOME_PAGE (page)->dashboard_button,
                          fatia_setup_is_complete (fatia_wizard_page_get_setup (page)));
}

static void
fatia_welcome_page_constructed (GObject *object)
{
  FatiaWelcomePage *self = FATIA_WELCOME_PAGE (object);
  FatiaHost *host = fatia_setup_get_host (fatia_wizard_page_get_setup (FATIA_WIZARD_PAGE (self)));

  G_OBJECT_CLASS (fatia_welcome_page_parent_class)->constructed (object);
  fatia_wizard_page_set_bars (FATIA_WIZARD_PAGE (self), TRUE, FALSE);
  gtk_widget_set_visible (self->practice_button, fatia_host_get_kind (host) != FATIA_HOST_PRACTICE);
}

static void
fatia_welcome_page_class_init (FatiaWelcomePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = fatia_welcome_page_constructed;
  FATIA_WIZARD_PAGE_CLASS (klass)->update = fatia_welcome_page_update;
  ADW_NAVIGATION_PAGE_CLASS (klass)->shown = fatia_welcome_page_page_shown;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/wizard/fatia-welcome-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaWelcomePage, start_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaWelcomePage, dashboard_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaWelcomePage, practice_button);
  gtk_widget_class_bind_template_callback (widget_class, start);
}

static void
fatia_welcome_page_init (FatiaWelcomePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
