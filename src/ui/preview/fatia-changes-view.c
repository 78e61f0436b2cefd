/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/preview/fatia-changes-view.h"

#include <glib/gi18n.h>

#include "ui/preview/fatia-diff-view.h"

/* A plan of this many lines is shown unfolded. */
#define LINES_UNFOLDED 30

struct _FatiaChangesView
{
  AdwBin parent_instance;

  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (FatiaChangesView, fatia_changes_view, ADW_TYPE_BIN)

static const struct
{
  const char *kind;
  const char *icon;
  const char *name; /* for those who can't see the icon */
} kinds[] = {
  { "file", "text-x-generic-symbolic", N_ ("File") },
  { "link", "insert-link-symbolic", N_ ("Link") },
  { "attribute", "preferences-system-symbolic", N_ ("Setting of the running system") },
  { "driver", "preferences-system-symbolic", N_ ("Driver of a device") },
  { "command", "utilities-terminal-symbolic", N_ ("Command") },
  { "domain", "computer-symbolic", N_ ("Virtual machine") },
  { "disk", "drive-harddisk-symbolic", N_ ("Disk") },
  { "kept", "object-select-symbolic", N_ ("Stays as it is") },
  { "advice", "user-info-symbolic", N_ ("For you to do") },
};

static GtkWidget *
icon_of (FatiaPlanItem *item)
{
  const char *kind = fatia_plan_item_get_kind (item);
  GtkWidget *image = gtk_image_new_from_icon_name ("document-edit-symbolic");

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kind, kinds[i].kind) == 0)
      {
        gtk_image_set_from_icon_name (GTK_IMAGE (image), kinds[i].icon);
        gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                        _ (kinds[i].name), -1);
      }
  return image;
}

static guint
count_lines (const char *text)
{
  guint lines = 0;

  for (; text != NULL && *text != '\0'; text++)
    lines += *text == '\n';
  return lines;
}

static gboolean
has_diff (FatiaPlanItem *item)
{
  const char *kind = fatia_plan_item_get_kind (item);

  return g_strcmp0 (kind, "file") == 0 || g_strcmp0 (kind, "attribute") == 0 ||
         g_strcmp0 (kind, "link") == 0 || g_strcmp0 (kind, "driver") == 0;
}

/* What an attribute becomes, and which driver a device gets. */
static gboolean
says_all_in_title (FatiaPlanItem *item)
{
  const char *kind = fatia_plan_item_get_kind (item);

  return g_strcmp0 (kind, "attribute") == 0 || g_strcmp0 (kind, "driver") == 0;
}

static GtkWidget *
row_of (FatiaPlanItem *item, gboolean unfold)
{
  const char *text = fatia_plan_item_get_text (item);
  const char *title = fatia_plan_item_get_title (item);
  const char *target = fatia_plan_item_get_target (item);
  gboolean foldable = text != NULL && *text != '\0' && g_strcmp0 (text, target) != 0;
  GtkWidget *row = foldable ? adw_expander_row_new () : adw_action_row_new ();

  g_object_set (row, "use-markup", FALSE, "title", title, "subtitle", target, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  if (foldable)
    {
      GtkWidget *view = fatia_diff_view_new (text, has_diff (item), title);
      GtkWidget *view_row = adw_preferences_row_new ();

      gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (view_row), view);
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (view_row), FALSE);
      gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (view_row), FALSE);
      gtk_widget_set_focusable (view_row, FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (view_row), title);
      gtk_accessible_update_property (GTK_ACCESSIBLE (view_row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      title, -1);
      adw_expander_row_add_row (ADW_EXPANDER_ROW (row), view_row);
      adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), unfold);
      adw_expander_row_add_prefix (ADW_EXPANDER_ROW (row), icon_of (item));
    }
  else
    {
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon_of (item));
    }
  return row;
}

static void
fatia_changes_view_class_init (FatiaChangesViewClass *klass)
{
}

static void
fatia_changes_view_init (FatiaChangesView *self)
{
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What will change"), -1);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->list));
}

/**
 * fatia_changes_view_new:
 *
 * Returns: (transfer floating): an empty view
 */
GtkWidget *
fatia_changes_view_new (void)
{
  return g_object_new (FATIA_TYPE_CHANGES_VIEW, NULL);
}

/**
 * fatia_changes_view_set_plan:
 * @self: the view
 * @plan: (nullable): what to show; the view hides itself where there is nothing
 */
void
fatia_changes_view_set_plan (FatiaChangesView *self, FatiaPlan *plan)
{
  guint n = plan != NULL ? g_list_model_get_n_items (G_LIST_MODEL (plan)) : 0;
  guint lines = 0;

  g_return_if_fail (FATIA_IS_CHANGES_VIEW (self));

  gtk_list_box_remove_all (self->list);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FatiaPlanItem) item = g_list_model_get_item (G_LIST_MODEL (plan), i);

      lines += count_lines (fatia_plan_item_get_text (item));
      gtk_list_box_append (self->list,
                           row_of (item, lines <= LINES_UNFOLDED && !says_all_in_title (item)));
    }
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
}
