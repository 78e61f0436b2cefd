/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screen/fatia-screen.h"

#include <glib/gi18n.h>

#include "glass/fatia-glass.h"
#include "ui/fatia-futures.h"
#include "ui/fatia-text.h"
#include "ui/fatia-vm-control.h"
#include "ui/viewer/fatia-glass-view.h"

struct _FatiaScreen
{
  AdwBin parent_instance;

  FatiaGlassView *view;
  AdwStatusPage *status;
  GtkWidget *spinner;
  GtkWidget *start_button;
  GtkLabel *note;

  FatiaSetup *setup;
  FatiaDomain *domain;      /* (nullable): whose state is watched */
  FatiaFrameSource *source; /* (nullable): while the screen is open and the VM on */
  gboolean open;
  gboolean starting;
};

G_DEFINE_FINAL_TYPE (FatiaScreen, fatia_screen, ADW_TYPE_BIN)

static void
show_status (
  FatiaScreen *self, const char *icon, const char *title, const char *description, gboolean waiting)
{
  gtk_widget_set_visible (GTK_WIDGET (self->status), TRUE);
  adw_status_page_set_icon_name (self->status, icon);
  adw_status_page_set_title (self->status, title);
  fatia_status_set_description (self->status, description);
  gtk_widget_set_visible (self->spinner, waiting);
  gtk_widget_set_visible (self->start_button, self->domain != NULL && !self->starting &&
                                                !fatia_vm_is_on (self->domain));
}

static void
show_source_state (FatiaScreen *self)
{
  const char *message = NULL;
  FatiaSourceState state = fatia_frame_source_get_state (self->source, &message);

  gtk_widget_set_visible (GTK_WIDGET (self->status), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->note), FALSE);
  switch (state)
    {
    case FATIA_SOURCE_RUNNING:
      break;
    case FATIA_SOURCE_SILENT:
      /* The last picture stays, with a word over it. */
      gtk_label_set_text (
        self->note, message != NULL ? message : _ ("Windows has stopped sending its picture"));
      gtk_widget_set_visible (GTK_WIDGET (self->note), TRUE);
      break;
    case FATIA_SOURCE_INCOMPATIBLE:
      show_status (self, "software-update-available-symbolic",
                   _ ("Another Version of Looking Glass"), message, FALSE);
      break;
    case FATIA_SOURCE_FAILED:
      show_status (self, "dialog-error-symbolic", _ ("No Picture"), message, FALSE);
      break;
    case FATIA_SOURCE_WAITING:
    default:
      show_status (
        self, NULL, _ ("Waiting for Windows"),
        message != NULL
          ? message
          : _ ("The picture comes once Windows runs the Looking Glass host application."),
        TRUE);
    }
}

static void
drop_source (FatiaScreen *self)
{
  if (self->source == NULL)
    return;
  fatia_glass_view_set_source (self->view, NULL);
  fatia_frame_source_stop (self->source);
  g_signal_handlers_disconnect_by_data (self->source, self);
  g_clear_object (&self->source);
}

static void
take_source (FatiaScreen *self)
{
  const char *path = fatia_vm_get_glass_path (self->setup);

  if (self->source != NULL || path == NULL)
    return;
  self->source = FATIA_FRAME_SOURCE (fatia_glass_new (path));
  g_signal_connect_object (self->source, "state-changed", G_CALLBACK (show_source_state), self,
                           G_CONNECT_SWAPPED);
  fatia_glass_view_set_source (self->view, self->source);
  fatia_frame_source_start (self->source);
}

static void
update (FatiaScreen *self)
{
  gboolean on = fatia_vm_is_on (self->domain);

  if (self->open && on)
    take_source (self);
  else
    drop_source (self);
  gtk_widget_set_visible (GTK_WIDGET (self->note), FALSE);

  if (self->domain == NULL)
    show_status (self, "computer-symbolic", _ ("No Virtual Machine Yet"),
                 _ ("Go back one step and create it."), FALSE);
  else if (self->starting)
    show_status (self, NULL, _ ("Starting Windows…"), NULL, TRUE);
  else if (self->source != NULL)
    show_source_state (self);
  else if (on)
    show_status (self, "video-display-symbolic", _ ("No Picture"),
                 _ ("This virtual machine has no Looking Glass memory."), FALSE);
  else
    show_status (self, "video-display-symbolic", _ ("Windows Is Off"),
                 _ ("Start it, and its screen is shown here. The first start installs Windows."),
                 FALSE);
}

static void
setup_changed (FatiaScreen *self)
{
  fatia_vm_follow (self->setup, &self->domain, G_CALLBACK (update), self);
  update (self);
}

static DexFuture *
start_fiber (gpointer data)
{
  FatiaScreen *self = FATIA_SCREEN (data);
  g_autoptr (GError) error = NULL;

  self->starting = TRUE;
  update (self);
  dex_await (fatia_vm_start (self->setup), &error);
  self->starting = FALSE;
  update (self);
  if (error != NULL)
    show_status (self, "dialog-error-symbolic", _ ("Windows Did Not Start"), error->message, FALSE);
  return dex_future_new_for_boolean (error == NULL);
}

static void
start (FatiaScreen *self)
{
  if (!self->starting)
    fatia_run (start_fiber, self);
}

static void
fatia_screen_dispose (GObject *object)
{
  FatiaScreen *self = FATIA_SCREEN (object);

  if (self->view != NULL)
    drop_source (self);
  g_clear_object (&self->domain);
  g_clear_object (&self->setup);
  G_OBJECT_CLASS (fatia_screen_parent_class)->dispose (object);
}

static void
fatia_screen_class_init (FatiaScreenClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fatia_screen_dispose;

  g_type_ensure (FATIA_TYPE_GLASS_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/screen/fatia-screen.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaScreen, view);
  gtk_widget_class_bind_template_child (widget_class, FatiaScreen, status);
  gtk_widget_class_bind_template_child (widget_class, FatiaScreen, spinner);
  gtk_widget_class_bind_template_child (widget_class, FatiaScreen, start_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaScreen, note);
  gtk_widget_class_bind_template_callback (widget_class, start);
}

static void
fatia_screen_init (FatiaScreen *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * fatia_screen_set_setup:
 * @self: the screen
 * @setup: the setup whose VM is shown; set once
 */
void
fatia_screen_set_setup (FatiaScreen *self, FatiaSetup *setup)
{
  g_return_if_fail (FATIA_IS_SCREEN (self));
  g_return_if_fail (FATIA_IS_SETUP (setup));
  g_return_if_fail (self->setup == NULL);

  self->setup = g_object_ref (setup);
  g_signal_connect_object (setup, "changed", G_CALLBACK (setup_changed), self, G_CONNECT_SWAPPED);
  setup_changed (self);
}

/**
 * fatia_screen_open:
 * @self: the screen
 *
 * It is looked at: reads the VM's memory once the VM is on.
 */
void
fatia_screen_open (FatiaScreen *self)
{
  g_return_if_fail (FATIA_IS_SCREEN (self));

  self->open = TRUE;
  setup_changed (self);
}

/**
 * fatia_screen_close:
 * @self: the screen
 *
 * It is no longer looked at.
 */
void
fatia_screen_close (FatiaScreen *self)
{
  g_return_if_fail (FATIA_IS_SCREEN (self));

  self->open = FALSE;
  setup_changed (self);
}
