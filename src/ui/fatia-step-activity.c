/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-step-activity.h"

#include <glib/gi18n.h>

#include "ui/preview/fatia-diff-view.h"

#define PULSE_MS 100

struct _FatiaStepActivity
{
  GtkBox parent_instance;

  GtkWidget *progress_box;
  GtkLabel *progress_label;
  GtkProgressBar *progress_bar;
  GtkWidget *cancel_button;
  GtkWidget *log_list;
  FatiaDiffView *log_view;

  FatiaStep *step;
  guint pulse_source;
};

G_DEFINE_FINAL_TYPE (FatiaStepActivity, fatia_step_activity, GTK_TYPE_BOX)

static gboolean
pulse (gpointer data)
{
  gtk_progress_bar_pulse (FATIA_STEP_ACTIVITY (data)->progress_bar);
  return G_SOURCE_CONTINUE;
}

static void
update_progress (FatiaStepActivity *self)
{
  g_autofree char *progress = NULL;
  double fraction;
  gboolean busy = fatia_step_is_busy (self->step);

  gtk_widget_set_visible (self->cancel_button, fatia_step_can_cancel (self->step));
  g_object_get (self->step, "progress", &progress, "fraction", &fraction, NULL);
  gtk_widget_set_visible (self->progress_box, busy);
  gtk_label_set_text (self->progress_label, progress != NULL ? progress : _ ("Working…"));
  if (!busy || fraction >= 0)
    {
      g_clear_handle_id (&self->pulse_source, g_source_remove);
      gtk_progress_bar_set_fraction (self->progress_bar, CLAMP (fraction, 0, 1));
    }
  else if (self->pulse_source == 0)
    self->pulse_source = g_timeout_add (PULSE_MS, pulse, self);
}

static void
update_busy (FatiaStepActivity *self)
{
  gtk_widget_set_sensitive (self->cancel_button, TRUE);
  update_progress (self);
}

/* What was begun ends when the tool that runs has, and is put back. */
static void
cancel (FatiaStepActivity *self)
{
  gtk_widget_set_sensitive (self->cancel_button, FALSE);
  fatia_step_cancel (self->step);
}

static void
update_log (FatiaStepActivity *self)
{
  g_autofree char *log = NULL;

  g_object_get (self->step, "log", &log, NULL);
  gtk_widget_set_visible (self->log_list, log != NULL && *log != '\0');
  fatia_diff_view_set_text (self->log_view, log != NULL ? log : "");
}

static void
fatia_step_activity_dispose (GObject *object)
{
  FatiaStepActivity *self = FATIA_STEP_ACTIVITY (object);

  g_clear_handle_id (&self->pulse_source, g_source_remove);
  g_clear_object (&self->step);
  G_OBJECT_CLASS (fatia_step_activity_parent_class)->dispose (object);
}

static void
fatia_step_activity_class_init (FatiaStepActivityClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fatia_step_activity_dispose;

  g_type_ensure (FATIA_TYPE_DIFF_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/fatia-step-activity.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaStepActivity, progress_box);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepActivity, progress_label);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepActivity, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepActivity, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepActivity, log_list);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepActivity, log_view);
  gtk_widget_class_bind_template_callback (widget_class, cancel);
}

static void
fatia_step_activity_init (FatiaStepActivity *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * fatia_step_activity_set_step:
 * @self: the widget
 * @step: the step it shows; set once
 */
void
fatia_step_activity_set_step (FatiaStepActivity *self, FatiaStep *step)
{
  static const struct
  {
    const char *signal;
    void (*handler) (FatiaStepActivity *self);
  } handlers[] = {
    { "notify::busy", update_busy },
    { "notify::progress", update_progress },
    { "notify::fraction", update_progress },
    { "notify::log", update_log },
  };

  g_return_if_fail (FATIA_IS_STEP_ACTIVITY (self));
  g_return_if_fail (FATIA_IS_STEP (step));
  g_return_if_fail (self->step == NULL);

  self->step = g_object_ref (step);
  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_object (step, handlers[i].signal, G_CALLBACK (handlers[i].handler), self,
                             G_CONNECT_SWAPPED);
  update_progress (self);
  update_log (self);
}
