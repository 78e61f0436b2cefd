/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The firmware's menu, and the programs that it starts. */
#include "fuzz-tree.h"

#include "host/fatia-efi-program.h"
#include "host/fatia-efi-variable.h"
#include "host/fatia-pe-section.h"

#define EFI     "sys/firmware/efi/efivars/"
#define GLOBAL  "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define PROGRAM "efi/EFI/debian/shimx64.efi"
#define NEXT    "efi/EFI/debian/grubx64.efi"

/* make-seeds has the same list. */
static const char *const files[] = {
  EFI "BootCurrent" GLOBAL, EFI "Boot0003" GLOBAL, EFI "SecureBoot" GLOBAL, PROGRAM, NEXT,
};

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static FuzzTree *tree;
  g_autofree char *current = NULL;
  g_autofree char *found = NULL;
  g_autofree char *name = NULL;
  g_autofree char *cmdline = NULL;

  if (tree == NULL)
    tree = fuzz_tree_new (files, G_N_ELEMENTS (files));
  fuzz_tree_fill (tree, data, size);
  current = fatia_efi_current_program (tree->root);
  if (current)
    {
      g_assert_true (g_utf8_validate (current, -1, NULL));
      found = fatia_efi_program_find (tree->root, current);
    }
  name = fatia_efi_program_name (tree->root, "\\EFI\\debian\\shimx64.efi");
  cmdline = fatia_pe_section_read (tree->root, "/" PROGRAM, ".cmdline");
  fatia_efi_secure_boot_is_on (tree->root);
  return 0;
}
