/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-wizard-page.h"

#include <glib/gi18n.h>

#include "ui/fatia-banners.h"
#include "ui/fatia-futures.h"
#include "ui/fatia-menu-button.h"

typedef struct
{
  AdwToolbarView *toolbar_view;
  FatiaBanners *banners;
  AdwBin *content_bin;
  GtkWidget *skip_button;
  GtkButton *continue_button;

  FatiaSetup *setup;
  char *position;
} FatiaWizardPagePrivate;

enum
{
  PROP_0,
  PROP_SETUP,
  PROP_CONTENT,
  PROP_POSITION,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

enum
{
  CONTINUE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (FatiaWizardPage, fatia_wizard_page, ADW_TYPE_NAVIGATION_PAGE)

#define PRIVATE(self)                                                                              \
  ((FatiaWizardPagePrivate *) fatia_wizard_page_get_instance_private (FATIA_WIZARD_PAGE (self)))

typedef gboolean (*StepPredicate) (FatiaStep *step);

static gboolean
is_through (FatiaStep *step)
{
  FatiaStepState state = fatia_step_get_state (step);

  return state == FATIA_STEP_DONE || state == FATIA_STEP_RESTART || state == FATIA_STEP_SKIPPED;
}

static gboolean
is_idle (FatiaStep *step)
{
  return !fatia_step_is_busy (step);
}

static gboolean
every_step (FatiaWizardPage *self, StepPredicate predicate)
{
  const char *const *steps = FATIA_WIZARD_PAGE_GET_CLASS (self)->steps;

  for (guint i = 0; steps != NULL && steps[i] != NULL; i++)
    if (!predicate (fatia_wizard_page_get_step (self, steps[i])))
      return FALSE;
  return TRUE;
}

static gboolean
fatia_wizard_page_real_is_complete (FatiaWizardPage *self)
{
  return every_step (self, is_through);
}

static char *
describe_skipping (FatiaWizardPage *self)
{
  const char *const *steps = FATIA_WIZARD_PAGE_GET_CLASS (self)->steps;

  for (guint i = 0; steps != NULL && steps[i] != NULL; i++)
    {
      FatiaStep *step = fatia_wizard_page_get_step (self, steps[i]);

      if (!is_through (step) && fatia_step_get_skipping_means (step) != NULL)
        return g_strdup (fatia_step_get_skipping_means (step));
    }
  return NULL;
}

static void
update_buttons (FatiaWizardPage *self)
{
  FatiaWizardPagePrivate *priv = PRIVATE (self);
  gboolean idle = every_step (self, is_idle);
  gboolean complete = FATIA_WIZARD_PAGE_GET_CLASS (self)->is_complete (self);
  gboolean has_steps = FATIA_WIZARD_PAGE_GET_CLASS (self)->steps != NULL;
  g_autofree char *meaning = describe_skipping (self);

  gtk_widget_set_visible (priv->skip_button, has_steps && !complete);
  gtk_widget_set_sensitive (priv->skip_button, idle);
  gtk_widget_set_tooltip_text (priv->skip_button, meaning);
  gtk_widget_set_sensitive (GTK_WIDGET (priv->continue_button), idle && complete);
  adw_navigation_page_set_can_pop (ADW_NAVIGATION_PAGE (self), idle);
}

static void
setup_changed (FatiaWizardPage *self)
{
  FatiaWizardPageClass *klass = FATIA_WIZARD_PAGE_GET_CLASS (self);

  if (klass->update != NULL && fatia_setup_get_facts (PRIVATE (self)->setup) != NULL)
    klass->update (self);
  update_buttons (self);
}

/* A step the setup can't go without stays to be done: the pages after it say what they lack. */
static void
skip (FatiaWizardPage *self)
{
  const char *const *steps = FATIA_WIZARD_PAGE_GET_CLASS (self)->steps;

  for (guint i = 0; steps != NULL && steps[i] != NULL; i++)
    {
      FatiaStep *step = fatia_wizard_page_get_step (self, steps[i]);

      if (!is_through (step) && fatia_step_is_skippable (step))
        fatia_step_set_skipped (step, TRUE);
    }
  fatia_wizard_page_continue (self);
}

static void
leave (FatiaWizardPage *self)
{
  fatia_wizard_page_continue (self);
}

static gboolean
has_keyboard (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return focus != NULL && gtk_widget_is_ancestor (focus, widget);
}

static void
fatia_wizard_page_page_shown (AdwNavigationPage *page)
{
  fatia_wizard_page_take_keyboard (FATIA_WIZARD_PAGE (page));
}

static void
fatia_wizard_page_showing (AdwNavigationPage *page)
{
  FatiaWizardPage *self = FATIA_WIZARD_PAGE (page);

  setup_changed (self);
  if (FATIA_WIZARD_PAGE_GET_CLASS (self)->shown != NULL)
    FATIA_WIZARD_PAGE_GET_CLASS (self)->shown (self);
}

static void
fatia_wizard_page_page_hidden (AdwNavigationPage *page)
{
  FatiaWizardPage *self = FATIA_WIZARD_PAGE (page);

  if (FATIA_WIZARD_PAGE_GET_CLASS (self)->hidden != NULL)
    FATIA_WIZARD_PAGE_GET_CLASS (self)->hidden (self);
}

static void
connect_step (FatiaWizardPage *self, const char *id)
{
  FatiaStep *step = fatia_setup_get_step (PRIVATE (self)->setup, id);

  g_signal_connect_object (step, "notify::state", G_CALLBACK (update_buttons), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (step, "notify::busy", G_CALLBACK (update_buttons), self,
                           G_CONNECT_SWAPPED);
}

static void
fatia_wizard_page_constructed (GObject *object)
{
  FatiaWizardPage *self = FATIA_WIZARD_PAGE (object);
  FatiaWizardPagePrivate *priv = PRIVATE (self);
  const char *const *steps = FATIA_WIZARD_PAGE_GET_CLASS (self)->steps;

  G_OBJECT_CLASS (fatia_wizard_page_parent_class)->constructed (object);

  fatia_banners_set_setup (priv->banners, priv->setup);
  for (guint i = 0; steps != NULL && steps[i] != NULL; i++)
    connect_step (self, steps[i]);
  g_signal_connect_object (priv->setup, "changed", G_CALLBACK (setup_changed), self,
                           G_CONNECT_SWAPPED);
}

static void
fatia_wizard_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FatiaWizardPagePrivate *priv = PRIVATE (object);

  switch (id)
    {
    case PROP_SETUP:
      g_value_set_object (value, priv->setup);
      break;
    case PROP_CONTENT:
      g_value_set_object (value, adw_bin_get_child (priv->content_bin));
      break;
    case PROP_POSITION:
      g_value_set_string (value, priv->position);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_wizard_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FatiaWizardPagePrivate *priv = PRIVATE (object);

  switch (id)
    {
    case PROP_SETUP:
      priv->setup = g_value_dup_object (value);
      break;
    case PROP_CONTENT:
      adw_bin_set_child (priv->content_bin, g_value_get_object (value));
      break;
    case PROP_POSITION:
      if (g_set_str (&priv->position, g_value_get_string (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_wizard_page_dispose (GObject *object)
{
  FatiaWizardPagePrivate *priv = PRIVATE (object);

  g_clear_object (&priv->setup);
  G_OBJECT_CLASS (fatia_wizard_page_parent_class)->dispose (object);
}

static void
fatia_wizard_page_finalize (GObject *object)
{
  g_free (PRIVATE (object)->position);
  G_OBJECT_CLASS (fatia_wizard_page_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  /**
   * FatiaWizardPage:setup:
   *
   * The setup the page shows a part of.
   */
  properties[PROP_SETUP] =
    g_param_spec_object ("setup", NULL, NULL, FATIA_TYPE_SETUP,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * FatiaWizardPage:content:
   *
   * What stands between the bars.
   */
  properties[PROP_CONTENT] = g_param_spec_object ("content", NULL, NULL, GTK_TYPE_WIDGET,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  /**
   * FatiaWizardPage:position:
   *
   * Where in the setup the page stands, in words.
   */
  properties[PROP_POSITION] =
    g_param_spec_string ("position", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
fatia_wizard_page_class_init (FatiaWizardPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  AdwNavigationPageClass *page_class = ADW_NAVIGATION_PAGE_CLASS (klass);

  object_class->constructed = fatia_wizard_page_constructed;
  object_class->get_property = fatia_wizard_page_get_property;
  object_class->set_property = fatia_wizard_page_set_property;
  object_class->dispose = fatia_wizard_page_dispose;
  object_class->finalize = fatia_wizard_page_finalize;
  page_class->showing = fatia_wizard_page_showing;
  page_class->shown = fatia_wizard_page_page_shown;
  page_class->hidden = fatia_wizard_page_page_hidden;
  klass->is_complete = fatia_wizard_page_real_is_complete;

  install_properties (object_class);
  /**
   * FatiaWizardPage::continue:
   *
   * The person is through with the page, or skips it.
   */
  signals[CONTINUE] = g_signal_new ("continue", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (FATIA_TYPE_MENU_BUTTON);
  g_type_ensure (FATIA_TYPE_BANNERS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/wizard/fatia-wizard-page.ui");
  gtk_widget_class_bind_template_child_private (widget_class, FatiaWizardPage, toolbar_view);
  gtk_widget_class_bind_template_child_private (widget_class, FatiaWizardPage, banners);
  gtk_widget_class_bind_template_child_private (widget_class, FatiaWizardPage, content_bin);
  gtk_widget_class_bind_template_child_private (widget_class, FatiaWizardPage, skip_button);
  gtk_widget_class_bind_template_child_private (widget_class, FatiaWizardPage, continue_button);
  gtk_widget_class_bind_template_callback (widget_class, skip);
  gtk_widget_class_bind_template_callback (widget_class, leave);
}

static void
fatia_wizard_page_init (FatiaWizardPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * fatia_wizard_page_get_setup:
 * @self: the page
 *
 * Returns: (transfer none): the setup it shows a part of
 */
FatiaSetup *
fatia_wizard_page_get_setup (FatiaWizardPage *self)
{
  g_return_val_if_fail (FATIA_IS_WIZARD_PAGE (self), NULL);

  return PRIVATE (self)->setup;
}

/**
 * fatia_wizard_page_get_step:
 * @self: the page
 * @id: a step's id
 *
 * Returns: (transfer none): the step of the page's setup
 */
FatiaStep *
fatia_wizard_page_get_step (FatiaWizardPage *self, const char *id)
{
  g_return_val_if_fail (FATIA_IS_WIZARD_PAGE (self), NULL);

  return fatia_setup_get_step (PRIVATE (self)->setup, id);
}

/**
 * fatia_wizard_page_changed:
 * @self: the page
 *
 * Whether the page is complete may have changed.
 */
void
fatia_wizard_page_changed (FatiaWizardPage *self)
{
  g_return_if_fail (FATIA_IS_WIZARD_PAGE (self));

  update_buttons (self);
}

/**
 * fatia_wizard_page_continue:
 * @self: the page
 *
 * Leads on, as the button does.
 */
void
fatia_wizard_page_continue (FatiaWizardPage *self)
{
  g_return_if_fail (FATIA_IS_WIZARD_PAGE (self));

  g_signal_emit (self, signals[CONTINUE], 0);
}

/**
 * fatia_wizard_page_applies:
 * @self: the page
 *
 * Returns: whether it has anything for this host, else it is passed over
 */
gboolean
fatia_wizard_page_applies (FatiaWizardPage *self)
{
  FatiaWizardPageClass *klass;

  g_return_val_if_fail (FATIA_IS_WIZARD_PAGE (self), FALSE);

  klass = FATIA_WIZARD_PAGE_GET_CLASS (self);
  return klass->applies == NULL || klass->applies (self);
}

/**
 * fatia_wizard_page_take_keyboard:
 * @self: the page, in view
 *
 * The keyboard follows the eye: to the first thing on the page that can be acted on. Where it is
 * on the page already it stays.
 */
void
fatia_wizard_page_take_keyboard (FatiaWizardPage *self)
{
  FatiaWizardPagePrivate *priv = PRIVATE (self);

  g_return_if_fail (FATIA_IS_WIZARD_PAGE (self));

  if (!has_keyboard (GTK_WIDGET (priv->content_bin)) &&
      !gtk_widget_child_focus (GTK_WIDGET (priv->content_bin), GTK_DIR_TAB_FORWARD))
    gtk_widget_grab_focus (GTK_WIDGET (priv->continue_button));
}

/**
 * fatia_wizard_page_set_bars:
 * @self: the page
 * @top: whether header bar and banners are shown
 * @bottom: whether the bar with "Continue" is
 */
void
fatia_wizard_page_set_bars (FatiaWizardPage *self, gboolean top, gboolean bottom)
{
  g_return_if_fail (FATIA_IS_WIZARD_PAGE (self));

  adw_toolbar_view_set_reveal_top_bars (PRIVATE (self)->toolbar_view, top);
  adw_toolbar_view_set_reveal_bottom_bars (PRIVATE (self)->toolbar_view, bottom);
}

/**
 * fatia_wizard_page_set_continue_label:
 * @self: the page
 * @label: what the button that leads on is called, with a mnemonic
 */
void
fatia_wizard_page_set_continue_label (FatiaWizardPage *self, const char *label)
{
  g_return_if_fail (FATIA_IS_WIZARD_PAGE (self));

  gtk_button_set_label (PRIVATE (self)->continue_button, label);
}
