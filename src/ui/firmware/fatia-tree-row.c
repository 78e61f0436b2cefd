/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/firmware/fatia-tree-row.h"

#include <glib/gi18n.h>

struct _FatiaTreeRow
{
  AdwBin parent_instance;

  GtkLabel *title;
  GtkLabel *place;
  GtkLabel *note;
};

G_DEFINE_FINAL_TYPE (FatiaTreeRow, fatia_tree_row, ADW_TYPE_BIN)

static GtkLabel *
add_label (GtkWidget *box, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static void
fatia_tree_row_class_init (FatiaTreeRowClass *klass)
{
}

static void
fatia_tree_row_init (FatiaTreeRow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_widget_set_margin_top (box, 4);
  gtk_widget_set_margin_bottom (box, 4);
  self->title = add_label (box, NULL);
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_MIDDLE);
  self->place = add_label (box, "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->place), "caption");
  gtk_label_set_ellipsize (self->place, PANGO_ELLIPSIZE_END);
  self->note = add_label (box, "warning");
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "caption");
  gtk_label_set_wrap (self->note, TRUE);
  gtk_label_set_wrap_mode (self->note, PANGO_WRAP_WORD_CHAR);

  adw_bin_set_child (ADW_BIN (self), box);
}

/* "DXE driver · 0x12000 · 63.5 kB"; a file's name has its GUID beside it. */
static char *
describe_place (FatiaFirmwareItem *item)
{
  const char *title = fatia_firmware_item_get_title (item);
  const char *guid = fatia_firmware_item_get_guid (item);
  const char *type = fatia_firmware_item_get_type_name (item);
  g_autofree char *size = g_format_size (fatia_firmware_item_get_size (item));
  GString *place = g_string_new (NULL);

  if (!g_str_equal (title, type))
    g_string_append_printf (place, "%s · ", type);
  g_string_append_printf (place, "0x%" G_GINT64_MODIFIER "X · %s",
                          fatia_firmware_item_get_offset (item), size);
  if (guid != NULL && !g_str_equal (title, guid))
    g_string_append_printf (place, " · %s", guid);
  return g_string_free_and_steal (place);
}

/**
 * fatia_tree_row_new:
 *
 * Returns: (transfer floating): a row that shows nothing yet
 */
GtkWidget *
fatia_tree_row_new (void)
{
  return g_object_new (FATIA_TYPE_TREE_ROW, NULL);
}

/**
 * fatia_tree_row_show:
 * @item: the part it shows
 */
void
fatia_tree_row_show (FatiaTreeRow *self, FatiaFirmwareItem *item)
{
  g_autofree char *place = NULL;
  const char *note;

  g_return_if_fail (FATIA_IS_TREE_ROW (self));
  g_return_if_fail (FATIA_IS_FIRMWARE_ITEM (item));

  place = describe_place (item);
  note = fatia_firmware_item_get_note (item);
  gtk_label_set_text (self->title, fatia_firmware_item_get_title (item));
  gtk_label_set_text (self->place, place);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->place), place);
  gtk_label_set_text (self->note, note != NULL ? note : "");
  gtk_widget_set_visible (GTK_WIDGET (self->note), note != NULL);
}

/**
 * fatia_tree_row_describe:
 *
 * Returns: (transfer full): all that it shows, for those who hear it
 */
char *
fatia_tree_row_describe (FatiaTreeRow *self)
{
  g_return_val_if_fail (FATIA_IS_TREE_ROW (self), NULL);

  return g_strdup_printf ("%s, %s %s", gtk_label_get_text (self->title),
                          gtk_label_get_text (self->place), gtk_label_get_text (self->note));
}
