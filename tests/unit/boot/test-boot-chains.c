/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which boot loader it was that started a host, where more than one is there. */
#include "host/fatia-boot-loader-kind.h"

#include <string.h>

#include "boot-expect.h"
#include "host/fatia-efi-program.h"
#include "host/fatia-pe-section.h"

static void
assert_loader (BootTree *tree, FatiaBootLoader expected, const char *expected_name)
{
  g_autofree char *name = NULL;

  g_assert_cmpint (fatia_boot_loader_detect (tree->root, &name), ==, expected);
  g_assert_cmpstr (name, ==, expected_name);
}

/* What a host has of several loaders, and which one started it. */
typedef struct
{
  const char *title;
  const char *info;           /* what LoaderInfo says, or NULL */
  const char *stub;           /* what StubInfo says, or NULL */
  const char *current;        /* what the firmware started, or NULL */
  const char *files[4];       /* that are there */
  const char *programs[3][3]; /* EFI programs: path, section and its text */
  const char *cmdline;        /* or NULL */
  FatiaBootLoader loader;
  const char *name;
} Chain;

#define GRUB      "boot/grub/grub.cfg"
#define LIMINE    "boot/limine.conf"
#define REFIND    "boot/refind_linux.conf"
#define SDBOOT    "efi/loader/loader.conf"
#define BY_GRUB   "BOOT_IMAGE=/vmlinuz root=1 ro quiet"
#define BY_EFI    "root=1 ro initrd=\\boot\\initrd.img"
#define REMOVABLE "\\EFI\\BOOT\\BOOTX64.EFI"
#define SBAT      "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"

static const Chain chains[] = {
  { "GRUB left over beside systemd-boot",
    "systemd-boot 257.9-1",
    NULL,
    NULL,
    { GRUB, SDBOOT },
    { { NULL } },
    "root=1 ro",
    FATIA_BOOT_LOADER_SYSTEMD_BOOT,
    "systemd-boot 257.9-1" },
  { "systemd-boot left over beside GRUB",
    NULL,
    NULL,
    "\\EFI\\debian\\grubx64.efi",
    { GRUB, SDBOOT },
    { { NULL } },
    BY_GRUB,
    FATIA_BOOT_LOADER_GRUB,
    "GRUB" },
  { "systemd-boot starts a GRUB without a name",
    "systemd-boot 257",
    NULL,
    NULL,
    { GRUB, SDBOOT },
    { { NULL } },
    BY_GRUB,
    FATIA_BOOT_LOADER_GRUB,
    "systemd-boot 257, GRUB" },
  { "GRUB's mark copied into systemd-boot's entry",
    "systemd-boot 257",
    NULL,
    NULL,
    { SDBOOT },
    { { NULL } },
    BY_GRUB,
    FATIA_BOOT_LOADER_SYSTEMD_BOOT,
    "systemd-boot 257" },
  { "GRUB starts systemd-boot",
    "systemd-boot 257",
    NULL,
    "\\EFI\\debian\\grubx64.efi",
    { GRUB, SDBOOT },
    { { NULL } },
    BY_EFI,
    FATIA_BOOT_LOADER_SYSTEMD_BOOT,
    "systemd-boot 257" },
  { "GRUB with a name",
    "GRUB 2.12-9",
    NULL,
    "\\EFI\\BOOT\\BOOTX64.EFI",
    { GRUB, REFIND },
    { { NULL } },
    BY_GRUB,
    FATIA_BOOT_LOADER_GRUB,
    "GRUB 2.12-9" },
  { "GRUB with a name starts Limine without",
    "GRUB 2.12-9",
    NULL,
    NULL,
    { GRUB, LIMINE },
    { { NULL } },
    "root=1 rw",
    FATIA_BOOT_LOADER_LIMINE,
    "Limine" },
  { "GRUB with a name, and what it started is not known",
    "GRUB 2.12-9",
    NULL,
    NULL,
    { GRUB },
    { { NULL } },
    "root=1 rw",
    FATIA_BOOT_LOADER_UNKNOWN,
    NULL },
  { "rEFInd by its folder",
    NULL,
    NULL,
    "\\EFI\\refind\\refind_x64.efi",
    { GRUB, REFIND },
    { { NULL } },
    BY_EFI,
    FATIA_BOOT_LOADER_REFIND,
    "rEFInd" },
  { "rEFInd starts GRUB",
    NULL,
    NULL,
    "\\EFI\\refind\\refind_x64.efi",
    { GRUB, REFIND },
    { { NULL } },
    BY_GRUB,
    FATIA_BOOT_LOADER_GRUB,
    "rEFInd, GRUB" },
  { "rEFInd starts systemd-boot",
    "systemd-boot 257",
    NULL,
    "\\EFI\\refind\\refind_x64.efi",
    { SDBOOT, REFIND },
    { { NULL } },
    BY_EFI,
    FATIA_BOOT_LOADER_SYSTEMD_BOOT,
    "systemd-boot 257" },
  { "rEFInd starts a unified image",
    NULL,
    "systemd-stub 257",
    "\\EFI\\refind\\refind_x64.efi",
    { GRUB, REFIND },
    { { NULL } },
    "root=1",
    FATIA_BOOT_LOADER_UKI,
    "rEFInd, systemd-stub 257" },
  { "rEFInd, under the shim's name",
    NULL,
    NULL,
    "\\EFI\\refind\\shimx64.efi",
    { GRUB, REFIND },
    { { "efi/EFI/refind/shimx64.efi", ".sbat", SBAT "shim,4,UEFI shim,shim,1,x\n" },
      { "efi/EFI/refind/grubx64.efi", ".sbat", SBAT "refind,1,R. W. Smith,refind,0.14.2,x\n" } },
    BY_EFI,
    FATIA_BOOT_LOADER_REFIND,
    "rEFInd" },
  { "GRUB starts a unified image",
    "GRUB 2.12-9",
    "systemd-stub 257",
    NULL,
    { GRUB },
    { { NULL } },
    "root=1",
    FATIA_BOOT_LOADER_UKI,
    "GRUB 2.12-9, systemd-stub 257" },
  { "the firmware starts a unified image",
    NULL,
    "systemd-stub 257",
    "\\EFI\\Linux\\arch-linux.efi",
    { GRUB },
    { { NULL } },
    "root=1",
    FATIA_BOOT_LOADER_UKI,
    "systemd-stub 257" },
  { "a unified image with another stub",
    NULL,
    NULL,
    "\\EFI\\Linux\\arch-linux.efi",
    { GRUB },
    { { NULL } },
    "root=1",
    FATIA_BOOT_LOADER_UKI,
    "UKI" },
  { "the firmware starts a kernel",
    NULL,
    NULL,
    "\\vmlinuz-linux",
    { GRUB },
    { { NULL } },
    BY_EFI,
    FATIA_BOOT_LOADER_OTHER,
    "EFI stub" },
  { "Limine and GRUB, Limine's name",
    "Limine 9.2.3",
    NULL,
    NULL,
    { GRUB, LIMINE },
    { { NULL } },
    "root=1 rw",
    FATIA_BOOT_LOADER_LIMINE,
    "Limine 9.2.3" },
  { "Limine and GRUB, by Limine's path",
    NULL,
    NULL,
    "\\EFI\\limine\\limine_x64.efi",
    { GRUB, LIMINE },
    { { NULL } },
    "root=1 rw",
    FATIA_BOOT_LOADER_LIMINE,
    "Limine" },
  { "Limine starts GRUB",
    "Limine 9.2.3",
    NULL,
    NULL,
    { GRUB, LIMINE },
    { { NULL } },
    BY_GRUB,
    FATIA_BOOT_LOADER_GRUB,
    "Limine 9.2.3, GRUB" },
  { "Limine and GRUB on a BIOS, by the line",
    NULL,
    NULL,
    NULL,
    { GRUB, LIMINE },
    { { NULL } },
    "root=1 rw",
    FATIA_BOOT_LOADER_LIMINE,
    "Limine" },
  { "removable path: GRUB",
    NULL,
    NULL,
    REMOVABLE,
    { GRUB, LIMINE },
    { { "boot/efi/EFI/BOOT/BOOTX64.EFI", ".sbat", SBAT "grub,4,FSF,grub,2.12,x\n" } },
    BY_GRUB,
    FATIA_BOOT_LOADER_GRUB,
    "GRUB" },
  { "removable path: shim and GRUB",
    NULL,
    NULL,
    REMOVABLE,
    { GRUB, LIMINE },
    { { "boot/efi/EFI/BOOT/BOOTX64.EFI", ".sbat", SBAT "shim,4,UEFI shim,shim,1,x\n" },
      { "boot/efi/EFI/BOOT/grubx64.efi", ".sbat", SBAT "grub,4,FSF,grub,2.12,x\n" } },
    BY_GRUB,
    FATIA_BOOT_LOADER_GRUB,
    "GRUB" },
  { "removable path: systemd-boot",
    NULL,
    NULL,
    REMOVABLE,
    { GRUB, SDBOOT, REFIND },
    { { "efi/EFI/BOOT/BOOTX64.EFI", ".sdmagic", "#### LoaderInfo: systemd-boot 257 ####" } },
    BY_EFI,
    FATIA_BOOT_LOADER_SYSTEMD_BOOT,
    "systemd-boot" },
  { "removable path: rEFInd",
    NULL,
    NULL,
    REMOVABLE,
    { SDBOOT, REFIND },
    { { "efi/EFI/BOOT/BOOTX64.EFI", ".sbat", SBAT "refind,1,R. W. Smith,refind,0.14.2,x\n" } },
    BY_EFI,
    FATIA_BOOT_LOADER_REFIND,
    "rEFInd" },
  { "removable path: says nothing, and two may be it",
    NULL,
    NULL,
    REMOVABLE,
    { SDBOOT, REFIND },
    { { "efi/EFI/BOOT/BOOTX64.EFI", ".text", "x" } },
    BY_EFI,
    FATIA_BOOT_LOADER_UNKNOWN,
    NULL },
  { "removable path: says nothing, and one is there",
    NULL,
    NULL,
    REMOVABLE,
    { REFIND },
    { { "efi/EFI/BOOT/BOOTX64.EFI", ".text", "x" } },
    BY_EFI,
    FATIA_BOOT_LOADER_REFIND,
    "rEFInd" },
  { "a disk's entry, without a path",
    NULL,
    NULL,
    "",
    { GRUB, LIMINE },
    { { NULL } },
    BY_GRUB,
    FATIA_BOOT_LOADER_GRUB,
    "GRUB" },
  { "GRUB alone, but it did not start this",
    NULL,
    NULL,
    NULL,
    { GRUB },
    { { NULL } },
    BY_EFI,
    FATIA_BOOT_LOADER_UNKNOWN,
    NULL },
  { "nothing at all",
    NULL,
    NULL,
    NULL,
    { NULL },
    { { NULL } },
    "root=1",
    FATIA_BOOT_LOADER_UNKNOWN,
    NULL },
  { "rpm-ostree stands over all",
    "GRUB 2.12",
    NULL,
    NULL,
    { GRUB, "run/ostree-booted" },
    { { NULL } },
    BY_GRUB,
    FATIA_BOOT_LOADER_RPM_OSTREE,
    "rpm-ostree" },
  { "Proxmox with GRUB, without partitions of its own",
    "GRUB 2.12",
    NULL,
    NULL,
    { GRUB, "etc/kernel/proxmox-boot-uuids", "usr/sbin/proxmox-boot-tool" },
    { { NULL } },
    BY_GRUB,
    FATIA_BOOT_LOADER_GRUB,
    "GRUB 2.12" },
};

static void
test_chain (gconstpointer data)
{
  const Chain *chain = data;
  g_autoptr (BootTree) tree = boot_tree_new ();

  if (chain->info)
    boot_tree_put_variable (tree, "LoaderInfo", chain->info);
  if (chain->stub)
    boot_tree_put_variable (tree, "StubInfo", chain->stub);
  if (chain->current)
    boot_tree_put_current (tree, chain->current);
  if (chain->cmdline)
    boot_tree_put (tree, "proc/cmdline", chain->cmdline);
  for (gsize i = 0; i < G_N_ELEMENTS (chain->files) && chain->files[i]; i++)
    boot_tree_put (tree, chain->files[i], "");
  for (gsize i = 0; i < G_N_ELEMENTS (chain->programs) && chain->programs[i][0]; i++)
    boot_tree_put_program (tree, chain->programs[i][0], chain->programs[i][1],
                           chain->programs[i][2], NULL);
  assert_loader (tree, chain->loader, chain->name);
  if (chain->loader == FATIA_BOOT_LOADER_UNKNOWN)
    assert_refused (tree, FATIA_CHANGE_ERROR_UNSUPPORTED, "by hand");
}

static void
test_named (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  assert_loader (tree, FATIA_BOOT_LOADER_UNKNOWN, NULL);
  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257.9-1");
  boot_tree_put (tree, "boot/grub/grub.cfg", "");
  assert_loader (tree, FATIA_BOOT_LOADER_SYSTEMD_BOOT, "systemd-boot 257.9-1");
  boot_tree_put (tree, "etc/kernelstub/configuration", "{}");
  assert_loader (tree, FATIA_BOOT_LOADER_KERNELSTUB, "systemd-boot 257.9-1, kernelstub");
  boot_tree_put (tree, "etc/kernel/proxmox-boot-uuids", "A1B2-C3D4\n");
  assert_loader (tree, FATIA_BOOT_LOADER_PROXMOX, "systemd-boot 257.9-1, proxmox-boot-tool");
  boot_tree_put_variable (tree, "LoaderInfo", "GRUB 2.12");
  assert_loader (tree, FATIA_BOOT_LOADER_GRUB, "GRUB 2.12");
  boot_tree_put (tree, "usr/sbin/proxmox-boot-tool", "");
  assert_loader (tree, FATIA_BOOT_LOADER_GRUB, "GRUB 2.12, proxmox-boot-tool");
  boot_tree_put (tree, "etc/kernel/proxmox-boot-uuids", "\n");
  assert_loader (tree, FATIA_BOOT_LOADER_GRUB, "GRUB 2.12");
  boot_tree_put_variable (tree, "StubInfo", "systemd-stub 257.9");
  assert_loader (tree, FATIA_BOOT_LOADER_UKI, "GRUB 2.12, systemd-stub 257.9");
  boot_tree_put (tree, "run/ostree-booted", "");
  assert_loader (tree, FATIA_BOOT_LOADER_RPM_OSTREE, "rpm-ostree");
  boot_tree_put (tree, "etc/NIXOS", "");
  assert_loader (tree, FATIA_BOOT_LOADER_OTHER, "NixOS");
  assert_refused (tree, FATIA_CHANGE_ERROR_UNSUPPORTED, "NixOS");
}

static void
test_unnamed (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  boot_tree_put (tree, "boot/grub/grub.cfg", "");
  assert_loader (tree, FATIA_BOOT_LOADER_GRUB, "GRUB");
  /* Both are there: the running kernel's line tells. */
  boot_tree_put (tree, "boot/limine.conf", "");
  boot_tree_put (tree, "proc/cmdline", "BOOT_IMAGE=/vmlinuz root=1 ro\n");
  assert_loader (tree, FATIA_BOOT_LOADER_GRUB, "GRUB");
  boot_tree_put (tree, "proc/cmdline", "root=1 ro\n");
  assert_loader (tree, FATIA_BOOT_LOADER_LIMINE, "Limine");
  boot_tree_put (tree, "boot/refind_linux.conf", "");
  assert_loader (tree, FATIA_BOOT_LOADER_UNKNOWN, NULL);
  assert_refused (tree, FATIA_CHANGE_ERROR_UNSUPPORTED, "does not recognise");
  boot_tree_remove (tree, "boot/limine.conf");
  boot_tree_put (tree, "proc/cmdline", "ro initrd=\\boot\\initrd.img root=1\n");
  assert_loader (tree, FATIA_BOOT_LOADER_REFIND, "rEFInd");
  boot_tree_put (tree, "boot/extlinux/extlinux.conf", "");
  boot_tree_remove (tree, "boot/refind_linux.conf");
  boot_tree_remove (tree, "boot/grub/grub.cfg");
  assert_loader (tree, FATIA_BOOT_LOADER_OTHER, "Syslinux");
  assert_refused (tree, FATIA_CHANGE_ERROR_UNSUPPORTED, "Syslinux");
}

/* Bytes that are no name. */
static void
test_hostile_name (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  const char *path = "sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

  boot_tree_put_bytes (tree, path, "\6\0\0", 3);
  assert_loader (tree, FATIA_BOOT_LOADER_UNKNOWN, NULL);
  boot_tree_put_bytes (tree, path, "\6\0\0\0\n\0\x1b\0\xff\xff", 10);
  assert_loader (tree, FATIA_BOOT_LOADER_OTHER, "???");
}

#define CURRENT "sys/firmware/efi/efivars/BootCurrent-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define ENTRY   "sys/firmware/efi/efivars/Boot0003-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* Every way to cut an entry of the firmware short, and to change a byte of it. */
static void
test_hostile_entry (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *path = g_build_filename (tree->path, ENTRY, NULL);
  g_autofree char *bytes = NULL;
  g_autofree char *program = NULL;
  gsize length;

  boot_tree_put_current (tree, "\\EFI\\refind\\refind_x64.efi");
  program = fatia_efi_current_program (tree->root);
  g_assert_cmpstr (program, ==, "\\EFI\\refind\\refind_x64.efi");
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  for (gsize i = 0; i < length; i++)
    for (guint value = 0; value < 256; value += 51)
      {
        g_autofree char *broken = g_memdup2 (bytes, length);
        g_autofree char *cut = NULL;
        g_autofree char *changed = NULL;

        boot_tree_put_bytes (tree, ENTRY, bytes, i);
        cut = fatia_efi_current_program (tree->root);
        g_assert_true (cut == NULL || strlen (cut) <= strlen (program));
        broken[i] = (char) value;
        boot_tree_put_bytes (tree, ENTRY, broken, length);
        changed = fatia_efi_current_program (tree->root);
        g_assert_true (changed == NULL || strlen (changed) <= length);
      }
  boot_tree_put_bytes (tree, CURRENT, "\6\0\0\0\3", 5);
  g_assert_null (fatia_efi_current_program (tree->root));
}

/* The same of an EFI program's headers. */
static void
test_hostile_program (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *path = g_build_filename (tree->path, "a.efi", NULL);
  g_autofree char *bytes = NULL;
  g_autofree char *text = NULL;
  gsize length;

  boot_tree_put_program (tree, "a.efi", ".osrel", "ID=a", ".cmdline", "root=1 ro", ".profile",
                         "ID=b", ".dtb", "x", NULL);
  text = fatia_pe_section_read (tree->root, "/a.efi", ".cmdline");
  g_assert_cmpstr (text, ==, "root=1 ro");
  g_assert_null (fatia_pe_section_read (tree->root, "/a.efi", ".sbat"));
  /* Of a variant. */
  g_assert_null (fatia_pe_section_read (tree->root, "/a.efi", ".dtb"));
  g_assert_null (fatia_pe_section_read (tree->root, "/", ".cmdline"));
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  for (gsize i = 0; i < 600; i++)
    for (guint value = 0; value < 256; value += 51)
      {
        g_autofree char *broken = g_memdup2 (bytes, length);
        g_autofree char *changed = NULL;

        broken[i] = (char) value;
        boot_tree_put_bytes (tree, "a.efi", broken, length);
        changed = fatia_pe_section_read (tree->root, "/a.efi", ".cmdline");
        g_assert_true (changed == NULL || strlen (changed) <= length);
      }
  for (gsize i = 0; i < length; i += 7)
    {
      g_autofree char *cut = NULL;

      boot_tree_put_bytes (tree, "a.efi", bytes, i);
      cut = fatia_pe_section_read (tree->root, "/a.efi", ".cmdline");
      g_assert_true (cut == NULL || g_str_equal (cut, text));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (chains); i++)
    {
      g_autofree char *path = g_strdup_printf ("/boot-chains/%s", chains[i].title);

      g_test_add_data_func (path, &chains[i], test_chain);
    }
  g_test_add_func ("/boot-chains/named", test_named);
  g_test_add_func ("/boot-chains/unnamed", test_unnamed);
  g_test_add_func ("/boot-chains/hostile-name", test_hostile_name);
  g_test_add_func ("/boot-chains/hostile-entry", test_hostile_entry);
  g_test_add_func ("/boot-chains/hostile-program", test_hostile_program);
  return g_test_run ();
}
