/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-step-panel.h"

#include <glib/gi18n.h>

#include "change/fatia-change.h"
#include "ui/dashboard/fatia-undo-dialog.h"
#include "ui/fatia-futures.h"
#include "ui/fatia-step-activity.h"
#include "ui/preview/fatia-changes-view.h"

/* Typing and turning a number ask only once they rest. */
#define PREVIEW_DELAY_MS 120

struct _FatiaStepPanel
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *state_row;
  GtkImage *state_icon;
  FatiaChangesView *changes;
  GtkWidget *error_box;
  GtkLabel *error_label;
  FatiaStepActivity *activity;
  GtkWidget *undo_button;
  GtkWidget *apply_button;

  FatiaStep *step;
  FatiaPlan *plan; /* (nullable): what is shown, and what would be applied */
  char *apply_label;
  char *undo_warning;
  char *problem;
  guint preview_source;
  guint generation;        /* of the question asked last */
  gboolean preview_failed; /* the error shown is the last question's */
  gboolean recorded;       /* there is a change to undo */
};

enum
{
  PROP_0,
  PROP_APPLY_LABEL,
  PROP_UNDO_WARNING,
  PROP_PROBLEM,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FatiaStepPanel, fatia_step_panel, ADW_TYPE_PREFERENCES_GROUP)

static const struct
{
  FatiaStepState state;
  const char *icon;
  const char *style; /* (nullable) */
  const char *word;
} states[] = {
  { FATIA_STEP_TODO, "document-edit-symbolic", NULL, N_ ("Not done yet") },
  { FATIA_STEP_DONE, "object-select-symbolic", "success", N_ ("Done") },
  { FATIA_STEP_RESTART, "system-reboot-symbolic", "warning", N_ ("Done, counts after a restart") },
  { FATIA_STEP_BLOCKED, "dialog-warning-symbolic", "warning", N_ ("Not possible yet") },
  { FATIA_STEP_SKIPPED, "go-next-symbolic", NULL, N_ ("Skipped") },
};

static void
show_error (FatiaStepPanel *self, const char *text)
{
  gtk_widget_set_visible (self->error_box, text != NULL);
  gtk_label_set_text (self->error_label, text != NULL ? text : "");
  if (text != NULL)
    gtk_accessible_announce (GTK_ACCESSIBLE (self->error_label), text,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
update_state (FatiaStepPanel *self)
{
  FatiaStepState state = fatia_step_get_state (self->step);

  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    {
      if (states[i].style != NULL)
        gtk_widget_remove_css_class (GTK_WIDGET (self->state_icon), states[i].style);
      if (states[i].state != state)
        continue;
      gtk_image_set_from_icon_name (self->state_icon, states[i].icon);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->state_row), _ (states[i].word));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    if (states[i].state == state && states[i].style != NULL)
      gtk_widget_add_css_class (GTK_WIDGET (self->state_icon), states[i].style);
  adw_action_row_set_subtitle (self->state_row, fatia_step_get_message (self->step));
}

static gboolean
is_applied (FatiaStepPanel *self)
{
  FatiaStepState state = fatia_step_get_state (self->step);

  return state == FATIA_STEP_DONE || state == FATIA_STEP_RESTART;
}

static void
update_buttons (FatiaStepPanel *self)
{
  gboolean busy = fatia_step_is_busy (self->step);
  gboolean something = self->plan != NULL && !fatia_plan_is_empty (self->plan);

  /* Others may have changed what was done since, so that it does not count as done. */
  gtk_widget_set_visible (self->undo_button, is_applied (self) || self->recorded);
  gtk_widget_set_sensitive (self->undo_button, !busy);
  /* What is done and has nothing left to do needs no dead button. */
  gtk_widget_set_visible (self->apply_button, something || !is_applied (self));
  gtk_widget_set_sensitive (self->apply_button, something && !busy && self->problem == NULL);
}

static void
show_plan (FatiaStepPanel *self, FatiaPlan *plan)
{
  g_set_object (&self->plan, plan);
  fatia_changes_view_set_plan (self->changes, plan);
  update_buttons (self);
}

static DexFuture *
preview_fiber (gpointer data)
{
  FatiaStepPanel *self = FATIA_STEP_PANEL (data);
  g_autoptr (FatiaPastChange) change = NULL;
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  guint generation = ++self->generation;

  plan = dex_await_object (fatia_step_plan (self->step), &error);
  change = dex_await_object (fatia_step_find_change (self->step), NULL);
  /* A newer question is under way. */
  if (generation != self->generation)
    return dex_future_new_for_boolean (FALSE);
  self->recorded = change != NULL;
  show_plan (self, plan);
  /* A blocked step says why in its message; the panel need not say it twice. */
  if (plan == NULL && fatia_step_get_state (self->step) != FATIA_STEP_BLOCKED)
    show_error (self, error->message);
  else if (self->preview_failed)
    show_error (self, self->problem);
  self->preview_failed = plan == NULL;
  return dex_future_new_for_boolean (plan != NULL);
}

static gboolean
preview_now (gpointer data)
{
  FatiaStepPanel *self = FATIA_STEP_PANEL (data);

  self->preview_source = 0;
  if (!fatia_step_is_busy (self->step))
    fatia_run (preview_fiber, self);
  return G_SOURCE_REMOVE;
}

static DexFuture *
apply_fiber (gpointer data)
{
  FatiaStepPanel *self = FATIA_STEP_PANEL (data);
  g_autoptr (FatiaPlan) plan = g_steal_pointer (&self->plan);
  g_autoptr (GError) error = NULL;

  if (dex_await (fatia_step_apply (self->step, plan), &error))
    gtk_accessible_announce (GTK_ACCESSIBLE (self),
                             adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self->state_row)),
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_error (self, error->message);
  fatia_step_panel_preview (self);
  return dex_future_new_for_boolean (error == NULL);
}

static void
apply (FatiaStepPanel *self)
{
  if (self->plan == NULL || fatia_step_is_busy (self->step))
    return;
  show_error (self, NULL);
  fatia_run (apply_fiber, self);
}

/* Others changed the same files: both versions are shown, and the person decides. */
static void
decide_about_undo (FatiaStepPanel *self, const GError *error)
{
  g_autoptr (FatiaPastChange) change = NULL;

  change = dex_await_object (fatia_step_find_change (self->step), NULL);
  if (change != NULL)
    adw_dialog_present (fatia_undo_dialog_new (fatia_step_get_setup (self->step), change),
                        GTK_WIDGET (self));
  else
    show_error (self, error->message);
}

static DexFuture *
undo_fiber (gpointer data)
{
  FatiaStepPanel *self = FATIA_STEP_PANEL (data);
  g_autoptr (GError) error = NULL;

  if (self->undo_warning != NULL &&
      !fatia_confirm (GTK_WIDGET (self), _ ("Undo This?"), self->undo_warning, _ ("_Cancel"),
                      _ ("_Undo"), ADW_RESPONSE_DESTRUCTIVE, NULL))
    return dex_future_new_for_boolean (FALSE);
  if (dex_await (fatia_step_undo (self->step), &error))
    fatia_toast (GTK_WIDGET (self), _ ("Undone: what Fatia did is taken back"));
  else if (g_error_matches (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_TOUCHED))
    decide_about_undo (self, error);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_error (self, error->message);
  fatia_step_panel_preview (self);
  return dex_future_new_for_boolean (error == NULL);
}

static void
undo (FatiaStepPanel *self)
{
  if (fatia_step_is_busy (self->step))
    return;
  show_error (self, NULL);
  fatia_run (undo_fiber, self);
}

static void
step_changed (FatiaStepPanel *self)
{
  update_state (self);
  update_buttons (self);
  fatia_step_panel_preview (self);
}

static void
fatia_step_panel_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (fatia_step_panel_parent_class)->map (widget);
  fatia_step_panel_preview (FATIA_STEP_PANEL (widget));
}

static void
fatia_step_panel_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FatiaStepPanel *self = FATIA_STEP_PANEL (object);

  switch (id)
    {
    case PROP_APPLY_LABEL:
      g_value_set_string (value, self->apply_label);
      break;
    case PROP_UNDO_WARNING:
      g_value_set_string (value, self->undo_warning);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_step_panel_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FatiaStepPanel *self = FATIA_STEP_PANEL (object);

  switch (id)
    {
    case PROP_APPLY_LABEL:
      if (g_set_str (&self->apply_label, g_value_get_string (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_UNDO_WARNING:
      if (g_set_str (&self->undo_warning, g_value_get_string (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_PROBLEM:
      fatia_step_panel_set_problem (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_step_panel_dispose (GObject *object)
{
  FatiaStepPanel *self = FATIA_STEP_PANEL (object);

  self->generation++;
  g_clear_handle_id (&self->preview_source, g_source_remove);
  g_clear_object (&self->plan);
  g_clear_object (&self->step);
  G_OBJECT_CLASS (fatia_step_panel_parent_class)->dispose (object);
}

static void
fatia_step_panel_finalize (GObject *object)
{
  FatiaStepPanel *self = FATIA_STEP_PANEL (object);

  g_free (self->apply_label);
  g_free (self->undo_warning);
  g_free (self->problem);
  G_OBJECT_CLASS (fatia_step_panel_parent_class)->finalize (object);
}

static void
fatia_step_panel_class_init (FatiaStepPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fatia_step_panel_get_property;
  object_class->set_property = fatia_step_panel_set_property;
  object_class->dispose = fatia_step_panel_dispose;
  object_class->finalize = fatia_step_panel_finalize;
  widget_class->map = fatia_step_panel_map;

  /**
   * FatiaStepPanel:apply-label:
   *
   * What the button that does the step is called, with a mnemonic.
   */
  properties[PROP_APPLY_LABEL] =
    g_param_spec_string ("apply-label", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * FatiaStepPanel:undo-warning: (nullable)
   *
   * What undoing would lose for good; it is then asked for first.
   */
  properties[PROP_UNDO_WARNING] =
    g_param_spec_string ("undo-warning", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * FatiaStepPanel:problem: (nullable)
   *
   * Why the step can't be done as the page's choices stand.
   */
  properties[PROP_PROBLEM] =
    g_param_spec_string ("problem", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (FATIA_TYPE_CHANGES_VIEW);
  g_type_ensure (FATIA_TYPE_STEP_ACTIVITY);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/fatia-step-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaStepPanel, state_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepPanel, state_icon);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepPanel, changes);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepPanel, error_box);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepPanel, error_label);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepPanel, activity);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepPanel, undo_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaStepPanel, apply_button);
  gtk_widget_class_bind_template_callback (widget_class, apply);
  gtk_widget_class_bind_template_callback (widget_class, undo);
}

static void
fatia_step_panel_init (FatiaStepPanel *self)
{
  self->apply_label = g_strdup (_ ("_Apply"));
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * fatia_step_panel_set_step:
 * @self: the panel
 * @step: the step it acts on; set once
 */
void
fatia_step_panel_set_step (FatiaStepPanel *self, FatiaStep *step)
{
  static const struct
  {
    const char *signal;
    void (*handler) (FatiaStepPanel *self);
  } handlers[] = {
    { "notify::state", step_changed },
    { "notify::message", update_state },
    { "notify::busy", update_buttons },
  };

  g_return_if_fail (FATIA_IS_STEP_PANEL (self));
  g_return_if_fail (FATIA_IS_STEP (step));
  g_return_if_fail (self->step == NULL);

  self->step = g_object_ref (step);
  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_object (step, handlers[i].signal, G_CALLBACK (handlers[i].handler), self,
                             G_CONNECT_SWAPPED);
  fatia_step_activity_set_step (self->activity, step);
  step_changed (self);
}

/**
 * fatia_step_panel_set_problem:
 * @self: the panel
 * @problem: (nullable): why the step can't be done as the page's choices stand
 */
void
fatia_step_panel_set_problem (FatiaStepPanel *self, const char *problem)
{
  g_return_if_fail (FATIA_IS_STEP_PANEL (self));

  if (!g_set_str (&self->problem, problem))
    return;
  show_error (self, problem);
  if (self->step != NULL)
    update_buttons (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

/**
 * fatia_step_panel_preview:
 * @self: the panel
 *
 * What the step would do may have changed: asks it, once the panel is seen.
 */
void
fatia_step_panel_preview (FatiaStepPanel *self)
{
  g_return_if_fail (FATIA_IS_STEP_PANEL (self));

  g_clear_handle_id (&self->preview_source, g_source_remove);
  if (self->step != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->preview_source = g_timeout_add (PREVIEW_DELAY_MS, preview_now, self);
}
