/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/fatia-scheduling.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "host/fatia-fd.h"
#include "host/fatia-tables.h"

#define DEVICES "/sys/bus/pci/devices"

const char *const fatia_scheduling_times[] = { "exec_quantum_ms", "preempt_timeout_us",
                                               "sched_priority", NULL };
const char *const fatia_scheduling_quotas[] = { "ggtt_quota", "contexts_quota", "doorbells_quota",
                                                NULL };

static GKeyFile *
get_table (void)
{
  return fatia_tables_get ("scheduling");
}

/**
 * fatia_scheduling_list_profiles:
 *
 * Returns: (transfer full): the profiles' names, the driver's own first
 */
GStrv
fatia_scheduling_list_profiles (void)
{
  g_autoptr (GKeyFile) table = get_table ();

  return g_key_file_get_groups (table, NULL);
}

/**
 * fatia_scheduling_has_profile:
 *
 * Returns: whether there is a profile of that name
 */
gboolean
fatia_scheduling_has_profile (const char *profile)
{
  g_autoptr (GKeyFile) table = get_table ();

  g_return_val_if_fail (profile != NULL, FALSE);
  return g_key_file_has_group (table, profile);
}

/**
 * fatia_scheduling_get_title:
 * @profile: a profile's name
 *
 * Returns: (transfer full) (nullable): what people call it, in the language of the session
 */
char *
fatia_scheduling_get_title (const char *profile)
{
  g_autoptr (GKeyFile) table = get_table ();

  return g_key_file_get_locale_string (table, profile, "Name", NULL, NULL);
}

/**
 * fatia_scheduling_get_summary:
 * @profile: a profile's name
 *
 * Returns: (transfer full) (nullable): what it does, a sentence without a full stop
 */
char *
fatia_scheduling_get_summary (const char *profile)
{
  g_autoptr (GKeyFile) table = get_table ();

  return g_key_file_get_locale_string (table, profile, "Summary", NULL, NULL);
}

/**
 * fatia_scheduling_get_value:
 * @name: one of fatia_scheduling_times
 *
 * Returns: (transfer full) (nullable): what @profile has a function's file say, %NULL: it says
 *   nothing of it
 */
char *
fatia_scheduling_get_value (const char *profile, guint function, const char *name)
{
  g_autoptr (GKeyFile) table = get_table ();
  g_autofree char *key = g_strconcat (function == 0 ? "pf." : "vf.", name, NULL);

  return g_key_file_get_string (table, profile, key, NULL);
}

/* The driver rounds to these, so that what is written reads back the same: pages are 4 KiB,
 * contexts come by the 128 (intel_iov_provisioning.c). */
static guint64
get_grain (const char *name)
{
  return g_str_equal (name, "ggtt_quota")       ? 1024 * 1024
         : g_str_equal (name, "contexts_quota") ? 128
                                                : 1;
}

/**
 * fatia_scheduling_get_quota:
 * @count: how many virtual functions share it
 * @name: one of fatia_scheduling_quotas
 *
 * Returns: (transfer full) (nullable): each virtual function's part, %NULL: the driver decides
 */
char *
fatia_scheduling_get_quota (const char *profile, guint count, const char *name)
{
  g_autoptr (GKeyFile) table = get_table ();
  g_autofree char *key = g_strconcat ("share.", name, NULL);
  guint64 share = g_key_file_get_uint64 (table, profile, key, NULL);
  guint64 grain = get_grain (name);

  if (share == 0 || count == 0)
    return NULL;
  return g_strdup_printf ("%" G_GUINT64_FORMAT, share / count / grain * grain);
}

/**
 * fatia_scheduling_has_quotas:
 *
 * Returns: whether @profile says how the memory is shared
 */
gboolean
fatia_scheduling_has_quotas (const char *profile)
{
  g_autofree char *quota = fatia_scheduling_get_quota (profile, 1, fatia_scheduling_quotas[0]);

  return quota != NULL;
}

/**
 * fatia_scheduling_get_default:
 * @name: one of fatia_scheduling_times
 *
 * Returns: (transfer none): what a file says where nobody wrote it
 */
const char *
fatia_scheduling_get_default (const char *name)
{
  return g_str_equal (name, "sched_priority") ? "low" : "0";
}

/* The driver's folder for @pf that has one of @names; NULL: none. */
static char *
find_folder (FatiaHostRoot *root, const char *folder, const char *prefix)
{
  g_auto (GStrv) names = fatia_host_root_list (root, folder, NULL);

  for (guint i = 0; names && names[i]; i++)
    if (g_str_has_prefix (names[i], prefix))
      return g_build_filename (folder, names[i], NULL);
  return NULL;
}

/* i915-sriov-dkms: below the card, "prelim_iov" (or "iov", as its first versions called it). */
static char *
find_i915 (FatiaHostRoot *root, const char *pf)
{
  static const char *const names[] = { "prelim_iov", "iov" };
  g_autofree char *drm = g_build_filename (DEVICES, pf, "drm", NULL);
  g_autofree char *card = find_folder (root, drm, "card");

  for (guint i = 0; card && i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *folder = g_build_filename (card, names[i], NULL);

      if (fatia_host_root_exists (root, folder))
        return g_steal_pointer (&folder);
    }
  return NULL;
}

static char *
name_function (guint function)
{
  return function == 0 ? g_strdup ("pf") : g_strdup_printf ("vf%u", function);
}

/* One for each part of the graphics processor that is scheduled by itself. */
static GStrv
list_tiles (FatiaHostRoot *root, const char *folder)
{
  g_auto (GStrv) names = fatia_host_root_list (root, folder, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; names && names[i]; i++)
    if (g_str_has_prefix (names[i], "gt"))
      {
        g_autofree char *path = g_build_filename (folder, names[i], NULL);

        g_strv_builder_add (builder, path);
      }
  return g_strv_builder_end (builder);
}

/**
 * fatia_scheduling_list_folders:
 * @pf: a physical function's address
 * @function: 0: itself; 1: its first virtual function, whether it is made or not
 *
 * Returns: (transfer full): where the files of that function are, none where the driver has none
 */
GStrv
fatia_scheduling_list_folders (FatiaHostRoot *root, const char *pf, guint function)
{
  g_autofree char *name = name_function (function);
  g_autofree char *i915 = find_i915 (root, pf);
  g_autofree char *ours = i915 ? g_build_filename (i915, name, NULL) : NULL;
  g_autofree char *xe = g_build_filename (DEVICES, pf, "sriov_admin", name, "profile", NULL);
  const char *const folders[] = { xe, NULL };

  if (ours)
    return list_tiles (root, ours);
  return g_strdupv ((GStrv) (fatia_host_root_exists (root, xe) ? folders : folders + 1));
}

/**
 * fatia_scheduling_is_offered:
 *
 * Returns: whether the loaded driver lets the virtual functions of @pf be given turns
 */
gboolean
fatia_scheduling_is_offered (FatiaHostRoot *root, const char *pf)
{
  g_auto (GStrv) folders = fatia_scheduling_list_folders (root, pf, 1);
  g_autofree char *path =
    folders[0] ? g_build_filename (folders[0], fatia_scheduling_times[0], NULL) : NULL;

  return path && fatia_host_root_exists (root, path);
}

/**
 * fatia_scheduling_find_automatic:
 *
 * The switch of i915-sriov-dkms with which the driver shares out the memory itself when virtual
 * functions are made. A turn's length that is written for one turns it off.
 *
 * Returns: (transfer full) (nullable): the attribute, %NULL: the driver has none
 */
char *
fatia_scheduling_find_automatic (FatiaHostRoot *root, const char *pf)
{
  g_autofree char *i915 = find_i915 (root, pf);
  g_autofree char *path = i915 ? g_build_filename (i915, "pf", "auto_provisioning", NULL) : NULL;

  return path && fatia_host_root_exists (root, path) ? g_steal_pointer (&path) : NULL;
}

/* Of a choice, "low [normal] high", the one that is made. */
static char *
pick_choice (const char *text)
{
  const char *open = strchr (text, '[');
  const char *close = open ? strchr (open, ']') : NULL;

  return close ? g_strndup (open + 1, close - open - 1) : g_strdup (text);
}

static gboolean
is_writable (FatiaHostRoot *root, const char *path)
{
  fatia_autofd int fd = fatia_host_root_open (root, path, O_PATH, NULL);
  struct stat info;

  return fd >= 0 && fstat (fd, &info) == 0 && info.st_mode & S_IWUSR;
}

/**
 * fatia_scheduling_read:
 * @folder: one of fatia_scheduling_list_folders()
 *
 * Returns: (transfer full) (nullable): what the file says now, %NULL: there is none that could be
 *   written
 */
char *
fatia_scheduling_read (FatiaHostRoot *root, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = is_writable (root, path) ? fatia_host_root_read_line (root, path) : NULL;

  return text ? pick_choice (text) : NULL;
}

/* Whether a function's files say what @profile would have them say. */
static gboolean
fits (FatiaHostRoot *root, const char *pf, const char *profile, guint function)
{
  g_auto (GStrv) folders = fatia_scheduling_list_folders (root, pf, function);

  for (guint i = 0; folders[i]; i++)
    for (guint j = 0; fatia_scheduling_times[j]; j++)
      {
        const char *name = fatia_scheduling_times[j];
        g_autofree char *wanted = fatia_scheduling_get_value (profile, function, name);
        g_autofree char *present = fatia_scheduling_read (root, folders[i], name);

        if (present && strcmp (wanted ? wanted : fatia_scheduling_get_default (name), present) != 0)
          return FALSE;
      }
  return TRUE;
}

/**
 * fatia_scheduling_find_profile:
 *
 * Returns: (transfer full) (nullable): the profile in effect, by what its first virtual function
 *   and @pf itself have; %NULL: none of ours, or the driver offers none
 */
char *
fatia_scheduling_find_profile (FatiaHostRoot *root, const char *pf)
{
  g_auto (GStrv) profiles = fatia_scheduling_list_profiles ();

  if (!fatia_scheduling_is_offered (root, pf))
    return NULL;
  for (guint i = 0; profiles[i]; i++)
    if (fits (root, pf, profiles[i], 1) && fits (root, pf, profiles[i], 0))
      return g_strdup (profiles[i]);
  return NULL;
}
