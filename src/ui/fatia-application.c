/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-application.h"

#include <signal.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "ui/fatia-window.h"

#define APPLICATION_ID "dev.fatia.Fatia"
#define RESOURCES      "/dev/fatia/Fatia"
#define DEFAULT_TREE   "radxa-x4"

struct _FatiaApplication
{
  AdwApplication parent_instance;

  FatiaOptions options;
  FatiaPractice *practice; /* the one the window shows, until it leaves it */
  gboolean practising;     /* what was asked for last */
  guint sigint, sigterm;
};

G_DEFINE_FINAL_TYPE (FatiaApplication, fatia_application, ADW_TYPE_APPLICATION)

/**
 * fatia_options_clear:
 * @options: what the command line asked for
 *
 * Frees what @options holds, not @options itself.
 */
void
fatia_options_clear (FatiaOptions *options)
{
  g_clear_pointer (&options->tree, g_free);
  g_clear_pointer (&options->practice_folder, g_free);
  g_clear_pointer (&options->host_root, g_free);
}

static void
close_practice (FatiaApplication *self)
{
  if (self->practice != NULL)
    fatia_practice_close (self->practice);
  g_clear_object (&self->practice);
}

static FatiaHost *
open_practice (FatiaApplication *self, GError **error)
{
  close_practice (self);
  self->practice = fatia_practice_new (self->options.tree, self->options.practice_folder, error);
  return self->practice != NULL ? fatia_host_new_practice (self->practice, error) : NULL;
}

static void
show_host (FatiaApplication *self, FatiaWindow *window, gboolean practice)
{
  g_autoptr (FatiaHost) host = NULL;
  g_autoptr (FatiaSetup) setup = NULL;
  g_autoptr (GError) error = NULL;

  self->practising = practice;
  if (practice)
    host = open_practice (self, &error);
  else if (self->options.host_root != NULL)
    host = fatia_host_new_tree (self->options.host_root, &error);
  else
    host = fatia_host_new_system (&error);

  if (host == NULL)
    {
      fatia_window_show_problem (window, error->message);
      return;
    }
  setup = fatia_setup_new (host);
  fatia_window_open (window, setup);
}

static FatiaWindow *
get_window (FatiaApplication *self)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));

  for (GList *l = windows; l != NULL; l = l->next)
    if (FATIA_IS_WINDOW (l->data))
      return l->data;
  return NULL;
}

static void
fatia_application_activate (GApplication *application)
{
  FatiaApplication *self = FATIA_APPLICATION (application);
  FatiaWindow *window = get_window (self);

  if (window == NULL)
    {
      window = fatia_window_new (GTK_APPLICATION (self));
      show_host (self, window, self->options.practice);
    }
  gtk_window_present (GTK_WINDOW (window));
}

/* A firmware image; of several the last one is what the person came to. */
static void
fatia_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  g_application_activate (application);
  fatia_window_read_firmware (get_window (FATIA_APPLICATION (application)), files[n_files - 1]);
}

static void
practise (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  FatiaWindow *window = get_window (data);

  if (window != NULL)
    show_host (data, window, TRUE);
}

static void
open_again (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  FatiaApplication *self = FATIA_APPLICATION (data);
  FatiaWindow *window = get_window (self);

  if (window != NULL)
    show_host (self, window, self->practising);
}

static void
leave_practice (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  FatiaApplication *self = FATIA_APPLICATION (data);
  FatiaWindow *window = get_window (self);

  if (window == NULL)
    return;
  show_host (self, window, FALSE);
  close_practice (self);
}

static void
about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (data));
  AdwDialog *dialog = adw_about_dialog_new ();

  g_object_set (dialog, "application-name", _ ("Fatia"), "application-icon", APPLICATION_ID,
                "developer-name", _ ("The Fatia contributors"), "version", FATIA_VERSION,
                "license-type", GTK_LICENSE_GPL_3_0, "comments",
                _ ("Windows in a window, drawn by a slice of your Intel GPU."),
                /* Translators: your names, one a line; they are shown in the About dialog. */
                "translator-credits", _ ("translator-credits"), NULL);
  adw_dialog_present (dialog, GTK_WIDGET (window));
}

static void
quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  FatiaWindow *window = get_window (data);

  /* Through the window, which may have something to finish first. */
  if (window != NULL)
    gtk_window_close (GTK_WINDOW (window));
  else
    g_application_quit (G_APPLICATION (data));
}

static gboolean
signalled (gpointer data)
{
  g_application_quit (G_APPLICATION (data));
  return G_SOURCE_CONTINUE;
}

static void
set_accels (GtkApplication *application)
{
  static const struct
  {
    const char *action;
    const char *accels[3];
  } accels[] = {
    { "app.quit", { "<Control>q" } },
    { "window.close", { "<Control>w" } },
    { "win.check-again", { "<Control>r" } },
    { "win.copy-report", { "<Control><Shift>c" } },
    { "win.fullscreen", { "F11" } },
    { "win.show-help-overlay", { "F1", "<Control>question" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (application, accels[i].action, accels[i].accels);
}

static void
fatia_application_startup (GApplication *application)
{
  FatiaApplication *self = FATIA_APPLICATION (application);
  const GActionEntry actions[] = {
    { .name = "practise", .activate = practise },
    { .name = "open-again", .activate = open_again },
    { .name = "leave-practice", .activate = leave_practice },
    { .name = "about", .activate = about },
    { .name = "quit", .activate = quit },
  };

  G_APPLICATION_CLASS (fatia_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (APPLICATION_ID);
  /* Who walks through a page with Tab does not want to copy it. */
  g_object_set (gtk_settings_get_default (), "gtk-label-select-on-focus", FALSE, NULL);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  set_accels (GTK_APPLICATION (self));
  /* An end asked for from outside still ends what practice started. */
  self->sigint = g_unix_signal_add (SIGINT, signalled, self);
  self->sigterm = g_unix_signal_add (SIGTERM, signalled, self);
}

static void
fatia_application_shutdown (GApplication *application)
{
  FatiaApplication *self = FATIA_APPLICATION (application);

  close_practice (self);
  g_clear_handle_id (&self->sigint, g_source_remove);
  g_clear_handle_id (&self->sigterm, g_source_remove);
  G_APPLICATION_CLASS (fatia_application_parent_class)->shutdown (application);
}

static void
fatia_application_finalize (GObject *object)
{
  FatiaApplication *self = FATIA_APPLICATION (object);

  fatia_options_clear (&self->options);
  G_OBJECT_CLASS (fatia_application_parent_class)->finalize (object);
}

static void
fatia_application_class_init (FatiaApplicationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fatia_application_finalize;
  G_APPLICATION_CLASS (klass)->activate = fatia_application_activate;
  G_APPLICATION_CLASS (klass)->open = fatia_application_open;
  G_APPLICATION_CLASS (klass)->startup = fatia_application_startup;
  G_APPLICATION_CLASS (klass)->shutdown = fatia_application_shutdown;
}

static void
fatia_application_init (FatiaApplication *self)
{
}

/**
 * fatia_application_new:
 * @options: what the command line asks for; copied
 *
 * There is one instance for this computer. Practice and other hosts run beside it, as many as
 * are wanted.
 *
 * Returns: (transfer full): the application
 */
FatiaApplication *
fatia_application_new (const FatiaOptions *options)
{
  FatiaApplication *self;
  gboolean elsewhere;

  g_return_val_if_fail (options != NULL, NULL);

  elsewhere = options->practice || options->host_root != NULL;
  self = g_object_new (FATIA_TYPE_APPLICATION, "application-id", APPLICATION_ID,
                       "resource-base-path", RESOURCES, "flags",
                       G_APPLICATION_HANDLES_OPEN |
                         (elsewhere ? G_APPLICATION_NON_UNIQUE : G_APPLICATION_DEFAULT_FLAGS),
                       NULL);
  self->options.practice = options->practice;
  self->options.tree = g_strdup (options->tree);
  self->options.practice_folder = g_strdup (options->practice_folder);
  self->options.host_root = g_strdup (options->host_root);
  return self;
}
