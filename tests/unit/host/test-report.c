/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report: it tells what matters and nothing of the person. */
#include <string.h>

#include "host-tree.h"

static char *
report (HostTree *tree)
{
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autoptr (GPtrArray) findings = fatia_checks_run (facts);

  return fatia_report (facts, findings);
}

static void
test_tells (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autofree char *text = report (tree);
  g_autoptr (GPtrArray) list = fatia_checks_list ();
  const char *const told[] = { "Radxa X4",  "Intel(R) N100", "6.19.8-arch1-1",
                               "8086:46d1", "2026.05.06",    "Arch Linux" };

  for (gsize i = 0; i < G_N_ELEMENTS (told); i++)
    g_assert_nonnull (strstr (text, told[i]));
  for (guint i = 0; i < list->len; i++)
    {
      FatiaFinding *finding = g_ptr_array_index (list, i);
      g_autofree char *id = g_strdup_printf (" %s: ", fatia_finding_get_id (finding));

      g_assert_nonnull (strstr (text, id));
    }
}

static void
test_private (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autofree char *text = NULL;
  const char *const hidden[] = { "SERIAL-77",   "6a1f0c52",     "maria", "maria-laptop",
                                 "00:11:22",    "192.168",      "/home", "PARTUUID",
                                 "cryptdevice", "firmware_path" };

  host_tree_put (tree, "sys/class/dmi/id/product_serial", "SERIAL-77\n", -1);
  host_tree_put (tree, "sys/class/dmi/id/board_serial", "SERIAL-77\n", -1);
  host_tree_put (tree, "sys/class/dmi/id/product_uuid", "6a1f0c52-0000\n", -1);
  host_tree_put (tree, "etc/hostname", "maria-laptop\n", -1);
  host_tree_put (tree, "proc/sys/kernel/hostname", "maria-laptop\n", -1);
  host_tree_put (tree, "var/lib/fatia/roms/maria.rom", "", -1);
  host_tree_put (tree, "proc/cmdline",
                 "root=UUID=6a1f0c52-0f4e-4c37-9a55-2d1b7c0e4a10 resume=PARTUUID=6a1f0c52-01 "
                 "cryptdevice=/dev/sda2:maria ip=192.168.1.7::::maria-laptop "
                 "BOOTIF=01-00:11:22:33:44:55 i915.dmc_firmware_path=/home/maria/dmc.bin "
                 "i915.force_probe=/home/maria intel_iommu=on i915.max_vfs=7\n",
                 -1);
  text = report (tree);
  for (gsize i = 0; i < G_N_ELEMENTS (hidden); i++)
    {
      if (strstr (text, hidden[i]))
        g_error ("the report tells %s:\n%s", hidden[i], text);
    }
  g_assert_nonnull (strstr (text, "Kernel arguments: intel_iommu=on i915.max_vfs=7\n"));
  g_assert_nonnull (strstr (text, "ROMs: 1,"));
}

/* A line of the host's own making can't pass for one of the report's. */
static void
test_one_line (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autofree char *text = NULL;

  host_tree_put (tree, "sys/class/dmi/id/product_name", "X4\npassed vt-d: forged\n", -1);
  host_tree_put (tree, "etc/os-release", "ID=arch\nPRETTY_NAME=$'a'\nfailed kvm: forged\n", -1);
  text = report (tree);
  g_assert_null (strstr (text, "\npassed vt-d: forged"));
  g_assert_null (strstr (text, "\nfailed kvm: forged"));
}

static void
test_empty (void)
{
  g_autoptr (HostTree) tree = host_tree_new (NULL);
  g_autofree char *text = report (tree);

  g_assert_nonnull (strstr (text, "Kernel: unknown\n"));
  g_assert_nonnull (strstr (text, "Kernel arguments: unknown\n"));
  g_assert_null (strstr (text, "(null)"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/tells", test_tells);
  g_test_add_func ("/report/private", test_private);
  g_test_add_func ("/report/one-line", test_one_line);
  g_test_add_func ("/report/empty", test_empty);
  return g_test_run ();
}
