/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-screen-page.h"

#include <glib/gi18n.h>

#include "ui/screen/fatia-screen.h"

struct _FatiaScreenPage
{
  FatiaWizardPage parent_instance;

  FatiaScreen *screen;
  GtkWindow *window; /* (unowned) (nullable): the one whose fullscreen state is followed */
};

G_DEFINE_FINAL_TYPE (FatiaScreenPage, fatia_screen_page, FATIA_TYPE_WIZARD_PAGE)

static void
fullscreen_changed (FatiaScreenPage *self)
{
  gboolean bars = !gtk_window_is_fullscreen (self->window);

  fatia_wizard_page_set_bars (FATIA_WIZARD_PAGE (self), bars, bars);
}

static void
fatia_screen_page_shown (FatiaWizardPage *page)
{
  fatia_screen_open (FATIA_SCREEN_PAGE (page)->screen);
}

static void
fatia_screen_page_hidden (FatiaWizardPage *page)
{
  fatia_screen_close (FATIA_SCREEN_PAGE (page)->screen);
}

/* The VM is there, or it is not: either way the setup ends here. */
static gboolean
fatia_screen_page_is_complete (FatiaWizardPage *page)
{
  return fatia_setup_is_complete (fatia_wizard_page_get_setup (page));
}

static void
fatia_screen_page_root (GtkWidget *widget)
{
  FatiaScreenPage *self = FATIA_SCREEN_PAGE (widget);

  GTK_WIDGET_CLASS (fatia_screen_page_parent_class)->root (widget);
  self->window = GTK_WINDOW (gtk_widget_get_root (widget));
  g_signal_connect_object (self->window, "notify::fullscreened", G_CALLBACK (fullscreen_changed),
                           self, G_CONNECT_SWAPPED);
}

static void
fatia_screen_page_unroot (GtkWidget *widget)
{
  FatiaScreenPage *self = FATIA_SCREEN_PAGE (widget);

  if (self->window != NULL)
    g_signal_handlers_disconnect_by_func (self->window, fullscreen_changed, self);
  self->window = NULL;
  GTK_WIDGET_CLASS (fatia_screen_page_parent_class)->unroot (widget);
}

static void
fatia_screen_page_constructed (GObject *object)
{
  FatiaScreenPage *self = FATIA_SCREEN_PAGE (object);
  FatiaWizardPage *page = FATIA_WIZARD_PAGE (self);

  G_OBJECT_CLASS (fatia_screen_page_parent_class)->constructed (object);
  fatia_wizard_page_set_continue_label (page, _ ("_Finish"));
  fatia_screen_set_setup (self->screen, fatia_wizard_page_get_setup (page));
}

static void
fatia_screen_page_class_init (FatiaScreenPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  FatiaWizardPageClass *page_class = FATIA_WIZARD_PAGE_CLASS (klass);

  object_class->constructed = fatia_screen_page_constructed;
  widget_class->root = fatia_screen_page_root;
  widget_class->unroot = fatia_screen_page_unroot;
  page_class->shown = fatia_screen_page_shown;
  page_class->hidden = fatia_screen_page_hidden;
  page_class->is_complete = fatia_screen_page_is_complete;

  g_type_ensure (FATIA_TYPE_SCREEN);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/wizard/fatia-screen-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaScreenPage, screen);
}

static void
fatia_screen_page_init (FatiaScreenPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
