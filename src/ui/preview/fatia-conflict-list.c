/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/preview/fatia-conflict-list.h"

#include <string.h>

#include <glib/gi18n.h>

#include "ui/preview/fatia-diff-view.h"

typedef struct
{
  char *path;
  GtkCheckButton *keep; /* (unowned) */
  GtkCheckButton *put_back;
} Conflict;

struct _FatiaConflictList
{
  GtkBox parent_instance;

  GPtrArray *conflicts; /* of Conflict */
};

enum
{
  DECIDED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FatiaConflictList, fatia_conflict_list, GTK_TYPE_BOX)

static void
conflict_free (gpointer data)
{
  Conflict *conflict = data;

  g_free (conflict->path);
  g_free (conflict);
}

static void
fatia_conflict_list_finalize (GObject *object)
{
  g_ptr_array_unref (FATIA_CONFLICT_LIST (object)->conflicts);
  G_OBJECT_CLASS (fatia_conflict_list_parent_class)->finalize (object);
}

static void
fatia_conflict_list_class_init (FatiaConflictListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fatia_conflict_list_finalize;
  /**
   * FatiaConflictList::decided:
   *
   * The person chose, or chose otherwise.
   */
  signals[DECIDED] = g_signal_new ("decided", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
fatia_conflict_list_init (FatiaConflictList *self)
{
  self->conflicts = g_ptr_array_new_with_free_func (conflict_free);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 12);
}

/**
 * fatia_conflict_list_new:
 *
 * Returns: (transfer floating): an empty list
 */
GtkWidget *
fatia_conflict_list_new (void)
{
  return g_object_new (FATIA_TYPE_CONFLICT_LIST, NULL);
}

static void
toggled (FatiaConflictList *self, GtkCheckButton *button)
{
  if (gtk_check_button_get_active (button))
    g_signal_emit (self, signals[DECIDED], 0);
}

/* One choice; the first of a file has no @group. */
static GtkCheckButton *
add_choice (FatiaConflictList *self,
            GtkWidget *list,
            GtkCheckButton *group,
            const char *title,
            const char *subtitle,
            const char *path)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_check_button_new ();

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_check_button_set_group (GTK_CHECK_BUTTON (button), group);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, path, -1);
  g_signal_connect_object (button, "toggled", G_CALLBACK (toggled), self, G_CONNECT_SWAPPED);
  g_object_set (row, "use-markup", FALSE, "title", title, "subtitle", subtitle, NULL);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  return GTK_CHECK_BUTTON (button);
}

static void
add_versions (GtkWidget *list, FatiaPlanItem *item)
{
  const char *title = fatia_plan_item_get_title (item);
  GtkWidget *row = adw_preferences_row_new ();

  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row),
                              fatia_diff_view_new (fatia_plan_item_get_text (item), TRUE, title));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
}

static void
add_heading (FatiaConflictList *self, const char *path)
{
  GtkWidget *label = gtk_label_new (path);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, "heading");
  gtk_box_append (GTK_BOX (self), label);
}

static void
add_conflict (FatiaConflictList *self, FatiaPlanItem *item)
{
  const char *path = fatia_plan_item_get_target (item);
  /* The diff leads to nothing where the file is all Fatia's. */
  gboolean goes = strstr (fatia_plan_item_get_text (item), "\n+++ /dev/null\n") != NULL;
  GtkWidget *list = gtk_list_box_new ();
  Conflict *conflict = g_new0 (Conflict, 1);

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, path, -1);
  add_heading (self, path);
  add_versions (list, item);
  conflict->path = g_strdup (path);
  conflict->keep =
    add_choice (self, list, NULL, _ ("Keep What Is There Now"), _ ("The lines with − stay"), path);
  conflict->put_back = add_choice (
    self, list, conflict->keep, _ ("Put Back What Was There Before"),
    goes ? _ ("There was no such file: it is removed") : _ ("The lines with + come back"), path);
  gtk_box_append (GTK_BOX (self), list);
  g_ptr_array_add (self->conflicts, conflict);
}

/**
 * fatia_conflict_list_set_plan:
 * @self: the list
 * @plan: (nullable): whose items of kind "conflict" it shows, none of them decided
 */
void
fatia_conflict_list_set_plan (FatiaConflictList *self, FatiaPlan *plan)
{
  guint n = plan != NULL ? g_list_model_get_n_items (G_LIST_MODEL (plan)) : 0;
  GtkWidget *child;

  g_return_if_fail (FATIA_IS_CONFLICT_LIST (self));

  g_ptr_array_set_size (self->conflicts, 0);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_box_remove (GTK_BOX (self), child);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FatiaPlanItem) item = g_list_model_get_item (G_LIST_MODEL (plan), i);

      if (g_str_equal (fatia_plan_item_get_kind (item), "conflict"))
        add_conflict (self, item);
    }
}

/**
 * fatia_conflict_list_is_empty:
 *
 * Returns: whether there is nothing to decide about
 */
gboolean
fatia_conflict_list_is_empty (FatiaConflictList *self)
{
  g_return_val_if_fail (FATIA_IS_CONFLICT_LIST (self), TRUE);
  return self->conflicts->len == 0;
}

static gboolean
is_decided (const Conflict *conflict)
{
  return gtk_check_button_get_active (conflict->keep) ||
         gtk_check_button_get_active (conflict->put_back);
}

/**
 * fatia_conflict_list_is_decided:
 *
 * Returns: whether nothing is left to decide about
 */
gboolean
fatia_conflict_list_is_decided (FatiaConflictList *self)
{
  g_return_val_if_fail (FATIA_IS_CONFLICT_LIST (self), FALSE);

  for (guint i = 0; i < self->conflicts->len; i++)
    if (!is_decided (g_ptr_array_index (self->conflicts, i)))
      return FALSE;
  return TRUE;
}

/**
 * fatia_conflict_list_get_decisions:
 *
 * Returns: (transfer floating): an a{sb}: of each file that is decided about, whether what was
 *   there before comes back
 */
GVariant *
fatia_conflict_list_get_decisions (FatiaConflictList *self)
{
  GVariantBuilder builder;

  g_return_val_if_fail (FATIA_IS_CONFLICT_LIST (self), NULL);

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sb}"));
  for (guint i = 0; i < self->conflicts->len; i++)
    {
      const Conflict *conflict = g_ptr_array_index (self->conflicts, i);

      if (is_decided (conflict))
        g_variant_builder_add (&builder, "{sb}", conflict->path,
                               gtk_check_button_get_active (conflict->put_back));
    }
  return g_variant_builder_end (&builder);
}
