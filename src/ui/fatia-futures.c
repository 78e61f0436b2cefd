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
 * fatia_choose:
 * @dialog: (transfer floating): an #AdwAlertDialog
 * @parent: what it is shown over
 *
 * Returns: (transfer full): a future of the response's id (string)
 */
DexFuture *
fatia_choose (AdwDialog *dialog, GtkWidget *parent)
{
  DexPromise *promise = dex_promise_new ();

  g_return_val_if_fail (ADW_IS_ALERT_DIALOG (dialog), NULL);

  adw_alert_dialog_choose (ADW_ALERT_DIALOG (dialog), parent, NULL, chosen, dex_ref (promise));
  return DEX_FUTURE (promise);
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
