/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others wrote on a host where the Looking Glass memory and a ROM are to be set up. */
#include "fuzz-tree.h"

#include <string.h>

#include "memory/fatia-guest-memory.h"
#include "memory/fatia-rom.h"

/* make-seeds has the same list. */
static const char *const files[] = {
  "etc/libvirt/qemu.conf",
  "etc/modprobe.d/kvmfr.conf",
  "usr/lib/modprobe.d/a.conf",
  "etc/apparmor.d/abstractions/libvirt-qemu",
  "etc/apparmor.d/local/abstractions/libvirt-qemu",
  "etc/udev/rules.d/70-fatia-kvmfr.rules",
  "lib/modules/6.12/modules.dep",
};

static void
check (gboolean planned, FatiaChangeSet *set, const GError *error)
{
  g_autoptr (GVariant) described = fatia_change_set_describe (set);

  g_assert_true (planned == (error == NULL));
  g_assert_true (error == NULL || g_utf8_validate (error->message, -1, NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static FuzzTree *tree;
  g_autoptr (GBytes) rom = g_bytes_new_static ("\x55\xaa", 2);
  g_autoptr (FatiaChangeSet) rom_set = fatia_change_set_new ("gop");
  g_autoptr (GError) error = NULL;

  if (tree == NULL)
    {
      tree = fuzz_tree_new (files, G_N_ELEMENTS (files));
      fuzz_tree_put (tree, "proc/sys/kernel/osrelease", "6.12\n", strlen ("6.12\n"));
    }
  fuzz_tree_fill (tree, data, size);
  for (guint kind = FATIA_MEMORY_SHM; kind <= FATIA_MEMORY_KVMFR; kind++)
    {
      g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("memory");
      g_autoptr (GError) problem = NULL;

      check (fatia_guest_memory_plan (tree->root, kind, 64, "ana", set, &problem), set, problem);
    }
  check (fatia_rom_plan (tree->root, "a.rom", rom, rom_set, &error), rom_set, error);
  return 0;
}
