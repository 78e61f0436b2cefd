/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A host with the files of all boot loaders at once: which one started it, what is planned, and
 * that applying, planning again and undoing keep their promises.
 */
#include "fuzz-tree.h"

#include <string.h>

#include "boot/fatia-boot-loader.h"
#include "boot/fatia-kernel-arguments.h"
#include "change/fatia-apply.h"

#define GUID "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

/* make-seeds has the same list. */
static const char *const files[] = {
  "sys/firmware/efi/efivars/LoaderInfo-" GUID,
  "sys/firmware/efi/efivars/StubInfo-" GUID,
  "proc/cmdline",
  "etc/default/grub",
  "etc/default/grub.d/a.cfg",
  "boot/grub/grub.cfg",
  "boot/loader/entries/a.conf",
  "boot/loader/entries/ostree-1.conf",
  "etc/kernel/cmdline",
  "etc/cmdline.d/a.conf",
  "etc/mkinitcpio.d/linux.preset",
  "etc/kernel/install.conf",
  "etc/kernel/uki.conf",
  "etc/dracut.conf.d/a.conf",
  "etc/sdboot-manage.conf",
  "etc/default/limine",
  "etc/limine-entry-tool.d/a.conf",
  "boot/limine.conf",
  "boot/refind_linux.conf",
  "boot/efi/EFI/refind/refind.conf",
  "etc/kernelstub/configuration",
  "etc/kernel/proxmox-boot-uuids",
  "run/ostree-booted",
  "run/ostree/staged-deployment",
  "etc/kernel/entry-token",
  "boot/loader/loader.conf",
};

static const char *const tools[] = {
  "usr/sbin/update-grub", "usr/bin/mkinitcpio",         "usr/bin/kernel-install",
  "usr/bin/dracut",       "usr/bin/sdboot-manage",      "usr/bin/limine-update",
  "usr/bin/kernelstub",   "usr/sbin/proxmox-boot-tool", "usr/bin/rpm-ostree",
};

static FuzzTree *
make_tree (void)
{
  FuzzTree *tree = fuzz_tree_new (files, G_N_ELEMENTS (files));

  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    fuzz_tree_put_tool (tree, tools[i]);
  return tree;
}

/* (nullable) (transfer full) */
static FatiaChangeSet *
plan (FuzzTree *tree, const char *const *wanted)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autoptr (GError) error = NULL;

  if (fatia_boot_plan (tree->root, wanted, set, &error))
    return g_steal_pointer (&set);
  g_assert_true (g_error_matches (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED) ||
                 g_error_matches (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_true (fatia_change_set_is_empty (set));
  return NULL;
}

/* The tools here write nothing, so that they may be to be run again. */
static gboolean
changes_no_file (FatiaChangeSet *set)
{
  g_autoptr (GVariant) changes = fatia_change_set_describe (set);
  const char *kind;
  GVariantIter iter;

  g_variant_iter_init (&iter, changes);
  while (g_variant_iter_next (&iter, "(&s&s&s&s)", &kind, NULL, NULL, NULL))
    if (!g_str_equal (kind, "command"))
      return FALSE;
  return TRUE;
}

static void
check_applied (FuzzTree *tree, FatiaChangeSet *set, const char *const *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = fuzz_tree_look (tree);
  g_autofree char *after = NULL;
  g_autofree char *id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);
  g_autoptr (FatiaChangeSet) again = NULL;

  g_assert_no_error (error);
  again = plan (tree, wanted);
  g_assert_true (again != NULL && changes_no_file (again));
  fatia_changes_undo (tree->root, id, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  after = fuzz_tree_look (tree);
  g_assert_cmpstr (after, ==, before);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static FuzzTree *tree;
  const char *const *wanted = fuzz_wanted (size);
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) next = NULL;

  if (tree == NULL)
    tree = make_tree ();
  fuzz_tree_fill (tree, data, size);
  next = fatia_boot_read_arguments (tree->root, &error);
  g_assert_true ((next == NULL) == (error != NULL));
  set = plan (tree, wanted);
  if (set != NULL && !fatia_change_set_is_empty (set))
    check_applied (tree, set, wanted);
  return 0;
}
