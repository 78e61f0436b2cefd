/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What /proc, /sys and os-release say of a host, and what is found in it. */
#include "fuzz-tree.h"

#include "host/fatia-checks.h"
#include "host/fatia-facts.h"

#define PF   "sys/bus/pci/devices/0000:00:02.0/"
#define DMI  "sys/class/dmi/id/"
#define SB   "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define GUID "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define SHIM "-605dab50-e046-4300-abb6-3dd810dd8b23"
#define EFI  "sys/firmware/efi/efivars/"

/* make-seeds has the same list. */
static const char *const files[] = {
  "etc/os-release",
  "proc/cmdline",
  "proc/cpuinfo",
  "proc/meminfo",
  "proc/sys/kernel/osrelease",
  DMI "sys_vendor",
  DMI "product_name",
  DMI "board_name",
  DMI "bios_date",
  EFI SB,
  EFI "LoaderInfo-" GUID,
  EFI "StubInfo-" GUID,
  PF "vendor",
  PF "device",
  PF "class",
  PF "sriov_totalvfs",
  PF "sriov_numvfs",
  PF "sriov_drivers_autoprobe",
  "sys/module/i915/version",
  "sys/module/i915/parameters/max_vfs",
  "etc/fatia/virtual-functions.conf",
  "etc/dkms/framework.conf",
  "var/lib/dkms/mok.pub",
  EFI "MokListRT" SHIM,
  EFI "MokNew" SHIM,
};

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static FuzzTree *tree;
  g_autoptr (FatiaFacts) facts = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autofree char *report = NULL;

  if (tree == NULL)
    tree = fuzz_tree_new (files, G_N_ELEMENTS (files));
  fuzz_tree_fill (tree, data, size);
  facts = fatia_facts_read (tree->root);
  findings = fatia_checks_run (facts);
  report = fatia_report (facts, findings);
  g_assert_true (g_utf8_validate (report, -1, NULL));
  return 0;
}
