/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which boot loader it was that started a host, and what is planned for it. */
#include "boot/fatia-boot-loader.h"

#include <string.h>

#include "boot-expect.h"
#include "boot/fatia-boot-formats.h"
#include "change/fatia-apply.h"

#define ENTRY(options) "title x\nlinux /vmlinuz\noptions " options "\n"
#define ENTRIES        "boot/loader/entries/"

static void
test_entries (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *id = NULL;

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "/boot mounted");
  boot_tree_put (tree, "etc/machine-id", "aaaa\n");
  boot_tree_put (tree, ENTRIES "a.conf", ENTRY ("root=1 ro"));
  boot_tree_put (tree, ENTRIES "b.conf", ENTRY ("root=1 debug") "machine-id aaaa\n");
  boot_tree_put (tree, ENTRIES "c.conf", ENTRY ("root=2") "machine-id bbbb\n");
  boot_tree_put (tree, ENTRIES "a-fallback.conf", ENTRY ("root=1"));
  boot_tree_put (tree, ENTRIES "aaaa-0-rescue.conf", ENTRY ("root=1"));
  boot_tree_put (tree, ENTRIES ".hidden.conf", ENTRY ("root=1"));
  boot_tree_put (tree, ENTRIES "a.conf.old", ENTRY ("root=1"));
  boot_tree_put (tree, ENTRIES "windows.conf", "title w\nefi /w.efi\n");
  boot_tree_put (tree, "efi/loader/entries/z.conf", ENTRY ("root=1 z"));
  boot_tree_put (tree, "etc/kernel/cmdline", "root=1 ro\n");
  assert_next (tree, "root=1");
  assert_planned (tree, "/" ENTRIES "a.conf\n/" ENTRIES "b.conf\n/efi/loader/entries/z.conf\n"
                        "/etc/kernel/cmdline\n");
  id = apply (tree);
  assert_file (tree, ENTRIES "b.conf", ENTRY ("root=1 debug " OURS) "machine-id aaaa\n");
  assert_file (tree, "etc/kernel/cmdline", "root=1 ro " OURS "\n");
  assert_next (tree, "root=1 " OURS);
  undo (tree, id);
  assert_file (tree, ENTRIES "b.conf", ENTRY ("root=1 debug") "machine-id aaaa\n");
  assert_file (tree, "etc/kernel/cmdline", "root=1 ro\n");
  /* One entry that is not understood, and none is touched. */
  boot_tree_put (tree, ENTRIES "b.conf", ENTRY ("root=\"1"));
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "/" ENTRIES "b.conf, line 3");
}

/* A kernel's update takes an old entry away: what is left is undone all the same. */
static void
test_entry_gone (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *id = NULL;

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257");
  boot_tree_put (tree, ENTRIES "a.conf", ENTRY ("root=1"));
  boot_tree_put (tree, ENTRIES "b.conf", ENTRY ("root=1"));
  id = apply (tree);
  boot_tree_remove (tree, ENTRIES "a.conf");
  undo (tree, id);
  assert_file (tree, ENTRIES "a.conf", NULL);
  assert_file (tree, ENTRIES "b.conf", ENTRY ("root=1"));
}

/* Kernels to come take the distribution's file: one in /etc comes before it. */
static void
test_vendor_cmdline (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *id = NULL;

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257");
  boot_tree_put (tree, ENTRIES "a.conf", ENTRY ("root=1 " OURS));
  boot_tree_put (tree, "usr/lib/kernel/cmdline", "ro quiet\n");
  id = apply (tree);
  assert_file (tree, "etc/kernel/cmdline", "ro quiet " OURS "\n");
  undo (tree, id);
  assert_file (tree, "etc/kernel/cmdline", NULL);
  assert_file (tree, "usr/lib/kernel/cmdline", "ro quiet\n");
  boot_tree_put (tree, "usr/lib/kernel/cmdline", "ro " OURS "\n");
  assert_planned (tree, "");
}

static void
test_grub_entries (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *id = NULL;
  const char *defaults = "GRUB_CMDLINE_LINUX=\"rhgb quiet\"\nGRUB_ENABLE_BLSCFG=true\n";

  boot_tree_put_variable (tree, "LoaderInfo", "GRUB 2.12");
  boot_tree_put (tree, "etc/default/grub", defaults);
  boot_tree_put (tree, ENTRIES "f-6.11.conf", ENTRY ("root=1 ro rhgb quiet"));
  boot_tree_put (tree, ENTRIES "f-0-rescue.conf", ENTRY ("root=1 ro"));
  boot_tree_put (tree, "etc/kernel/cmdline", "root=1 ro rhgb quiet");
  assert_planned (tree, "/" ENTRIES "f-6.11.conf\n/etc/kernel/cmdline\n/etc/default/grub\n");
  id = apply (tree);
  assert_file (tree, "etc/default/grub",
               "GRUB_CMDLINE_LINUX=\"rhgb quiet " OURS "\"\nGRUB_ENABLE_BLSCFG=true\n");
  assert_next (tree, "root=1 ro rhgb quiet " OURS);
  undo (tree, id);
  assert_file (tree, "etc/default/grub", defaults);
  boot_tree_put (tree, "etc/default/grub", "eval x\nGRUB_ENABLE_BLSCFG=true\n");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "/etc/default/grub");
}

static void
test_sdboot_manage (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257");
  boot_tree_put (tree, ENTRIES "a.conf", ENTRY ("root=1"));
  boot_tree_put (tree, "etc/sdboot-manage.conf", "LINUX_OPTIONS=\"quiet " OURS "\"\n");
  /* Not installed: the entries are the user's. */
  assert_planned (tree, "/" ENTRIES "a.conf\n");
  boot_tree_put_tool (tree, "usr/bin/sdboot-manage");
  assert_planned (tree, "sdboot-manage gen\n");
  assert_next (tree, "");
  boot_tree_put (tree, ENTRIES "a.conf", ENTRY ("root=1 quiet " OURS));
  assert_planned (tree, "");
  assert_next (tree, "quiet " OURS);
  boot_tree_put (tree, "etc/sdboot-manage.conf",
                 "LINUX_OPTIONS=\"quiet\"\nREMOVE_EXISTING=\"no\"\n");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "/etc/sdboot-manage.conf");
  boot_tree_put (tree, "etc/sdboot-manage.conf",
                 "LINUX_OPTIONS=\"quiet\"\nREMOVE_EXISTING=\"no\"\nOVERWRITE_EXISTING=yes\n");
  assert_planned (tree, "/etc/sdboot-manage.conf\nsdboot-manage gen\n");
}

static void
test_limine_tool (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *id = NULL;

  boot_tree_put_variable (tree, "LoaderInfo", "Limine 9");
  boot_tree_put (tree, "boot/limine.conf", "/A\nprotocol: linux\ncmdline: root=1\n");
  boot_tree_put (tree, "etc/default/limine", "ESP_PATH=\"/boot\"\n");
  boot_tree_put_tool (tree, "usr/bin/limine-mkinitcpio");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "not set here");
  /* Set in a drop-in: lists from there are kept. */
  boot_tree_put (tree, "etc/limine-entry-tool.d/a.conf",
                 "KERNEL_CMDLINE[default]+=\" root=1 rw module_blacklist=nouveau\"\n");
  id = apply (tree);
  assert_file (tree, "etc/default/limine",
               "ESP_PATH=\"/boot\"\nKERNEL_CMDLINE[default]+=\" intel_iommu=on i915.max_vfs=7 "
               "module_blacklist=nouveau,xe\"\n");
  assert_next (tree, "root=1 rw module_blacklist=nouveau intel_iommu=on i915.max_vfs=7 "
                     "module_blacklist=nouveau,xe");
  undo (tree, id);
  assert_file (tree, "etc/default/limine", "ESP_PATH=\"/boot\"\n");
  assert_file (tree, "runs", "limine-mkinitcpio \nlimine-mkinitcpio \n");
  boot_tree_put (tree, "etc/limine-entry-tool.d/b.conf", "if x; then y; fi\n");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "/etc/limine-entry-tool.d/b.conf");
  boot_tree_remove (tree, "etc/limine-entry-tool.d/b.conf");
  boot_tree_remove (tree, "etc/limine-entry-tool.d/a.conf");
  /* Nowhere: then the tool takes kernel-install's file. */
  boot_tree_put (tree, "etc/kernel/cmdline", "root=1 rw\n");
  assert_planned (tree, "/etc/kernel/cmdline\nlimine-mkinitcpio\n");
  /* A unified image that Limine's tool makes. */
  boot_tree_put_variable (tree, "StubInfo", "systemd-stub 257");
  assert_planned (tree, "/etc/kernel/cmdline\nlimine-mkinitcpio\n");
  /* Done by hand, but the menu is older. */
  boot_tree_put (tree, "etc/kernel/cmdline", "root=1 rw " OURS "\n");
  assert_planned (tree, "limine-mkinitcpio\n");
}

/* Omarchy sets everything in files of its own; ours is made beside them. */
static void
test_limine_layers (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *id = NULL;

  boot_tree_put_variable (tree, "LoaderInfo", "Limine 9");
  boot_tree_put_tool (tree, "usr/bin/limine-update");
  boot_tree_put (tree, "usr/share/limine-entry-tool.d/vendor.conf",
                 "KERNEL_CMDLINE[default]=\"root=lowest\"\n");
  boot_tree_put (tree, "etc/limine-entry-tool.conf",
                 "#KERNEL_CMDLINE[default]=\"\"\nKERNEL_CMDLINE[default]=\"root=1 rw\"\n");
  boot_tree_put (tree, "etc/limine-entry-tool.d/omarchy-defaults.conf",
                 "TARGET_OS_NAME=\"Omarchy\"\nKERNEL_CMDLINE[default]+=\" quiet splash\"\n");
  assert_next (tree, "root=1 rw quiet splash");
  id = apply (tree);
  assert_file (tree, "etc/default/limine", "KERNEL_CMDLINE[default]+=\" " OURS "\"\n");
  assert_next (tree, "root=1 rw quiet splash " OURS);
  assert_planned (tree, "");
  undo (tree, id);
  assert_file (tree, "etc/default/limine", NULL);
  /* The last layer begins anew: then what is before it does not count. */
  boot_tree_put (tree, "etc/default/limine", "KERNEL_CMDLINE[default]=\"root=2\"\n");
  assert_next (tree, "root=2");
  assert_planned (tree, "/etc/default/limine\nlimine-update\n");
}

static void
test_limine_secure_boot (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  boot_tree_put_variable (tree, "LoaderInfo", "Limine 9");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "/boot mounted");
  boot_tree_put (tree, "boot/EFI/limine/limine.conf", "/A\nprotocol: linux\ncmdline: root=1\n");
  assert_planned (tree, "/boot/EFI/limine/limine.conf\n");
  boot_tree_secure_boot (tree);
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "Secure Boot");
}

/* Beside its program Limine finds it first. */
static void
test_limine_beside (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  boot_tree_put_variable (tree, "LoaderInfo", "Limine 10.3.0");
  boot_tree_put (tree, "boot/EFI/arch-limine/limine.conf",
                 "/A\nprotocol: linux\ncmdline: root=1\n");
  assert_planned (tree, "/boot/EFI/arch-limine/limine.conf\n");
  /* The same partition, mounted twice or not: each file once. */
  boot_tree_put (tree, "boot/limine.conf", "/A\nprotocol: linux\ncmdline: root=1\n");
  boot_tree_put (tree, "boot/limine.cfg", ":A\nPROTOCOL=linux\nCMDLINE=root=1\n");
  boot_tree_put (tree, "boot/EFI/limine/limine.conf", "/A\nprotocol: linux\ncmdline: root=1\n");
  assert_planned (tree, "/boot/limine.cfg\n/boot/limine.conf\n/boot/EFI/limine/limine.conf\n"
                        "/boot/EFI/arch-limine/limine.conf\n");
}

#define MARK   "++CONFIG_B2SUM_SIGNATURE++"
#define ZEROS  "0000000000000000000000000000000000000000000000000000000000000000"
#define DIGITS "8a5c0e31f0f4a7a1c2b0d2b6a9c5e4f3ab01cd23ef456789fedcba9876543210"

static void
put_limine (BootTree *tree, const char *name, const char *checksum)
{
  g_autofree char *text = g_strconcat ("limine.conf" MARK, checksum, "CHECKSUM MISMATCH", NULL);

  boot_tree_put_program (tree, name, ".text", text, NULL);
}

/* A configuration that was enrolled in the loader's program, without Secure Boot. */
static void
test_limine_checksum (void)
{
  static const char *const programs[] = { "boot/EFI/BOOT/BOOTX64.EFI",
                                          "boot/EFI/arch-limine/limine_x64.efi",
                                          "boot/efi/EFI/limine/BOOTX64.EFI", "efi/limine.efi",
                                          "boot/limine/limine-bios.sys" };
  const char *menu = "/A\nprotocol: linux\ncmdline: root=1\n";

  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autoptr (BootTree) tree = boot_tree_new ();
      g_autofree char *words = g_strdup_printf ("Limine (/%s) starts with no other", programs[i]);

      boot_tree_put_variable (tree, "LoaderInfo", "Limine 9");
      boot_tree_put (tree, "boot/limine.conf", menu);
      put_limine (tree, programs[i], ZEROS ZEROS);
      assert_planned (tree, "/boot/limine.conf\n");
      put_limine (tree, programs[i], DIGITS DIGITS);
      assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, words);
      /* The last digit of all, and one where the program ends. */
      put_limine (tree, programs[i],
                  ZEROS "000000000000000000000000000000000000000000000000000000"
                        "0000000001");
      assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, words);
      boot_tree_put (tree, programs[i], MARK ZEROS MARK "1");
      assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, words);
      boot_tree_put (tree, programs[i], "x" MARK);
      assert_planned (tree, "/boot/limine.conf\n");
      /* Nothing is to be changed: then it may be enrolled. */
      put_limine (tree, programs[i], DIGITS DIGITS);
      boot_tree_put (tree, "boot/limine.conf", "/A\nprotocol: linux\ncmdline: root=1 " OURS "\n");
      assert_planned (tree, "");
    }
}

/* The program that the firmware started, wherever it is; and Limine's tool, which may be told to
 * enroll the checksum itself. */
static void
test_limine_enrolls (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  const char *settings = "KERNEL_CMDLINE[default]=\"root=1\"\n";
  g_autofree char *enrolls = g_strconcat (settings, "ENABLE_ENROLL_LIMINE_CONFIG=yes\n", NULL);

  boot_tree_put_variable (tree, "LoaderInfo", "Limine 9");
  boot_tree_put (tree, "boot/limine.conf", "/A\nprotocol: linux\ncmdline: root=1\n");
  boot_tree_put_current (tree, "\\odd\\place\\limine.efi");
  put_limine (tree, "efi/odd/place/limine.efi", DIGITS DIGITS);
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "Limine (/efi/odd/place/limine.efi)");
  boot_tree_put_tool (tree, "usr/bin/limine-update");
  boot_tree_put (tree, "etc/default/limine", settings);
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "Limine (/efi/odd/place/limine.efi)");
  boot_tree_put (tree, "etc/default/limine", enrolls);
  assert_planned (tree, "/etc/default/limine\nlimine-update\n");
  /* Without the tool nobody would enroll it. */
  put_limine (tree, "efi/odd/place/limine.efi", ZEROS ZEROS);
  boot_tree_remove (tree, "usr/bin/limine-update");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "/etc/default/limine wants");
}

static void
test_refind (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  boot_tree_put_variable (tree, "LoaderInfo", "rEFInd 0.14.2");
  boot_tree_put (tree, "efi/EFI/refind/refind.conf",
                 "menuentry A {\nloader /vmlinuz\noptions \"root=1 rw\"\n}\n");
  boot_tree_put (tree, "boot/refind_linux.conf", "\"A\" \"root=1 ro\"\n\"B\" \"root=1 single\"\n");
  assert_next (tree, "root=1");
  assert_planned (tree, "/boot/refind_linux.conf\n/efi/EFI/refind/refind.conf\n");
  /* Stanzas in files of their own, and what no file of rEFInd's should name. */
  boot_tree_put (tree, "efi/EFI/refind/refind.conf",
                 "include manual.conf\ninclude themes\\x\\theme.conf\ninclude gone.conf\n"
                 "include ../../etc/other.conf\n");
  boot_tree_put (tree, "efi/EFI/refind/manual.conf",
                 "menuentry B {\nloader /vmlinuz\noptions \"root=1 rw\"\n}\n");
  boot_tree_put (tree, "efi/EFI/refind/themes/x/theme.conf", "icons_dir themes/x/icons\n");
  boot_tree_put (tree, "efi/etc/other.conf",
                 "menuentry C {\nloader /vmlinuz\noptions \"root=1 rw\"\n}\n");
  assert_planned (tree, "/boot/refind_linux.conf\n/efi/EFI/refind/manual.conf\n");
}

static void
test_kernelstub (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 249.11");
  boot_tree_put (tree, "etc/kernelstub/configuration",
                 "{\"user\": {\"kernel_options\": [\"quiet\"]}}");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "kernelstub is not installed");
  boot_tree_put_tool (tree, "usr/bin/kernelstub");
  assert_planned (tree, "/etc/kernelstub/configuration\nkernelstub\n");
  boot_tree_put (tree, "etc/kernelstub/configuration",
                 "{\"user\": {\"kernel_options\": [\"" OURS "\"]}}");
  boot_tree_put (tree, "boot/efi/loader/entries/Pop_OS-current.conf", ENTRY ("root=1"));
  boot_tree_put (tree, "boot/efi/loader/entries/Pop_OS-oldkern.conf", ENTRY ("root=1"));
  assert_planned (tree, "kernelstub\n");
  boot_tree_put (tree, "boot/efi/loader/entries/Pop_OS-current.conf", ENTRY ("root=1 " OURS));
  assert_planned (tree, "");
}

static void
test_proxmox (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *id = NULL;

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 252");
  boot_tree_put (tree, "etc/kernel/proxmox-boot-uuids", "A1B2-C3D4\n");
  boot_tree_put_tool (tree, "usr/sbin/proxmox-boot-tool");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "/etc/kernel/cmdline");
  boot_tree_put (tree, "etc/kernel/cmdline", "root=ZFS=rpool/ROOT/pve-1 boot=zfs\nquiet\n");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "on one line");
  boot_tree_put (tree, "etc/kernel/cmdline", "root=ZFS=rpool/ROOT/pve-1 boot=zfs\n");
  id = apply (tree);
  assert_next (tree, "root=ZFS=rpool/ROOT/pve-1 boot=zfs " OURS);
  undo (tree, id);
  assert_file (tree, "etc/kernel/cmdline", "root=ZFS=rpool/ROOT/pve-1 boot=zfs\n");
  assert_file (tree, "runs", "proxmox-boot-tool refresh\nproxmox-boot-tool refresh\n");
}

/* With ZFS, and the firmware no EFI or Secure Boot on: GRUB reads what proxmox-boot-tool wrote to
 * partitions that are not mounted, and nobody reads /boot/grub/grub.cfg. */
static void
test_proxmox_grub (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *id = NULL;
  const char *defaults = "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"
                         "GRUB_CMDLINE_LINUX=\"root=ZFS=rpool/ROOT/pve-1 boot=zfs\"\n";

  boot_tree_put_variable (tree, "LoaderInfo", "GRUB 2.12-9+pmx2");
  boot_tree_put (tree, "etc/kernel/proxmox-boot-uuids", "A1B2-C3D4\n");
  boot_tree_put (tree, "etc/kernel/cmdline", "root=ZFS=rpool/ROOT/pve-1 boot=zfs\n");
  boot_tree_put (tree, "etc/default/grub", defaults);
  boot_tree_put (tree, "boot/grub/grub.cfg", "linux /vmlinuz " OURS "\n");
  boot_tree_put_tool (tree, "usr/sbin/update-grub");
  boot_tree_put_tool (tree, "usr/sbin/proxmox-boot-tool");
  assert_planned (tree, "/etc/default/grub\nproxmox-boot-tool refresh\n");
  id = apply (tree);
  assert_file (tree, "etc/kernel/cmdline", "root=ZFS=rpool/ROOT/pve-1 boot=zfs\n");
  assert_next (tree, "root=ZFS=rpool/ROOT/pve-1 boot=zfs quiet " OURS);
  assert_planned (tree, "");
  undo (tree, id);
  assert_file (tree, "etc/default/grub", defaults);
  assert_file (tree, "runs", "proxmox-boot-tool refresh\nproxmox-boot-tool refresh\n");
  /* Edited by hand before this start, and no tool was run. */
  boot_tree_put (tree, "etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet " OURS "\"\n");
  boot_tree_set_time (tree, "etc/default/grub", 1000);
  boot_tree_put (tree, "proc/stat", "cpu 1\nbtime 2000\n");
  boot_tree_put (tree, "proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet\n");
  assert_planned (tree, "proxmox-boot-tool refresh\n");
  boot_tree_put (tree, "proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet " OURS "\n");
  assert_planned (tree, "");
  /* Its partitions were given up, or it was: then GRUB's own menu counts again. */
  boot_tree_put (tree, "etc/default/grub", defaults);
  boot_tree_put (tree, "etc/kernel/proxmox-boot-uuids", "\n");
  assert_planned (tree, "/etc/default/grub\n/usr/sbin/update-grub\n");
  boot_tree_put (tree, "etc/kernel/proxmox-boot-uuids", "A1B2-C3D4\n");
  boot_tree_remove (tree, "usr/sbin/proxmox-boot-tool");
  assert_planned (tree, "/etc/default/grub\n/usr/sbin/update-grub\n");
}

/* What a refusal says, from its first word to its last. */
static void
test_whole_words (void)
{
  static const struct
  {
    const char *loader;
    const char *file;
    const char *text;
    const char *words;
  } refusals[] = {
    { "GRUB 2.12", "etc/default/grub", "if x; then GRUB_CMDLINE_LINUX=a; fi\n",
      "/etc/default/grub, line 1: it depends on a command what this sets" },
    { "GRUB 2.12", "etc/default/grub", "GRUB_CMDLINE_LINUX=\"quiet\"\n",
      "none of GRUB's update tools is there (update-grub, grub2-mkconfig, grub-mkconfig)" },
    { "systemd-boot 257", ENTRIES "a.conf", "title x\nlinux /x\noptions \"a\n",
      "/" ENTRIES "a.conf, line 3: the kernel command line has a quotation mark that is never "
      "closed" },
    { "rEFInd 0.14.2", "boot/refind_linux.conf", "\"A\" \"root=1\n",
      "/boot/refind_linux.conf, line 1: the quotation marks of this line don't match" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (BootTree) tree = boot_tree_new ();
      g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
      g_autoptr (GError) error = NULL;
      g_autofree char *whole =
        g_strconcat (refusals[i].words,
                     ". Nothing was changed. Add these to the kernel command line by hand, then "
                     "run the boot loader's update tool: " OURS,
                     NULL);

      boot_tree_put_variable (tree, "LoaderInfo", refusals[i].loader);
      boot_tree_put (tree, refusals[i].file, refusals[i].text);
      g_assert_false (fatia_boot_plan (tree->root, ours, set, &error));
      g_assert_cmpstr (error->message, ==, whole);
    }
}

static void
test_unknown_argument (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autoptr (GError) error = NULL;
  const char *const wanted[] = { "intel_iommu=on", "init=/bin/sh", NULL };

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257");
  boot_tree_put (tree, ENTRIES "a.conf", ENTRY ("root=1"));
  g_assert_false (fatia_boot_plan (tree->root, wanted, set, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID);
  g_assert_true (fatia_change_set_is_empty (set));
}

/* A tool that fails: everything is as it was. */
static void
test_failing_tool (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autoptr (GError) error = NULL;

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257");
  boot_tree_put (tree, "etc/sdboot-manage.conf", "LINUX_OPTIONS=\"quiet\"\n");
  tree_write_mode (tree, "usr/bin/sdboot-manage", "#!/bin/sh\necho no space left\nexit 3\n", 0755);
  set = plan (tree);
  g_assert_null (fatia_change_set_apply (set, tree->root, NULL, NULL, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_COMMAND);
  g_assert_nonnull (strstr (error->message, "no space left"));
  assert_file (tree, "etc/sdboot-manage.conf", "LINUX_OPTIONS=\"quiet\"\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/boot-loader/entries", test_entries);
  g_test_add_func ("/boot-loader/entry-gone", test_entry_gone);
  g_test_add_func ("/boot-loader/vendor-cmdline", test_vendor_cmdline);
  g_test_add_func ("/boot-loader/grub-entries", test_grub_entries);
  g_test_add_func ("/boot-loader/sdboot-manage", test_sdboot_manage);
  g_test_add_func ("/boot-loader/limine-tool", test_limine_tool);
  g_test_add_func ("/boot-loader/limine-layers", test_limine_layers);
  g_test_add_func ("/boot-loader/limine-secure-boot", test_limine_secure_boot);
  g_test_add_func ("/boot-loader/limine-beside", test_limine_beside);
  g_test_add_func ("/boot-loader/limine-checksum", test_limine_checksum);
  g_test_add_func ("/boot-loader/limine-enrolls", test_limine_enrolls);
  g_test_add_func ("/boot-loader/refind", test_refind);
  g_test_add_func ("/boot-loader/kernelstub", test_kernelstub);
  g_test_add_func ("/boot-loader/proxmox", test_proxmox);
  g_test_add_func ("/boot-loader/proxmox-grub", test_proxmox_grub);
  g_test_add_func ("/boot-loader/whole-words", test_whole_words);
  g_test_add_func ("/boot-loader/unknown-argument", test_unknown_argument);
  g_test_add_func ("/boot-loader/failing-tool", test_failing_tool);
  return g_test_run ();
}
