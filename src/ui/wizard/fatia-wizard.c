/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-wizard.h"

#include <glib/gi18n.h>

#include "ui/wizard/fatia-boot-page.h"
#include "ui/wizard/fatia-computer-page.h"
#include "ui/wizard/fatia-gop-page.h"
#include "ui/wizard/fatia-screen-page.h"
#include "ui/wizard/fatia-software-page.h"
#include "ui/wizard/fatia-vfs-page.h"
#include "ui/wizard/fatia-vm-page.h"
#include "ui/wizard/fatia-welcome-page.h"
#include "ui/wizard/fatia-wizard-page.h"

#define N_PAGES 8

struct _FatiaWizard
{
  AdwBin parent_instance;

  AdwNavigationView *view;
  FatiaSetup *setup;
  FatiaWizardPage *pages[N_PAGES]; /* all of them, in order; those in view are in it too */
};

enum
{
  FINISHED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FatiaWizard, fatia_wizard, ADW_TYPE_BIN)

static guint
index_of (FatiaWizard *self, gpointer page)
{
  for (guint i = 0; i < N_PAGES; i++)
    if (self->pages[i] == page)
      return i;
  g_return_val_if_reached (0);
}

static void
page_continue (FatiaWizard *self, FatiaWizardPage *page)
{
  guint next = index_of (self, page) + 1;

  while (next < N_PAGES && !fatia_wizard_page_applies (self->pages[next]))
    next++;
  if (next == N_PAGES)
    g_signal_emit (self, signals[FINISHED], 0);
  /* A button pressed while the page slides away must not lead on twice. */
  else if ((gpointer) adw_navigation_view_get_visible_page (self->view) == page)
    adw_navigation_view_push (self->view, ADW_NAVIGATION_PAGE (self->pages[next]));
}

/* While a page slides in the keyboard would be at the button that leads back (or, on the way
 * back, at the one that leads on), and a key that is held would turn round there. */
static void
visible_page_changed (FatiaWizard *self)
{
  AdwNavigationPage *page = adw_navigation_view_get_visible_page (self->view);

  if (page != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    fatia_wizard_page_take_keyboard (FATIA_WIZARD_PAGE (page));
}

/* As they apply to the host as it is now: the numbers do not jump while it is set up. */
static void
count_pages (FatiaWizard *self)
{
  guint n = 0, number = 0;

  for (guint i = 0; i < N_PAGES; i++)
    n += fatia_wizard_page_applies (self->pages[i]);
  for (guint i = 0; i < N_PAGES; i++)
    {
      g_autofree char *position = NULL;

      number += fatia_wizard_page_applies (self->pages[i]);
      /* Translators: where in the setup a page stands. */
      position = g_strdup_printf (_ ("Step %u of %u"), number, n);
      g_object_set (self->pages[i], "position", position, NULL);
    }
}

static void
add_pages (FatiaWizard *self)
{
  const GType types[N_PAGES] = {
    FATIA_TYPE_WELCOME_PAGE, FATIA_TYPE_COMPUTER_PAGE, FATIA_TYPE_SOFTWARE_PAGE,
    FATIA_TYPE_GOP_PAGE,     FATIA_TYPE_BOOT_PAGE,     FATIA_TYPE_VFS_PAGE,
    FATIA_TYPE_VM_PAGE,      FATIA_TYPE_SCREEN_PAGE,
  };

  for (guint i = 0; i < N_PAGES; i++)
    {
      self->pages[i] = g_object_new (types[i], "setup", self->setup, NULL);
      g_object_ref_sink (self->pages[i]);
      g_signal_connect_object (self->pages[i], "continue", G_CALLBACK (page_continue), self,
                               G_CONNECT_SWAPPED);
    }
  count_pages (self);
}

/* Opens with the pages before @last behind it, so that "Back" leads through them. */
static void
open_at (FatiaWizard *self, guint last)
{
  AdwNavigationPage *pages[N_PAGES];
  int n = 0;

  for (guint i = 0; i <= last; i++)
    if (i == last || fatia_wizard_page_applies (self->pages[i]))
      pages[n++] = ADW_NAVIGATION_PAGE (self->pages[i]);
  adw_navigation_view_replace (self->view, pages, n);
}

/* The page of the step the host stands at; the welcome where nothing is done yet. */
static guint
find_page (FatiaWizard *self)
{
  FatiaStep *current = fatia_setup_get_current_step (self->setup);
  GListModel *steps = fatia_setup_get_steps (self->setup);
  gboolean begun = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (FatiaStep) step = g_list_model_get_item (steps, i);
      FatiaStepState state = fatia_step_get_state (step);

      /* Software may be there without anyone having begun. */
      if (!FATIA_STEP_GET_CLASS (step)->may_be_found &&
          (state == FATIA_STEP_DONE || state == FATIA_STEP_RESTART))
        begun = TRUE;
    }
  if (!begun)
    return 0;
  if (current == NULL)
    return N_PAGES - 1;
  for (guint i = 0; i < N_PAGES; i++)
    {
      const char *const *ids = FATIA_WIZARD_PAGE_GET_CLASS (self->pages[i])->steps;

      if (ids != NULL && g_strv_contains (ids, fatia_step_get_id (current)))
        return i;
    }
  return 0;
}

static void
fatia_wizard_dispose (GObject *object)
{
  FatiaWizard *self = FATIA_WIZARD (object);

  adw_bin_set_child (ADW_BIN (self), NULL);
  for (guint i = 0; i < N_PAGES; i++)
    g_clear_object (&self->pages[i]);
  g_clear_object (&self->setup);
  G_OBJECT_CLASS (fatia_wizard_parent_class)->dispose (object);
}

static void
fatia_wizard_class_init (FatiaWizardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fatia_wizard_dispose;

  /**
   * FatiaWizard::finished:
   *
   * The last page is left: on to the dashboard.
   */
  signals[FINISHED] = g_signal_new ("finished", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fatia_wizard_init (FatiaWizard *self)
{
  self->view = ADW_NAVIGATION_VIEW (adw_navigation_view_new ());
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->view));
  g_signal_connect_object (self->view, "notify::visible-page", G_CALLBACK (visible_page_changed),
                           self, G_CONNECT_SWAPPED);
}

static FatiaWizard *
wizard_new (FatiaSetup *setup)
{
  FatiaWizard *self = g_object_new (FATIA_TYPE_WIZARD, NULL);

  self->setup = g_object_ref (setup);
  add_pages (self);
  return self;
}

/**
 * fatia_wizard_new:
 * @setup: the setup, its facts read
 *
 * Returns: (transfer floating): the pages, at the step the host stands at
 */
GtkWidget *
fatia_wizard_new (FatiaSetup *setup)
{
  FatiaWizard *self;

  g_return_val_if_fail (FATIA_IS_SETUP (setup), NULL);

  self = wizard_new (setup);
  open_at (self, find_page (self));
  return GTK_WIDGET (self);
}

/**
 * fatia_wizard_new_with_firmware:
 * @setup: the setup, its facts read
 * @file: a firmware image
 *
 * Returns: (transfer floating): the pages, at that of the GOP driver, which is reading @file
 */
GtkWidget *
fatia_wizard_new_with_firmware (FatiaSetup *setup, GFile *file)
{
  FatiaWizard *self;

  g_return_val_if_fail (FATIA_IS_SETUP (setup), NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  self = wizard_new (setup);
  for (guint i = 0; i < N_PAGES; i++)
    if (FATIA_IS_GOP_PAGE (self->pages[i]))
      {
        open_at (self, i);
        fatia_gop_page_read (FATIA_GOP_PAGE (self->pages[i]), file);
      }
  return GTK_WIDGET (self);
}

/**
 * fatia_wizard_start_over:
 * @self: the wizard
 *
 * Goes to the welcome page. Nothing that was done is undone.
 */
void
fatia_wizard_start_over (FatiaWizard *self)
{
  g_return_if_fail (FATIA_IS_WIZARD (self));

  open_at (self, 0);
}
