/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/* Who keeps the kernel command line of this host. */
typedef enum
{
  FATIA_BOOT_LOADER_UNKNOWN,
  FATIA_BOOT_LOADER_GRUB,
  FATIA_BOOT_LOADER_SYSTEMD_BOOT,
  FATIA_BOOT_LOADER_LIMINE,
  FATIA_BOOT_LOADER_REFIND,
  FATIA_BOOT_LOADER_UKI,        /* a unified kernel image has its own, whoever starts it */
  FATIA_BOOT_LOADER_KERNELSTUB, /* Pop!_OS: systemd-boot's entries are written by kernelstub */
  FATIA_BOOT_LOADER_PROXMOX,    /* the same by proxmox-boot-tool */
  FATIA_BOOT_LOADER_RPM_OSTREE,
  FATIA_BOOT_LOADER_OTHER, /* recognised, but one Fatia can't configure */
} FatiaBootLoader;

FatiaBootLoader fatia_boot_loader_detect (FatiaHostRoot *root, char **name);
gboolean fatia_boot_loader_is_ours (FatiaBootLoader loader);
gboolean fatia_boot_loader_reads_proxmox_menu (FatiaHostRoot *root);

G_END_DECLS
