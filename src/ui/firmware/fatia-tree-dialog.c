/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/firmware/fatia-tree-dialog.h"

#include <glib/gi18n.h>

#include "firmware/fatia-firmware-search.h"
#include "ui/fatia-futures.h"
#include "ui/fatia-save.h"
#include "ui/fatia-text.h"
#include "ui/firmware/fatia-tree-row.h"

struct _FatiaTreeDialog
{
  AdwDialog parent_instance;

  AdwToastOverlay *toasts;
  GtkWidget *save_button;
  GtkToggleButton *noted_button;
  GtkSearchEntry *search_entry;
  GtkStack *stack;
  GtkListView *list;
  AdwStatusPage *problem_page;
  GtkLabel *count_label;

  FatiaGopStep *step;
  GCancellable *cancellable;
  FatiaFirmwareItem *root;     /* (nullable): until it is read */
  FatiaFirmwareSearch *search; /* (nullable): where all is shown */
};

G_DEFINE_FINAL_TYPE (FatiaTreeDialog, fatia_tree_dialog, ADW_TYPE_DIALOG)

/* As in file managers; GTK's own keys want Shift with them, and stay. */
static void
add_keys (GtkWidget *expander)
{
  gboolean rtl = gtk_widget_get_direction (expander) == GTK_TEXT_DIR_RTL;
  const struct
  {
    guint key;
    const char *action;
  } keys[] = {
    { rtl ? GDK_KEY_Left : GDK_KEY_Right, "listitem.expand" },
    { rtl ? GDK_KEY_Right : GDK_KEY_Left, "listitem.collapse" },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller),
                                          gtk_shortcut_new (gtk_keyval_trigger_new (keys[i].key, 0),
                                                            gtk_named_action_new (keys[i].action)));
  gtk_widget_add_controller (expander, controller);
}

static void
setup_row (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *expander = gtk_tree_expander_new ();

  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), fatia_tree_row_new ());
  add_keys (expander);
  gtk_list_item_set_child (item, expander);
  /* The keyboard goes to what unfolds the part, which knows its keys. */
  gtk_list_item_set_focusable (item, FALSE);
}

static void
bind_row (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkTreeListRow *row = GTK_TREE_LIST_ROW (gtk_list_item_get_item (item));
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  FatiaTreeRow *widget = FATIA_TREE_ROW (gtk_tree_expander_get_child (expander));
  g_autoptr (FatiaFirmwareItem) part = gtk_tree_list_row_get_item (row);
  g_autofree char *label = NULL;

  gtk_tree_expander_set_list_row (expander, row);
  fatia_tree_row_show (widget, part);
  label = fatia_tree_row_describe (widget);
  gtk_list_item_set_accessible_label (item, label);
}

static void
unbind_row (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (item)), NULL);
}

static gboolean
is_found (gpointer item, gpointer data)
{
  FatiaTreeDialog *self = data;

  return self->search == NULL || fatia_firmware_search_shows (item, self->search);
}

static gboolean
has_found (FatiaTreeDialog *self, FatiaFirmwareItem *item)
{
  for (guint i = 0; i < fatia_firmware_item_get_n_children (item); i++)
    if (is_found (fatia_firmware_item_get_child (item, i), self))
      return TRUE;
  return FALSE;
}

/* The parts of a part; those that are not looked for stay out. */
static GListModel *
open_item (gpointer item, gpointer data)
{
  FatiaTreeDialog *self = data;

  if (!has_found (self, item))
    return NULL;
  if (self->search == NULL)
    return g_object_ref (G_LIST_MODEL (item));
  return G_LIST_MODEL (gtk_filter_list_model_new (
    g_object_ref (G_LIST_MODEL (item)), GTK_FILTER (gtk_custom_filter_new (is_found, self, NULL))));
}

/* The image itself, opened, and all below it where it is searched. */
static void
show_tree (FatiaTreeDialog *self)
{
  g_autoptr (GListStore) roots = g_list_store_new (FATIA_TYPE_FIRMWARE_ITEM);
  g_autoptr (GtkSingleSelection) selection = NULL;
  g_autoptr (GtkTreeListRow) first = NULL;
  GtkTreeListModel *tree;

  g_list_store_append (roots, self->root);
  tree = gtk_tree_list_model_new (G_LIST_MODEL (g_steal_pointer (&roots)), FALSE,
                                  self->search != NULL, open_item, self, NULL);
  first = gtk_tree_list_model_get_row (tree, 0);
  gtk_tree_list_row_set_expanded (first, TRUE);
  selection = gtk_single_selection_new (G_LIST_MODEL (tree));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
}

static void
show_count (FatiaTreeDialog *self)
{
  g_autofree char *text = NULL;
  guint n = self->search != NULL ? fatia_firmware_search_count (self->search) : 0;

  if (self->search != NULL)
    text = g_strdup_printf (ngettext ("%u part found", "%u parts found", n), n);
  else
    text = g_strdup (_ ("Places are counted in bytes, in hexadecimal."));
  gtk_label_set_text (self->count_label, text);
  if (self->search != NULL)
    gtk_accessible_announce (GTK_ACCESSIBLE (self->count_label), text,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_LOW);
}

static void
look_again (FatiaTreeDialog *self)
{
  const char *words = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));
  gboolean noted = gtk_toggle_button_get_active (self->noted_button);
  gboolean found;

  if (self->root == NULL)
    return;
  /* The model that is shown asks the search that goes. */
  gtk_list_view_set_model (self->list, NULL);
  g_clear_pointer (&self->search, fatia_firmware_search_free);
  if (*words != '\0' || noted)
    self->search = fatia_firmware_search_new (self->root, words, noted);
  found = self->search == NULL || fatia_firmware_search_count (self->search) > 0;
  if (found)
    show_tree (self);
  gtk_stack_set_visible_child_name (self->stack, found ? "tree" : "nothing");
  gtk_widget_set_sensitive (self->save_button, found);
  show_count (self);
}

/* Escape empties the search first, and closes the dialog then. */
static void
stop_search (FatiaTreeDialog *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) != '\0')
    gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  else
    adw_dialog_close (ADW_DIALOG (self));
}

/* What is shown, or would be with everything opened. */
static void
save (FatiaTreeDialog *self)
{
  char *text = fatia_firmware_tree_format (
    self->root, self->search != NULL ? fatia_firmware_search_shows : NULL, self->search);
  g_autoptr (GBytes) content = g_bytes_new_take (text, strlen (text));

  fatia_save_bytes_soon (GTK_WIDGET (self), "firmware.txt", content);
}

static DexFuture *
read_fiber (gpointer data)
{
  FatiaTreeDialog *self = FATIA_TREE_DIALOG (data);
  g_autoptr (GError) error = NULL;

  self->root = dex_await_object (fatia_gop_step_read_tree (self->step, self->cancellable), &error);
  if (self->root == NULL)
    {
      fatia_status_set_description (self->problem_page, error->message);
      gtk_stack_set_visible_child_name (self->stack, "problem");
      return dex_future_new_for_boolean (FALSE);
    }
  gtk_widget_set_sensitive (GTK_WIDGET (self->search_entry), TRUE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->noted_button), TRUE);
  look_again (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
  return dex_future_new_for_boolean (TRUE);
}

/* The window's toasts would lie below this. */
static void
toast (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AdwToast *message = adw_toast_new (g_variant_get_string (parameter, NULL));

  adw_toast_set_use_markup (message, FALSE);
  adw_toast_overlay_add_toast (FATIA_TREE_DIALOG (widget)->toasts, message);
}

static void
fatia_tree_dialog_closed (AdwDialog *dialog)
{
  g_cancellable_cancel (FATIA_TREE_DIALOG (dialog)->cancellable);
}

static void
fatia_tree_dialog_dispose (GObject *object)
{
  FatiaTreeDialog *self = FATIA_TREE_DIALOG (object);

  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), FATIA_TYPE_TREE_DIALOG);
  g_clear_pointer (&self->search, fatia_firmware_search_free);
  g_clear_object (&self->root);
  g_clear_object (&self->step);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (fatia_tree_dialog_parent_class)->dispose (object);
}

static void
fatia_tree_dialog_class_init (FatiaTreeDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fatia_tree_dialog_dispose;
  ADW_DIALOG_CLASS (klass)->closed = fatia_tree_dialog_closed;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/firmware/fatia-tree-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaTreeDialog, toasts);
  gtk_widget_class_bind_template_child (widget_class, FatiaTreeDialog, save_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaTreeDialog, noted_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaTreeDialog, search_entry);
  gtk_widget_class_bind_template_child (widget_class, FatiaTreeDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, FatiaTreeDialog, list);
  gtk_widget_class_bind_template_child (widget_class, FatiaTreeDialog, problem_page);
  gtk_widget_class_bind_template_child (widget_class, FatiaTreeDialog, count_label);
  gtk_widget_class_bind_template_callback (widget_class, setup_row);
  gtk_widget_class_bind_template_callback (widget_class, bind_row);
  gtk_widget_class_bind_template_callback (widget_class, unbind_row);
  gtk_widget_class_bind_template_callback (widget_class, look_again);
  gtk_widget_class_bind_template_callback (widget_class, stop_search);
  gtk_widget_class_bind_template_callback (widget_class, save);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast);
}

static void
fatia_tree_dialog_init (FatiaTreeDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  gtk_search_entry_set_key_capture_widget (self->search_entry, GTK_WIDGET (self->list));
}

/**
 * fatia_tree_dialog_new:
 * @step: the step that read an image
 *
 * Returns: (transfer floating): a dialog that is walking through that image
 */
AdwDialog *
fatia_tree_dialog_new (FatiaGopStep *step)
{
  FatiaTreeDialog *self;

  g_return_val_if_fail (FATIA_IS_GOP_STEP (step), NULL);

  self = g_object_new (FATIA_TYPE_TREE_DIALOG, NULL);
  self->step = g_object_ref (step);
  fatia_run (read_fiber, self);
  return ADW_DIALOG (self);
}
