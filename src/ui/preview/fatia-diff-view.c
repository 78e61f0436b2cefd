/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/preview/fatia-diff-view.h"

/* As tall as about 18 lines; more scrolls. */
#define MAX_HEIGHT 340

struct _FatiaDiffView
{
  AdwBin parent_instance;

  GtkTextBuffer *buffer;
  GtkTextTag *added, *removed, *place;
};

G_DEFINE_FINAL_TYPE (FatiaDiffView, fatia_diff_view, ADW_TYPE_BIN)

/* Text tags know no style sheet, so the colours are set again when the appearance changes. They
 * keep a contrast of 4.5 to the card's background. */
static void
update_colours (FatiaDiffView *self)
{
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  g_object_set (self->added, "foreground", dark ? "#8ff0a4" : "#15602e", "paragraph-background",
                dark ? "#24402c" : "#dff3e4", NULL);
  g_object_set (self->removed, "foreground", dark ? "#ff9c94" : "#a30d18", "paragraph-background",
                dark ? "#4a2a2c" : "#fbe3e4", NULL);
  g_object_set (self->place, "foreground", dark ? "#99c1f1" : "#1a5fb4", NULL);
}

static GtkTextTag *
tag_of_line (FatiaDiffView *self, const char *line)
{
  if (g_str_has_prefix (line, "+++ ") || g_str_has_prefix (line, "--- ") ||
      g_str_has_prefix (line, "@@"))
    return self->place;
  if (line[0] == '+')
    return self->added;
  if (line[0] == '-')
    return self->removed;
  return NULL;
}

static void
insert_diff (FatiaDiffView *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GtkTextIter end;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      GtkTextTag *tag = tag_of_line (self, lines[i]);

      gtk_text_buffer_get_end_iter (self->buffer, &end);
      if (tag != NULL)
        gtk_text_buffer_insert_with_tags (self->buffer, &end, lines[i], -1, tag, NULL);
      else
        gtk_text_buffer_insert (self->buffer, &end, lines[i], -1);
      if (lines[i + 1] != NULL)
        gtk_text_buffer_insert (self->buffer, &end, "\n", 1);
    }
}

static void
fatia_diff_view_class_init (FatiaDiffViewClass *klass)
{
}

static void
fatia_diff_view_init (FatiaDiffView *self)
{
  GtkWidget *view = gtk_text_view_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 10);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (view), 10);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 12);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), 12);
  gtk_widget_add_css_class (view, "fatia-diff");

  self->buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  self->added = gtk_text_buffer_create_tag (self->buffer, NULL, NULL);
  self->removed = gtk_text_buffer_create_tag (self->buffer, NULL, NULL);
  self->place = gtk_text_buffer_create_tag (self->buffer, NULL, NULL);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (update_colours), self, G_CONNECT_SWAPPED);
  update_colours (self);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), MAX_HEIGHT);
  adw_bin_set_child (ADW_BIN (self), scroller);
}

/**
 * fatia_diff_view_new:
 * @text: what is shown
 * @diff: whether it is a unified diff
 * @label: what it is, for those who can't see where it stands
 *
 * Returns: (transfer floating): the view
 */
GtkWidget *
fatia_diff_view_new (const char *text, gboolean diff, const char *label)
{
  FatiaDiffView *self;
  g_autofree char *shown = NULL;
  GtkWidget *view;

  g_return_val_if_fail (text != NULL, NULL);

  self = g_object_new (FATIA_TYPE_DIFF_VIEW, NULL);
  shown = g_utf8_make_valid (text, -1);
  g_strchomp (shown);
  if (diff)
    insert_diff (self, shown);
  else
    gtk_text_buffer_set_text (self->buffer, shown, -1);

  view = gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (adw_bin_get_child (ADW_BIN (self))));
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return GTK_WIDGET (self);
}
