/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files edited by hand whose tool was never run: the next start goes without the edit, and the
 * tool alone is what is left to do. */
#include <string.h>

#include "boot-expect.h"

#define CMDLINE "etc/kernel/cmdline"
#define BASE    "root=ZFS=rpool/ROOT/pve-1 boot=zfs"
#define IMAGE   "efi/EFI/Linux/arch-linux.efi"
#define WITHOUT "root=1 rw\n"
#define WITH    "root=1 rw " OURS "\n"

/* A kernel that was started at second 5000. */
static void
put_start (BootTree *tree, const char *cmdline)
{
  boot_tree_put (tree, "proc/stat", "cpu  1 2 3\nintr 9\nctxt 4\nbtime 5000\nprocesses 7\n");
  boot_tree_put (tree, "proc/cmdline", cmdline);
}

static BootTree *
make_proxmox (const char *running)
{
  BootTree *tree = boot_tree_new ();

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 252");
  boot_tree_put (tree, "etc/kernel/proxmox-boot-uuids", "A1B2-C3D4\n");
  boot_tree_put_tool (tree, "usr/sbin/proxmox-boot-tool");
  boot_tree_put (tree, CMDLINE, BASE " " OURS "\n");
  put_start (tree, running);
  return tree;
}

static void
test_proxmox (void)
{
  g_autoptr (BootTree) tree = make_proxmox ("initrd=\\EFI\\proxmox\\initrd.img " BASE);
  g_autofree char *id = NULL;

  /* Just edited, and not started since: nobody knows. */
  boot_tree_set_time (tree, CMDLINE, 5001);
  assert_planned (tree, "");
  assert_next (tree, BASE " " OURS);
  boot_tree_set_time (tree, CMDLINE, 4000);
  assert_next (tree, BASE);
  assert_planned (tree, "proxmox-boot-tool refresh\n");
  id = apply (tree);
  assert_file (tree, "runs", "proxmox-boot-tool refresh\n");
  /* Done, until a start tells otherwise. */
  assert_planned (tree, "");
  assert_next (tree, BASE " " OURS);
  put_start (tree, BASE " " OURS);
  assert_planned (tree, "");
  undo (tree, id);
}

static void
test_proxmox_mounted (void)
{
  g_autoptr (BootTree) tree = make_proxmox (BASE);
  const char *entry = "boot/efi/loader/entries/proxmox-6.8.12-2-pve.conf";
  const char *head = "title Proxmox\nversion 6.8.12-2-pve\noptions ";
  const char *tail = "\nlinux /EFI/proxmox/6.8.12-2-pve/vmlinuz\n";
  g_autofree char *without = g_strconcat (head, BASE, tail, NULL);
  g_autofree char *with = g_strconcat (head, BASE " " OURS, tail, NULL);

  boot_tree_put (tree, entry, without);
  assert_planned (tree, "proxmox-boot-tool refresh\n");
  assert_next (tree, BASE);
  /* Then that counts, and not what the running kernel has. */
  boot_tree_put (tree, entry, with);
  boot_tree_set_time (tree, CMDLINE, 4000);
  assert_planned (tree, "");
  assert_next (tree, BASE " " OURS);
}

/* The journal is the administrator's: others see when something was last written there. */
static void
test_closed_journal (void)
{
  g_autoptr (BootTree) tree = make_proxmox (BASE);

  boot_tree_set_time (tree, CMDLINE, 4000);
  boot_tree_put (tree, "var/lib/fatia/journal/0001-boot.applied", "not a record");
  boot_tree_set_time (tree, "var/lib/fatia/journal", 5001);
  assert_next (tree, BASE " " OURS);
  boot_tree_set_time (tree, "var/lib/fatia/journal", 4999);
  assert_next (tree, BASE);
}

static BootTree *
make_uki (const char *cmdline)
{
  BootTree *tree = boot_tree_new ();

  boot_tree_put_variable (tree, "StubInfo", "systemd-stub 257");
  boot_tree_put_tool (tree, "usr/bin/mkinitcpio");
  boot_tree_put (tree, "etc/mkinitcpio.d/linux.preset", "default_uki=\"/" IMAGE "\"\n");
  boot_tree_put (tree, CMDLINE, cmdline);
  return tree;
}

static void
put_image (BootTree *tree, const char *name, const char *cmdline)
{
  boot_tree_put_program (tree, name, ".text", "code", ".osrel", "ID=arch\n", ".cmdline", cmdline,
                         ".linux", "MZ", NULL);
}

static void
test_image (void)
{
  g_autoptr (BootTree) tree = make_uki (WITH);

  put_image (tree, IMAGE, WITHOUT);
  assert_planned (tree, "mkinitcpio -P\n");
  assert_next (tree, "root=1 rw");
  put_image (tree, IMAGE, WITH);
  assert_planned (tree, "");
  assert_next (tree, "root=1 rw " OURS);
  /* The file has them not: both are to do. */
  boot_tree_put (tree, CMDLINE, WITHOUT);
  assert_planned (tree, "/" CMDLINE "\nmkinitcpio -P\n");
}

/* Of several images the one that was started counts, else any that has them. */
static void
test_images (void)
{
  g_autoptr (BootTree) tree = make_uki (WITH);

  put_image (tree, IMAGE, WITH);
  put_image (tree, "efi/EFI/Linux/arch-linux-fallback.efi", WITHOUT);
  put_image (tree, "efi/EFI/Linux/other-system.efi", "root=2\n");
  assert_planned (tree, "");
  assert_next (tree, "root=1 rw " OURS);
  boot_tree_put_variable (tree, "StubImageIdentifier", "\\EFI\\Linux\\arch-linux-fallback.efi");
  assert_planned (tree, "");
  boot_tree_put_variable (tree, "StubImageIdentifier", "\\EFI\\Linux\\arch-linux.efi");
  assert_planned (tree, "");
  put_image (tree, IMAGE, WITHOUT);
  put_image (tree, "efi/EFI/Linux/newer.efi", WITH);
  assert_planned (tree, "mkinitcpio -P\n");
  /* Gone since: the others tell. */
  boot_tree_remove (tree, IMAGE);
  assert_planned (tree, "");
}

/* A tool that leaves the started image as it is, is not run again and again. */
static void
test_image_left (void)
{
  g_autoptr (BootTree) tree = make_uki (WITH);
  g_autofree char *id = NULL;

  put_start (tree, WITHOUT);
  put_image (tree, IMAGE, WITHOUT);
  assert_planned (tree, "mkinitcpio -P\n");
  id = apply (tree);
  assert_planned (tree, "");
}

/* An image that can't be read: the start tells. */
static void
test_no_image (void)
{
  g_autoptr (BootTree) tree = make_uki (WITH);

  boot_tree_put (tree, IMAGE, "no program");
  put_start (tree, WITHOUT);
  assert_planned (tree, "");
  boot_tree_set_time (tree, CMDLINE, 4000);
  assert_planned (tree, "mkinitcpio -P\n");
  assert_next (tree, "root=1 rw");
  /* Started by the image that goes without. */
  boot_tree_put_variable (tree, "StubImageIdentifier", "\\EFI\\Linux\\arch-linux-fallback.efi");
  assert_planned (tree, "");
  boot_tree_put_variable (tree, "StubImageIdentifier", "\\EFI\\Linux\\arch-linux.efi");
  assert_planned (tree, "mkinitcpio -P\n");
  put_start (tree, WITH);
  assert_planned (tree, "");
  /* Nothing about the start is known. */
  boot_tree_put (tree, "proc/stat", "cpu 1\n");
  boot_tree_put (tree, "proc/cmdline", WITHOUT);
  assert_planned (tree, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/boot-settled/proxmox", test_proxmox);
  g_test_add_func ("/boot-settled/proxmox-mounted", test_proxmox_mounted);
  g_test_add_func ("/boot-settled/closed-journal", test_closed_journal);
  g_test_add_func ("/boot-settled/image", test_image);
  g_test_add_func ("/boot-settled/images", test_images);
  g_test_add_func ("/boot-settled/image-left", test_image_left);
  g_test_add_func ("/boot-settled/no-image", test_no_image);
  return g_test_run ();
}
