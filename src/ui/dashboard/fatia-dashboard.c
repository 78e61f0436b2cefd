/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/dashboard/fatia-dashboard.h"

#include <glib/gi18n.h>

#include "ui/dashboard/fatia-history-panel.h"
#include "ui/dashboard/fatia-vm-panel.h"
#include "ui/fatia-banners.h"
#include "ui/fatia-finding-row.h"
#include "ui/fatia-menu-button.h"
#include "ui/fatia-text.h"
#include "ui/fatia-vm-control.h"
#include "ui/screen/fatia-screen.h"

enum
{
  SECTION_VM,
  SECTION_SCREEN,
  SECTION_CHANGES,
  SECTION_COMPUTER,
  N_SECTIONS
};

static const struct
{
  const char *name; /* in the stack */
  const char *title;
  const char *icon;
} sections[N_SECTIONS] = {
  [SECTION_VM] = { "vm", N_ ("Virtual Machine"), "dev.fatia.Fatia-symbolic" },
  [SECTION_SCREEN] = { "screen", N_ ("Screen"), "video-display-symbolic" },
  [SECTION_CHANGES] = { "changes", N_ ("Changes"), "edit-undo-symbolic" },
  [SECTION_COMPUTER] = { "computer", N_ ("This Computer"), "preferences-system-symbolic" },
};

struct _FatiaDashboard
{
  AdwBreakpointBin parent_instance;

  AdwNavigationSplitView *split;
  GtkListBox *sections;
  AdwNavigationPage *content_page;
  AdwToolbarView *toolbar_view;
  GtkWidget *fullscreen_button;
  FatiaBanners *banners;
  GtkStack *stack;
  FatiaVmPanel *vm_panel;
  FatiaScreen *screen;
  FatiaHistoryPanel *history_panel;
  AdwPreferencesGroup *findings_group;
  GtkListBox *attention;
  GtkListBox *good;

  AdwActionRow *rows[N_SECTIONS]; /* in sections */
  FatiaSetup *setup;
  FatiaDomain *domain; /* (nullable): whose state the sidebar tells */
  GtkWindow *window;   /* (unowned) (nullable) */
  gboolean was_collapsed;
};

G_DEFINE_FINAL_TYPE (FatiaDashboard, fatia_dashboard, ADW_TYPE_BREAKPOINT_BIN)

static void
show_section (FatiaDashboard *self, guint section)
{
  gtk_stack_set_visible_child_name (self->stack, sections[section].name);
  adw_navigation_page_set_title (self->content_page, _ (sections[section].title));
  gtk_widget_set_visible (self->fullscreen_button, section == SECTION_SCREEN);
  if (section == SECTION_SCREEN)
    fatia_screen_open (self->screen);
  else
    fatia_screen_close (self->screen);
  if (section == SECTION_CHANGES)
    fatia_history_panel_refresh (self->history_panel);
}

static void
section_selected (FatiaDashboard *self, GtkListBoxRow *row)
{
  if (row != NULL)
    show_section (self, (guint) gtk_list_box_row_get_index (row));
}

static void
section_activated (FatiaDashboard *self, GtkListBoxRow *row)
{
  adw_navigation_split_view_set_show_content (self->split, TRUE);
}

static void
show_screen (FatiaDashboard *self)
{
  gtk_list_box_select_row (self->sections, GTK_LIST_BOX_ROW (self->rows[SECTION_SCREEN]));
}

static void
update_domain (FatiaDashboard *self)
{
  adw_action_row_set_subtitle (self->rows[SECTION_VM], fatia_vm_state_word (self->domain));
}

static void
setup_changed (FatiaDashboard *self)
{
  GListModel *findings = fatia_setup_get_findings (self->setup);
  FatiaState worst;
  g_autofree char *summary = fatia_findings_summarize (findings, &worst);

  fatia_vm_follow (self->setup, &self->domain, G_CALLBACK (update_domain), self);
  update_domain (self);
  adw_action_row_set_subtitle (self->rows[SECTION_COMPUTER], summary);
  fatia_group_set_description (self->findings_group, summary);
  gtk_widget_set_visible (GTK_WIDGET (self->attention),
                          fatia_findings_fill (self->attention, self->good, findings));
}

/* A screen that fills the monitor shows nothing but itself. */
static void
fullscreen_changed (FatiaDashboard *self)
{
  gboolean full = gtk_window_is_fullscreen (self->window) &&
                  g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "screen") == 0;

  if (full == !adw_toolbar_view_get_reveal_top_bars (self->toolbar_view))
    return;
  adw_toolbar_view_set_reveal_top_bars (self->toolbar_view, !full);
  if (full)
    self->was_collapsed = adw_navigation_split_view_get_collapsed (self->split);
  adw_navigation_split_view_set_show_content (self->split, TRUE);
  adw_navigation_split_view_set_collapsed (self->split, full || self->was_collapsed);
}

static void
fatia_dashboard_root (GtkWidget *widget)
{
  FatiaDashboard *self = FATIA_DASHBOARD (widget);

  GTK_WIDGET_CLASS (fatia_dashboard_parent_class)->root (widget);
  self->window = GTK_WINDOW (gtk_widget_get_root (widget));
  g_signal_connect_object (self->window, "notify::fullscreened", G_CALLBACK (fullscreen_changed),
                           self, G_CONNECT_SWAPPED);
}

static void
fatia_dashboard_unroot (GtkWidget *widget)
{
  FatiaDashboard *self = FATIA_DASHBOARD (widget);

  if (self->window != NULL)
    g_signal_handlers_disconnect_by_func (self->window, fullscreen_changed, self);
  self->window = NULL;
  GTK_WIDGET_CLASS (fatia_dashboard_parent_class)->unroot (widget);
}

static void
add_sections (FatiaDashboard *self)
{
  for (guint i = 0; i < N_SECTIONS; i++)
    {
      GtkWidget *row = adw_action_row_new ();
      GtkWidget *icon = gtk_image_new_from_icon_name (sections[i].icon);

      g_object_set (row, "use-markup", FALSE, "title", _ (sections[i].title), NULL);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      gtk_list_box_append (self->sections, row);
      self->rows[i] = ADW_ACTION_ROW (row);
    }
}

static void
fatia_dashboard_dispose (GObject *object)
{
  FatiaDashboard *self = FATIA_DASHBOARD (object);

  g_clear_object (&self->domain);
  g_clear_object (&self->setup);
  G_OBJECT_CLASS (fatia_dashboard_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/dashboard/fatia-dashboard.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, split);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, sections);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, content_page);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, toolbar_view);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, fullscreen_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, banners);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, stack);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, vm_panel);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, screen);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, history_panel);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, findings_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, attention);
  gtk_widget_class_bind_template_child (widget_class, FatiaDashboard, good);
  gtk_widget_class_bind_template_callback (widget_class, section_selected);
  gtk_widget_class_bind_template_callback (widget_class, section_activated);
  gtk_widget_class_bind_template_callback (widget_class, show_screen);
}

static void
fatia_dashboard_class_init (FatiaDashboardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fatia_dashboard_dispose;
  widget_class->root = fatia_dashboard_root;
  widget_class->unroot = fatia_dashboard_unroot;

  g_type_ensure (FATIA_TYPE_BANNERS);
  g_type_ensure (FATIA_TYPE_MENU_BUTTON);
  g_type_ensure (FATIA_TYPE_SCREEN);
  g_type_ensure (FATIA_TYPE_VM_PANEL);
  g_type_ensure (FATIA_TYPE_HISTORY_PANEL);
  bind_template (widget_class);
}

static void
fatia_dashboard_init (FatiaDashboard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_sections (self);
}

/**
 * fatia_dashboard_new:
 * @setup: a setup whose VM is there
 *
 * Returns: (transfer floating): its dashboard
 */
GtkWidget *
fatia_dashboard_new (FatiaSetup *setup)
{
  FatiaDashboard *self;

  g_return_val_if_fail (FATIA_IS_SETUP (setup), NULL);

  self = g_object_new (FATIA_TYPE_DASHBOARD, NULL);
  self->setup = g_object_ref (setup);
  fatia_banners_set_setup (self->banners, setup);
  fatia_vm_panel_set_setup (self->vm_panel, setup);
  fatia_screen_set_setup (self->screen, setup);
  fatia_history_panel_set_setup (self->history_panel, setup);
  g_signal_connect_object (setup, "changed", G_CALLBACK (setup_changed), self, G_CONNECT_SWAPPED);
  setup_changed (self);
  gtk_list_box_select_row (self->sections, GTK_LIST_BOX_ROW (self->rows[SECTION_VM]));
  return GTK_WIDGET (self);
}
