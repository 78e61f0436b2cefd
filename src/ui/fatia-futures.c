/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-futures.h"

static void
chosen (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;
  const char *response = adw_alert_dialog_choose_finish (ADW_ALERT_DIALOG (object), result);

  dex_promise_resolve_string (promise, g_strdup (response));
}

/**
 * fatia_confirm:
 * @parent: what the question is shown over
 * @heading: the question
 * @body: what there is to know
 * @refuse: what the button is called that leaves everything as it is; it is the default
 * @agree: what the other is called
 * @appearance: of the latter
 * @extra: (nullable) (transfer floating): something to choose along
 *
 * Asks and waits for the answer, so it is for fibers.
 *
 * Returns: whether the person agreed
 */
gboolean
fatia_confirm (GtkWidget *parent,
               const char *heading,
               const char *body,
               const char *refuse,
               const char *agree,
               AdwResponseAppearance appearance,
               GtkWidget *extra)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (heading, body));
  DexPromise *promise = dex_promise_new ();
  g_autofree char *response = NULL;

  adw_alert_dialog_add_responses (dialog, "refuse", refuse, FATIA_CONFIRM_AGREE, agree, NULL);
  adw_alert_dialog_set_response_appearance (dialog, FATIA_CONFIRM_AGREE, appearance);
  adw_alert_dialog_set_default_response (dialog, "refuse");
  adw_alert_dialog_set_close_response (dialog, "refuse");
  adw_alert_dialog_set_extra_child (dialog, extra);
  adw_alert_dialog_choose (dialog, parent, NULL, chosen, dex_ref (promise));
  response = dex_await_string (DEX_FUTURE (promise), NULL);
  return g_strcmp0 (response, FATIA_CONFIRM_AGREE) == 0;
}

typedef GFile *(*FinishFunc) (GtkFileDialog *, GAsyncResult *, GError **);

static void
finish_file (GObject *object, GAsyncResult *result, DexPromise *promise, FinishFunc finish)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = finish (GTK_FILE_DIALOG (object), result, &error);

  if (file != NULL)
    dex_promise_resolve_object (promise, g_steal_pointer (&file));
  else
    dex_promise_reject (promise, g_steal_pointer (&error));
}

static void
opened (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;

  finish_file (object, result, promise, gtk_file_dialog_open_finish);
}

static void
saved (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;

  finish_file (object, result, promise, gtk_file_dialog_save_finish);
}

static GtkWindow *
window_of (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

/**
 * fatia_open_file:
 * @dialog: the dialog
 * @parent: a widget of the window it belongs to
 *
 * Returns: (transfer full): a future of the #GFile; it rejects with GTK_DIALOG_ERROR_DISMISSED
 *   where the person thought better of it
 */
DexFuture *
fatia_open_file (GtkFileDialog *dialog, GtkWidget *parent)
{
  DexPromise *promise = dex_promise_new ();

  gtk_file_dialog_open (dialog, window_of (parent), NULL, opened, dex_ref (promise));
  return DEX_FUTURE (promise);
}

/**
 * fatia_save_file:
 * @dialog: the dialog
 * @parent: a widget of the window it belongs to
 *
 * Returns: (transfer full): as fatia_open_file()
 */
DexFuture *
fatia_save_file (GtkFileDialog *dialog, GtkWidget *parent)
{
  DexPromise *promise = dex_promise_new ();

  gtk_file_dialog_save (dialog, window_of (parent), NULL, saved, dex_ref (promise));
  return DEX_FUTURE (promise);
}

/**
 * fatia_run:
 * @fiber: the flow
 * @self: (type GObject): its data
 *
 * Runs @fiber in the main loop. Nobody waits for it: it reports what goes wrong itself.
 */
void
fatia_run (DexFiberFunc fiber, gpointer self)
{
  dex_future_disown (dex_scheduler_spawn (NULL, 0, fiber, g_object_ref (self), g_object_unref));
}

/**
 * fatia_toast:
 * @widget: any widget of the window
 * @text: one short sentence
 */
void
fatia_toast (GtkWidget *widget, const char *text)
{
  gtk_widget_activate_action (widget, "win.toast", "s", text);
}

/**
 * fatia_toast_error:
 * @widget: any widget of the window
 * @error: what went wrong; what the person called off themselves is not told
 */
void
fatia_toast_error (GtkWidget *widget, const GError *error)
{
  if (g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED) ||
      g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_CANCELLED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  fatia_toast (widget, error->message);
}
