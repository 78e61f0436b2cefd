/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-boot-loader.h"

#include <glib/gi18n-lib.h>

#include "boot/fatia-boot-plans.h"
#include "boot/fatia-initramfs.h"
#include "host/fatia-boot-loader-kind.h"

/* The first row that fits this host counts. */
static const struct
{
  FatiaBootLoader loader;
  gboolean (*is_used) (FatiaHostRoot *root); /* NULL: always */
  FatiaBootPlanFunc plan;
  GStrv (*read) (FatiaHostRoot *root, GError **error);
  void (*find_others) (FatiaHostRoot *root, GPtrArray *paths); /* NULL: it has none */
} rows[] = {
  { FATIA_BOOT_LOADER_GRUB, fatia_grub_uses_entries, fatia_grub_entries_plan,
    fatia_grub_entries_read, fatia_entries_find_others },
  { FATIA_BOOT_LOADER_GRUB, NULL, fatia_grub_plan, fatia_grub_read_arguments },
  { FATIA_BOOT_LOADER_SYSTEMD_BOOT, fatia_sdboot_manage_is_used, fatia_sdboot_manage_plan,
    fatia_sdboot_manage_read },
  { FATIA_BOOT_LOADER_SYSTEMD_BOOT, NULL, fatia_entries_plan, fatia_entries_read,
    fatia_entries_find_others },
  { FATIA_BOOT_LOADER_LIMINE, fatia_limine_tool_is_used, fatia_limine_tool_plan,
    fatia_limine_tool_read },
  { FATIA_BOOT_LOADER_LIMINE, NULL, fatia_limine_plan, fatia_limine_read,
    fatia_limine_find_others },
  { FATIA_BOOT_LOADER_REFIND, NULL, fatia_refind_plan, fatia_refind_read,
    fatia_refind_find_others },
  { FATIA_BOOT_LOADER_UKI, fatia_limine_tool_is_used, fatia_limine_tool_plan,
    fatia_limine_tool_read },
  { FATIA_BOOT_LOADER_UKI, NULL, fatia_uki_plan, fatia_uki_read },
  { FATIA_BOOT_LOADER_KERNELSTUB, NULL, fatia_kernelstub_plan, fatia_kernelstub_read },
  { FATIA_BOOT_LOADER_PROXMOX, NULL, fatia_proxmox_plan, fatia_proxmox_read },
  { FATIA_BOOT_LOADER_RPM_OSTREE, NULL, fatia_rpm_ostree_plan, fatia_rpm_ostree_read },
};

/* -1: none fits. @name: (out): (nullable) */
static int
find_row (FatiaHostRoot *root, char **name)
{
  FatiaBootLoader loader = fatia_boot_loader_detect (root, name);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].loader == loader && (rows[i].is_used == NULL || rows[i].is_used (root)))
      return i;
  return -1;
}

static void
set_unsupported (GError **error, const char *name, const char *const *wanted)
{
  g_autofree char *line = g_strjoinv (" ", (char **) wanted);

  if (name)
    g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                 _ ("Fatia can't configure %s. Nothing was changed. Add these to the kernel "
                    "command line by hand: %s"),
                 name, line);
  else
    g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                 _ ("Fatia does not recognise the boot loader that started this computer. Nothing "
                    "was changed. Add these to the kernel command line by hand: %s"),
                 line);
}

/* Where the initramfs is outdated it is made before the boot loader's tool, which may copy it, is
 * run. That the tool of it is not known keeps nobody from setting arguments. */
static gboolean
plan_row (
  int row, FatiaHostRoot *root, const char *const *wanted, FatiaChangeSet *set, GError **error)
{
  g_autoptr (FatiaChangeSet) trial = NULL;

  if (fatia_initramfs_is_outdated (root, wanted))
    {
      trial = fatia_change_set_new ("boot");
      if (!fatia_boot_plan_checked (rows[row].plan, root, wanted, trial, error))
        return FALSE;
      fatia_initramfs_plan_before (root, trial, set);
    }
  return fatia_boot_plan_checked (rows[row].plan, root, wanted, set, error);
}

/**
 * fatia_boot_plan:
 * @root: the host
 * @wanted: arguments that are to be in effect, each known to fatia_kernel_argument_is_known()
 * @set: what is planned so far
 *
 * Adds to @set what gives the next start of the host @wanted: changes of the files of the boot
 * loader that started it, and the run of its tool where it has one. Before that the initramfs is
 * made anew where it is older than the driver that @wanted are for. Nothing is added where the
 * next start has them already.
 *
 * Returns: whether it can be done, else %FATIA_CHANGE_ERROR_UNSUPPORTED or
 *   %FATIA_CHANGE_ERROR_REFUSED with what to do by hand, or %FATIA_CHANGE_ERROR_INVALID for an
 *   argument Fatia does not know; then nothing was added to @set
 */
gboolean
fatia_boot_plan (FatiaHostRoot *root,
                 const char *const *wanted,
                 FatiaChangeSet *set,
                 GError **error)
{
  g_autofree char *name = NULL;
  int row;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);
  g_return_val_if_fail (wanted != NULL && FATIA_IS_CHANGE_SET (set), FALSE);

  row = find_row (root, &name);
  if (row >= 0)
    return plan_row (row, root, wanted, set, error);
  set_unsupported (error, name, wanted);
  return FALSE;
}

/**
 * fatia_boot_read_arguments:
 * @root: the host
 *
 * What the next start's command line will have for sure, by the files of the boot loader that
 * started the host. Where several entries may be started it is what all of them have, but for
 * those kept as a way out (rescue, fallback, snapshots).
 *
 * Returns: (transfer full) (nullable): the arguments, or %NULL: %G_IO_ERROR where the files can't
 *   be read, %FATIA_CHANGE_ERROR_REFUSED where they can't be understood with certainty,
 *   %FATIA_CHANGE_ERROR_UNSUPPORTED where the boot loader is none Fatia knows
 */
GStrv
fatia_boot_read_arguments (FatiaHostRoot *root, GError **error)
{
  g_autofree char *name = NULL;
  int row;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), NULL);

  row = find_row (root, &name);
  if (row >= 0)
    return rows[row].read (root, error);
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                       _ ("what the next start has is not known for this boot loader"));
  return NULL;
}

/**
 * fatia_boot_find_others:
 * @root: the host
 *
 * Returns: (transfer full) (element-type filename): the files with entries of other systems on the
 *   computer, which fatia_boot_plan() leaves as they are
 */
GPtrArray *
fatia_boot_find_others (FatiaHostRoot *root)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *name = NULL;
  int row;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), paths);

  row = find_row (root, &name);
  if (row >= 0 && rows[row].find_others)
    rows[row].find_others (root, paths);
  return paths;
}
