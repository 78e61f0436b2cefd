/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-candidate-row.h"

#include <glib/gi18n.h>

#include "ui/fatia-futures.h"

static GtkWidget *
add_property (GtkWidget *row, const char *title, const char *value)
{
  GtkWidget *property = adw_action_row_new ();

  g_object_set (property, "use-markup", FALSE, "title", title, "subtitle", value,
                "subtitle-selectable", TRUE, "activatable", FALSE, NULL);
  gtk_widget_add_css_class (property, "property");
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), property);
  return property;
}

static void
copy_sum (GtkButton *button, gpointer row)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (row), adw_action_row_get_subtitle (row));
  fatia_toast (row, _ ("SHA-256 copied"));
}

static void
add_sum (GtkWidget *row, const char *sum)
{
  GtkWidget *property = add_property (row, "SHA-256", sum);
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _ ("Copy the SHA-256"));
  g_signal_connect_object (button, "clicked", G_CALLBACK (copy_sum), property, G_CONNECT_DEFAULT);
  adw_action_row_add_suffix (ADW_ACTION_ROW (property), button);
}

/**
 * fatia_candidate_row_new:
 * @candidate: what was found
 * @button: (transfer floating): the radio button that chooses it
 *
 * Returns: (transfer floating): its row
 */
GtkWidget *
fatia_candidate_row_new (const FatiaGopCandidate *candidate, GtkWidget *button)
{
  GtkWidget *row = adw_expander_row_new ();
  const char *name = candidate->name != NULL ? candidate->name : candidate->guid;
  g_autofree char *size = g_format_size (candidate->size);
  /* Translators: a driver's name, the kind of processor it is for, its size. */
  g_autofree char *title = g_strdup_printf (_ ("%s, %s, %s"), name, candidate->machine, size);

  g_object_set (row, "use-markup", FALSE, "title", title, "subtitle",
                candidate->known != NULL ? candidate->known : candidate->why, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  adw_expander_row_add_prefix (ADW_EXPANDER_ROW (row), button);
  add_property (row, _ ("Why"), candidate->why);
  add_property (row, _ ("File in the Image"), candidate->guid);
  add_property (row, _ ("Where"), candidate->path);
  add_sum (row, candidate->sha256);
  return row;
}
