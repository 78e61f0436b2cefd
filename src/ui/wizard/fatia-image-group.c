/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-image-group.h"

#include <glib/gi18n.h>

#include "ui/fatia-save.h"
#include "ui/firmware/fatia-tree-dialog.h"

struct _FatiaImageGroup
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *trail_row;
  AdwExpanderRow *others_row;
  AdwActionRow *board_row;
  GtkImage *board_icon;
  AdwActionRow *unread_row;
  AdwExpanderRow *vbts_row;

  FatiaGopStep *step;
  GPtrArray *vbt_rows;   /* (element-type GtkWidget) */
  GPtrArray *other_rows; /* (element-type GtkWidget) */
};

enum
{
  MEMBER,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FatiaImageGroup, fatia_image_group, ADW_TYPE_PREFERENCES_GROUP)

static const struct
{
  const char *icon;
  const char *css_class; /* (nullable) */
  const char *name;      /* for those who can't see the icon */
} verdicts[] = {
  [FATIA_BOARDS_UNKNOWN] = { "dialog-question-symbolic", NULL, N_ ("Not certain") },
  [FATIA_BOARDS_SAME] = { "object-select-symbolic", "success", N_ ("Fits") },
  [FATIA_BOARDS_DIFFER] = { "dialog-warning-symbolic", "warning", N_ ("Warning") },
};

static void
clear_rows (AdwExpanderRow *row, GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    adw_expander_row_remove (row, g_ptr_array_index (rows, i));
  g_ptr_array_set_size (rows, 0);
}

static void
read_other (GtkButton *button, gpointer data)
{
  g_signal_emit (data, signals[MEMBER], 0, g_object_get_data (G_OBJECT (button), "member"));
}

static GtkWidget *
other_row_new (FatiaImageGroup *self, const char *member)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_from_icon_name ("document-open-symbolic");
  /* Translators: the name of a file in an archive */
  g_autofree char *label = g_strdup_printf (_ ("Read %s"), member);

  g_object_set (row, "use-markup", FALSE, "title", member, NULL);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, label);
  g_object_set_data_full (G_OBJECT (button), "member", g_strdup (member), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (read_other), self, G_CONNECT_DEFAULT);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
show_others (FatiaImageGroup *self, const FatiaFirmwareSource *source)
{
  clear_rows (self->others_row, self->other_rows);
  for (guint i = 0; i < source->trail->len; i++)
    {
      const FatiaFirmwareLayer *layer = g_ptr_array_index (source->trail, i);

      for (guint j = 0; layer->others && layer->others[j]; j++)
        {
          GtkWidget *row = other_row_new (self, layer->others[j]);

          adw_expander_row_add_row (self->others_row, row);
          g_ptr_array_add (self->other_rows, row);
        }
    }
  gtk_widget_set_visible (GTK_WIDGET (self->others_row), self->other_rows->len > 0);
}

/* How the image was come by: a line for the way, one for each choice on it. */
static void
show_trail (FatiaImageGroup *self, const FatiaFirmwareSource *source)
{
  g_autofree char *way = fatia_firmware_source_describe (source);
  GString *text = g_string_new (way);

  for (guint i = 0; i < source->trail->len; i++)
    {
      const FatiaFirmwareLayer *layer = g_ptr_array_index (source->trail, i);

      if (layer->note != NULL)
        g_string_append_printf (text, "\n%s", layer->note);
    }
  adw_action_row_set_subtitle (self->trail_row, text->str);
  gtk_widget_set_visible (GTK_WIDGET (self->trail_row), source->trail->len > 1);
  g_string_free (text, TRUE);
}

static char *
describe_board (FatiaGopFindings *findings, FatiaBoardsVerdict verdict)
{
  g_autofree char *said = fatia_board_of_image_describe (findings->boards);

  if (said == NULL)
    return g_strdup (_ ("It does not say. See that it is the file for your board."));
  if (verdict == FATIA_BOARDS_SAME)
    /* Translators: what the image says of its board; a line for each thing */
    return g_strdup_printf (_ ("This computer’s:\n%s"), said);
  if (verdict == FATIA_BOARDS_DIFFER)
    return g_strdup_printf (_ ("Another one than this computer’s:\n%s\nIts driver may be made for "
                               "other graphics. Take the file for your board."),
                            said);
  return g_strdup_printf (_ ("%s\nThis computer does not tell its board in these words, so see "
                             "that it is the file for it."),
                          said);
}

static void
show_board (FatiaImageGroup *self, FatiaGopFindings *findings)
{
  FatiaBoardsVerdict verdict = fatia_gop_step_compare_board (self->step);
  g_autofree char *text = describe_board (findings, verdict);

  adw_action_row_set_subtitle (self->board_row, text);
  gtk_image_set_from_icon_name (self->board_icon, verdicts[verdict].icon);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->board_icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (verdicts[verdict].name), -1);
  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    if (verdicts[i].css_class != NULL)
      gtk_widget_remove_css_class (GTK_WIDGET (self->board_icon), verdicts[i].css_class);
  if (verdicts[verdict].css_class != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->board_icon), verdicts[verdict].css_class);
}

static void
show_unread (FatiaImageGroup *self)
{
  guint64 unread = fatia_gop_step_get_unread (self->step);
  g_autofree char *size = g_format_size (unread);
  g_autofree char *text = g_strdup_printf (
    _ ("The chipset keeps %s of this computer’s firmware to itself: what is there is not known."),
    size);

  adw_action_row_set_subtitle (self->unread_row, text);
  gtk_widget_set_visible (GTK_WIDGET (self->unread_row), unread > 0);
}

static void
save_vbt (GtkButton *button, gpointer data)
{
  FatiaImageGroup *self = FATIA_IMAGE_GROUP (data);
  guint index = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "index"));
  FatiaGopFindings *findings = fatia_gop_step_get_findings (self->step);
  const FatiaVbt *vbt;
  g_autofree char *name = NULL;

  /* Another image may be being read. */
  if (findings == NULL || index >= findings->vbts->len)
    return;
  vbt = g_ptr_array_index (findings->vbts, index);
  name = fatia_vbt_file_name (vbt, index + 1);
  fatia_save_bytes_soon (GTK_WIDGET (self), name, vbt->bytes);
}

static GtkWidget *
vbt_row_new (FatiaImageGroup *self, const FatiaVbt *vbt, guint index)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_from_icon_name ("document-save-symbolic");
  g_autofree char *words = fatia_vbt_describe (vbt);
  g_autofree char *subtitle = g_strdup_printf ("%s\nSHA-256 %s", words, vbt->sha256);
  /* Translators: the name of a table */
  g_autofree char *save = g_strdup_printf (_ ("Save %s…"), vbt->name);

  g_object_set (row, "use-markup", FALSE, "title", *vbt->name ? vbt->name : "VBT", "subtitle",
                subtitle, "subtitle-selectable", TRUE, NULL);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, save);
  g_object_set_data (G_OBJECT (button), "index", GUINT_TO_POINTER (index));
  g_signal_connect_object (button, "clicked", G_CALLBACK (save_vbt), self, G_CONNECT_DEFAULT);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
show_vbts (FatiaImageGroup *self, GPtrArray *vbts)
{
  g_autofree char *text = NULL;

  clear_rows (self->vbts_row, self->vbt_rows);
  for (guint i = 0; i < vbts->len; i++)
    {
      GtkWidget *row = vbt_row_new (self, g_ptr_array_index (vbts, i), i);

      adw_expander_row_add_row (self->vbts_row, row);
      g_ptr_array_add (self->vbt_rows, row);
    }
  text = g_strdup_printf (ngettext ("%u is in it. It tells how a board’s screens are wired; a "
                                    "virtual machine does not need it.",
                                    "%u are in it. They tell how boards’ screens are wired; a "
                                    "virtual machine does not need them.",
                                    vbts->len),
                          vbts->len);
  adw_expander_row_set_subtitle (self->vbts_row, text);
  gtk_widget_set_visible (GTK_WIDGET (self->vbts_row), vbts->len > 0);
}

static void
look_inside (FatiaImageGroup *self)
{
  adw_dialog_present (fatia_tree_dialog_new (self->step), GTK_WIDGET (self));
}

static void
fatia_image_group_dispose (GObject *object)
{
  FatiaImageGroup *self = FATIA_IMAGE_GROUP (object);

  g_clear_object (&self->step);
  G_OBJECT_CLASS (fatia_image_group_parent_class)->dispose (object);
}

static void
fatia_image_group_finalize (GObject *object)
{
  FatiaImageGroup *self = FATIA_IMAGE_GROUP (object);

  g_ptr_array_unref (self->vbt_rows);
  g_ptr_array_unref (self->other_rows);
  G_OBJECT_CLASS (fatia_image_group_parent_class)->finalize (object);
}

static void
fatia_image_group_class_init (FatiaImageGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fatia_image_group_dispose;
  G_OBJECT_CLASS (klass)->finalize = fatia_image_group_finalize;

  /**
   * FatiaImageGroup::member:
   * @name: as the archive has it
   *
   * The person wants another file of the archive read.
   */
  signals[MEMBER] = g_signal_new ("member", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/wizard/fatia-image-group.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaImageGroup, trail_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaImageGroup, others_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaImageGroup, board_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaImageGroup, board_icon);
  gtk_widget_class_bind_template_child (widget_class, FatiaImageGroup, unread_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaImageGroup, vbts_row);
  gtk_widget_class_bind_template_callback (widget_class, look_inside);
}

static void
fatia_image_group_init (FatiaImageGroup *self)
{
  self->vbt_rows = g_ptr_array_new ();
  self->other_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * fatia_image_group_show:
 * @step: what read an image; where it read none there is nothing to see
 */
void
fatia_image_group_show (FatiaImageGroup *self, FatiaGopStep *step)
{
  FatiaGopFindings *findings;

  g_return_if_fail (FATIA_IS_IMAGE_GROUP (self));
  g_return_if_fail (FATIA_IS_GOP_STEP (step));

  g_set_object (&self->step, step);
  findings = fatia_gop_step_get_findings (step);
  gtk_widget_set_visible (GTK_WIDGET (self), findings != NULL);
  if (findings == NULL)
    return;
  show_trail (self, findings->source);
  show_others (self, findings->source);
  show_board (self, findings);
  show_unread (self);
  show_vbts (self, findings->vbts);
}
