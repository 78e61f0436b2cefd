/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-finding-row.h"

#include <glib/gi18n.h>

struct _FatiaFindingRow
{
  AdwExpanderRow parent_instance;
};

G_DEFINE_FINAL_TYPE (FatiaFindingRow, fatia_finding_row, ADW_TYPE_EXPANDER_ROW)

static const struct
{
  const char *icon;
  const char *style;
  const char *word;
} states[] = {
  [FATIA_STATE_PASSED] = { "object-select-symbolic", "success", N_ ("Good") },
  [FATIA_STATE_WARNING] = { "dialog-warning-symbolic", "warning", N_ ("Look at this") },
  [FATIA_STATE_FAILED] = { "dialog-error-symbolic", "error", N_ ("To do") },
  [FATIA_STATE_UNKNOWN] = { "dialog-question-symbolic", "dim-label", N_ ("Not known") },
};

/**
 * fatia_state_icon:
 * @state: a state
 *
 * Returns: the name of its icon
 */
const char *
fatia_state_icon (FatiaState state)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (states), NULL);

  return states[state].icon;
}

/**
 * fatia_state_style:
 * @state: a state
 *
 * Returns: the style class that colours it
 */
const char *
fatia_state_style (FatiaState state)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (states), NULL);

  return states[state].style;
}

/**
 * fatia_state_word:
 * @state: a state
 *
 * Returns: it in a word or three, for people
 */
const char *
fatia_state_word (FatiaState state)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (states), NULL);

  return _ (states[state].word);
}

static void
fatia_finding_row_class_init (FatiaFindingRowClass *klass)
{
}

static void
fatia_finding_row_init (FatiaFindingRow *self)
{
}

static GtkWidget *
text_row (const char *text, GtkWidget *prefix)
{
  GtkWidget *row = adw_action_row_new ();

  g_object_set (row, "use-markup", FALSE, "title", text, "activatable", FALSE, NULL);
  gtk_widget_add_css_class (row, "fatia-text");
  if (prefix != NULL)
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), prefix);
  return row;
}

/**
 * fatia_numbered_row_new:
 * @number: its number
 * @text: what to do
 *
 * Returns: (transfer floating): a row
 */
GtkWidget *
fatia_numbered_row_new (guint number, const char *text)
{
  g_autofree char *digits = g_strdup_printf ("%u", number);
  GtkWidget *label = gtk_label_new (digits);

  gtk_widget_add_css_class (label, "fatia-number");
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  return text_row (text, label);
}

static void
add_state (FatiaFindingRow *self, FatiaState state)
{
  GtkWidget *icon = gtk_image_new_from_icon_name (fatia_state_icon (state));
  GtkWidget *word = gtk_label_new (fatia_state_word (state));

  gtk_widget_add_css_class (icon, fatia_state_style (state));
  gtk_widget_add_css_class (word, "dim-label");
  gtk_widget_add_css_class (word, "caption");
  adw_expander_row_add_prefix (ADW_EXPANDER_ROW (self), icon);
  adw_expander_row_add_suffix (ADW_EXPANDER_ROW (self), word);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self)),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, fatia_state_word (state),
                                  -1);
}

/**
 * fatia_finding_row_new:
 * @finding: what a check found
 *
 * Returns: (transfer floating): its row
 */
GtkWidget *
fatia_finding_row_new (FatiaFinding *finding)
{
  FatiaFindingRow *self = g_object_new (FATIA_TYPE_FINDING_ROW, "use-markup", FALSE, NULL);
  const char *const *remedy = fatia_finding_get_remedy (finding);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), fatia_finding_get_title (finding));
  add_state (self, fatia_finding_get_state (finding));
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self),
                            text_row (fatia_finding_get_meaning (finding), NULL));
  for (guint i = 0; remedy != NULL && remedy[i] != NULL; i++)
    adw_expander_row_add_row (ADW_EXPANDER_ROW (self), fatia_numbered_row_new (i + 1, remedy[i]));
  return GTK_WIDGET (self);
}

/**
 * fatia_findings_fill:
 * @attention: the list for what is not as it should be
 * @good: the list for what is
 * @findings: (element-type FatiaFinding): what to show in them
 *
 * What needs the person stands apart, and unfolded where it has to be done.
 *
 * Returns: whether @attention has anything
 */
gboolean
fatia_findings_fill (GtkListBox *attention, GtkListBox *good, GListModel *findings)
{
  gboolean any = FALSE;

  gtk_list_box_remove_all (attention);
  gtk_list_box_remove_all (good);
  for (guint i = 0; i < g_list_model_get_n_items (findings); i++)
    {
      g_autoptr (FatiaFinding) finding = g_list_model_get_item (findings, i);
      FatiaState state = fatia_finding_get_state (finding);
      GtkWidget *row = fatia_finding_row_new (finding);

      adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), state == FATIA_STATE_FAILED);
      gtk_list_box_append (state == FATIA_STATE_PASSED ? good : attention, row);
      any |= state != FATIA_STATE_PASSED;
    }
  return any;
}

/**
 * fatia_findings_summarize:
 * @findings: (element-type FatiaFinding): what was found
 * @worst: (out): the worst state among them
 *
 * Returns: (transfer full): a sentence
 */
char *
fatia_findings_summarize (GListModel *findings, FatiaState *worst)
{
  guint failed = 0, warnings = 0;

  for (guint i = 0; i < g_list_model_get_n_items (findings); i++)
    {
      g_autoptr (FatiaFinding) finding = g_list_model_get_item (findings, i);

      failed += fatia_finding_get_state (finding) == FATIA_STATE_FAILED;
      warnings += fatia_finding_get_state (finding) == FATIA_STATE_WARNING;
    }
  *worst = failed > 0     ? FATIA_STATE_FAILED
           : warnings > 0 ? FATIA_STATE_WARNING
                          : FATIA_STATE_PASSED;
  if (failed > 0)
    return g_strdup_printf (ngettext ("%u thing is to be done", "%u things are to be done", failed),
                            failed);
  if (warnings > 0)
    return g_strdup_printf (ngettext ("%u thing to look at", "%u things to look at", warnings),
                            warnings);
  return g_strdup (_ ("Nothing to do"));
}
