/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-vfs-page.h"

#include <glib/gi18n.h>

#include "host/fatia-scheduling.h"
#include "setup/fatia-steps.h"
#include "ui/fatia-step-panel.h"
#include "ui/fatia-text.h"

struct _FatiaVfsPage
{
  FatiaWizardPage parent_instance;

  AdwPreferencesGroup *offer_group;
  GtkAdjustment *adjustment;
  AdwSpinRow *count_row;
  AdwSwitchRow *keep_row;
  AdwSwitchRow *sleep_row;
  AdwPreferencesGroup *profile_group;
  AdwComboRow *profile_row;
  FatiaStepPanel *panel;

  GStrv profiles; /* in the order of the row's list */
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (FatiaVfsPage, fatia_vfs_page, FATIA_TYPE_WIZARD_PAGE)

static const char *const step_ids[] = { "vfs", NULL };

static FatiaVfsStep *
get_step (FatiaVfsPage *self)
{
  return FATIA_VFS_STEP (fatia_wizard_page_get_step (FATIA_WIZARD_PAGE (self), "vfs"));
}

/* What the chosen one does, or why there is no choice. */
static void
show_profile (FatiaVfsPage *self)
{
  FatiaVfsStep *step = get_step (self);
  const char *profile = fatia_vfs_step_get_profile (step);
  gboolean offered = fatia_vfs_step_offers_profiles (step);
  g_autofree char *summary = fatia_scheduling_get_summary (profile);

  for (guint i = 0; self->profiles[i]; i++)
    if (g_str_equal (self->profiles[i], profile))
      adw_combo_row_set_selected (self->profile_row, i);
  fatia_group_set_description (self->profile_group,
                               offered ? summary
                                       : _ ("The graphics driver that is loaded offers no choice"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->profile_row), offered);
}

static void
list_profiles (FatiaVfsPage *self)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);

  self->profiles = fatia_scheduling_list_profiles ();
  for (guint i = 0; self->profiles[i]; i++)
    {
      g_autofree char *title = fatia_scheduling_get_title (self->profiles[i]);

      gtk_string_list_append (titles, title);
    }
  adw_combo_row_set_model (self->profile_row, G_LIST_MODEL (titles));
}

static void
count_changed (FatiaVfsPage *self)
{
  if (self->updating)
    return;
  fatia_vfs_step_set_count (get_step (self), (guint) adw_spin_row_get_value (self->count_row));
  fatia_step_panel_preview (self->panel);
}

static void
keep_changed (FatiaVfsPage *self)
{
  if (self->updating)
    return;
  fatia_vfs_step_set_keep (get_step (self), adw_switch_row_get_active (self->keep_row));
  gtk_widget_set_sensitive (GTK_WIDGET (self->sleep_row),
                            adw_switch_row_get_active (self->keep_row));
  fatia_step_panel_preview (self->panel);
}

static void
sleep_changed (FatiaVfsPage *self)
{
  if (self->updating)
    return;
  fatia_vfs_step_set_sleep (get_step (self), adw_switch_row_get_active (self->sleep_row));
  fatia_step_panel_preview (self->panel);
}

static void
profile_changed (FatiaVfsPage *self)
{
  guint selected = adw_combo_row_get_selected (self->profile_row);

  if (self->updating || selected >= g_strv_length (self->profiles))
    return;
  fatia_vfs_step_set_profile (get_step (self), self->profiles[selected]);
  show_profile (self);
  fatia_step_panel_preview (self->panel);
}

static char *
describe_offer (FatiaVfsPage *self, guint total)
{
  const FatiaFacts *facts =
    fatia_setup_get_facts (fatia_wizard_page_get_setup (FATIA_WIZARD_PAGE (self)));
  const char *name = facts->platform != NULL ? facts->platform->name : _ ("Intel graphics");

  if (facts->pf == NULL)
    return g_strdup (_ ("There is no Intel GPU here that can be cut into slices."));
  if (total == 0)
    return g_strdup_printf (_ ("%s at %s offers no slices yet."), name, facts->pf->address);
  return g_strdup_printf (
    /* Translators: a family of GPUs, its PCI address, how many slices. */
    ngettext ("%s at %s can be cut into %u slice.", "%s at %s can be cut into %u slices.", total),
    name, facts->pf->address, total);
}

static void
fatia_vfs_page_update (FatiaWizardPage *page)
{
  FatiaVfsPage *self = FATIA_VFS_PAGE (page);
  FatiaVfsStep *step = get_step (self);
  guint total = fatia_vfs_step_get_total (step);
  g_autofree char *offer = describe_offer (self, total);

  fatia_group_set_description (self->offer_group, offer);
  self->updating = TRUE;
  gtk_adjustment_set_upper (self->adjustment, MAX (total, 1));
  adw_spin_row_set_value (self->count_row, fatia_vfs_step_get_count (step));
  adw_switch_row_set_active (self->keep_row, fatia_vfs_step_get_keep (step));
  adw_switch_row_set_active (self->sleep_row, fatia_vfs_step_get_sleep (step));
  show_profile (self);
  self->updating = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->count_row), total > 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->keep_row), total > 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->sleep_row),
                            total > 0 && fatia_vfs_step_get_keep (step));
}

static void
fatia_vfs_page_constructed (GObject *object)
{
  FatiaVfsPage *self = FATIA_VFS_PAGE (object);

  G_OBJECT_CLASS (fatia_vfs_page_parent_class)->constructed (object);
  fatia_step_panel_set_step (self->panel, FATIA_STEP (get_step (self)));
}

static void
fatia_vfs_page_finalize (GObject *object)
{
  g_strfreev (FATIA_VFS_PAGE (object)->profiles);
  G_OBJECT_CLASS (fatia_vfs_page_parent_class)->finalize (object);
}

static void
fatia_vfs_page_class_init (FatiaVfsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = fatia_vfs_page_constructed;
  object_class->finalize = fatia_vfs_page_finalize;
  FATIA_WIZARD_PAGE_CLASS (klass)->steps = step_ids;
  FATIA_WIZARD_PAGE_CLASS (klass)->update = fatia_vfs_page_update;

  g_type_ensure (FATIA_TYPE_STEP_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/wizard/fatia-vfs-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaVfsPage, offer_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaVfsPage, adjustment);
  gtk_widget_class_bind_template_child (widget_class, FatiaVfsPage, count_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVfsPage, keep_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVfsPage, sleep_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVfsPage, profile_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaVfsPage, profile_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVfsPage, panel);
  gtk_widget_class_bind_template_callback (widget_class, count_changed);
  gtk_widget_class_bind_template_callback (widget_class, keep_changed);
  gtk_widget_class_bind_template_callback (widget_class, sleep_changed);
  gtk_widget_class_bind_template_callback (widget_class, profile_changed);
}

static void
fatia_vfs_page_init (FatiaVfsPage *self)
{
  self->updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  list_profiles (self);
  self->updating = FALSE;
}
