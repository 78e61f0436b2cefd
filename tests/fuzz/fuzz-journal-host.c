/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same in its place: what is told of it, and what its undo would do. */
#include "fuzz-tree.h"

#include "change/fatia-apply.h"

/* make-seeds has the same list. */
static const char *const files[] = {
  "var/lib/fatia/journal/0001-boot.applied",
  "var/lib/fatia/journal/0002-vfs.prepared",
  "var/lib/fatia/journal/0003-boot.undone",
  "etc/default/grub",
};

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static FuzzTree *tree;
  g_autoptr (GVariant) changes = NULL;
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autoptr (GVariant) described = NULL;
  g_autoptr (GError) error = NULL;

  if (tree == NULL)
    tree = fuzz_tree_new (files, G_N_ELEMENTS (files));
  fuzz_tree_fill (tree, data, size);
  changes = fatia_changes_list (tree->root, &error);
  g_assert_true ((changes == NULL) == (error != NULL));
  g_clear_error (&error);
  set = fatia_changes_plan_undo (tree->root, "0001-boot", NULL, &error);
  g_assert_true ((set == NULL) == (error != NULL));
  if (set != NULL)
    described = fatia_change_set_describe (set);
  return 0;
}
