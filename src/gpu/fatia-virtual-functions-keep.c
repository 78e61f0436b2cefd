/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is kept over restarts: a file that says how many, and links that make systemd run our units
 * (installed with the helper) at boot, and before the computer sleeps.
 */
#include "gpu/fatia-virtual-functions-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* There while systemd runs the system (sd_booted). */
#define SYSTEMD "/run/systemd/system"

static GBytes *
make_conf (const FatiaVirtualFunctions *wish)
{
  char *text =
    g_strdup_printf ("# Written by Fatia: the virtual functions to be made at each boot, "
                     "by\n# fatia-virtual-functions.service.\n"
                     "[" FATIA_VIRTUAL_FUNCTIONS_GROUP "]\n"
                     "pf=%s\ncount=%u\nprofile=%s\n",
                     wish->pf, wish->count, wish->profile);

  return g_bytes_new_take (text, strlen (text));
}

static gboolean
add_conf (FatiaHostRoot *root,
          const FatiaVirtualFunctions *wish,
          gboolean keep,
          FatiaChangeSet *set,
          GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = keep ? make_conf (wish) : NULL;
  gsize length;
  char *text = fatia_host_root_read (root, FATIA_VIRTUAL_FUNCTIONS_CONF,
                                     FATIA_VIRTUAL_FUNCTIONS_LIMIT, &length, &local);

  if (text == NULL && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  before = text ? g_bytes_new_take (text, length) : NULL;
  fatia_change_set_add_file (set, FATIA_VIRTUAL_FUNCTIONS_CONF, before, after, 0644);
  return TRUE;
}

/* Whether the link changes. */
static gboolean
add_link (FatiaHostRoot *root, FatiaChangeSet *set, const char *path, const char *target)
{
  g_autofree char *present = fatia_host_root_read_link (root, path);

  if (g_strcmp0 (present, target) == 0)
    return FALSE;
  fatia_change_set_add_link (set, path, target);
  return TRUE;
}

/* What hangs on a target is read when that is loaded, and it may be loaded already. */
static void
add_reload (FatiaHostRoot *root, FatiaChangeSet *set)
{
  static const char *const argv[] = { "systemctl", "daemon-reload", NULL };

  if (fatia_host_root_exists (root, SYSTEMD))
    fatia_change_set_add_command (set, argv, _ ("Have systemd read its units again"));
}

gboolean
fatia_virtual_functions_keep (FatiaHostRoot *root,
                              const FatiaVirtualFunctions *wish,
                              FatiaChangeSet *set,
                              GError **error)
{
  gboolean keep = wish->keep && wish->count > 0;

  if (!add_conf (root, wish, keep, set, error))
    return FALSE;
  add_link (root, set, FATIA_VIRTUAL_FUNCTIONS_WANTS, keep ? FATIA_VIRTUAL_FUNCTIONS_UNIT : NULL);
  if (add_link (root, set, FATIA_VIRTUAL_FUNCTIONS_SLEEP,
                keep && wish->sleep ? FATIA_VIRTUAL_FUNCTIONS_SLEEP_UNIT : NULL))
    add_reload (root, set);
  return TRUE;
}
