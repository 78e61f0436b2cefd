/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-computer-page.h"

#include <glib/gi18n.h>

#include "ui/fatia-finding-row.h"
#include "ui/fatia-text.h"

struct _FatiaComputerPage
{
  FatiaWizardPage parent_instance;

  AdwPreferencesGroup *findings_group;
  GtkListBox *attention;
  GtkListBox *good;
  AdwPreferencesGroup *bios_group;
  GtkListBox *bios_steps;
};

G_DEFINE_FINAL_TYPE (FatiaComputerPage, fatia_computer_page, FATIA_TYPE_WIZARD_PAGE)

static void
show_bios_steps (FatiaComputerPage *self, const FatiaFacts *facts)
{
  g_autoptr (FatiaBoard) board = fatia_advice_board (facts);
  g_autofree char *description = NULL;

  gtk_list_box_remove_all (self->bios_steps);
  for (guint i = 0; board->bios_steps != NULL && board->bios_steps[i] != NULL; i++)
    gtk_list_box_append (self->bios_steps, fatia_numbered_row_new (i + 1, board->bios_steps[i]));
  gtk_widget_set_visible (GTK_WIDGET (self->bios_group),
                          board->bios_steps != NULL && board->bios_steps[0] != NULL);

  if (board->name != NULL)
    /* Translators: %s is a board's name. */
    description = g_strdup_printf (_ ("What %s calls the settings that virtual machines and GPU "
                                      "slices need. Only needed where something above says so."),
                                   board->name);
  else
    description = g_strdup (_ ("What the settings that virtual machines and GPU slices need are "
                               "usually called. Only needed where something above says so."));
  fatia_group_set_description (self->bios_group, description);
}

static void
fatia_computer_page_update (FatiaWizardPage *page)
{
  FatiaComputerPage *self = FATIA_COMPUTER_PAGE (page);
  FatiaSetup *setup = fatia_wizard_page_get_setup (page);
  GListModel *findings = fatia_setup_get_findings (setup);
  FatiaState worst;
  g_autofree char *summary = fatia_findings_summarize (findings, &worst);
  gboolean any;

  fatia_group_set_description (self->findings_group, summary);
  any = fatia_findings_fill (self->attention, self->good, findings);
  gtk_widget_set_visible (GTK_WIDGET (self->attention), any);
  show_bios_steps (self, fatia_setup_get_facts (setup));
}

static void
fatia_computer_page_class_init (FatiaComputerPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  FATIA_WIZARD_PAGE_CLASS (klass)->update = fatia_computer_page_update;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/wizard/fatia-computer-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaComputerPage, findings_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaComputerPage, attention);
  gtk_widget_class_bind_template_child (widget_class, FatiaComputerPage, good);
  gtk_widget_class_bind_template_child (widget_class, FatiaComputerPage, bios_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaComputerPage, bios_steps);
}

static void
fatia_computer_page_init (FatiaComputerPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
