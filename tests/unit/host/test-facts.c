/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts: what is read, from trees that are whole, changed, hostile or empty. */
#include <string.h>
#include <sys/stat.h>

#include "host-tree.h"

#define PF          "sys/bus/pci/devices/0000:00:02.0"
#define VF1         "sys/bus/pci/devices/0000:00:02.1"
#define LOADER_INFO "sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define SECURE_BOOT "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define KEPT_CONF   "etc/fatia/virtual-functions.conf"
#define KEPT_LINK   "etc/systemd/system/multi-user.target.wants/fatia-virtual-functions.service"

static void
test_board (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);

  g_assert_cmpstr (facts->sys_vendor, ==, "Radxa Computer (Shenzhen) Co., Ltd.");
  g_assert_cmpstr (facts->product_name, ==, "Radxa X4");
  g_assert_cmpstr (facts->board_name, ==, "X4");
  g_assert_cmpstr (facts->bios_version, ==, "V007");
  g_assert_cmpint (facts->efi, ==, FATIA_YES);
  g_assert_cmpint (facts->secure_boot, ==, FATIA_NO);
  g_assert_cmpint (facts->dmar, ==, FATIA_YES);
  g_assert_cmpuint (facts->iommu_groups, ==, 0);
}

static void
test_system (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);

  g_assert_cmpstr (facts->cpu_vendor, ==, "GenuineIntel");
  g_assert_cmpstr (facts->cpu_model, ==, "Intel(R) N100");
  g_assert_cmpuint (facts->cpus, ==, 4);
  g_assert_cmpuint (facts->physical_bits, ==, 39);
  g_assert_cmpint (facts->vmx, ==, FATIA_YES);
  g_assert_cmpint (facts->svm, ==, FATIA_NO);
  g_assert_cmpuint (facts->memory, ==, G_GUINT64_CONSTANT (16156604) * 1024);
  g_assert_cmpstr (facts->os_id, ==, "arch");
  g_assert_null (facts->os_like);
  g_assert_cmpstr (facts->os_name, ==, "Arch Linux");
  g_assert_cmpuint (facts->kernel_major, ==, 6);
  g_assert_cmpuint (facts->kernel_minor, ==, 19);
  g_assert_cmpint (facts->boot_loader, ==, FATIA_BOOT_LOADER_GRUB);
  g_assert_cmpstr (facts->boot_loader_name, ==, "GRUB");
}

static void
test_graphics (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);

  g_assert_cmpuint (facts->gpus->len, ==, 1);
  g_assert_nonnull (facts->pf);
  g_assert_cmpstr (facts->pf->address, ==, "0000:00:02.0");
  g_assert_cmphex (facts->pf->vendor, ==, 0x8086);
  g_assert_cmphex (facts->pf->device, ==, 0x46d1);
  g_assert_cmpstr (facts->pf->driver, ==, "i915");
  g_assert_cmpstr (facts->pf->drm_card, ==, "card1");
  g_assert_null (facts->pf->iommu_group);
  g_assert_null (facts->pf->physfn);
  g_assert_true (facts->pf->boot_vga);
  g_assert_cmpint (facts->pf->sriov_totalvfs, ==, 7);
  g_assert_cmpint (facts->pf->sriov_numvfs, ==, 0);
  g_assert_cmpint (facts->pf->sriov_drivers_autoprobe, ==, 1);
  g_assert_cmpstr (facts->platform->id, ==, "alder-lake-n");
  g_assert_cmpstr (facts->driver_version, ==, "2026.05.06");
  g_assert_cmpint (facts->driver_sriov, ==, FATIA_YES);
  g_assert_cmpint (facts->driver_max_vfs, ==, 0);
  g_assert_cmpuint (facts->vfs->len, ==, 0);
}

static void
add_vf (HostTree *tree, guint number, const char *driver)
{
  g_autofree char *base = g_strdup_printf ("sys/bus/pci/devices/0000:00:02.%u", number);
  const char *const files[][2] = { { "vendor", "0x8086\n" },
                                   { "device", "0x46d1\n" },
                                   { "class", "0x030000\n" } };
  g_autofree char *physfn = g_build_filename (base, "physfn", NULL);
  g_autofree char *group = g_build_filename (base, "iommu_group", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (base, files[i][0], NULL);

      host_tree_put (tree, path, files[i][1], -1);
    }
  host_tree_link (tree, physfn, "../0000:00:02.0");
  host_tree_link (tree, group, "../../../../kernel/iommu_groups/15");
  if (driver)
    {
      g_autofree char *link = g_build_filename (base, "driver", NULL);
      g_autofree char *target = g_build_filename ("../../drivers", driver, NULL);

      host_tree_link (tree, link, target);
    }
}

static void
test_virtual_functions (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = NULL;
  const FatiaPciDevice *vf;

  add_vf (tree, 2, "vfio-pci");
  add_vf (tree, 1, NULL);
  host_tree_put (tree, PF "/sriov_numvfs", "2\n", -1);
  facts = host_tree_facts (tree);
  g_assert_cmpuint (facts->gpus->len, ==, 1);
  g_assert_cmpuint (facts->vfs->len, ==, 2);
  g_assert_cmpint (facts->pf->sriov_numvfs, ==, 2);
  vf = g_ptr_array_index (facts->vfs, 0);
  g_assert_cmpstr (vf->address, ==, "0000:00:02.1");
  g_assert_cmpstr (vf->physfn, ==, "0000:00:02.0");
  g_assert_cmpstr (vf->iommu_group, ==, "15");
  g_assert_null (vf->driver);
  g_assert_cmpint (vf->sriov_totalvfs, ==, -1);
  vf = g_ptr_array_index (facts->vfs, 1);
  g_assert_cmpstr (vf->driver, ==, "vfio-pci");
}

/* Two Intel GPUs: the one that can be sliced is taken, not the one that shows the picture. */
static void
test_two_gpus (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = NULL;

  host_tree_put (tree, PF "/boot_vga", "0\n", -1);
  host_tree_put (tree, "sys/bus/pci/devices/0000:03:00.0/vendor", "0x8086\n", -1);
  host_tree_put (tree, "sys/bus/pci/devices/0000:03:00.0/device", "0x56a5\n", -1);
  host_tree_put (tree, "sys/bus/pci/devices/0000:03:00.0/class", "0x030000\n", -1);
  host_tree_put (tree, "sys/bus/pci/devices/0000:03:00.0/boot_vga", "1\n", -1);
  facts = host_tree_facts (tree);
  g_assert_cmpuint (facts->gpus->len, ==, 2);
  g_assert_cmpstr (facts->pf->address, ==, "0000:00:02.0");
}

static void
test_xe (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = NULL;
  g_autoptr (FatiaFacts) old = NULL;
  g_autoptr (FatiaFacts) without = NULL;

  host_tree_remove (tree, PF "/driver");
  host_tree_link (tree, PF "/driver", "../../drivers/xe");
  host_tree_put (tree, "sys/module/xe/parameters/max_vfs", "7\n", -1);
  facts = host_tree_facts (tree);
  g_assert_cmpstr (facts->pf->driver, ==, "xe");
  g_assert_cmpint (facts->driver_sriov, ==, FATIA_YES);
  g_assert_cmpint (facts->driver_max_vfs, ==, 7);

  host_tree_put (tree, "proc/sys/kernel/osrelease", "6.17.0\n", -1);
  old = host_tree_facts (tree);
  g_assert_cmpint (old->driver_sriov, ==, FATIA_NO);

  host_tree_put (tree, "proc/sys/kernel/osrelease", "6.18.0\n", -1);
  host_tree_remove (tree, "sys/module/xe/parameters/max_vfs");
  without = host_tree_facts (tree);
  g_assert_cmpint (without->driver_sriov, ==, FATIA_NO);
  g_assert_cmpint (without->driver_max_vfs, ==, -1);
}

static void
test_arguments (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = NULL;
  const char *const expected[] = { "quiet",
                                   "i915.max_vfs=3",
                                   "dyndbg=\"file a +p\"",
                                   "intel-iommu=on,sm_on",
                                   "module_blacklist=nouveau,xe",
                                   "i915.max_vfs=7",
                                   NULL };

  host_tree_put (tree, "proc/cmdline",
                 "quiet  i915.max_vfs=3 dyndbg=\"file a +p\"\tintel-iommu=on,sm_on "
                 "module_blacklist=nouveau,xe i915.max_vfs=7\n",
                 -1);
  facts = host_tree_facts (tree);
  g_assert_cmpstrv (facts->kernel_arguments, expected);
  g_assert_true (fatia_facts_has_argument (facts, "quiet"));
  g_assert_true (fatia_facts_has_argument (facts, "intel_iommu=on"));
  g_assert_true (fatia_facts_has_argument (facts, "module_blacklist=xe"));
  g_assert_false (fatia_facts_has_argument (facts, "module_blacklist=xe,i915"));
  g_assert_true (fatia_facts_has_argument (facts, "i915.max_vfs=7"));
  g_assert_false (fatia_facts_has_argument (facts, "i915.max_vfs=3"));
  g_assert_false (fatia_facts_has_argument (facts, "i915.max_vfs"));
  g_assert_false (fatia_facts_has_argument (facts, "i915.max=7"));
  g_assert_false (fatia_facts_has_argument (facts, "nomodeset"));
}

static void
put_loader (HostTree *tree, const char *name)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const guint8 attributes[4] = { 6, 0, 0, 0 };

  g_byte_array_append (bytes, attributes, 4);
  for (const char *p = name;; p++)
    {
      const guint8 unit[2] = { (guint8) *p, 0 };

      g_byte_array_append (bytes, unit, 2);
      if (*p == '\0')
        break;
    }
  host_tree_put (tree, LOADER_INFO, (const char *) bytes->data, bytes->len);
}

static void
assert_loader (HostTree *tree, FatiaBootLoader loader, const char *name)
{
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);

  g_assert_cmpint (facts->boot_loader, ==, loader);
  g_assert_cmpstr (facts->boot_loader_name, ==, name);
}

static void
test_boot_loaders (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");

  put_loader (tree, "GRUB 2.12");
  assert_loader (tree, FATIA_BOOT_LOADER_GRUB, "GRUB 2.12");
  host_tree_put (tree, LOADER_INFO, "\6\0\0", 3);
  assert_loader (tree, FATIA_BOOT_LOADER_GRUB, "GRUB");
  host_tree_put (tree, "proc/cmdline", "root=1 ro initrd=\\initrd.img\n", -1);
  put_loader (tree, "systemd-boot 257.9-1");
  assert_loader (tree, FATIA_BOOT_LOADER_SYSTEMD_BOOT, "systemd-boot 257.9-1");
  put_loader (tree, "rEFInd 0.14.2");
  assert_loader (tree, FATIA_BOOT_LOADER_REFIND, "rEFInd 0.14.2");
  host_tree_remove (tree, LOADER_INFO);
  host_tree_remove (tree, "boot/grub");
  host_tree_remove (tree, "etc/default/grub");
  assert_loader (tree, FATIA_BOOT_LOADER_UNKNOWN, NULL);
  host_tree_put (tree, "boot/limine.conf", "", -1);
  assert_loader (tree, FATIA_BOOT_LOADER_LIMINE, "Limine");
  /* Two, and no way to tell. */
  host_tree_put (tree, "efi/loader/loader.conf", "", -1);
  assert_loader (tree, FATIA_BOOT_LOADER_UNKNOWN, NULL);
  host_tree_remove (tree, "boot/limine.conf");
  assert_loader (tree, FATIA_BOOT_LOADER_SYSTEMD_BOOT, "systemd-boot");
}

static void
assert_kept (HostTree *tree, int kept)
{
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);

  g_assert_cmpint (facts->kept_vfs, ==, kept);
}

static void
test_kept (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");

  assert_kept (tree, -1);
  host_tree_put (tree, KEPT_CONF, "[virtual-functions]\npf=0000:00:02.0\ncount=2\n", -1);
  assert_kept (tree, -1);
  /* The link may lead to a unit that is not in the tree. */
  host_tree_link (tree, KEPT_LINK, "/usr/lib/systemd/system/fatia-virtual-functions.service");
  assert_kept (tree, 2);
  host_tree_put (tree, KEPT_CONF, "[virtual-functions]\npf=0000:03:00.0\ncount=2\n", -1);
  assert_kept (tree, -1);
  host_tree_put (tree, KEPT_CONF, "[virtual-functions]\npf=0000:00:02.0\ncount=-1\n", -1);
  assert_kept (tree, -1);
  host_tree_put (tree, KEPT_CONF, "count=2", -1);
  assert_kept (tree, -1);
}

static void
test_left_here (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = NULL;
  const char *const roms[] = { "a.efi", "b.rom", NULL };

  host_tree_put (tree, "var/lib/fatia/roms/b.rom", "", -1);
  host_tree_put (tree, "var/lib/fatia/roms/a.efi", "", -1);
  host_tree_put (tree, "var/lib/fatia/roms/.b.rom.new", "", -1);
  host_tree_put (tree, "var/lib/fatia/roms/.c.rom", "", -1);
  host_tree_put (tree, "etc/tmpfiles.d/fatia-looking-glass.conf", "", -1);
  host_tree_put (tree, "dev/kvmfr0", "", -1);
  host_tree_put (tree, "sys/module/kvmfr/version", "1\n", -1);
  facts = host_tree_facts (tree);
  g_assert_cmpstrv (facts->roms, roms);
  g_assert_cmpint (facts->memory_rule, ==, FATIA_YES);
  g_assert_cmpint (facts->kvmfr_path, ==, FATIA_YES);
  g_assert_cmpint (facts->kvmfr_device, ==, FATIA_NO);
  g_assert_cmpint (facts->kvmfr_module, ==, FATIA_YES);
  g_assert_cmpint (facts->kvmfr_rule, ==, FATIA_NO);
}

/* A folder stands for the device, which only root could make. */
static void
test_kvmfr (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) none = host_tree_facts (tree);
  g_autoptr (FatiaFacts) facts = NULL;
  g_autofree char *list = g_strdup_printf ("lib/modules/%s/modules.dep", none->kernel_release);

  host_tree_put (tree, list, "updates/dkms/kvmfr.ko.zst:\n", -1);
  host_tree_put (tree, "etc/udev/rules.d/70-fatia-kvmfr.rules", "", -1);
  host_tree_put (tree, "etc/modprobe.d/fatia-kvmfr.conf", "options kvmfr static_size_mb=64\n", -1);
  host_tree_folder (tree, "dev/kvmfr0");
  facts = host_tree_facts (tree);
  g_assert_cmpint (facts->kvmfr_installed, ==, FATIA_YES);
  g_assert_cmpint (facts->kvmfr_module, ==, FATIA_NO);
  g_assert_cmpint (facts->kvmfr_device, ==, FATIA_YES);
  g_assert_cmpint (facts->kvmfr_access, ==, FATIA_YES);
  g_assert_cmpint (facts->kvmfr_rule, ==, FATIA_YES);
  g_assert_cmpuint (facts->kvmfr_mib, ==, 64);
  host_tree_put (tree, list, "a/kvmfr2.ko: b/kvmfr.ko\n", -1);
  host_tree_put (tree, "etc/modprobe.d/fatia-kvmfr.conf", "options kvmfr static_size_mb=x\n", -1);
  fatia_facts_unref (facts);
  facts = host_tree_facts (tree);
  g_assert_cmpint (facts->kvmfr_installed, ==, FATIA_NO);
  g_assert_cmpuint (facts->kvmfr_mib, ==, 0);
}

/* Nothing is there: nothing is said. */
static void
test_empty (void)
{
  g_autoptr (HostTree) tree = host_tree_new (NULL);
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  const FatiaTruth truths[] = {
    facts->efi,          facts->secure_boot,  facts->vmx,         facts->svm,
    facts->dmar,         facts->driver_sriov, facts->kvm,         facts->libvirt,
    facts->qemu,         facts->ovmf,         facts->swtpm,       facts->kvmfr_module,
    facts->kvmfr_device, facts->kvmfr_path,   facts->memory_rule, facts->kvmfr_installed,
    facts->kvmfr_access, facts->kvmfr_rule
  };

  for (gsize i = 0; i < G_N_ELEMENTS (truths); i++)
    g_assert_cmpint (truths[i], ==, FATIA_UNKNOWN);
  g_assert_null (facts->sys_vendor);
  g_assert_null (facts->kernel_release);
  g_assert_null (facts->kernel_arguments);
  g_assert_null (facts->pf);
  g_assert_cmpuint (facts->gpus->len, ==, 0);
  g_assert_cmpuint (facts->memory, ==, 0);
  g_assert_cmpuint (facts->cpus, ==, 0);
  g_assert_cmpuint (g_strv_length (facts->roms), ==, 0);
  g_assert_cmpint (facts->kept_vfs, ==, -1);
  g_assert_cmpint (facts->boot_loader, ==, FATIA_BOOT_LOADER_UNKNOWN);
  g_assert_false (fatia_facts_has_argument (facts, "quiet"));
}

/* Files that are something else than they should be: read around, never hung at. */
static void
test_hostile_files (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = NULL;
  g_autofree char *pipe = g_build_filename (tree->path, "proc/cmdline", NULL);
  g_autofree char *huge = g_strnfill (16 * 1024 * 1024, 'x');
  g_autofree char *long_name = g_strnfill (5000, 'y');

  host_tree_remove (tree, "proc/cmdline");
  g_assert_cmpint (mkfifo (pipe, 0644), ==, 0);
  host_tree_put (tree, "proc/cpuinfo", huge, -1);
  host_tree_remove (tree, "etc/os-release");
  host_tree_link (tree, "etc/os-release", "/etc/os-release");
  host_tree_put (tree, "sys/class/dmi/id/sys_vendor", "Ev\xff\x1b[31mil\nVendor\n", -1);
  host_tree_put (tree, "sys/class/dmi/id/product_name", long_name, -1);
  host_tree_remove (tree, "sys/class/dmi/id/board_name");
  host_tree_folder (tree, "sys/class/dmi/id/board_name");
  host_tree_put (tree, SECURE_BOOT, "\6\0\0\0\1\1\1", 7);
  facts = host_tree_facts (tree);
  g_assert_null (facts->kernel_arguments);
  g_assert_cmpuint (facts->cpus, ==, 0);
  g_assert_cmpint (facts->vmx, ==, FATIA_UNKNOWN);
  g_assert_null (facts->os_id);
  g_assert_true (g_utf8_validate (facts->sys_vendor, -1, NULL));
  g_assert_null (strpbrk (facts->sys_vendor, "\n\x1b"));
  g_assert_cmpuint (strlen (facts->product_name), <=, 200);
  g_assert_null (facts->board_name);
  g_assert_cmpint (facts->secure_boot, ==, FATIA_UNKNOWN);
}

static void
test_hostile_devices (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = NULL;

  host_tree_put (tree, "sys/bus/pci/devices/not an address/class", "0x030000\n", -1);
  host_tree_put (tree, "sys/bus/pci/devices/0000:00:02.9/class", "0x030000\n", -1);
  host_tree_link (tree, "sys/bus/pci/devices/0000:04:00.0", "0000:04:00.0");
  host_tree_link (tree, "sys/bus/pci/devices/0000:05:00.0", "../../../../../../../../sys");
  host_tree_put (tree, "sys/bus/pci/devices/0000:06:00.0/class", "0x030000\n", -1);
  host_tree_put (tree, "sys/bus/pci/devices/0000:06:00.0/vendor", "0x8086\n", -1);
  host_tree_put (tree, "sys/bus/pci/devices/0000:06:00.0/device", "0x146d1\n", -1);
  host_tree_put (tree, "sys/bus/pci/devices/0000:07:00.0/class", "-1\n", -1);
  host_tree_put (tree, PF "/sriov_totalvfs", "99999999999\n", -1);
  host_tree_put (tree, "sys/module/i915/parameters/max_vfs", "-3\n", -1);
  host_tree_put (tree, "proc/sys/kernel/osrelease", "99999999999999999999.5\n", -1);
  host_tree_put (tree, "proc/meminfo", "MemTotal: 99999999999999999999 kB\n", -1);
  facts = host_tree_facts (tree);
  g_assert_cmpuint (facts->gpus->len, ==, 1);
  g_assert_cmpint (facts->pf->sriov_totalvfs, ==, -1);
  g_assert_cmpint (facts->driver_max_vfs, ==, -1);
  g_assert_cmpuint (facts->kernel_major, ==, 0);
  g_assert_cmpuint (facts->memory, ==, 0);
}

/* What is there but can't be followed is no "no". */
static void
test_loop_is_unknown (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = NULL;

  host_tree_remove (tree, "sys/firmware/acpi/tables/DMAR");
  host_tree_link (tree, "sys/firmware/acpi/tables/DMAR", "DMAR");
  host_tree_remove (tree, "usr/bin/swtpm");
  host_tree_link (tree, "usr/bin/swtpm", "swtpm");
  facts = host_tree_facts (tree);
  g_assert_cmpint (facts->dmar, ==, FATIA_UNKNOWN);
  g_assert_cmpint (facts->swtpm, ==, FATIA_UNKNOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/facts/board", test_board);
  g_test_add_func ("/facts/system", test_system);
  g_test_add_func ("/facts/graphics", test_graphics);
  g_test_add_func ("/facts/virtual-functions", test_virtual_functions);
  g_test_add_func ("/facts/two-gpus", test_two_gpus);
  g_test_add_func ("/facts/xe", test_xe);
  g_test_add_func ("/facts/arguments", test_arguments);
  g_test_add_func ("/facts/boot-loaders", test_boot_loaders);
  g_test_add_func ("/facts/kept", test_kept);
  g_test_add_func ("/facts/left-here", test_left_here);
  g_test_add_func ("/facts/kvmfr", test_kvmfr);
  g_test_add_func ("/facts/empty", test_empty);
  g_test_add_func ("/facts/hostile-files", test_hostile_files);
  g_test_add_func ("/facts/hostile-devices", test_hostile_devices);
  g_test_add_func ("/facts/loop-is-unknown", test_loop_is_unknown);
  return g_test_run ();
}
