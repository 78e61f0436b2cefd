/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The initramfs has copies: of modules, and of the files of modprobe.d. Where it loads a module
 * itself, as it does the graphics drivers, the copies are what counts, and it is to be made again
 * once a module is installed or removed, or a file of modprobe.d that is about such a module is
 * written. A module that is only loaded later, by the system itself (kvmfr), needs no such thing.
 *
 * Kernel arguments are no such copy. module_blacklist= is the kernel's own (kernel/module/main.c),
 * and MODULE.PARAMETER= is read from /proc/cmdline by whoever loads the module, in the initramfs
 * as well (libkmod). So a change of arguments alone needs no new initramfs, which on a small
 * computer takes minutes, but for one case: where arguments are for a driver that was installed
 * beside the kernel's own, and the initramfs is older than that one and loads the kernel's.
 */
#include "boot/fatia-initramfs.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-boot-plans.h"
#include "boot/fatia-kernel-releases.h"
#include "change/fatia-change-private.h"

#define OSTREE  "/run/ostree-booted"
#define PRESETS "/etc/mkinitcpio.d"

static gboolean
has_presets (FatiaHostRoot *root)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();

  return fatia_boot_files_add_folder (files, root, PRESETS, ".preset", NULL) && files->len > 0;
}

static gboolean
has_entries (FatiaHostRoot *root)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();

  return fatia_entries_add (files, root, NULL) && files->len > 0;
}

/* kernel-install puts a kernel at TOKEN/RELEASE/linux (90-loaderentry.install). */
static gboolean
kernel_install_writes_entries (FatiaHostRoot *root)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();

  if (!fatia_entries_add (files, root, NULL))
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *kernel = fatia_entry_get (root, g_ptr_array_index (files, i), "linux");

      if (kernel && g_str_has_suffix (g_strchomp (kernel), "/linux"))
        return TRUE;
    }
  return FALSE;
}

/* By itself dracut writes one of these, which not every distribution starts from. */
static gboolean
dracut_writes_what_starts (FatiaHostRoot *root)
{
  static const char *const images[] = { "/boot/initramfs-%s.img", "/boot/initrd-%s",
                                        "/boot/initrd.img-%s" };
  g_auto (GStrv) releases = fatia_kernel_releases (root);

  for (gsize i = 0; releases[i] != NULL; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (images); j++)
      {
        g_autofree char *path = fatia_kernel_release_path (images[j], releases[i]);

        if (fatia_host_root_exists (root, path))
          return TRUE;
      }
  return FALSE;
}

/*
 * The first row that fits counts. Those that do more than the initramfs come before the program
 * they run for it: then what the boot loader starts is made of it as well. On Debian and its kin
 * update-initramfs does so by the hooks in /etc/initramfs/post-update.d.
 */
static const struct
{
  gboolean (*is_used) (FatiaHostRoot *root); /* NULL: where the program is there */
  const char *const *(*find) (FatiaHostRoot *root);
  const char *const tool[5];
} rows[] = {
  { NULL, NULL, { "update-initramfs", "-u", "-k", "all" } }, /* Debian, Ubuntu */
  { fatia_limine_tool_is_used, fatia_limine_tool_find, { NULL } },
  { NULL, fatia_uki_find_tool, { NULL } },
  { has_entries, NULL, { "sdbootutil", "mkinitrd" } }, /* openSUSE */
  { kernel_install_writes_entries, NULL, { "kernel-install", "add-all" } },
  { has_presets, NULL, { "mkinitcpio", "-P" } },            /* Arch */
  { NULL, NULL, { "dracut-rebuild" } },                     /* EndeavourOS */
  { NULL, NULL, { "/usr/lib/booster/regenerate_images" } }, /* Arch, by choice */
  { dracut_writes_what_starts, NULL, { "dracut", "--regenerate-all", "--force" } }, /* Fedora */
};

static gboolean
is_there (FatiaHostRoot *root, const char *program)
{
  g_autofree char *path = NULL;

  if (g_path_is_absolute (program))
    return fatia_host_root_exists (root, program);
  path = fatia_boot_find_program (root, program);
  return path != NULL;
}

/* (transfer none) (nullable): the words to run */
static const char *const *
find_tool (FatiaHostRoot *root)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *const *tool = rows[i].tool;

      if (rows[i].is_used && !rows[i].is_used (root))
        continue;
      if (rows[i].find)
        tool = rows[i].find (root);
      if (tool && is_there (root, tool[0]))
        return tool;
    }
  return NULL;
}

/* Whether there is any, made by what is not known. */
static gboolean
has_image (FatiaHostRoot *root)
{
  static const char *const prefixes[] = { "initrd", "initramfs", "booster", "kernel-initramfs" };
  g_auto (GStrv) names = fatia_host_root_list (root, "/boot", NULL);

  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (prefixes); j++)
      if (g_str_has_prefix (names[i], prefixes[j]))
        return TRUE;
  return FALSE;
}

static const char *
why (void)
{
  return _ ("Makes the initramfs anew, so that the next start loads the modules as they then are. "
            "This may take some minutes.");
}

static gboolean
runs_already (FatiaChangeSet *set, const char *const *tool)
{
  GPtrArray *changes = fatia_change_set_get_changes (set);

  for (guint i = 0; i < changes->len; i++)
    {
      const FatiaChange *change = g_ptr_array_index (changes, i);

      if (change->argv && g_strv_equal ((const char *const *) change->argv, tool))
        return TRUE;
    }
  return FALSE;
}

/**
 * fatia_initramfs_plan:
 * @root: the host
 * @set: what is planned so far, which changes what an initramfs has a copy of
 *
 * Adds to @set the run of the program with which this host makes its initramfs. It runs after
 * the files are written and in the order in which commands are added, so this is to be called
 * before a boot loader's tool is added; and it runs again after undo. Nothing is added where @set
 * runs it already, or where the host has no initramfs.
 *
 * Returns: whether that can be done, else %FATIA_CHANGE_ERROR_REFUSED with what to do by hand;
 *   then nothing was added
 */
gboolean
fatia_initramfs_plan (FatiaHostRoot *root, FatiaChangeSet *set, GError **error)
{
  const char *const *tool;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);
  g_return_val_if_fail (FATIA_IS_CHANGE_SET (set), FALSE);

  if (fatia_host_root_exists (root, OSTREE))
    {
      fatia_boot_set_refused (error, _ ("This system's initramfs is a part of its image, which "
                                        "Fatia does not change; “rpm-ostree initramfs” does."));
      return FALSE;
    }
  tool = find_tool (root);
  if (tool == NULL && has_image (root))
    {
      fatia_boot_set_refused (error, _ ("What makes this computer's initramfs was not found "
                                        "(update-initramfs, mkinitcpio, dracut, kernel-install)."));
      return FALSE;
    }
  if (tool != NULL && !runs_already (set, tool))
    fatia_change_set_add_command (set, tool, why ());
  return TRUE;
}

/*
 * fatia_initramfs_plan_before:
 * @later: what is planned for after it
 * @set: what is planned so far
 *
 * Adds to @set the run of that program for an initramfs that is outdated already, where it is
 * known and @later does not run it. It is not run again after undo: what made it outdated is no
 * part of the change.
 */
void
fatia_initramfs_plan_before (FatiaHostRoot *root, FatiaChangeSet *later, FatiaChangeSet *set)
{
  const char *const *tool = fatia_host_root_exists (root, OSTREE) ? NULL : find_tool (root);

  if (tool != NULL && !runs_already (later, tool) && !runs_already (set, tool))
    fatia_change_set_add_command_once (set, tool, why ());
}

/* Drivers whose parameters are among the arguments that Fatia sets. */
static const char *const drivers[] = { "i915", "xe" };

static gboolean
is_for (const char *argument, const char *driver)
{
  gsize length = strlen (driver);

  return strncmp (argument, driver, length) == 0 && argument[length] == '.';
}

/**
 * fatia_initramfs_is_outdated:
 * @root: the host
 * @arguments: kernel arguments
 *
 * Returns: whether some of @arguments are for a driver that was installed beside the kernel's own
 *   after this host's initramfs was made: at the next start that loads another, to which they may
 *   mean nothing. Where it is not known which initramfs a kernel has, it is taken for a good one.
 */
gboolean
fatia_initramfs_is_outdated (FatiaHostRoot *root, const char *const *arguments)
{
  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root) && arguments != NULL, FALSE);

  for (; *arguments != NULL; arguments++)
    for (gsize i = 0; i < G_N_ELEMENTS (drivers); i++)
      if (is_for (*arguments, drivers[i]) &&
          fatia_kernel_releases_have_newer_module (root, drivers[i]))
        return TRUE;
  return FALSE;
}
