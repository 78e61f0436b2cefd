/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of kernels that came after the change lose what they copied of ours, with its undoing. */
#include "boot/fatia-boot-later.h"

#include "boot-expect.h"
#include "change/fatia-apply.h"

#define ENTRY(options) "title x\nlinux /vmlinuz\noptions " options "\n"
/* In the order and form of kernel-install, whatever the first one was written by. */
#define KERNEL_INSTALL(options)                                                                    \
  "# Boot Loader Specification type#1 entry\ntitle      Debian\nversion    6.13\n"                 \
  "options    " options " systemd.machine_id=aaaa\nlinux      /6.13/linux\ninitrd     /6.13/i\n"
#define ENTRIES "boot/loader/entries/"

static BootTree *
new_tree (const char *options)
{
  BootTree *tree = boot_tree_new ();
  g_autofree char *entry = g_strdup_printf (ENTRY ("%s"), options);

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257");
  boot_tree_put (tree, "etc/machine-id", "aaaa\n");
  boot_tree_put (tree, ENTRIES "a.conf", entry);
  return tree;
}

/* As the helper does. @expected: the paths of the plan */
static void
undo_with_later (BootTree *tree, const char *id, const char *expected)
{
  g_autoptr (FatiaChangeSet) also = fatia_change_set_new ("boot");
  const FatiaUndoOptions options = { .also = also };
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaChangeSet) made = fatia_changes_get_made (tree->root, id, &error);
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autoptr (GVariant) items = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *digest = NULL;
  GVariantIter iter;
  const char *target;

  g_assert_no_error (error);
  fatia_boot_plan_later (tree->root, made, also);
  set = fatia_changes_plan_undo (tree->root, id, &options, &error);
  g_assert_no_error (error);
  items = fatia_change_set_describe (set);
  g_variant_iter_init (&iter, items);
  while (g_variant_iter_next (&iter, "(&s&s&s&s)", NULL, &target, NULL, NULL))
    g_string_append_printf (text, "%s\n", target);
  g_assert_cmpstr (text->str, ==, expected);
  digest = fatia_change_set_get_digest (set);
  fatia_changes_undo (tree->root, id, &options, digest, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_later (void)
{
  g_autoptr (BootTree) tree = new_tree ("root=1 ro");
  g_autofree char *id = apply (tree);

  boot_tree_put (tree, ENTRIES "b.conf", KERNEL_INSTALL ("root=1 ro " OURS));
  boot_tree_put (tree, ENTRIES "c.conf", ENTRY ("root=1 " OURS " theirs"));
  /* Of another system, a way out, and one that is not understood: they stay. */
  boot_tree_put (tree, ENTRIES "other.conf", ENTRY ("root=2 " OURS) "machine-id bbbb\n");
  boot_tree_put (tree, ENTRIES "aaaa-0-rescue.conf", ENTRY ("root=1 " OURS));
  boot_tree_put (tree, ENTRIES "odd.conf", ENTRY ("root=\"1 " OURS));
  undo_with_later (tree, id, "/" ENTRIES "c.conf\n/" ENTRIES "b.conf\n/" ENTRIES "a.conf\n");
  assert_file (tree, ENTRIES "a.conf", ENTRY ("root=1 ro"));
  assert_file (tree, ENTRIES "b.conf", KERNEL_INSTALL ("root=1 ro"));
  assert_file (tree, ENTRIES "c.conf", ENTRY ("root=1 theirs"));
  assert_file (tree, ENTRIES "other.conf", ENTRY ("root=2 " OURS) "machine-id bbbb\n");
  assert_file (tree, ENTRIES "aaaa-0-rescue.conf", ENTRY ("root=1 " OURS));
  assert_file (tree, ENTRIES "odd.conf", ENTRY ("root=\"1 " OURS));
  g_assert_false (fatia_host_root_exists (tree->root, "/var"));
}

/* The first kernel, whose entry was edited, is gone by then. */
static void
test_first_gone (void)
{
  g_autoptr (BootTree) tree = new_tree ("root=1 ro");
  g_autofree char *id = apply (tree);

  boot_tree_remove (tree, ENTRIES "a.conf");
  boot_tree_put (tree, ENTRIES "b.conf", KERNEL_INSTALL (OURS " root=1 ro"));
  undo_with_later (tree, id, "/" ENTRIES "b.conf\n");
  assert_file (tree, ENTRIES "b.conf", KERNEL_INSTALL ("root=1 ro"));
}

/* What ours replaced is in the later ones as well; what a person had set before is theirs. */
static void
test_replaced (void)
{
  g_autoptr (BootTree) tree =
    new_tree ("root=1 intel_iommu=on i915.max_vfs=2 module_blacklist=nouveau");
  g_autofree char *id = apply (tree);

  assert_file (tree, ENTRIES "a.conf",
               ENTRY ("root=1 intel_iommu=on i915.max_vfs=7 module_blacklist=nouveau,xe"));
  boot_tree_put (
    tree, ENTRIES "b.conf",
    KERNEL_INSTALL ("root=1 intel_iommu=on i915.max_vfs=7 module_blacklist=nouveau,xe"));
  undo_with_later (tree, id, "/" ENTRIES "b.conf\n/" ENTRIES "a.conf\n");
  assert_file (tree, ENTRIES "b.conf",
               KERNEL_INSTALL ("root=1 intel_iommu=on i915.max_vfs=2 module_blacklist=nouveau"));
}

/* Fedora's GRUB, whose entries its script reads. */
static void
test_grub (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();
  g_autofree char *id = NULL;

  boot_tree_put (tree, "etc/default/grub",
                 "GRUB_CMDLINE_LINUX=\"rhgb\"\nGRUB_ENABLE_BLSCFG=true\n");
  boot_tree_put (tree, ENTRIES "a.conf", ENTRY ("root=1 ro rhgb $tuned_params"));
  boot_tree_put_variable (tree, "LoaderInfo", "GRUB 2.12");
  id = apply (tree);
  boot_tree_put (tree, ENTRIES "b.conf", ENTRY ("root=1 ro rhgb " OURS));
  undo_with_later (tree, id, "/" ENTRIES "b.conf\n/etc/default/grub\n/" ENTRIES "a.conf\n");
  assert_file (tree, ENTRIES "b.conf", ENTRY ("root=1 ro rhgb"));
}

/* Nothing came, nothing more is undone. */
static void
test_none (void)
{
  g_autoptr (BootTree) tree = new_tree ("root=1 ro");
  g_autofree char *id = apply (tree);

  boot_tree_put (tree, ENTRIES "b.conf", ENTRY ("root=1 ro max_vfs=7"));
  undo_with_later (tree, id, "/" ENTRIES "a.conf\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/boot-later/later", test_later);
  g_test_add_func ("/boot-later/first-gone", test_first_gone);
  g_test_add_func ("/boot-later/replaced", test_replaced);
  g_test_add_func ("/boot-later/grub", test_grub);
  g_test_add_func ("/boot-later/none", test_none);
  return g_test_run ();
}
