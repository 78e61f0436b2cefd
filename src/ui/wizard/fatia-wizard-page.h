/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/*
 * One page of the setup: header bar, banners, content, and a bar with "Skip This Step" and
 * "Continue". Properties: "setup" (construct), "content" (GtkWidget), "position" (string: "Step
 * 2 of 7"). Signal "continue": the person is through with it.
 */
#define FATIA_TYPE_WIZARD_PAGE (fatia_wizard_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (FatiaWizardPage, fatia_wizard_page, FATIA, WIZARD_PAGE, AdwNavigationPage)

struct _FatiaWizardPageClass
{
  AdwNavigationPageClass parent_class;

  /* (nullable): the ids of the steps the page shows, NULL-terminated */
  const char *const *steps;
  /* (nullable): the page came into view */
  void (*shown) (FatiaWizardPage *self);
  /* (nullable): the page went out of view */
  void (*hidden) (FatiaWizardPage *self);
  /* (nullable): the setup has read its facts again */
  void (*update) (FatiaWizardPage *self);
  /* Whether "Continue" leads on; the default: every step is done, waits for a restart or is
   * skipped */
  gboolean (*is_complete) (FatiaWizardPage *self);
  /* (nullable): whether the page has anything for this host; one that has not is passed over */
  gboolean (*applies) (FatiaWizardPage *self);
};

FatiaSetup *fatia_wizard_page_get_setup (FatiaWizardPage *self);
FatiaStep *fatia_wizard_page_get_step (FatiaWizardPage *self, const char *id);
/* Whether "Continue" leads on may have changed. */
void fatia_wizard_page_changed (FatiaWizardPage *self);
void fatia_wizard_page_continue (FatiaWizardPage *self);
gboolean fatia_wizard_page_applies (FatiaWizardPage *self);
void fatia_wizard_page_take_keyboard (FatiaWizardPage *self);
/* A page that brings its own buttons, or shows nothing but its content, hides the bars. */
void fatia_wizard_page_set_bars (FatiaWizardPage *self, gboolean top, gboolean bottom);
void fatia_wizard_page_set_continue_label (FatiaWizardPage *self, const char *label);

G_END_DECLS
