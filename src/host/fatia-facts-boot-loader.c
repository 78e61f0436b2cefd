/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts: which boot loader starts this host. */
#include "host/fatia-facts-private.h"

/* The Boot Loader Interface (systemd.io/BOOT_LOADER_INTERFACE): the loader that started this
 * system names itself, in UTF-16LE after efivarfs' four bytes of attributes. */
#define LOADER_INFO       "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define LOADER_INFO_LIMIT 1024

/* Files that tell of a loader, for hosts whose loader does not name itself. GRUB stands first:
 * systemd-boot always names itself, so what lies there besides GRUB did not start the host. */
static const struct
{
  FatiaBootLoader loader;
  const char *name;
  const char *files[5];
} traces[] = {
  { FATIA_BOOT_LOADER_GRUB,
    "GRUB",
    { "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/etc/default/grub" } },
  { FATIA_BOOT_LOADER_SYSTEMD_BOOT,
    "systemd-boot",
    { "/efi/loader/loader.conf", "/boot/loader/loader.conf", "/boot/efi/loader/loader.conf" } },
  { FATIA_BOOT_LOADER_OTHER,
    "Limine",
    { "/boot/limine.conf", "/boot/limine/limine.conf", "/boot/efi/limine.conf",
      "/etc/default/limine" } },
  { FATIA_BOOT_LOADER_OTHER,
    "rEFInd",
    { "/boot/refind_linux.conf", "/efi/EFI/refind/refind.conf", "/boot/EFI/refind/refind.conf",
      "/boot/efi/EFI/refind/refind.conf" } },
  { FATIA_BOOT_LOADER_OTHER,
    "Syslinux",
    { "/boot/extlinux/extlinux.conf", "/boot/syslinux/syslinux.cfg" } },
};

/* (transfer full) (nullable) */
static char *
read_loader_info (FatiaHostRoot *root)
{
  gsize length = 0;
  g_autofree char *variable =
    fatia_host_root_read (root, LOADER_INFO, LOADER_INFO_LIMIT, &length, NULL);
  g_autoptr (GString) name = g_string_new (NULL);

  if (variable == NULL || length < 6)
    return NULL;
  for (gsize i = 4; i + 1 < length; i += 2)
    {
      guint unit = (guint8) variable[i] | (guint) (guint8) variable[i + 1] << 8;

      if (unit == 0)
        break;
      /* Every loader's name is ASCII. */
      g_string_append_c (name, unit < 0x80 ? (char) unit : '?');
    }
  return fatia_facts_clean (name->str);
}

void
fatia_facts_read_boot_loader (FatiaFacts *facts, FatiaHostRoot *root)
{
  facts->boot_loader = FATIA_BOOT_LOADER_UNKNOWN;
  facts->boot_loader_name = read_loader_info (root);
  if (facts->boot_loader_name)
    {
      if (g_str_has_prefix (facts->boot_loader_name, "GRUB"))
        facts->boot_loader = FATIA_BOOT_LOADER_GRUB;
      else if (g_str_has_prefix (facts->boot_loader_name, "systemd-boot"))
        facts->boot_loader = FATIA_BOOT_LOADER_SYSTEMD_BOOT;
      else
        facts->boot_loader = FATIA_BOOT_LOADER_OTHER;
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (traces); i++)
    {
      for (gsize j = 0; traces[i].files[j]; j++)
        {
          if (fatia_host_root_exists (root, traces[i].files[j]))
            {
              facts->boot_loader = traces[i].loader;
              facts->boot_loader_name = g_strdup (traces[i].name);
              return;
            }
        }
    }
}
