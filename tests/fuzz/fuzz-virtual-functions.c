/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept of virtual functions, as the units of ours read it. */
#include "fuzz-tree.h"

#include <string.h>

#include "gpu/fatia-virtual-functions.h"

#define PF "sys/bus/pci/devices/0000:00:02.0/"

/* make-seeds has the same list. */
static const char *const files[] = {
  "etc/fatia/virtual-functions.conf",
  PF "sriov_numvfs",
};

static void
put (FuzzTree *tree, const char *name, const char *text)
{
  fuzz_tree_put (tree, name, text, strlen (text));
}

static FuzzTree *
make_tree (void)
{
  FuzzTree *tree = fuzz_tree_new (files, G_N_ELEMENTS (files));

  put (tree, PF "vendor", "0x8086\n");
  put (tree, PF "device", "0x46d1\n");
  put (tree, PF "class", "0x030000\n");
  put (tree, PF "sriov_totalvfs", "3\n");
  put (tree, PF "sriov_drivers_autoprobe", "1\n");
  put (tree, PF "driver/bind", "");
  /* Without an IOMMU none are made, which no kernel would do here. */
  return tree;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static FuzzTree *tree;
  g_autoptr (GError) error = NULL;

  if (tree == NULL)
    tree = make_tree ();
  fuzz_tree_fill (tree, data, size);
  if (!fatia_virtual_functions_restore (tree->root, 0, 0, &error))
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_clear_error (&error);
  if (!fatia_virtual_functions_suspend (tree->root, 0, &error))
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  return 0;
}
