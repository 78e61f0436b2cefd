/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What our units run: at boot, before the computer sleeps, and when it wakes. */
#include "gpu/fatia-virtual-functions-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-apply.h"
#include "change/fatia-lock.h"
#include "host/fatia-fd.h"
#include "host/fatia-scheduling.h"

#define GROUP FATIA_VIRTUAL_FUNCTIONS_GROUP
#define RETRY (250 * 1000)

/* What is kept, with what it points into; @keys NULL: nothing is. */
typedef struct
{
  GKeyFile *keys;
  char *pf;
  char *profile;
  int count;
} Kept;

static void
kept_clear (Kept *kept)
{
  g_clear_pointer (&kept->keys, g_key_file_unref);
  g_free (kept->pf);
  g_free (kept->profile);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Kept, kept_clear)

static gboolean
parse (Kept *kept, const char *text, gsize length)
{
  g_autoptr (GError) local = NULL;

  kept->keys = g_key_file_new ();
  if (!g_key_file_load_from_data (kept->keys, text, length, G_KEY_FILE_NONE, NULL))
    return FALSE;
  kept->pf = g_key_file_get_string (kept->keys, GROUP, "pf", NULL);
  kept->count = g_key_file_get_integer (kept->keys, GROUP, "count", &local);
  kept->profile = g_key_file_get_string (kept->keys, GROUP, "profile", NULL);
  if (kept->profile == NULL || !fatia_scheduling_has_profile (kept->profile))
    {
      g_free (kept->profile);
      kept->profile = g_strdup (FATIA_SCHEDULING_DRIVER);
    }
  return local == NULL && kept->count >= 0 && kept->pf &&
         fatia_virtual_functions_is_address (kept->pf);
}

/* That nothing is kept is no error. */
static gboolean
load (FatiaHostRoot *root, Kept *kept, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize length;
  g_autofree char *text = fatia_host_root_read (root, FATIA_VIRTUAL_FUNCTIONS_CONF,
                                                FATIA_VIRTUAL_FUNCTIONS_LIMIT, &length, &local);

  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return TRUE;
  if (text && parse (kept, text, length))
    return TRUE;
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
               _ ("%s is not understood; keep the virtual functions anew with Fatia."),
               FATIA_VIRTUAL_FUNCTIONS_CONF);
  return FALSE;
}

static FatiaChangeSet *
make_plan (FatiaHostRoot *root, const Kept *kept, const char *profile, GError **error)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("vfs");
  FatiaVirtualFunctions wish = { kept->pf, kept->count, TRUE, profile, FALSE };

  if (!fatia_virtual_functions_plan (root, &wish, set, error))
    return NULL;
  return g_steal_pointer (&set);
}

/* Tries until the driver is there: it may be loaded after this runs. One that has no profiles any
 * more still gives functions. */
static FatiaChangeSet *
wait_for_plan (FatiaHostRoot *root, const Kept *kept, guint seconds, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      FatiaChangeSet *set = make_plan (root, kept, kept->profile, &local);

      if (set)
        return set;
      if (g_get_monotonic_time () >= deadline)
        {
          set = make_plan (root, kept, FATIA_SCHEDULING_DRIVER, error);
          if (set)
            g_message ("%s", local->message);
          return set;
        }
      g_usleep (RETRY);
    }
}

/* Waits for the driver. Gives @set where something is to be done. */
static gboolean
plan_kept (FatiaHostRoot *root, guint seconds, FatiaChangeSet **set, GError **error)
{
  g_auto (Kept) kept = { NULL };

  *set = NULL;
  if (!load (root, &kept, error))
    return FALSE;
  if (kept.keys)
    *set = wait_for_plan (root, &kept, seconds, error);
  return kept.keys == NULL || *set != NULL;
}

/**
 * fatia_virtual_functions_restore:
 * @driver_seconds: how long to wait for the driver
 * @lock_seconds: how long to wait for a change that is under way
 *
 * What runs at boot and when the computer wakes: makes the virtual functions that are kept. That
 * none are is no error.
 *
 * Returns: whether they are there
 */
gboolean
fatia_virtual_functions_restore (FatiaHostRoot *root,
                                 guint driver_seconds,
                                 guint lock_seconds,
                                 GError **error)
{
  g_autoptr (FatiaChangeSet) early = NULL;
  g_autoptr (FatiaChangeSet) set = NULL;
  fatia_autofd int lock = -1;

  if (!plan_kept (root, driver_seconds, &early, error))
    return FALSE;
  if (early == NULL)
    return TRUE;
  lock = fatia_lock_wait (root, lock_seconds, error);
  /* Whoever had it may have kept something else since. */
  if (lock < 0 || !plan_kept (root, 0, &set, error))
    return FALSE;
  return set == NULL || fatia_change_set_write_attributes (set, root, error);
}

/* How many functions there are of what is kept, where they are to go: NULL: none. */
static char *
read_count (FatiaHostRoot *root, const Kept *kept, char **path)
{
  g_autofree char *now = NULL;

  if (kept->keys == NULL)
    return NULL;
  *path = g_build_filename ("/sys/bus/pci/devices", kept->pf, "sriov_numvfs", NULL);
  now = fatia_host_root_read_line (root, *path);
  return now == NULL || g_str_equal (now, "0") ? NULL : g_steal_pointer (&now);
}

/* Gives @set where there are any. */
static gboolean
plan_none (FatiaHostRoot *root, FatiaChangeSet **set, GError **error)
{
  g_auto (Kept) kept = { NULL };
  g_autofree char *path = NULL;
  g_autofree char *now = NULL;
  guint number;

  *set = NULL;
  if (!load (root, &kept, error))
    return FALSE;
  now = read_count (root, &kept, &path);
  if (now == NULL)
    return TRUE;
  if (fatia_virtual_functions_is_in_use (root, path, &number))
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                   _ ("This computer stays awake: a virtual machine is using slice %u of its "
                      "graphics processor. Shut the machine down, then let the computer sleep."),
                   number);
      return FALSE;
    }
  *set = fatia_change_set_new ("vfs");
  fatia_change_set_add_attribute (*set, path, now, "0");
  return TRUE;
}

static int
wait_for_lock (FatiaHostRoot *root, guint seconds, GError **error)
{
  g_autoptr (GError) local = NULL;
  int lock = fatia_lock_wait (root, seconds, &local);

  if (g_error_matches (local, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_BUSY))
    g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_BUSY,
                         _ ("This computer stays awake: Fatia is changing something on it. Let it "
                            "sleep when that is done."));
  else if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  return lock;
}

/**
 * fatia_virtual_functions_suspend:
 * @lock_seconds: how long to wait for a change that is under way
 *
 * What runs before the computer sleeps: takes the virtual functions away, without which drivers
 * hang on their way into sleep (i915-sriov-dkms, issue 206).
 *
 * Returns: whether there are none: %FATIA_CHANGE_ERROR_REFUSED where a virtual machine has one,
 *   and then none is taken away
 */
gboolean
fatia_virtual_functions_suspend (FatiaHostRoot *root, guint lock_seconds, GError **error)
{
  g_autoptr (FatiaChangeSet) early = NULL;
  g_autoptr (FatiaChangeSet) set = NULL;
  fatia_autofd int lock = -1;

  if (!plan_none (root, &early, error))
    return FALSE;
  if (early == NULL)
    return TRUE;
  lock = wait_for_lock (root, lock_seconds, error);
  if (lock < 0 || !plan_none (root, &set, error))
    return FALSE;
  return set == NULL || fatia_change_set_write_attributes (set, root, error);
}
