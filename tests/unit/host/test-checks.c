/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks: what each of them makes of facts, beyond the practice trees as they lie. */
#include <string.h>

#include "host-tree.h"

#define PF "sys/bus/pci/devices/0000:00:02.0"
#define ALL_ARGUMENTS                                                                              \
  "intel_iommu=on iommu=pt i915.enable_guc=3 i915.max_vfs=7 module_blacklist=xe\n"

/* A host that went through the whole setup. */
static HostTree *
set_up_host (void)
{
  HostTree *tree = host_tree_new ("radxa-x4");
  const char *vf = "sys/bus/pci/devices/0000:00:02.1";
  const char *const files[][2] = { { "vendor", "0x8086\n" },
                                   { "device", "0x46d1\n" },
                                   { "class", "0x030000\n" } };
  g_autofree char *physfn = g_build_filename (vf, "physfn", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (vf, files[i][0], NULL);

      host_tree_put (tree, path, files[i][1], -1);
    }
  host_tree_link (tree, physfn, "../0000:00:02.0");
  host_tree_put (tree, "proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet " ALL_ARGUMENTS, -1);
  host_tree_put (tree, "sys/kernel/iommu_groups/0/type", "DMA-FQ\n", -1);
  host_tree_put (tree, "sys/module/i915/parameters/max_vfs", "7\n", -1);
  host_tree_put (tree, "etc/tmpfiles.d/fatia-looking-glass.conf", "", -1);
  return tree;
}

static void
use_driver (HostTree *tree, const char *driver)
{
  g_autofree char *target = g_build_filename ("../../drivers", driver, NULL);

  host_tree_remove (tree, PF "/driver");
  host_tree_link (tree, PF "/driver", target);
}

static void
test_list (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autoptr (GPtrArray) findings = fatia_checks_run (facts);
  g_autoptr (GPtrArray) list = fatia_checks_list ();
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_cmpuint (list->len, ==, findings->len);
  g_assert_cmpuint (list->len, >=, 18);
  for (guint i = 0; i < list->len; i++)
    {
      FatiaFinding *listed = g_ptr_array_index (list, i);
      FatiaFinding *found = g_ptr_array_index (findings, i);
      const char *id = fatia_finding_get_id (listed);

      g_assert_cmpstr (id, ==, fatia_finding_get_id (found));
      g_assert_cmpstr (fatia_finding_get_title (listed), ==, fatia_finding_get_title (found));
      g_assert_cmpint (fatia_finding_get_state (listed), ==, FATIA_STATE_UNKNOWN);
      g_assert_true (g_hash_table_add (ids, (gpointer) id));
      g_assert_cmpuint (strspn (id, "abcdefghijklmnopqrstuvwxyz-"), ==, strlen (id));
    }
}

/* In whatever state: it says what it means; where it failed or warns, what to do. */
static void
test_words (void)
{
  const char *const trees[] = { "radxa-x4",   "radxa-x4-debian",    "vt-d-off",
                                "stock-i915", "laptop-secure-boot", "amd",
                                NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (trees); i++)
    {
      g_autoptr (HostTree) tree = host_tree_new (trees[i]);
      g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
      g_autoptr (GPtrArray) findings = fatia_checks_run (facts);

      for (guint j = 0; j < findings->len; j++)
        {
          FatiaFinding *finding = g_ptr_array_index (findings, j);
          FatiaState state = fatia_finding_get_state (finding);
          const char *const *remedy = fatia_finding_get_remedy (finding);

          g_assert_cmpuint (strlen (fatia_finding_get_title (finding)), >, 2);
          g_assert_cmpuint (strlen (fatia_finding_get_meaning (finding)), >, 10);
          g_assert_nonnull (remedy);
          if (state == FATIA_STATE_FAILED || state == FATIA_STATE_WARNING)
            g_assert_nonnull (remedy[0]);
          if (state == FATIA_STATE_PASSED)
            g_assert_null (remedy[0]);
        }
    }
}

static void
test_properties (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("vt-d-off");
  g_autoptr (FatiaFinding) finding = host_tree_finding (tree, "vt-d");
  g_autofree char *id = NULL;
  g_autofree char *title = NULL;
  g_autofree char *meaning = NULL;
  g_auto (GStrv) remedy = NULL;
  int state;

  g_object_get (finding, "id", &id, "title", &title, "meaning", &meaning, "remedy", &remedy,
                "state", &state, NULL);
  g_assert_cmpstr (id, ==, "vt-d");
  g_assert_cmpstr (title, ==, fatia_finding_get_title (finding));
  g_assert_cmpstr (meaning, ==, fatia_finding_get_meaning (finding));
  g_assert_cmpstrv (remedy, fatia_finding_get_remedy (finding));
  g_assert_cmpint (state, ==, FATIA_STATE_FAILED);
}

/* Nothing can be read: nothing is said to have failed. */
static void
test_empty (void)
{
  g_autoptr (HostTree) tree = host_tree_new (NULL);
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autoptr (GPtrArray) findings = fatia_checks_run (facts);

  for (guint i = 0; i < findings->len; i++)
    {
      FatiaFinding *finding = g_ptr_array_index (findings, i);

      if (fatia_finding_get_state (finding) != FATIA_STATE_UNKNOWN)
        g_error ("%s is %s", fatia_finding_get_id (finding),
                 fatia_state_to_string (fatia_finding_get_state (finding)));
      g_assert_nonnull (fatia_finding_get_meaning (finding));
    }
  g_assert_cmpint (fatia_checks_worst (findings), ==, FATIA_STATE_UNKNOWN);
}

static void
test_all_passed (void)
{
  g_autoptr (HostTree) tree = set_up_host ();
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autoptr (GPtrArray) findings = fatia_checks_run (facts);

  for (guint i = 0; i < findings->len; i++)
    {
      FatiaFinding *finding = g_ptr_array_index (findings, i);

      if (fatia_finding_get_state (finding) != FATIA_STATE_PASSED)
        g_error ("%s: %s", fatia_finding_get_id (finding), fatia_finding_get_meaning (finding));
    }
  g_assert_cmpint (fatia_checks_worst (findings), ==, FATIA_STATE_PASSED);
}

static void
test_worst (void)
{
  const struct
  {
    const char *tree;
    FatiaState worst;
  } cases[] = { { "radxa-x4", FATIA_STATE_WARNING },
                { "vt-d-off", FATIA_STATE_FAILED },
                { "amd", FATIA_STATE_FAILED } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HostTree) tree = host_tree_new (cases[i].tree);
      g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
      g_autoptr (GPtrArray) findings = fatia_checks_run (facts);

      g_assert_cmpint (fatia_checks_worst (findings), ==, cases[i].worst);
    }
}

static void
test_vmx_off (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");

  host_tree_put (tree, "proc/cpuinfo",
                 "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu sse2\n", -1);
  /* A file there does not make up for it; a processor that is not known may have it. */
  host_tree_assert (tree, "kvm", "failed");
  host_tree_remove (tree, "proc/cpuinfo");
  host_tree_assert (tree, "kvm", "passed");
  host_tree_put (tree, "proc/cpuinfo",
                 "processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu svm\n", -1);
  host_tree_assert (tree, "kvm", "passed");
  host_tree_put (tree, "proc/cpuinfo",
                 "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu sse2\n", -1);
  host_tree_remove (tree, "dev/kvm");
  host_tree_folder (tree, "dev");
  host_tree_assert (tree, "cpu-virtualization", "failed");
  host_tree_assert (tree, "kvm", "failed");
}

/* Inside a virtual machine nobody is sent to a BIOS. */
static void
test_virtual_machine (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("vt-d-off");
  g_autoptr (FatiaFinding) cpu = NULL;
  g_autoptr (FatiaFinding) vt_d = NULL;

  host_tree_put (tree, "proc/cpuinfo",
                 "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu hypervisor\n", -1);
  cpu = host_tree_finding (tree, "cpu-virtualization");
  vt_d = host_tree_finding (tree, "vt-d");
  g_assert_cmpint (fatia_finding_get_state (cpu), ==, FATIA_STATE_FAILED);
  g_assert_cmpint (fatia_finding_get_state (vt_d), ==, FATIA_STATE_FAILED);
  g_assert_nonnull (strstr (fatia_finding_get_meaning (cpu), "virtual machine itself"));
  g_assert_nonnull (strstr (fatia_finding_get_meaning (vt_d), "virtual machine itself"));
  g_assert_nonnull (strstr (fatia_finding_get_remedy (cpu)[1], "--practice"));
  g_assert_null (strstr (fatia_finding_get_remedy (vt_d)[0], "BIOS"));
}

/* The board's own words for its menus. */
static void
test_bios_words (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("vt-d-off");
  g_autoptr (FatiaFinding) finding = host_tree_finding (tree, "vt-d");
  g_autoptr (FatiaFinding) generic = NULL;

  g_assert_nonnull (strstr (fatia_finding_get_remedy (finding)[0], "Radxa X4"));
  host_tree_put (tree, "sys/class/dmi/id/product_name", "Other\n", -1);
  host_tree_put (tree, "sys/class/dmi/id/board_name", "Other\n", -1);
  generic = host_tree_finding (tree, "vt-d");
  g_assert_null (strstr (fatia_finding_get_remedy (generic)[0], "Radxa X4"));
}

static void
test_iommu (void)
{
  g_autoptr (HostTree) tree = set_up_host ();

  host_tree_remove (tree, "sys/kernel/iommu_groups");
  host_tree_assert (tree, "iommu-active", "failed");
  host_tree_put (tree, "proc/cmdline", "quiet\n", -1);
  host_tree_assert (tree, "iommu-active", "warning");
  host_tree_remove (tree, "proc/cmdline");
  host_tree_assert (tree, "iommu-active", "unknown");
}

static void
test_kernel_version (void)
{
  const struct
  {
    const char *release;
    const char *state;
  } cases[] = {
    { "6.19.8", "passed" }, /* as the module was made for */
    { "7.0.1", "passed" },
    { "7.1.5", "warning" }, /* outside, yet loaded */
    { "6.12.0", "warning" },
  };
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      host_tree_put (tree, "proc/sys/kernel/osrelease", cases[i].release, -1);
      host_tree_assert (tree, "kernel-version", cases[i].state);
    }
}

static void
test_kernel_version_stock (void)
{
  const struct
  {
    const char *release;
    const char *version;
    const char *driver;
  } cases[] = {
    { "6.12.48", "passed", "failed" },
    { "5.15.0", "failed", "failed" }, /* older than every release */
    { "7.1.5", "warning", "failed" }, /* its own xe, experimental */
  };
  g_autoptr (HostTree) tree = host_tree_new ("stock-i915");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      host_tree_put (tree, "proc/sys/kernel/osrelease", cases[i].release, -1);
      host_tree_assert (tree, "kernel-version", cases[i].version);
      host_tree_assert (tree, "graphics-driver", cases[i].driver);
    }
}

static void
test_graphics_driver (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");

  host_tree_put (tree, "sys/module/xe/parameters/max_vfs", "7\n", -1);
  use_driver (tree, "xe");
  host_tree_assert (tree, "graphics-driver", "warning");
  host_tree_put (tree, "proc/sys/kernel/osrelease", "6.14.0\n", -1);
  host_tree_assert (tree, "graphics-driver", "failed");
  use_driver (tree, "vfio-pci");
  host_tree_assert (tree, "graphics-driver", "failed");
  host_tree_remove (tree, PF "/driver");
  host_tree_assert (tree, "graphics-driver", "failed");
  /* Panther Lake, for which xe is the driver. */
  host_tree_link (tree, PF "/driver", "../../drivers/xe");
  host_tree_put (tree, PF "/device", "0xb080\n", -1);
  host_tree_put (tree, "proc/sys/kernel/osrelease", "6.18.0\n", -1);
  host_tree_assert (tree, "graphics-driver", "passed");
  host_tree_assert (tree, "kernel-version", "passed");
  host_tree_put (tree, "proc/sys/kernel/osrelease", "6.12.0\n", -1);
  host_tree_assert (tree, "kernel-version", "failed");
}

static void
test_gpu_sliceable (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFinding) named = NULL;

  /* Newer than the table, but it says it can. */
  host_tree_put (tree, PF "/device", "0xfffe\n", -1);
  host_tree_assert (tree, "gpu-sliceable", "warning");
  host_tree_remove (tree, PF "/sriov_totalvfs");
  host_tree_assert (tree, "gpu-sliceable", "failed");
  host_tree_put (tree, PF "/device", "0x4c8a\n", -1);
  named = host_tree_finding (tree, "gpu-sliceable");
  g_assert_nonnull (strstr (fatia_finding_get_meaning (named), "Intel Rocket Lake (8086:4c8a)"));
  host_tree_remove (tree, PF);
  host_tree_assert (tree, "gpu-sliceable", "unknown");
}

static void
test_virtual_functions (void)
{
  g_autoptr (HostTree) tree = set_up_host ();

  host_tree_link (tree, "sys/bus/pci/devices/0000:00:02.1/driver", "../../drivers/vfio-pci");
  host_tree_assert (tree, "host-vfs-driver", "passed");
  host_tree_remove (tree, "sys/bus/pci/devices/0000:00:02.1/driver");
  host_tree_link (tree, "sys/bus/pci/devices/0000:00:02.1/driver", "../../drivers/i915");
  host_tree_assert (tree, "host-vfs-driver", "failed");
  host_tree_remove (tree, "sys/bus/pci/devices/0000:00:02.1");
  host_tree_assert (tree, "virtual-functions", "warning");
  host_tree_put (tree, PF "/sriov_totalvfs", "0\n", -1);
  host_tree_assert (tree, "virtual-functions", "failed");
}

static void
test_kernel_arguments (void)
{
  g_autoptr (HostTree) tree = set_up_host ();
  g_autoptr (FatiaFinding) finding = NULL;

  host_tree_put (tree, "proc/cmdline", ALL_ARGUMENTS, -1);
  host_tree_assert (tree, "kernel-arguments", "passed");
  host_tree_put (tree, "proc/cmdline", "i915.max_vfs=0 " ALL_ARGUMENTS, -1);
  host_tree_assert (tree, "kernel-arguments", "passed");
  host_tree_put (tree, "proc/cmdline",
                 "intel_iommu=on iommu=pt i915.enable_guc=3 module_blacklist=xe\n", -1);
  finding = host_tree_finding (tree, "kernel-arguments");
  g_assert_true (g_str_has_suffix (fatia_finding_get_meaning (finding), ": i915.max_vfs=7"));
}

/* What makes ours useless is named, and how it goes. */
static void
test_hindering_arguments (void)
{
  const struct
  {
    const char *arguments;
    const char *named; /* NULL: none of them hinders */
  } cases[] = {
    { ALL_ARGUMENTS " nomodeset", ": nomodeset" },
    { ALL_ARGUMENTS " i915.modeset=0", ": i915.modeset=0" },
    { ALL_ARGUMENTS " i915.modeset=0 i915.modeset=1", NULL },
    { ALL_ARGUMENTS " xe.modeset=0", NULL }, /* not the driver that is used */
    { ALL_ARGUMENTS " modprobe.blacklist=a,i915 modprobe.blacklist=b",
      ": modprobe.blacklist=i915" },
    { ALL_ARGUMENTS " modprobe.blacklist=xe,i9155", NULL },
    { ALL_ARGUMENTS " module_blacklist=xe,i915", ": module_blacklist=i915" },
    { ALL_ARGUMENTS " intel_iommu=off iommu=off", ": intel_iommu=off iommu=off" },
    { "intel_iommu=off iommu=off " ALL_ARGUMENTS, NULL }, /* the last counts */
    { "nomodeset", ": nomodeset" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HostTree) tree = set_up_host ();
      g_autoptr (FatiaFinding) finding = NULL;

      host_tree_put (tree, "proc/cmdline", cases[i].arguments, -1);
      host_tree_assert (tree, "kernel-arguments", cases[i].named ? "failed" : "passed");
      finding = host_tree_finding (tree, "kernel-arguments");
      if (cases[i].named)
        {
          g_assert_true (g_str_has_suffix (fatia_finding_get_meaning (finding), cases[i].named));
          g_assert_nonnull (fatia_finding_get_remedy (finding)[0]);
        }
    }
}

static void
test_system (void)
{
  g_autoptr (HostTree) tree = set_up_host ();

  host_tree_put (tree, "proc/meminfo", "MemTotal: 3900000 kB\n", -1);
  host_tree_assert (tree, "memory-size", "failed");
  host_tree_put (tree, "proc/meminfo", "MemTotal: 6000000 kB\n", -1);
  host_tree_assert (tree, "memory-size", "warning");
  host_tree_put (tree, "proc/meminfo", "MemTotal: 7919340 kB\n", -1);
  host_tree_assert (tree, "memory-size", "passed");
  host_tree_put (tree, "dev/kvmfr0", "", -1);
  host_tree_assert (tree, "looking-glass-memory", "warning");
  host_tree_remove (tree, "dev/kvmfr0");
  host_tree_assert (tree, "looking-glass-memory", "passed");
  /* As kvmfr's: the device belongs to it; a folder stands for it here. */
  host_tree_put (tree, "etc/udev/rules.d/70-fatia-kvmfr.rules", "", -1);
  host_tree_assert (tree, "looking-glass-memory", "warning");
  host_tree_folder (tree, "dev/kvmfr0");
  host_tree_remove (tree, "etc/tmpfiles.d/fatia-looking-glass.conf");
  host_tree_assert (tree, "looking-glass-memory", "passed");
  host_tree_remove (tree, "boot/grub");
  host_tree_remove (tree, "etc/default/grub");
  host_tree_assert (tree, "boot-loader", "unknown");
  host_tree_put (tree, "boot/limine.conf", "", -1);
  host_tree_assert (tree, "boot-loader", "passed");
  host_tree_remove (tree, "boot/limine.conf");
  host_tree_put (tree, "boot/extlinux/extlinux.conf", "", -1);
  host_tree_assert (tree, "boot-loader", "warning");
}

/* Secure Boot matters only before the module is loaded. */
static void
test_secure_boot (void)
{
  const char *variable = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");

  host_tree_put (tree, variable, "\6\0\0\0\1", 5);
  host_tree_assert (tree, "secure-boot", "passed");
  host_tree_remove (tree, "sys/module/i915/parameters/max_vfs");
  host_tree_assert (tree, "secure-boot", "warning");
  host_tree_remove (tree, variable);
  host_tree_assert (tree, "secure-boot", "unknown");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checks/list", test_list);
  g_test_add_func ("/checks/words", test_words);
  g_test_add_func ("/checks/properties", test_properties);
  g_test_add_func ("/checks/empty", test_empty);
  g_test_add_func ("/checks/all-passed", test_all_passed);
  g_test_add_func ("/checks/worst", test_worst);
  g_test_add_func ("/checks/vmx-off", test_vmx_off);
  g_test_add_func ("/checks/virtual-machine", test_virtual_machine);
  g_test_add_func ("/checks/bios-words", test_bios_words);
  g_test_add_func ("/checks/iommu", test_iommu);
  g_test_add_func ("/checks/kernel-version", test_kernel_version);
  g_test_add_func ("/checks/kernel-version-stock", test_kernel_version_stock);
  g_test_add_func ("/checks/graphics-driver", test_graphics_driver);
  g_test_add_func ("/checks/gpu-sliceable", test_gpu_sliceable);
  g_test_add_func ("/checks/virtual-functions", test_virtual_functions);
  g_test_add_func ("/checks/kernel-arguments", test_kernel_arguments);
  g_test_add_func ("/checks/hindering-arguments", test_hindering_arguments);
  g_test_add_func ("/checks/system", test_system);
  g_test_add_func ("/checks/secure-boot", test_secure_boot);
  return g_test_run ();
}
