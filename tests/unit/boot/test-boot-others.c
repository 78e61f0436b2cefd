/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Menus that start more than one system: what starts another one stays as it is. */
#include <string.h>
#include <unistd.h>

#include "boot-expect.h"

/* A menu; `^` is where ours come. */
typedef struct
{
  const char *title;
  const char *loader;
  const char *running; /* kernel command line */
  const char *files[4][2];
  const char *others; /* files that have entries of others */
} Menu;

#define ENTRY(options) "title x\nlinux /vmlinuz\ninitrd /initrd\noptions " options "\n"
#define A              "6e1b7b3c-8c3d-4a52-9a43-0b8f1a0c1d11"
#define B              "c2f6f5ad-1d0e-4d8c-8f1f-5b2d7e0a9b22"

static const Menu menus[] = {
  { "Limine, two systems",
    "Limine 9.3.0",
    "root=UUID=" A " rw quiet",
    { { "boot/limine.conf", "timeout: 3\n\n"
                            "/Arch Linux\n    protocol: linux\n    path: boot():/vmlinuz-linux\n"
                            "    cmdline: root=UUID=" A " rw quiet^\n"
                            "    module_path: boot():/initramfs-linux.img\n\n"
                            "/Debian on the other disk\n    protocol: linux\n"
                            "    path: guid(" B "):/boot/vmlinuz\n"
                            "    cmdline: root=UUID=" B " ro\n"
                            "    module_path: guid(" B "):/boot/initrd.img\n" } },
    "/boot/limine.conf\n" },
  { "Limine, systems in folders",
    "Limine 9.3.0",
    "root=PARTUUID=" A " rw",
    { { "boot/limine/limine.conf",
        "/+Arch\n//linux\nprotocol: linux\ncmdline: root=PARTUUID=" A " rw^\n"
        "//linux-lts\nprotocol: linux\ncmdline: root=PARTUUID=" A " rw^\n"
        "/+Void\n//linux\nprotocol: linux\ncmdline: root=PARTUUID=" B " rw\n"
        "/Windows\nprotocol: efi\npath: boot():/EFI/Microsoft/Boot/bootmgfw.efi\n" } },
    "/boot/limine/limine.conf\n" },
  { "Limine, one system in several ways",
    "Limine 9.3.0",
    "root=UUID=" A " rw",
    { { "boot/limine.conf", "/A\nprotocol: linux\ncmdline: root=UUID=" A " rw^\n"
                            "/A, text\nprotocol: linux\ncmdline: 3 root=UUID=" A "^\n"
                            "/A, finds it by itself\nprotocol: linux\ncmdline: rw^\n" } },
    "" },
  { "Limine before version 8",
    "Limine 7.13.3",
    "root=LABEL=arch rw",
    { { "boot/limine.cfg", ":Arch\nPROTOCOL=linux\nCMDLINE=root=LABEL=arch rw^\n"
                           ":Gentoo\nPROTOCOL=linux\nCMDLINE=root=LABEL=gentoo rw\n" } },
    "/boot/limine.cfg\n" },
  { "Limine, the last root= counts",
    "Limine 9.3.0",
    "root=/dev/sda2 rw root=UUID=" A,
    { { "boot/limine.conf", "/A\nprotocol: linux\ncmdline: root=/dev/sda9 root=UUID=" A "^\n"
                            "/B\nprotocol: linux\ncmdline: root=UUID=" A " root=/dev/sda9\n"
                            "/C\nprotocol: linux\ncmdline: rw^ -- root=UUID=" B "\n" } },
    "/boot/limine.conf\n" },
  { "rEFInd, stanzas of two systems",
    "rEFInd 0.14.2",
    "ro root=UUID=" A " initrd=\\boot\\initramfs-linux.img",
    { { "efi/EFI/refind/refind.conf",
        "menuentry \"Arch Linux\" {\n  loader /boot/vmlinuz-linux\n"
        "  options \"root=UUID=" A " rw^\"\n"
        "  submenuentry \"Terminal\" {\n    options \"root=UUID=" A " multi-user.target\"\n  }\n}\n"
        "menuentry Fedora {\n  volume FEDORA\n  loader /vmlinuz-6.14\n"
        "  options \"root=UUID=" B " ro rhgb\"\n}\n" } },
    "/efi/EFI/refind/refind.conf\n" },
  { "rEFInd, beside the kernels",
    "rEFInd 0.14.2",
    "ro root=UUID=" A " initrd=\\boot\\initrd.img",
    { { "boot/refind_linux.conf", "\"Boot\" \"ro root=UUID=" A "^\"\n"
                                  "\"Copy on the other disk\" \"ro root=UUID=" B "\"\n" },
      { "efi/EFI/refind/refind.conf", "include manual.conf\n" },
      { "efi/EFI/refind/manual.conf",
        "menuentry B {\nloader /vmlinuz\noptions \"root=UUID=" B "\"\n}\n" } },
    "/boot/refind_linux.conf\n/efi/EFI/refind/manual.conf\n" },
  { "systemd-boot, an entry by hand for another disk",
    "systemd-boot 257",
    "root=UUID=" A " ro",
    { { "etc/machine-id", "0123\n" },
      { "boot/loader/entries/debian-6.12.conf",
        ENTRY ("root=UUID=" A " ro systemd.machine_id=0123^") "machine-id 0123\n" },
      { "boot/loader/entries/arch.conf", ENTRY ("root=UUID=" B " rw") },
      { "boot/loader/entries/arch-lts.conf", ENTRY ("root=UUID=" B " rw") } },
    "/boot/loader/entries/arch-lts.conf\n/boot/loader/entries/arch.conf\n" },
  { "systemd-boot, kernel-install says whose",
    "systemd-boot 257",
    "root=UUID=" A " ro",
    { { "etc/machine-id", "0123\n" },
      /* Written before the disk was replaced, say. */
      { "boot/loader/entries/a.conf", ENTRY ("root=UUID=" B "^") "machine-id 0123\n" },
      { "boot/loader/entries/b.conf", ENTRY ("root=UUID=" A) "machine-id 4567\n" },
      { "boot/loader/entries/0123-6.12.conf", ENTRY ("root=UUID=" B "^") } },
    "/boot/loader/entries/b.conf\n" },
  { "systemd-boot, the initramfs finds the root",
    "systemd-boot 257",
    "rw quiet",
    { { "boot/loader/entries/a.conf", ENTRY ("rw quiet^") },
      { "boot/loader/entries/b.conf", ENTRY ("root=UUID=" B " rw") } },
    "/boot/loader/entries/b.conf\n" },
  { "systemd-boot, options on several lines",
    "systemd-boot 257",
    "root=/dev/mapper/root rw",
    { { "boot/loader/entries/a.conf",
        "title a\nlinux /a\noptions cryptdevice=UUID=" A ":root\noptions root=/dev/mapper/root rw"
        "^\n" },
      { "boot/loader/entries/b.conf", "title b\nlinux /b\noptions rw\noptions root=/dev/sdb1\n" } },
    "/boot/loader/entries/b.conf\n" },
  { "Fedora beside another one, one boot partition",
    "GRUB 2.12",
    "BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.14 root=UUID=" A " ro rhgb quiet",
    { { "etc/default/grub", "GRUB_CMDLINE_LINUX=\"rhgb quiet^\"\nGRUB_ENABLE_BLSCFG=true\n" },
      { "boot/loader/entries/f-6.14.conf", ENTRY ("root=UUID=" A " ro $tuned_params^") },
      { "boot/loader/entries/g-6.11.conf", ENTRY ("root=UUID=" B " ro $tuned_params") } },
    "/boot/loader/entries/g-6.11.conf\n" },
  { "RHEL 8, options in GRUB's environment",
    "GRUB 2.02",
    "BOOT_IMAGE=(hd0,gpt2)/vmlinuz root=/dev/mapper/rhel-root ro",
    { { "etc/default/grub", "GRUB_CMDLINE_LINUX=\"rhgb^\"\nGRUB_ENABLE_BLSCFG=true\n" },
      { "boot/loader/entries/a.conf", ENTRY ("$kernelopts $tuned_params^") } },
    "" },
};

/* (transfer full): @text before the change or after it */
static char *
expand (const char *text, const char *added)
{
  g_auto (GStrv) parts = g_strsplit (text, "^", -1);

  return g_strjoinv (added, parts);
}

static void
put_menu (BootTree *tree, const Menu *menu)
{
  boot_tree_put_variable (tree, "LoaderInfo", menu->loader);
  boot_tree_put (tree, "proc/cmdline", menu->running);
  for (gsize i = 0; i < G_N_ELEMENTS (menu->files) && menu->files[i][0]; i++)
    {
      g_autofree char *text = expand (menu->files[i][1], "");

      boot_tree_put (tree, menu->files[i][0], text);
    }
}

static void
assert_menu (BootTree *tree, const Menu *menu, const char *added)
{
  for (gsize i = 0; i < G_N_ELEMENTS (menu->files) && menu->files[i][0]; i++)
    {
      g_autofree char *text = expand (menu->files[i][1], added);

      assert_file (tree, menu->files[i][0], text);
    }
}

static void
assert_others (BootTree *tree, const char *expected)
{
  g_autoptr (GPtrArray) paths = fatia_boot_find_others (tree->root);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < paths->len; i++)
    g_string_append_printf (text, "%s\n", (char *) g_ptr_array_index (paths, i));
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_menu (gconstpointer data)
{
  const Menu *menu = data;
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *id = NULL;

  put_menu (tree, menu);
  assert_others (tree, menu->others);
  id = apply (tree);
  assert_menu (tree, menu, " " OURS);
  assert_planned (tree, "");
  undo (tree, id);
  assert_menu (tree, menu, "");
}

/* One disk by all its names; a link of udev's for each. */
static const struct
{
  const char *running;
  const char *entry;
  gboolean ours;
} names[] = {
  { "UUID=aa-1", "UUID=aa-1", TRUE },
  { "UUID=aa-1", "PARTUUID=11-02", TRUE },
  { "UUID=aa-1", "UUID=AA-1", TRUE },
  { "PARTUUID=11-02", "/dev/sda2", TRUE },
  { "/dev/sda2", "/dev/disk/by-uuid/aa-1", TRUE },
  { "/dev/mapper/vg-root", "/dev/sda2", TRUE },
  { "LABEL=root", "PARTLABEL=linux", TRUE },
  { "UUID=aa-1", "UUID=bb-2", FALSE },
  { "UUID=aa-1", "/dev/sda3", FALSE },
  { "UUID=aa-1", "LABEL=ROOT", FALSE },
  /* Devices that are not there, and names of none. */
  { "UUID=aa-1", "UUID=gone", FALSE },
  { "UUID=gone", "UUID=aa-1", FALSE },
  { "UUID=gone", "UUID=gone", TRUE },
  { "UUID=aa-1", "UUID=", FALSE },
  { "UUID=aa-1", "UUID=../../sda2", FALSE },
  { "UUID=aa-1", "/dev/../dev/sda3", FALSE },
  { "ZFS=rpool/ROOT/a", "ZFS=rpool/ROOT/b", FALSE },
  { "ZFS=rpool/ROOT/a", "ZFS=rpool/ROOT/a", TRUE },
  { "UUID=aa-1", "\"UUID=aa-1\"", TRUE },
};

static void
put_devices (BootTree *tree)
{
  static const char *const folders[] = { "dev/disk/by-uuid", "dev/disk/by-partuuid",
                                         "dev/disk/by-label", "dev/disk/by-partlabel",
                                         "dev/mapper" };

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    tree_folder (tree, folders[i]);
  boot_tree_put (tree, "dev/sda2", "");
  boot_tree_put (tree, "dev/sda3", "");
  tree_link (tree, "../../sda2", "dev/disk/by-uuid/aa-1");
  tree_link (tree, "../../sda3", "dev/disk/by-uuid/bb-2");
  tree_link (tree, "../../sda2", "dev/disk/by-partuuid/11-02");
  tree_link (tree, "../../sda2", "dev/disk/by-label/root");
  tree_link (tree, "../../sda2", "dev/disk/by-partlabel/linux");
  tree_link (tree, "../sda2", "dev/mapper/vg-root");
}

static void
test_names (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (BootTree) tree = boot_tree_new ();
      g_autofree char *running = g_strconcat ("root=", names[i].running, " rw\n", NULL);
      g_autofree char *menu =
        g_strconcat ("/A\nprotocol: linux\ncmdline: root=", names[i].entry, " rw\n", NULL);

      g_test_message ("%s, %s", names[i].running, names[i].entry);
      put_devices (tree);
      boot_tree_put_variable (tree, "LoaderInfo", "Limine 9");
      boot_tree_put (tree, "proc/cmdline", running);
      boot_tree_put (tree, "boot/limine.conf", menu);
      assert_others (tree, names[i].ours ? "" : "/boot/limine.conf\n");
      if (names[i].ours)
        assert_planned (tree, "/boot/limine.conf\n");
      else
        assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "starts this system");
    }
}

/* Who writes the menu with a tool leaves others' entries alone, too: they make no menu old. */
static void
test_tool (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257");
  boot_tree_put_tool (tree, "usr/bin/sdboot-manage");
  boot_tree_put (tree, "proc/cmdline", "root=UUID=" A " rw\n");
  boot_tree_put (tree, "etc/sdboot-manage.conf", "LINUX_OPTIONS=\"quiet " OURS "\"\n");
  boot_tree_put (tree, "boot/loader/entries/a.conf", ENTRY ("root=UUID=" A " quiet " OURS));
  boot_tree_put (tree, "boot/loader/entries/b.conf", ENTRY ("root=UUID=" B));
  assert_planned (tree, "");
  assert_next (tree, "quiet " OURS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (menus); i++)
    {
      g_autofree char *path = g_strdup_printf ("/boot-others/%s", menus[i].title);

      g_test_add_data_func (path, &menus[i], test_menu);
    }
  g_test_add_func ("/boot-others/names", test_names);
  g_test_add_func ("/boot-others/tool", test_tool);
  return g_test_run ();
}
