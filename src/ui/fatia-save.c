/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-save.h"

#include <glib/gi18n.h>

#include "ui/fatia-futures.h"

/**
 * fatia_save_bytes:
 * @parent: what the question is shown over, and the toasts
 * @name: what the file is called unless the person calls it otherwise
 * @content: what goes into it
 *
 * Returns: whether it was written
 */
gboolean
fatia_save_bytes (GtkWidget *parent, const char *name, GBytes *content)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = NULL;

  gtk_file_dialog_set_title (dialog, _ ("Save"));
  gtk_file_dialog_set_initial_name (dialog, name);
  file = dex_await_object (fatia_save_file (dialog, parent), &error);
  if (file != NULL &&
      dex_await (dex_file_replace_contents_bytes (file, content, NULL, FALSE, G_FILE_CREATE_NONE),
                 &error))
    {
      fatia_toast (parent, _ ("Saved"));
      return TRUE;
    }
  fatia_toast_error (parent, error);
  return FALSE;
}

typedef struct
{
  GtkWidget *parent;
  char *name;
  GBytes *content;
} Saving;

static void
saving_free (gpointer data)
{
  Saving *saving = data;

  g_object_unref (saving->parent);
  g_free (saving->name);
  g_bytes_unref (saving->content);
  g_free (saving);
}

static DexFuture *
save_fiber (gpointer data)
{
  Saving *saving = data;

  return dex_future_new_for_boolean (
    fatia_save_bytes (saving->parent, saving->name, saving->content));
}

/**
 * fatia_save_bytes_soon:
 *
 * As fatia_save_bytes(), for who does not wait.
 */
void
fatia_save_bytes_soon (GtkWidget *parent, const char *name, GBytes *content)
{
  Saving *saving = g_new0 (Saving, 1);

  saving->parent = g_object_ref (parent);
  saving->name = g_strdup (name);
  saving->content = g_bytes_ref (content);
  dex_future_disown (dex_scheduler_spawn (NULL, 0, save_fiber, saving, saving_free));
}
