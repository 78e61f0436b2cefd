/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-gop-page.h"

#include <glib/gi18n.h>

#include "setup/fatia-steps.h"
#include "ui/fatia-futures.h"
#include "ui/fatia-step-panel.h"
#include "ui/fatia-text.h"
#include "ui/wizard/fatia-candidate-row.h"
#include "ui/wizard/fatia-driver-group.h"
#include "ui/wizard/fatia-image-group.h"

struct _FatiaGopPage
{
  FatiaWizardPage parent_instance;

  AdwPreferencesPage *page;
  AdwActionRow *board_row;
  AdwActionRow *hint_row;
  GtkWidget *link_row;
  GtkWidget *choose_row;
  GtkWidget *chip_row;
  GtkWidget *practice_row;
  GtkWidget *reading_box;
  GtkLabel *reading_label;
  GtkProgressBar *reading_bar;
  GtkWidget *cancel_button;
  GtkWidget *problem_box;
  GtkLabel *problem_label;
  AdwPreferencesGroup *candidates_group;
  GtkListBox *candidates;
  FatiaImageGroup *image_group;
  FatiaDriverGroup *driver_group;
  FatiaStepPanel *panel;
  AdwPreferencesGroup *skip_group;

  FatiaGopStep *step;
  char *link;
  char *path;   /* (nullable): the image that is to be read; none: this computer's own chip */
  char *member; /* (nullable): of an archive, which file */
  gboolean reading;
};

G_DEFINE_FINAL_TYPE (FatiaGopPage, fatia_gop_page, FATIA_TYPE_WIZARD_PAGE)

static const char *const step_ids[] = { "gop", NULL };

static void
show_problem (FatiaGopPage *self, const char *text)
{
  gtk_widget_set_visible (self->problem_box, text != NULL);
  gtk_label_set_text (self->problem_label, text != NULL ? text : "");
  if (text != NULL)
    gtk_accessible_announce (GTK_ACCESSIBLE (self->problem_label), text,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

/* What the keyboard was at can't be pressed meanwhile: it goes to what can, and back. */
static void
move_keyboard (FatiaGopPage *self)
{
  if (self->reading && gtk_widget_get_width (GTK_WIDGET (self)) > 0)
    gtk_widget_grab_focus (self->cancel_button);
  else if (!self->reading && gtk_widget_is_focus (self->cancel_button))
    gtk_widget_grab_focus (self->choose_row);
}

static void
update_reading (FatiaGopPage *self)
{
  double fraction;

  gtk_widget_set_visible (self->reading_box, self->reading);
  gtk_widget_set_sensitive (self->choose_row, !self->reading);
  gtk_widget_set_sensitive (self->chip_row, !self->reading);
  gtk_widget_set_sensitive (self->practice_row, !self->reading);
  if (!self->reading)
    return;
  g_object_get (self->step, "fraction", &fraction, NULL);
  if (fraction < 0)
    gtk_progress_bar_pulse (self->reading_bar);
  else
    gtk_progress_bar_set_fraction (self->reading_bar, CLAMP (fraction, 0, 1));
}

static void
set_reading (FatiaGopPage *self, gboolean reading)
{
  self->reading = reading;
  if (reading)
    gtk_widget_set_visible (self->reading_box, TRUE);
  else
    gtk_widget_set_sensitive (self->choose_row, TRUE);
  move_keyboard (self);
  update_reading (self);
}

/* Nothing can be installed before there is something to install. */
static void
update_panel (FatiaGopPage *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->panel),
                          fatia_gop_step_get_chosen (self->step) >= 0 ||
                            fatia_step_get_state (FATIA_STEP (self->step)) == FATIA_STEP_DONE);
}

static void
choose_candidate (FatiaGopPage *self, int index)
{
  if (index == fatia_gop_step_get_chosen (self->step))
    return;
  fatia_gop_step_choose (self->step, index);
  update_panel (self);
  fatia_step_panel_preview (self->panel);
  fatia_driver_group_show (self->driver_group, self->step);
}

static void
candidate_toggled (GtkCheckButton *button, gpointer data)
{
  if (gtk_check_button_get_active (button))
    choose_candidate (data, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "index")));
}

static guint
count_drivers (GPtrArray *found)
{
  guint n = 0;

  for (guint i = 0; found != NULL && i < found->len; i++)
    n += ((const FatiaGopCandidate *) g_ptr_array_index (found, i))->driver;
  return n;
}

/* What there is to decide: where two are as likely, the person does. */
static char *
describe_candidates (GPtrArray *found)
{
  guint n = found != NULL ? found->len : 0;
  guint drivers = count_drivers (found);

  if (drivers > 1)
    return g_strdup_printf (
      _ ("%u are Intel’s GOP driver, made for different graphics, and nothing "
         "tells which is for yours: choose one. One that is known good for "
         "your graphics is the better choice; another can be tried later."),
      drivers);
  if (drivers == 0)
    return g_strdup (_ ("None is Intel’s GOP driver for a virtual machine; each says why."));
  return g_strdup_printf (
    ngettext ("%u that could be it.", "%u that could be it; the best stands first.", n), n);
}

static void
show_candidates (FatiaGopPage *self)
{
  GPtrArray *found = fatia_gop_step_get_candidates (self->step);
  guint n = found != NULL ? found->len : 0;
  int chosen = fatia_gop_step_get_chosen (self->step);
  GtkCheckButton *group = NULL;
  g_autofree char *description = NULL;

  gtk_list_box_remove_all (self->candidates);
  for (guint i = 0; i < n; i++)
    {
      const FatiaGopCandidate *candidate = g_ptr_array_index (found, i);
      GtkCheckButton *button = GTK_CHECK_BUTTON (gtk_check_button_new ());

      gtk_check_button_set_group (button, group);
      group = group != NULL ? group : button;
      gtk_check_button_set_active (button, (int) i == chosen);
      gtk_widget_set_sensitive (GTK_WIDGET (button), candidate->usable);
      g_object_set_data (G_OBJECT (button), "index", GINT_TO_POINTER ((int) i));
      g_signal_connect_object (button, "toggled", G_CALLBACK (candidate_toggled), self,
                               G_CONNECT_DEFAULT);
      gtk_list_box_append (self->candidates,
                           fatia_candidate_row_new (candidate, GTK_WIDGET (button)));
    }

  description = describe_candidates (found);
  fatia_group_set_description (self->candidates_group, description);
  gtk_widget_set_visible (GTK_WIDGET (self->candidates_group), n > 0);
  fatia_image_group_show (self->image_group, self->step);
  fatia_driver_group_show (self->driver_group, self->step);
  update_panel (self);
}

static char *
reading_words (FatiaGopPage *self)
{
  g_autofree char *name = NULL;

  if (self->path == NULL)
    return g_strdup (_ ("Reading this computer’s firmware…"));
  name = g_filename_display_basename (self->path);
  return g_strdup_printf (_ ("Reading %s…"), name);
}

/* Why nothing was found in what was read. */
static char *
nothing_found_words (FatiaGopPage *self)
{
  guint64 unread = fatia_gop_step_get_unread (self->step);
  g_autofree char *size = g_format_size (unread);

  if (unread > 0)
    return g_strdup_printf (_ ("There is no Intel GOP driver in what could be read of this "
                               "computer’s firmware: %s of it the chipset keeps to itself. "
                               "Choose the file of the board’s maker."),
                            size);
  return g_strdup (_ ("The image was read, but there is no Intel GOP driver in it. Is it the "
                      "firmware of this board, and of one with Intel graphics?"));
}

static DexFuture *
read_fiber (gpointer data)
{
  FatiaGopPage *self = FATIA_GOP_PAGE (data);
  g_autofree char *label = reading_words (self);
  g_autofree char *nothing = NULL;
  g_autoptr (GError) error = NULL;
  gboolean read;

  show_problem (self, NULL);
  gtk_label_set_text (self->reading_label, label);
  set_reading (self, TRUE);
  read = dex_await_boolean (self->path != NULL
                              ? fatia_gop_step_read (self->step, self->path, self->member)
                              : fatia_gop_step_read_chip (self->step),
                            &error);
  /* The window may have gone on to another host. */
  if (self->step == NULL)
    return dex_future_new_for_boolean (FALSE);
  set_reading (self, FALSE);

  nothing = nothing_found_words (self);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_problem (self, error->message);
  else if (error == NULL && !read)
    show_problem (self, nothing);
  show_candidates (self);
  fatia_step_panel_preview (self->panel);
  return dex_future_new_for_boolean (read);
}

static void
read_image (FatiaGopPage *self, const char *path, const char *member)
{
  if (self->reading || path == NULL)
    return;
  g_set_str (&self->path, path);
  g_set_str (&self->member, member);
  fatia_run (read_fiber, self);
}

/* Another file of the archive that was read. */
static void
read_member (FatiaGopPage *self, const char *member)
{
  g_autofree char *path = g_strdup (self->path);
  g_autofree char *name = g_strdup (member);

  read_image (self, path, name);
}

static void
read_chip (FatiaGopPage *self)
{
  if (self->reading)
    return;
  g_clear_pointer (&self->path, g_free);
  fatia_run (read_fiber, self);
}

static void
read_file (FatiaGopPage *self, GFile *file)
{
  if (g_file_peek_path (file) != NULL)
    read_image (self, g_file_peek_path (file), NULL);
  else
    show_problem (self, _ ("Only files on this computer can be read: copy it here first."));
}

static DexFuture *
choose_fiber (gpointer data)
{
  FatiaGopPage *self = FATIA_GOP_PAGE (data);
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;

  gtk_file_dialog_set_title (dialog, _ ("Choose the Firmware File"));
  file = dex_await_object (fatia_open_file (dialog, GTK_WIDGET (self)), &error);
  if (file != NULL)
    read_file (self, file);
  else
    fatia_toast_error (GTK_WIDGET (self), error);
  return dex_future_new_for_boolean (file != NULL);
}

static void
choose_file (FatiaGopPage *self)
{
  fatia_run (choose_fiber, self);
}

static void
use_practice_image (FatiaGopPage *self)
{
  FatiaHost *host = fatia_setup_get_host (fatia_wizard_page_get_setup (FATIA_WIZARD_PAGE (self)));

  read_image (self, fatia_practice_get_firmware_image (fatia_host_get_practice (host)), NULL);
}

static void
cancel_reading (FatiaGopPage *self)
{
  fatia_step_cancel (FATIA_STEP (self->step));
}

static gboolean
dropped (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  GFile *file = g_value_get_object (value);

  if (file != NULL)
    read_file (data, file);
  return file != NULL;
}

static void
link_opened (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (FatiaGopPage) self = data;
  g_autoptr (GError) error = NULL;

  if (!gtk_uri_launcher_launch_finish (GTK_URI_LAUNCHER (object), result, &error))
    fatia_toast_error (GTK_WIDGET (self), error);
}

static void
open_link (FatiaGopPage *self)
{
  g_autoptr (GtkUriLauncher) launcher = gtk_uri_launcher_new (self->link);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_uri_launcher_launch (launcher, GTK_WINDOW (root), NULL, link_opened, g_object_ref (self));
}

/* What to look for on the maker's page, where the table does not know the board. */
static char *
name_board (const FatiaFacts *facts, const FatiaBoard *board)
{
  if (board->name != NULL)
    return g_strdup (board->name);
  if (facts->board_vendor != NULL && facts->board_name != NULL)
    return g_strdup_printf ("%s %s", facts->board_vendor, facts->board_name);
  return g_strdup (_ ("Not known"));
}

static void
fatia_gop_page_update (FatiaWizardPage *page)
{
  FatiaGopPage *self = FATIA_GOP_PAGE (page);
  FatiaSetup *setup = fatia_wizard_page_get_setup (page);
  const FatiaFacts *facts = fatia_setup_get_facts (setup);
  g_autoptr (FatiaBoard) board = fatia_advice_board (facts);
  g_autofree char *name = name_board (facts, board);

  g_set_str (&self->link, board->firmware_page);
  adw_action_row_set_subtitle (self->board_row, name);
  adw_action_row_set_subtitle (self->hint_row, board->firmware_hint);
  gtk_widget_set_visible (GTK_WIDGET (self->hint_row), board->firmware_hint != NULL);
  gtk_widget_set_visible (self->link_row, board->firmware_page != NULL);
  update_panel (self);
}

static void
fatia_gop_page_constructed (GObject *object)
{
  FatiaGopPage *self = FATIA_GOP_PAGE (object);
  FatiaWizardPage *page = FATIA_WIZARD_PAGE (self);
  FatiaHost *host = fatia_setup_get_host (fatia_wizard_page_get_setup (page));
  FatiaStep *step = fatia_wizard_page_get_step (page, "gop");
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  G_OBJECT_CLASS (fatia_gop_page_parent_class)->constructed (object);

  self->step = g_object_ref (FATIA_GOP_STEP (step));
  fatia_step_panel_set_step (self->panel, step);
  fatia_group_set_description (self->skip_group, fatia_step_get_skipping_means (step));
  gtk_widget_set_visible (GTK_WIDGET (self->skip_group),
                          fatia_step_get_skipping_means (step) != NULL);
  gtk_widget_set_visible (self->practice_row, fatia_host_get_kind (host) == FATIA_HOST_PRACTICE);
  g_signal_connect_object (step, "notify::fraction", G_CALLBACK (update_reading), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "drop", G_CALLBACK (dropped), self, G_CONNECT_DEFAULT);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
  show_candidates (self);
}

static void
fatia_gop_page_dispose (GObject *object)
{
  FatiaGopPage *self = FATIA_GOP_PAGE (object);

  g_clear_object (&self->step);
  G_OBJECT_CLASS (fatia_gop_page_parent_class)->dispose (object);
}

static void
fatia_gop_page_finalize (GObject *object)
{
  FatiaGopPage *self = FATIA_GOP_PAGE (object);

  g_free (self->link);
  g_free (self->path);
  g_free (self->member);
  G_OBJECT_CLASS (fatia_gop_page_parent_class)->finalize (object);
}

static void
fatia_gop_page_class_init (FatiaGopPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = fatia_gop_page_constructed;
  object_class->dispose = fatia_gop_page_dispose;
  object_class->finalize = fatia_gop_page_finalize;
  FATIA_WIZARD_PAGE_CLASS (klass)->steps = step_ids;
  FATIA_WIZARD_PAGE_CLASS (klass)->update = fatia_gop_page_update;

  g_type_ensure (FATIA_TYPE_DRIVER_GROUP);
  g_type_ensure (FATIA_TYPE_IMAGE_GROUP);
  g_type_ensure (FATIA_TYPE_STEP_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/wizard/fatia-gop-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, page);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, board_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, hint_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, link_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, choose_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, chip_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, practice_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, reading_box);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, reading_label);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, reading_bar);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, problem_box);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, problem_label);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, candidates_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, candidates);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, image_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, driver_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, panel);
  gtk_widget_class_bind_template_child (widget_class, FatiaGopPage, skip_group);
  gtk_widget_class_bind_template_callback (widget_class, open_link);
  gtk_widget_class_bind_template_callback (widget_class, choose_file);
  gtk_widget_class_bind_template_callback (widget_class, read_chip);
  gtk_widget_class_bind_template_callback (widget_class, read_member);
  gtk_widget_class_bind_template_callback (widget_class, use_practice_image);
  gtk_widget_class_bind_template_callback (widget_class, cancel_reading);
}

static void
fatia_gop_page_init (FatiaGopPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * fatia_gop_page_read:
 * @file: a firmware image
 *
 * Reads it, as if the person had chosen it.
 */
void
fatia_gop_page_read (FatiaGopPage *self, GFile *file)
{
  g_return_if_fail (FATIA_IS_GOP_PAGE (self));
  g_return_if_fail (G_IS_FILE (file));

  read_file (self, file);
}
