/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

/* From futures to a program that does one thing after another. */

static DexFuture *
quit (DexFuture *future, gpointer loop)
{
  g_main_loop_quit (loop);
  return dex_ref (future);
}

/* Runs the main loop until @future is settled. (transfer full) */
static DexFuture *
settle (DexFuture *future)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  DexFuture *settled =
    dex_future_finally (future, quit, g_main_loop_ref (loop), (GDestroyNotify) g_main_loop_unref);

  while (dex_future_is_pending (settled))
    g_main_context_iteration (NULL, TRUE);
  return settled;
}

/**
 * ctl_wait:
 * @future: (transfer full): a future
 *
 * Returns: whether it resolved
 */
gboolean
ctl_wait (DexFuture *future, GError **error)
{
  g_autoptr (DexFuture) settled = settle (future);

  return dex_future_get_value (settled, error) != NULL;
}

/**
 * ctl_wait_object:
 * @future: (transfer full): a future that resolves to an object
 *
 * Returns: (transfer full) (nullable): the object
 */
gpointer
ctl_wait_object (DexFuture *future, GError **error)
{
  g_autoptr (DexFuture) settled = settle (future);
  const GValue *value = dex_future_get_value (settled, error);

  return value ? g_value_dup_object (value) : NULL;
}

/**
 * ctl_wait_string:
 * @future: (transfer full): a future that resolves to a string
 *
 * Returns: (transfer full) (nullable): the string
 */
char *
ctl_wait_string (DexFuture *future, GError **error)
{
  g_autoptr (DexFuture) settled = settle (future);
  const GValue *value = dex_future_get_value (settled, error);

  return value ? g_value_dup_string (value) : NULL;
}

/**
 * ctl_wait_variant:
 * @future: (transfer full): a future that resolves to a variant
 *
 * Returns: (transfer full) (nullable): the variant
 */
GVariant *
ctl_wait_variant (DexFuture *future, GError **error)
{
  g_autoptr (DexFuture) settled = settle (future);
  const GValue *value = dex_future_get_value (settled, error);

  return value ? g_value_dup_variant (value) : NULL;
}

static void
on_fraction (FatiaHost *host, double fraction)
{
  g_autofree char *text = g_strdup_printf ("%d %%", (int) (fraction * 100));

  ctl_progress (text);
}

static void
on_progress (FatiaHost *host, const char *text)
{
  ctl_progress (text);
}

/**
 * ctl_open_host:
 *
 * Returns: (transfer full) (nullable): the host that --host-root names, else this computer
 */
FatiaHost *
ctl_open_host (GError **error)
{
  g_autofree char *root = NULL;
  FatiaHost *host;

  if (ctl_options.host_root)
    root = g_canonicalize_filename (ctl_options.host_root, NULL);
  host = root && !g_str_equal (root, "/") ? fatia_host_new_tree (root, error)
                                          : fatia_host_new_system (error);
  if (!host)
    return NULL;
  fatia_host_set_connect (host, ctl_options.connect);
  g_signal_connect (host, "progress", G_CALLBACK (on_progress), NULL);
  g_signal_connect (host, "fraction", G_CALLBACK (on_fraction), NULL);
  return host;
}

/**
 * ctl_open_setup:
 *
 * Returns: (transfer full) (nullable): the setup of that host, its facts read
 */
FatiaSetup *
ctl_open_setup (GError **error)
{
  g_autoptr (FatiaHost) host = ctl_open_host (error);
  g_autoptr (FatiaSetup) setup = NULL;

  if (!host)
    return NULL;
  setup = fatia_setup_new (host);
  if (!ctl_wait (fatia_setup_refresh (setup), error))
    return NULL;
  return g_steal_pointer (&setup);
}

/**
 * ctl_fail_setup:
 *
 * Returns: the exit status for what the helper or libvirt did not do, once it is told
 */
int
ctl_fail_setup (const GError *error)
{
  ctl_fail (error);
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ? CTL_DENIED : CTL_ERROR;
}

/**
 * ctl_ask:
 * @question: to be answered with yes or no
 *
 * Asks where there is somebody to ask: on a terminal, unless --yes said so.
 *
 * Returns: whether to go on
 */
gboolean
ctl_ask (const char *question)
{
  char answer[16] = "";

  if (ctl_options.yes || !isatty (STDIN_FILENO))
    return TRUE;
  /* TRANSLATORS: the letter for yes is the one you name here, small or capital */
  g_printerr (_ ("%s [y/N] "), question);
  if (!fgets (answer, sizeof answer, stdin))
    return FALSE;
  g_strstrip (answer);
  /* TRANSLATORS: the letter for yes, and the word */
  return g_ascii_strcasecmp (answer, C_ ("answer", "y")) == 0 ||
         g_ascii_strcasecmp (answer, C_ ("answer", "yes")) == 0;
}

/**
 * ctl_list_change_ids:
 * @state: "applied" or "undone"
 *
 * Returns: (transfer full) (nullable): the ids of the changes in that state, oldest first
 */
GStrv
ctl_list_change_ids (FatiaHost *host, const char *state, GError **error)
{
  g_autoptr (GListModel) changes = ctl_wait_object (fatia_host_list_changes (host), error);
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  if (!changes)
    return NULL;
  for (guint i = 0; i < g_list_model_get_n_items (changes); i++)
    {
      g_autoptr (FatiaPastChange) change = g_list_model_get_item (changes, i);

      if (g_str_equal (fatia_past_change_get_state (change), state))
        g_strv_builder_add (ids, fatia_past_change_get_id (change));
    }
  return g_strv_builder_end (ids);
}

/**
 * ctl_add_ids:
 * @without: (nullable): ids that are left out
 *
 * Adds a member that is a list of ids.
 */
void
ctl_add_ids (JsonBuilder *builder, const char *name, GStrv ids, GStrv without)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; ids && ids[i]; i++)
    if (!without || !g_strv_contains ((const char *const *) without, ids[i]))
      json_builder_add_string_value (builder, ids[i]);
  json_builder_end_array (builder);
}
