/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which boot loader started this host. */
#include "host/fatia-boot-loader-kind.h"

#include <string.h>

#include "host/fatia-efi-program.h"
#include "host/fatia-efi-variable.h"

#define CMDLINE_LIMIT 65536

/* The partitions that proxmox-boot-tool keeps, one on a line. */
#define PROXMOX_LIST "/etc/kernel/proxmox-boot-uuids"
#define PROXMOX_TOOL "/usr/sbin/proxmox-boot-tool"

/* What stands over any loader: who writes its files. */
static const struct
{
  FatiaBootLoader loader;
  const char *name;
  const char *file;
} owners[] = {
  { FATIA_BOOT_LOADER_OTHER, "NixOS", "/etc/NIXOS" },
  { FATIA_BOOT_LOADER_RPM_OSTREE, "rpm-ostree", "/run/ostree-booted" },
};

/* How loaders name themselves by the Boot Loader Interface, and how fatia_efi_program_name() names
 * those that do not. */
static const struct
{
  FatiaBootLoader loader;
  const char *prefix;
} names[] = {
  { FATIA_BOOT_LOADER_GRUB, "GRUB" },     { FATIA_BOOT_LOADER_SYSTEMD_BOOT, "systemd-boot" },
  { FATIA_BOOT_LOADER_LIMINE, "Limine" }, { FATIA_BOOT_LOADER_REFIND, "rEFInd" },
  { FATIA_BOOT_LOADER_UKI, "UKI" },
};

/* Files that tell of a loader, for hosts whose loader does not name itself. */
static const struct
{
  FatiaBootLoader loader;
  const char *name;
  const char *files[6];
} traces[] = {
  { FATIA_BOOT_LOADER_GRUB,
    "GRUB",
    { "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/etc/default/grub" } },
  { FATIA_BOOT_LOADER_SYSTEMD_BOOT,
    "systemd-boot",
    { "/efi/loader/loader.conf", "/boot/loader/loader.conf", "/boot/efi/loader/loader.conf" } },
  { FATIA_BOOT_LOADER_LIMINE,
    "Limine",
    { "/boot/limine.conf", "/boot/limine/limine.conf", "/boot/efi/limine.conf",
      "/boot/EFI/limine/limine.conf", "/boot/limine.cfg", "/etc/default/limine" } },
  { FATIA_BOOT_LOADER_REFIND,
    "rEFInd",
    { "/boot/refind_linux.conf", "/efi/EFI/refind/refind.conf", "/boot/EFI/refind/refind.conf",
      "/boot/efi/EFI/refind/refind.conf" } },
  { FATIA_BOOT_LOADER_OTHER,
    "Syslinux",
    { "/boot/extlinux/extlinux.conf", "/boot/syslinux/syslinux.cfg" } },
};

/* Who writes systemd-boot's entries on some systems. */
static const struct
{
  FatiaBootLoader loader;
  const char *name;
  const char *file;
} writers[] = {
  { FATIA_BOOT_LOADER_PROXMOX, "proxmox-boot-tool", PROXMOX_LIST },
  { FATIA_BOOT_LOADER_KERNELSTUB, "kernelstub", "/etc/kernelstub/configuration" },
};

/* An empty list is as good as none. */
static gboolean
has_text (FatiaHostRoot *root, const char *path)
{
  g_autofree char *text = fatia_host_root_read_line (root, path);

  return text != NULL && *text != '\0';
}

static gboolean
has_trace (FatiaHostRoot *root, gsize which)
{
  for (gsize i = 0; i < G_N_ELEMENTS (traces[which].files) && traces[which].files[i]; i++)
    if (fatia_host_root_exists (root, traces[which].files[i]))
      return TRUE;
  return FALSE;
}

/* What the running kernel's command line tells: GRUB and Syslinux put BOOT_IMAGE= before it, no
 * EFI boot manager does; those name an initrd with the firmware's backslashes. */
static gboolean
may_have_started (FatiaBootLoader loader, const char *cmdline)
{
  gboolean image = g_str_has_prefix (cmdline, "BOOT_IMAGE=") || strstr (cmdline, " BOOT_IMAGE=");
  gboolean backslash = strstr (cmdline, "initrd=\\") != NULL;

  if (loader == FATIA_BOOT_LOADER_GRUB || loader == FATIA_BOOT_LOADER_OTHER)
    return image && !backslash;
  return !image;
}

/* Of the loaders with files here, the one the command line speaks for. Where it is not there to
 * be read, the only one. */
static FatiaBootLoader
guess (FatiaHostRoot *root, const char *cmdline, char **name)
{
  int found = -1;
  guint n_found = 0, n_fitting = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (traces); i++)
    n_found += has_trace (root, i);
  for (gsize i = 0; i < G_N_ELEMENTS (traces); i++)
    if (has_trace (root, i) &&
        ((n_found == 1 && (*cmdline == '\0' || traces[i].loader != FATIA_BOOT_LOADER_GRUB)) ||
         may_have_started (traces[i].loader, cmdline)))
      {
        /* GRUB stands first: Syslinux beside it is the smaller one's leftover. */
        if (found < 0)
          found = i;
        if (traces[i].loader != FATIA_BOOT_LOADER_OTHER)
          n_fitting++;
      }
  if (found < 0 || n_fitting > 1)
    return FATIA_BOOT_LOADER_UNKNOWN;
  *name = g_strdup (traces[found].name);
  return traces[found].loader;
}

/* A boot manager may have started another one that leaves no name: older GRUBs, and those whose
 * menu does not load the module "bli". GRUB's mark on the command line tells. */
static FatiaBootLoader
follow_chain (FatiaHostRoot *root, FatiaBootLoader loader, const char *cmdline, char **name)
{
  if (*cmdline == '\0' || loader == FATIA_BOOT_LOADER_OTHER)
    return loader;
  if (loader != FATIA_BOOT_LOADER_GRUB && has_trace (root, 0) &&
      may_have_started (FATIA_BOOT_LOADER_GRUB, cmdline))
    {
      g_autofree char *first = g_steal_pointer (name);

      *name = g_strdup_printf ("%s, GRUB", first);
      return FATIA_BOOT_LOADER_GRUB;
    }
  /* GRUB started something that then started the kernel. */
  if (loader == FATIA_BOOT_LOADER_GRUB && !may_have_started (loader, cmdline))
    {
      g_clear_pointer (name, g_free);
      return guess (root, cmdline, name);
    }
  return loader;
}

/* (transfer full) (nullable): as the loader names itself, else as what the firmware started */
static char *
find_name (FatiaHostRoot *root)
{
  char *info = fatia_efi_variable_read_text (root, "LoaderInfo", FATIA_EFI_LOADER);
  g_autofree char *program = info ? NULL : fatia_efi_current_program (root);

  return program ? fatia_efi_program_name (root, program) : info;
}

static FatiaBootLoader
find_loader (FatiaHostRoot *root, char **name)
{
  g_autofree char *info = find_name (root);
  g_autofree char *stub = fatia_efi_variable_read_text (root, "StubInfo", FATIA_EFI_LOADER);
  g_autofree char *read = fatia_host_root_read (root, "/proc/cmdline", CMDLINE_LIMIT, NULL, NULL);
  const char *cmdline = read ? read : "";

  if (stub && g_str_has_prefix (stub, "systemd-stub"))
    {
      *name = info && !g_str_equal (info, "UKI") ? g_strdup_printf ("%s, %s", info, stub)
                                                 : g_strdup (stub);
      return FATIA_BOOT_LOADER_UKI;
    }
  if (info == NULL)
    return guess (root, cmdline, name);
  *name = g_steal_pointer (&info);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (*name, names[i].prefix))
      return follow_chain (root, names[i].loader, cmdline, name);
  return FATIA_BOOT_LOADER_OTHER;
}

static char *
add_name (char *loader, const char *writer)
{
  g_autofree char *plain = loader;

  return g_strdup_printf ("%s, %s", plain, writer);
}

/**
 * fatia_boot_loader_detect:
 * @name: (out) (nullable): its name for people, with what it says of its version; %NULL where
 *   it is unknown
 *
 * Returns: who keeps the kernel command line with which this host was started; where several boot
 *   loaders are there and nothing tells which one it was, %FATIA_BOOT_LOADER_UNKNOWN
 */
FatiaBootLoader
fatia_boot_loader_detect (FatiaHostRoot *root, char **name)
{
  FatiaBootLoader loader;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root) && name != NULL, FATIA_BOOT_LOADER_UNKNOWN);

  *name = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (owners); i++)
    if (fatia_host_root_exists (root, owners[i].file))
      {
        *name = g_strdup (owners[i].name);
        return owners[i].loader;
      }
  loader = find_loader (root, name);
  for (gsize i = 0; loader == FATIA_BOOT_LOADER_SYSTEMD_BOOT && i < G_N_ELEMENTS (writers); i++)
    if (has_text (root, writers[i].file))
      {
        *name = add_name (*name, writers[i].name);
        return writers[i].loader;
      }
  if (loader == FATIA_BOOT_LOADER_GRUB && fatia_boot_loader_reads_proxmox_menu (root))
    *name = add_name (*name, "proxmox-boot-tool");
  return loader;
}

/**
 * fatia_boot_loader_reads_proxmox_menu:
 *
 * With ZFS, Proxmox is started by GRUB where the firmware is no EFI or has Secure Boot on, and
 * then GRUB reads the menus on the partitions that proxmox-boot-tool keeps, not the one in
 * /boot/grub (pve.proxmox.com/wiki/Host_Bootloader).
 *
 * Returns: whether GRUB does so here
 */
gboolean
fatia_boot_loader_reads_proxmox_menu (FatiaHostRoot *root)
{
  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);
  return has_text (root, PROXMOX_LIST) && fatia_host_root_exists (root, PROXMOX_TOOL);
}

/**
 * fatia_boot_loader_is_ours:
 *
 * Returns: whether it is one that Fatia configures
 */
gboolean
fatia_boot_loader_is_ours (FatiaBootLoader loader)
{
  return loader != FATIA_BOOT_LOADER_UNKNOWN && loader != FATIA_BOOT_LOADER_OTHER;
}
