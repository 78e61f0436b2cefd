/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How i915-sriov-dkms lets turns and memory be given (its intel_iov_sysfs.c and
 * intel_iov_provisioning.c), as far as a person could notice. */
#include "practice/fatia-replay-tree.h"

#include <stdlib.h>
#include <string.h>

#include "host/fatia-scheduling.h"

/* What there is to share out. */
static const char *const totals[] = { "4293918720", "57344", "256" };

/* (transfer full) (nullable): the folder of the driver's files */
static char *
find_folder (FatiaReplayTree *self, const char *pf_folder)
{
  g_autofree char *drm = g_build_filename (pf_folder, "drm", NULL);
  g_auto (GStrv) names = fatia_host_root_list (self->root, drm, NULL);

  for (guint i = 0; names && names[i]; i++)
    if (g_str_has_prefix (names[i], "card"))
      return g_build_filename (drm, names[i], "prelim_iov", NULL);
  return NULL;
}

static gboolean
put (FatiaReplayTree *self, const char *folder, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return fatia_replay_tree_set (self, path, text, error);
}

/* A function's files as they are at first. */
static gboolean
reset_function (FatiaReplayTree *self, const char *folder, gboolean virtual, GError **error)
{
  return put (self, folder, "exec_quantum_ms", "0\n", error) &&
         put (self, folder, "preempt_timeout_us", "0\n", error) &&
         (!virtual || (put (self, folder, "ggtt_quota", "0\n", error) &&
                       put (self, folder, "contexts_quota", "0\n", error) &&
                       put (self, folder, "doorbells_quota", "0\n", error)));
}

static gboolean
make_all (FatiaReplayTree *self, const char *iov, GError **error)
{
  g_autofree char *pf = g_build_filename (iov, "pf", NULL);
  g_autofree char *pf_gt = g_build_filename (pf, "gt0", NULL);

  if (!put (self, pf, "auto_provisioning", "1\n", error) ||
      !reset_function (self, pf_gt, FALSE, error))
    return FALSE;
  for (guint i = 1; i <= self->total_vfs; i++)
    {
      g_autofree char *name = g_strdup_printf ("vf%u/gt0", i);
      g_autofree char *folder = g_build_filename (iov, name, NULL);

      if (!reset_function (self, folder, TRUE, error))
        return FALSE;
    }
  return TRUE;
}

/* @offered: the driver gives functions at all */
gboolean
fatia_replay_tree_boot_turns (FatiaReplayTree *self,
                              const char *pf_folder,
                              gboolean offered,
                              GError **error)
{
  g_autofree char *iov = find_folder (self, pf_folder);

  if (iov == NULL)
    return TRUE;
  return offered ? make_all (self, iov, error) : fatia_replay_tree_reset (self, iov, error);
}

static guint64
read_value (FatiaReplayTree *self, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = fatia_host_root_read_line (self->root, path);

  return text ? g_ascii_strtoull (text, NULL, 10) : 0;
}

static gboolean
write_value (
  FatiaReplayTree *self, const char *folder, const char *name, guint64 value, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT "\n", value);

  return read_value (self, folder, name) == value ||
         fatia_replay_tree_write (self, path, text, error);
}

/* (transfer full): a function's folder */
static char *
name_folder (const char *iov, guint function)
{
  return g_strdup_printf ("%s/vf%u/gt0", iov, function);
}

/* What the driver itself gives each of @count. */
static guint64
get_part (guint quota, guint count)
{
  return g_ascii_strtoull (totals[quota], NULL, 10) / (count + 1);
}

/* Functions about to be made get equal parts, unless one has a part already, or the driver is told
 * not to. */
gboolean
fatia_replay_tree_share (FatiaReplayTree *self, const char *pf_folder, guint count, GError **error)
{
  g_autofree char *iov = find_folder (self, pf_folder);
  g_autofree char *pf = iov ? g_build_filename (iov, "pf", NULL) : NULL;
  g_autofree char *first = iov ? name_folder (iov, 1) : NULL;

  if (iov == NULL || !fatia_host_root_exists (self->root, first) ||
      read_value (self, pf, "auto_provisioning") == 0 ||
      read_value (self, first, fatia_scheduling_quotas[0]) != 0)
    return TRUE;
  for (guint i = 1; i <= count; i++)
    for (guint j = 0; fatia_scheduling_quotas[j]; j++)
      {
        g_autofree char *folder = name_folder (iov, i);

        if (!write_value (self, folder, fatia_scheduling_quotas[j], get_part (j, count), error))
          return FALSE;
      }
  return TRUE;
}

/* What the driver gave goes with the functions, and what they had of turns. */
gboolean
fatia_replay_tree_unshare (FatiaReplayTree *self,
                           const char *pf_folder,
                           guint count,
                           GError **error)
{
  g_autofree char *iov = find_folder (self, pf_folder);
  g_autofree char *first = iov ? name_folder (iov, 1) : NULL;

  if (iov == NULL || !fatia_host_root_exists (self->root, first) ||
      read_value (self, first, fatia_scheduling_quotas[0]) != get_part (0, count))
    return TRUE;
  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *folder = name_folder (iov, i);

      for (guint j = 0; fatia_scheduling_quotas[j]; j++)
        if (!write_value (self, folder, fatia_scheduling_quotas[j], 0, error))
          return FALSE;
      if (!write_value (self, folder, "exec_quantum_ms", 0, error) ||
          !write_value (self, folder, "preempt_timeout_us", 0, error))
        return FALSE;
    }
  return TRUE;
}

/* A function that is given turns has the driver leave the rest to whoever did it. */
gboolean
fatia_replay_tree_sync_turns (FatiaReplayTree *self, const char *pf_folder, GError **error)
{
  g_autofree char *iov = find_folder (self, pf_folder);
  g_autofree char *first = iov ? name_folder (iov, 1) : NULL;
  g_autofree char *pf = iov ? g_build_filename (iov, "pf", NULL) : NULL;

  if (iov == NULL || (read_value (self, first, "exec_quantum_ms") == 0 &&
                      read_value (self, first, "preempt_timeout_us") == 0))
    return TRUE;
  return write_value (self, pf, "auto_provisioning", 0, error);
}

static gboolean
write_turns (
  FatiaReplayTree *self, const char *folder, const char *profile, guint function, GError **error)
{
  for (guint i = 0; fatia_scheduling_times[i]; i++)
    {
      const char *name = fatia_scheduling_times[i];
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *value = fatia_scheduling_get_value (profile, function, name);

      if (value && fatia_host_root_exists (self->root, path) &&
          !write_value (self, folder, name, g_ascii_strtoull (value, NULL, 10), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_quotas (
  FatiaReplayTree *self, const char *folder, const char *profile, guint count, GError **error)
{
  for (guint i = 0; fatia_scheduling_quotas[i]; i++)
    {
      const char *name = fatia_scheduling_quotas[i];
      g_autofree char *quota = fatia_scheduling_get_quota (profile, count, name);

      if (quota && !write_value (self, folder, name, g_ascii_strtoull (quota, NULL, 10), error))
        return FALSE;
    }
  return TRUE;
}

/* What our unit does at boot: memory before the functions are made (@made FALSE), turns then. */
gboolean
fatia_replay_tree_restore_turns (FatiaReplayTree *self,
                                 const char *pf_folder,
                                 const char *profile,
                                 guint count,
                                 gboolean made,
                                 GError **error)
{
  g_autofree char *iov = find_folder (self, pf_folder);
  g_autofree char *pf = iov ? g_build_filename (iov, "pf", "gt0", NULL) : NULL;

  if (iov == NULL || !fatia_host_root_exists (self->root, pf))
    return TRUE;
  if (made && !write_turns (self, pf, profile, 0, error))
    return FALSE;
  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *folder = name_folder (iov, i);

      if (made ? !write_turns (self, folder, profile, i, error)
               : !write_quotas (self, folder, profile, count, error))
        return FALSE;
    }
  return !made || fatia_replay_tree_sync_turns (self, pf_folder, error);
}
