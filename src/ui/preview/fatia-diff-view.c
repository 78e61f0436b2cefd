/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/preview/fatia-diff-view.h"

#include <string.h>

/* What is longer scrolls in a view of its own; what is not is shown whole. */
#define MAX_LINES  24
#define MAX_HEIGHT 380

struct _FatiaDiffView
{
  AdwBin parent_instance;

  GtkLabel *label;
  gboolean diff;
};

G_DEFINE_FINAL_TYPE (FatiaDiffView, fatia_diff_view, ADW_TYPE_BIN)

typedef enum
{
  LINE_SAME,
  LINE_ADDED,
  LINE_REMOVED,
  LINE_PLACE, /* which file, which lines */
  N_LINES
} Line;

/* Attributes of text know no style sheet. These keep a contrast of 4.5 to the card. */
static const struct
{
  const char *text, *back;           /* (nullable) */
  const char *dark_text, *dark_back; /* (nullable) */
} colours[N_LINES] = {
  [LINE_ADDED] = { "#15602e", "#dff3e4", "#8ff0a4", "#24402c" },
  [LINE_REMOVED] = { "#a30d18", "#fbe3e4", "#ff9c94", "#4a2a2c" },
  [LINE_PLACE] = { "#1a5fb4", NULL, "#99c1f1", NULL },
};

static Line
classify (const char *line)
{
  if (g_str_has_prefix (line, "+++ ") || g_str_has_prefix (line, "--- ") ||
      g_str_has_prefix (line, "@@"))
    return LINE_PLACE;
  return line[0] == '+' ? LINE_ADDED : line[0] == '-' ? LINE_REMOVED : LINE_SAME;
}

static void
add_colour (PangoAttrList *attributes, const char *name, gboolean back, guint start, guint end)
{
  PangoColor colour;
  PangoAttribute *attribute;

  if (name == NULL || !pango_color_parse (&colour, name))
    return;
  attribute = back ? pango_attr_background_new (colour.red, colour.green, colour.blue)
                   : pango_attr_foreground_new (colour.red, colour.green, colour.blue);
  attribute->start_index = start;
  attribute->end_index = end;
  pango_attr_list_insert (attributes, attribute);
}

static void
update_colours (FatiaDiffView *self)
{
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  const char *text = gtk_label_get_text (self->label);

  for (const char *line = text; self->diff && *line != '\0';)
    {
      const char *end = line + strcspn (line, "\n");
      Line kind = classify (line);

      add_colour (attributes, dark ? colours[kind].dark_text : colours[kind].text, FALSE,
                  (guint) (line - text), (guint) (end - text));
      add_colour (attributes, dark ? colours[kind].dark_back : colours[kind].back, TRUE,
                  (guint) (line - text), (guint) (end - text));
      line = *end == '\n' ? end + 1 : end;
    }
  gtk_label_set_attributes (self->label, attributes);
}

static void
fatia_diff_view_class_init (FatiaDiffViewClass *klass)
{
}

static void
fatia_diff_view_init (FatiaDiffView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_selectable (self->label, TRUE);
  gtk_label_set_xalign (self->label, 0);
  /* What matters of a kernel command line stands at its end. */
  gtk_label_set_wrap (self->label, TRUE);
  gtk_label_set_wrap_mode (self->label, PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_valign (GTK_WIDGET (self->label), GTK_ALIGN_START);
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "fatia-diff");
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (update_colours), self, G_CONNECT_SWAPPED);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->label));
  adw_bin_set_child (ADW_BIN (self), scroller);
}

static void
set_height (FatiaDiffView *self)
{
  GtkScrolledWindow *scroller = GTK_SCROLLED_WINDOW (adw_bin_get_child (ADW_BIN (self)));
  const char *text = gtk_label_get_text (self->label);
  guint lines = 1;

  for (; *text != '\0'; text++)
    lines += *text == '\n';
  if (lines > MAX_LINES)
    gtk_scrolled_window_set_min_content_height (scroller, MAX_HEIGHT);
  gtk_scrolled_window_set_policy (scroller, GTK_POLICY_NEVER,
                                  lines > MAX_LINES ? GTK_POLICY_AUTOMATIC : GTK_POLICY_NEVER);
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

  g_return_val_if_fail (text != NULL, NULL);

  self = g_object_new (FATIA_TYPE_DIFF_VIEW, NULL);
  self->diff = diff;
  fatia_diff_view_set_text (self, text);
  /* The text itself is the label's name; this says what it is of. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->label), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  label, -1);
  return GTK_WIDGET (self);
}

/**
 * fatia_diff_view_set_text:
 * @self: the view
 * @text: what is shown; what is not UTF-8 in it is replaced
 */
void
fatia_diff_view_set_text (FatiaDiffView *self, const char *text)
{
  g_autofree char *shown = NULL;

  g_return_if_fail (FATIA_IS_DIFF_VIEW (self));
  g_return_if_fail (text != NULL);

  shown = g_utf8_make_valid (text, -1);
  gtk_label_set_text (self->label, g_strchomp (shown));
  set_height (self);
  update_colours (self);
}
