/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/dashboard/fatia-vm-panel.h"

#include <glib/gi18n.h>

#include "ui/fatia-futures.h"
#include "ui/fatia-vm-control.h"

struct _FatiaVmPanel
{
  AdwBin parent_instance;

  GtkLabel *name_label;
  GtkLabel *state_label;
  GtkWidget *start_button;
  GtkWidget *screen_button;
  GtkWidget *shut_down_button;
  GtkWidget *force_off_button;
  GtkWidget *spinner;
  AdwActionRow *slice_row;
  AdwActionRow *sleep_row;
  AdwActionRow *memory_row;
  AdwActionRow *disk_row;
  GtkWidget *delete_row;

  FatiaSetup *setup;
  FatiaDomain *domain;   /* (nullable): whose state is watched */
  GtkApplication *awake; /* (nullable): what keeps the computer awake */
  guint awake_cookie;
  gboolean busy;
};

enum
{
  SHOW_SCREEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FatiaVmPanel, fatia_vm_panel, ADW_TYPE_BIN)

static const char *
or_none (const char *text)
{
  return text != NULL ? text : _ ("None");
}

/* Whether a running machine has a slice, which no computer can sleep with. */
static gboolean
holds_slice (FatiaVmPanel *self)
{
  return fatia_vm_is_on (self->domain) && fatia_domain_get_vf (self->domain) != NULL;
}

static const char *
describe_sleep (FatiaVmPanel *self)
{
  const FatiaFacts *facts = fatia_setup_get_facts (self->setup);

  if (holds_slice (self))
    return _ ("The computer stays awake while this machine is on");
  if (facts != NULL && facts->kept_sleep)
    return _ ("The slices are put away while the computer sleeps");
  return _ ("The slices stay while the computer sleeps, and may keep it from waking");
}

/* The desktop then says itself why it does not sleep. Our unit refuses in any case. */
static void
keep_awake (FatiaVmPanel *self, gboolean awake)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GApplication *application = g_application_get_default ();

  if (awake == (self->awake != NULL))
    return;
  if (!awake)
    {
      gtk_application_uninhibit (self->awake, self->awake_cookie);
      g_clear_object (&self->awake);
      return;
    }
  if (!GTK_IS_APPLICATION (application) || !GTK_IS_WINDOW (root) ||
      fatia_host_get_practice (fatia_setup_get_host (self->setup)) != NULL)
    return;
  self->awake_cookie = gtk_application_inhibit (
    GTK_APPLICATION (application), GTK_WINDOW (root), GTK_APPLICATION_INHIBIT_SUSPEND,
    _ ("A virtual machine is using a slice of the graphics processor"));
  if (self->awake_cookie != 0)
    self->awake = g_object_ref (GTK_APPLICATION (application));
}

static void
update (FatiaVmPanel *self)
{
  gboolean on = fatia_vm_is_on (self->domain);

  gtk_label_set_text (self->state_label, fatia_vm_state_word (self->domain));
  gtk_widget_set_visible (self->start_button, !on);
  gtk_widget_set_visible (self->screen_button, on);
  gtk_widget_set_visible (self->shut_down_button, on);
  gtk_widget_set_visible (self->force_off_button, on);
  gtk_widget_set_visible (self->spinner, self->busy);
  gtk_widget_set_sensitive (self->start_button, !self->busy && self->domain != NULL);
  gtk_widget_set_sensitive (self->shut_down_button, !self->busy);
  gtk_widget_set_sensitive (self->force_off_button, !self->busy);
  gtk_widget_set_sensitive (self->delete_row, !self->busy && self->domain != NULL && !on);
  keep_awake (self, holds_slice (self));
  if (self->domain == NULL)
    return;
  adw_action_row_set_subtitle (self->sleep_row, describe_sleep (self));
  gtk_label_set_text (self->name_label, fatia_domain_get_name (self->domain));
  adw_action_row_set_subtitle (self->slice_row, or_none (fatia_domain_get_vf (self->domain)));
  adw_action_row_set_subtitle (self->memory_row, or_none (fatia_vm_get_glass_path (self->setup)));
  adw_action_row_set_subtitle (self->disk_row, or_none (fatia_domain_get_disk (self->domain)));
}

static void
setup_changed (FatiaVmPanel *self)
{
  fatia_vm_follow (self->setup, &self->domain, G_CALLBACK (update), self);
  update (self);
}

/* Waits for @future (transfer full) with the buttons off: for fibers. */
static gboolean
wait_for (FatiaVmPanel *self, DexFuture *future)
{
  g_autoptr (GError) error = NULL;

  self->busy = TRUE;
  update (self);
  dex_await (future, &error);
  self->busy = FALSE;
  update (self);
  if (error != NULL)
    fatia_toast_error (GTK_WIDGET (self), error);
  return error == NULL;
}

static DexFuture *
start_fiber (gpointer data)
{
  FatiaVmPanel *self = FATIA_VM_PANEL (data);

  return dex_future_new_for_boolean (wait_for (self, fatia_vm_start (self->setup)));
}

static void
start (FatiaVmPanel *self)
{
  fatia_run (start_fiber, self);
}

static DexFuture *
shut_down_fiber (gpointer data)
{
  FatiaVmPanel *self = FATIA_VM_PANEL (data);

  return dex_future_new_for_boolean (wait_for (self, fatia_vm_shut_down (self->setup)));
}

static void
shut_down (FatiaVmPanel *self)
{
  fatia_run (shut_down_fiber, self);
}

static DexFuture *
force_off_fiber (gpointer data)
{
  FatiaVmPanel *self = FATIA_VM_PANEL (data);

  if (fatia_confirm (GTK_WIDGET (self), _ ("Force the Virtual Machine Off?"),
                     _ ("As if its plug were pulled: what is not saved in Windows is lost."),
                     _ ("_Cancel"), _ ("_Force Off"), ADW_RESPONSE_DESTRUCTIVE, NULL))
    wait_for (self, fatia_vm_force_off (self->setup));
  return dex_future_new_for_boolean (TRUE);
}

static void
force_off (FatiaVmPanel *self)
{
  fatia_run (force_off_fiber, self);
}

static DexFuture *
delete_fiber (gpointer data)
{
  FatiaVmPanel *self = FATIA_VM_PANEL (data);
  g_autoptr (GtkWidget) with_disk = g_object_ref_sink (
    gtk_check_button_new_with_mnemonic (_ ("Delete Windows and its _files too")));

  if (fatia_confirm (
        GTK_WIDGET (self), _ ("Delete the Virtual Machine?"),
        _ ("Its definition goes from libvirt. Its disk stays unless you say otherwise."),
        _ ("_Cancel"), _ ("_Delete"), ADW_RESPONSE_DESTRUCTIVE, with_disk))
    wait_for (self, fatia_vm_delete (self->setup,
                                     gtk_check_button_get_active (GTK_CHECK_BUTTON (with_disk))));
  return dex_future_new_for_boolean (TRUE);
}

static void
delete_vm (FatiaVmPanel *self)
{
  fatia_run (delete_fiber, self);
}

static void
show_screen (FatiaVmPanel *self)
{
  g_signal_emit (self, signals[SHOW_SCREEN], 0);
}

static void
fatia_vm_panel_dispose (GObject *object)
{
  FatiaVmPanel *self = FATIA_VM_PANEL (object);

  keep_awake (self, FALSE);
  g_clear_object (&self->domain);
  g_clear_object (&self->setup);
  G_OBJECT_CLASS (fatia_vm_panel_parent_class)->dispose (object);
}

static void
fatia_vm_panel_class_init (FatiaVmPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fatia_vm_panel_dispose;
  /**
   * FatiaVmPanel::show-screen:
   *
   * The person wants to see the VM's screen.
   */
  signals[SHOW_SCREEN] = g_signal_new ("show-screen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                       0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/dashboard/fatia-vm-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, name_label);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, state_label);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, start_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, screen_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, shut_down_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, force_off_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, spinner);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, slice_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, sleep_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, memory_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, disk_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPanel, delete_row);
  gtk_widget_class_bind_template_callback (widget_class, start);
  gtk_widget_class_bind_template_callback (widget_class, show_screen);
  gtk_widget_class_bind_template_callback (widget_class, shut_down);
  gtk_widget_class_bind_template_callback (widget_class, force_off);
  gtk_widget_class_bind_template_callback (widget_class, delete_vm);
}

static void
fatia_vm_panel_init (FatiaVmPanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * fatia_vm_panel_set_setup:
 * @self: the panel
 * @setup: the setup whose VM it shows; set once
 */
void
fatia_vm_panel_set_setup (FatiaVmPanel *self, FatiaSetup *setup)
{
  g_return_if_fail (FATIA_IS_VM_PANEL (self));
  g_return_if_fail (FATIA_IS_SETUP (setup));
  g_return_if_fail (self->setup == NULL);

  self->setup = g_object_ref (setup);
  g_signal_connect_object (setup, "changed", G_CALLBACK (setup_changed), self, G_CONNECT_SWAPPED);
  setup_changed (self);
}
