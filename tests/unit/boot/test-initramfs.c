/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which program makes a host's initramfs anew, when it runs, and when it does not. */
#include "boot/fatia-initramfs.h"

#include <string.h>

#include "boot-tree.h"
#include "change/fatia-apply.h"

/* A host: files with a text, programs, and what is to be run. */
typedef struct
{
  const char *title;
  const char *files[6][2];
  const char *programs[4];
  const char *run;     /* NULL: nothing */
  const char *refused; /* NULL: not */
} Host;

#define PRESET { "etc/mkinitcpio.d/linux.preset", "default_image=\"/boot/initramfs-linux.img\"\n" }
#define ENTRY(kernel)                                                                              \
  { "boot/loader/entries/a.conf", "title a\nlinux " kernel "\noptions root=1\n" }
#define RELEASE "6.12.48-1"
#define MODULES { "usr/lib/modules/" RELEASE "/modules.dep", "" }

static const Host hosts[] = {
  { "Debian",
    { { "boot/initrd.img-" RELEASE, "" } },
    { "usr/sbin/update-initramfs" },
    "update-initramfs -u -k all" },
  { "Debian with dracut beside it",
    { { "boot/initrd.img-" RELEASE, "" }, MODULES },
    { "usr/sbin/update-initramfs", "usr/bin/dracut" },
    "update-initramfs -u -k all" },
  { "Debian, systemd-boot: the hook of update-initramfs goes on to kernel-install",
    { ENTRY ("/44aa/" RELEASE "/linux") },
    { "usr/sbin/update-initramfs", "usr/bin/kernel-install" },
    "update-initramfs -u -k all" },
  { "Arch", { PRESET }, { "usr/bin/mkinitcpio" }, "mkinitcpio -P" },
  { "Arch, dracut left over",
    { PRESET },
    { "usr/bin/mkinitcpio", "usr/bin/dracut" },
    "mkinitcpio -P" },
  { "Arch, systemd-boot with entries of its owner's",
    { PRESET, ENTRY ("/vmlinuz-linux") },
    { "usr/bin/mkinitcpio", "usr/bin/kernel-install" },
    "mkinitcpio -P" },
  { "Arch, unified images",
    { { "etc/mkinitcpio.d/linux.preset", "default_uki=\"/efi/EFI/Linux/arch.efi\"\n" } },
    { "usr/bin/mkinitcpio" },
    "mkinitcpio -P" },
  { "Arch with booster",
    { { "boot/booster-linux.img", "" } },
    { "usr/lib/booster/regenerate_images" },
    "/usr/lib/booster/regenerate_images" },
  { "unified images by kernel-install",
    { { "etc/kernel/install.conf", "layout=uki\n" } },
    { "usr/bin/kernel-install", "usr/bin/dracut" },
    "kernel-install add-all" },
  { "unified images by dracut",
    { { "etc/dracut.conf.d/uefi.conf", "uefi=yes\n" } },
    { "usr/bin/dracut" },
    "dracut --regenerate-all --force" },
  { "EndeavourOS, systemd-boot",
    { ENTRY ("/44aa/" RELEASE "/linux"), MODULES },
    { "usr/bin/kernel-install", "usr/bin/dracut" },
    "kernel-install add-all" },
  { "EndeavourOS, GRUB",
    { { "boot/initramfs-linux.img", "" }, MODULES },
    { "usr/bin/dracut-rebuild", "usr/bin/dracut" },
    "dracut-rebuild" },
  { "Fedora",
    { ENTRY ("/vmlinuz-" RELEASE), MODULES, { "boot/initramfs-" RELEASE ".img", "" } },
    { "usr/bin/kernel-install", "usr/bin/dracut" },
    "dracut --regenerate-all --force" },
  { "openSUSE",
    { MODULES, { "boot/initrd-" RELEASE, "" } },
    { "usr/bin/dracut" },
    "dracut --regenerate-all --force" },
  { "openSUSE, systemd-boot",
    { ENTRY ("/opensuse-tumbleweed/" RELEASE "/linux-0f5b"), MODULES },
    { "usr/bin/sdbootutil", "usr/bin/dracut", "usr/bin/kernel-install" },
    "sdbootutil mkinitrd" },
  { "CachyOS, Limine",
    { PRESET, { "etc/default/limine", "KERNEL_CMDLINE[default]=\"root=1\"\n" } },
    { "usr/bin/limine-mkinitcpio", "usr/bin/mkinitcpio" },
    "limine-mkinitcpio" },
  { "dracut, but its image is not what starts",
    { { "boot/initramfs-linux.img", "" }, MODULES },
    { "usr/bin/dracut" },
    NULL,
    "was not found" },
  { "made by nothing known", { { "boot/initrd.gz", "" } }, { NULL }, NULL, "was not found" },
  { "a kernel without one", { { "boot/bzImage", "" } }, { NULL }, NULL },
  { "Fedora's atomic desktops",
    { { "run/ostree-booted", "" }, MODULES },
    { "usr/bin/dracut", "usr/bin/rpm-ostree" },
    NULL,
    "rpm-ostree initramfs" },
};

static BootTree *
make_host (const Host *host)
{
  BootTree *tree = boot_tree_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (host->files) && host->files[i][0]; i++)
    boot_tree_put (tree, host->files[i][0], host->files[i][1]);
  for (gsize i = 0; i < G_N_ELEMENTS (host->programs) && host->programs[i]; i++)
    boot_tree_put_tool (tree, host->programs[i]);
  boot_tree_put (tree, "etc/modprobe.d/i915.conf", "options i915 enable_guc=3\n");
  return tree;
}

/* What a step that changes a file of modprobe.d does. */
static FatiaChangeSet *
make_set (void)
{
  FatiaChangeSet *set = fatia_change_set_new ("driver");
  g_autoptr (GBytes) before = g_bytes_new_static ("options i915 enable_guc=3\n", 26);

  fatia_change_set_add_file (set, "/etc/modprobe.d/i915.conf", before, NULL, 0644);
  return set;
}

static void
check_run (BootTree *tree, FatiaChangeSet *set, const char *run)
{
  const char *last = strrchr (run, '/');
  g_autofree char *twice = NULL;
  g_autofree char *runs = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;

  id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);
  g_assert_no_error (error);
  fatia_changes_undo (tree->root, id, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  runs = boot_tree_runs (tree);
  /* A tool of one word says a blank after its name. */
  g_strdelimit (runs, "\n", '|');
  if (last)
    run = last + 1;
  twice = g_strdup_printf ("%s%s|%s%s|", run, strchr (run, ' ') ? "" : " ", run,
                           strchr (run, ' ') ? "" : " ");
  g_assert_cmpstr (runs, ==, twice);
}

static void
test_hosts (gconstpointer data)
{
  const Host *host = data;
  g_autoptr (BootTree) tree = make_host (host);
  g_autoptr (FatiaChangeSet) set = make_set ();
  g_autofree char *digest = fatia_change_set_get_digest (set);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  if (host->refused)
    {
      g_assert_false (fatia_initramfs_plan (tree->root, set, &error));
      g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
      if (strstr (error->message, host->refused) == NULL)
        g_error ("“%s” is not in: %s", host->refused, error->message);
    }
  else
    {
      /* Twice: it runs once all the same. */
      g_assert_true (fatia_initramfs_plan (tree->root, set, &error));
      g_assert_true (fatia_initramfs_plan (tree->root, set, &error));
      g_assert_no_error (error);
    }
  after = fatia_change_set_get_digest (set);
  if (host->run)
    check_run (tree, set, host->run);
  else
    g_assert_cmpstr (after, ==, digest);
}

#define MODULE "usr/lib/modules/" RELEASE "/updates/dkms/i915.ko.xz"

static const char *const arguments[] = { "intel_iommu=on", "i915.max_vfs=7", NULL };

/* (transfer full): the kinds of what is planned for the arguments, with the tools' words */
static char *
plan_arguments (BootTree *tree)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GVariant) changes = NULL;
  g_autoptr (GError) error = NULL;
  GVariantIter iter;
  const char *kind, *diff;

  fatia_boot_plan (tree->root, arguments, set, &error);
  g_assert_no_error (error);
  changes = fatia_change_set_describe (set);
  g_variant_iter_init (&iter, changes);
  while (g_variant_iter_next (&iter, "(&s&s&s&s)", &kind, NULL, NULL, &diff))
    g_string_append_printf (text, "%s\n", g_str_equal (kind, "command") ? diff : kind);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_planned (BootTree *tree, const char *expected)
{
  g_autofree char *text = plan_arguments (tree);

  g_assert_cmpstr (text, ==, expected);
}

/* Arguments alone need no new initramfs; for a driver that is newer than it they do. */
static void
test_arguments (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257");
  boot_tree_put (tree, "etc/kernelstub/configuration",
                 "{\"user\": {\"kernel_options\": [\"quiet\"]}}");
  boot_tree_put_tool (tree, "usr/bin/kernelstub");
  boot_tree_put_tool (tree, "usr/sbin/update-initramfs");
  assert_planned (tree, "file\nkernelstub\n");
  boot_tree_put (tree, "boot/initrd.img-" RELEASE, "");
  boot_tree_put (tree, MODULE, "");
  boot_tree_set_time (tree, MODULE, 1000);
  boot_tree_set_time (tree, "boot/initrd.img-" RELEASE, 1000);
  assert_planned (tree, "file\nkernelstub\n");
  /* Then it comes before the boot loader's tool, which copies it (files come before all). */
  boot_tree_set_time (tree, MODULE, 1001);
  assert_planned (tree, "update-initramfs -u -k all\nfile\nkernelstub\n");
  /* Arguments that are set already mean nothing to the other driver. */
  boot_tree_put (tree, "etc/kernelstub/configuration",
                 "{\"user\": {\"kernel_options\": [\"intel_iommu=on\", \"i915.max_vfs=7\"]}}");
  assert_planned (tree, "update-initramfs -u -k all\n");
  boot_tree_set_time (tree, "boot/initrd.img-" RELEASE, 2000);
  assert_planned (tree, "");
}

/* The program that makes unified images makes what is in them: once is enough. */
static void
test_unified_once (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  boot_tree_put_variable (tree, "StubInfo", "systemd-stub 257");
  boot_tree_put (tree, "etc/mkinitcpio.d/linux.preset", "default_uki=\"/efi/a.efi\"\n");
  boot_tree_put (tree, "etc/kernel/cmdline", "root=1\n");
  boot_tree_put_tool (tree, "usr/bin/mkinitcpio");
  boot_tree_put (tree, "boot/initramfs-linux.img", "");
  boot_tree_put (tree, "usr/lib/modules/" RELEASE "/pkgbase", "linux\n");
  boot_tree_put (tree, MODULE, "");
  boot_tree_set_time (tree, "boot/initramfs-linux.img", 1000);
  assert_planned (tree, "file\nmkinitcpio -P\n");
}

/* Which of a kernel's files it is. */
static void
test_outdated (void)
{
  static const char *const images[] = {
    "boot/initrd.img-" RELEASE,     "boot/initramfs-" RELEASE ".img",
    "boot/initrd-" RELEASE,         "boot/initramfs-linux-zen.img",
    "boot/44aa/" RELEASE "/initrd", "efi/44aa/" RELEASE "/initrd.img-" RELEASE
  };
  const char *const others[] = { "intel_iommu=on", "xe.max_vfs=7", "module_blacklist=i915", NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (images); i++)
    {
      g_autoptr (BootTree) tree = boot_tree_new ();

      boot_tree_put (tree, "etc/machine-id", "44aa\n");
      boot_tree_put (tree, "usr/lib/modules/" RELEASE "/pkgbase", "linux-zen\n");
      boot_tree_put (tree, MODULE, "");
      g_assert_false (fatia_initramfs_is_outdated (tree->root, arguments));
      boot_tree_put (tree, images[i], "");
      boot_tree_set_time (tree, images[i], 1000);
      g_assert_true (fatia_initramfs_is_outdated (tree->root, arguments));
      g_assert_false (fatia_initramfs_is_outdated (tree->root, others));
      boot_tree_set_time (tree, MODULE, 1000);
      g_assert_false (fatia_initramfs_is_outdated (tree->root, arguments));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autofree char *path = g_strdup_printf ("/initramfs/hosts/%s", hosts[i].title);

      g_test_add_data_func (path, &hosts[i], test_hosts);
    }
  g_test_add_func ("/initramfs/arguments", test_arguments);
  g_test_add_func ("/initramfs/unified-once", test_unified_once);
  g_test_add_func ("/initramfs/outdated", test_outdated);
  return g_test_run ();
}
