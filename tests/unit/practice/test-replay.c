/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The replayed kernel: what follows a boot, what follows sriov_numvfs, and that all of it goes. */
#include "practice/fatia-replay.h"

#include <string.h>
#include <unistd.h>

#include "practice/fatia-practice.h"
#include "tree.h"

#define PF        "sys/bus/pci/devices/0000:00:02.0"
#define VF1       "sys/bus/pci/devices/0000:00:02.1"
#define VF7       "sys/bus/pci/devices/0000:00:02.7"
#define PROBE     "sys/bus/pci/drivers_probe"
#define ARGUMENTS "intel_iommu=on i915.enable_guc=3 i915.max_vfs=7 module_blacklist=xe"
#define CONF      "etc/fatia/virtual-functions.conf"
#define UNIT      "etc/systemd/system/multi-user.target.wants/fatia-virtual-functions.service"

typedef struct
{
  FatiaPractice *practice;
  const char *path;
  FatiaHostRoot *root;
  char *before;
} Host;

static void
host_open (Host *host, const char *tree)
{
  g_autoptr (GError) error = NULL;

  host->practice = fatia_practice_new (tree, NULL, &error);
  g_assert_no_error (error);
  host->path = fatia_practice_get_root (host->practice);
  host->root = fatia_host_root_new (host->path, &error);
  g_assert_no_error (error);
  host->before = tree_snapshot (host->path);
}

static void
host_set_up (Host *host, gconstpointer tree)
{
  host_open (host, tree);
}

static void
host_tear_down (Host *host, gconstpointer tree)
{
  g_clear_object (&host->root);
  fatia_practice_close (host->practice);
  g_clear_object (&host->practice);
  g_clear_pointer (&host->before, g_free);
}

static void
boot (Host *host)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (fatia_replay_boot (host->root, &error));
  g_assert_no_error (error);
}

static void
sync_vfs (Host *host)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (fatia_replay_virtual_functions (host->root, &error));
  g_assert_no_error (error);
}

static void
assert_file (Host *host, const char *name, const char *text)
{
  g_autofree char *read = tree_read (host->path, name);

  g_assert_cmpstr (read, ==, text);
}

static void
assert_link (Host *host, const char *name, const char *target)
{
  g_autofree char *read = fatia_host_root_read_link (host->root, name);

  g_assert_cmpstr (read, ==, target);
}

static void
assert_as_before (Host *host)
{
  g_autofree char *after = tree_snapshot (host->path);

  g_assert_cmpstr (after, ==, host->before);
}

static void
add_arguments (Host *host)
{
  tree_replace (host->path, "boot/grub/grub.cfg", "loglevel=3 quiet",
                "loglevel=3 quiet " ARGUMENTS);
}

static void
test_pristine (void)
{
  g_auto (GStrv) trees = fatia_practice_list_trees ();

  g_assert_cmpuint (g_strv_length (trees), >=, 6);
  for (guint i = 0; trees[i]; i++)
    {
      Host host = { 0 };

      host_open (&host, trees[i]);
      g_assert_true (fatia_replay_is_practice (host.root));
      boot (&host);
      sync_vfs (&host);
      assert_as_before (&host);
      host_tear_down (&host, NULL);
    }
}

static void
test_boot (Host *host, gconstpointer data)
{
  g_autofree char *cmdline = NULL;

  add_arguments (host);
  boot (host);
  cmdline = tree_read (host->path, "proc/cmdline");
  g_assert_true (g_str_has_prefix (cmdline, "BOOT_IMAGE=/boot/vmlinuz-linux root=UUID="));
  g_assert_true (g_str_has_suffix (cmdline, " rw loglevel=3 quiet " ARGUMENTS "\n"));
  assert_file (host, "sys/module/i915/parameters/max_vfs", "7\n");
  assert_file (host, "sys/module/i915/parameters/enable_guc", "3\n");
  assert_file (host, PF "/sriov_totalvfs", "7\n");
  assert_file (host, PF "/sriov_numvfs", "0\n");
  /* 00:00.0, 00:02.0, 01:00.0 */
  assert_link (host, PF "/iommu_group", "../../../../kernel/iommu_groups/1");
  g_assert_true (tree_has (host->path, PF "/iommu_group/devices/0000:00:02.0/sriov_numvfs"));
  g_assert_true (tree_has (host->path, "sys/kernel/iommu_groups/2"));
  g_assert_false (tree_has (host->path, VF1));

  /* Undone. */
  tree_replace (host->path, "boot/grub/grub.cfg", " " ARGUMENTS, "");
  boot (host);
  assert_as_before (host);
}

static void
test_kept_functions (Host *host, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (host->path, "etc/fatia", NULL);
  g_autofree char *unit = g_build_filename (host->path, UNIT, NULL);

  add_arguments (host);
  tree_write (host->path, CONF, "[virtual-functions]\npf=0000:00:02.0\ncount=7\n");
  boot (host);
  /* The conf alone does nothing: the unit is what reads it. */
  assert_file (host, PF "/sriov_numvfs", "0\n");
  tree_link (host->path, UNIT, "/usr/lib/systemd/system/fatia-virtual-functions.service");
  boot (host);
  assert_file (host, PF "/sriov_numvfs", "7\n");
  assert_file (host, PF "/sriov_drivers_autoprobe", "0\n");
  assert_file (host, VF7 "/driver_override", "vfio-pci\n");
  assert_link (host, VF7 "/driver", "../../drivers/vfio-pci");
  boot (host);
  g_assert_true (tree_has (host->path, VF7));

  /* Every change undone but the running VFs, which end with the restart. */
  tree_replace (host->path, "boot/grub/grub.cfg", " " ARGUMENTS, "");
  tree_remove (folder);
  g_assert_cmpint (unlink (unit), ==, 0);
  boot (host);
  assert_as_before (host);
}

static void
test_functions (Host *host, gconstpointer data)
{
  g_autofree char *booted = NULL;
  g_autofree char *after = NULL;

  add_arguments (host);
  boot (host);
  booted = tree_snapshot (host->path);
  tree_write (host->path, PF "/sriov_drivers_autoprobe", "0");
  tree_write (host->path, PF "/sriov_numvfs", "7");
  sync_vfs (host);
  assert_file (host, PF "/sriov_numvfs", "7\n");
  assert_file (host, VF1 "/vendor", "0x8086\n");
  assert_file (host, VF1 "/device", "0x46d1\n");
  assert_file (host, VF1 "/class", "0x030000\n");
  assert_file (host, VF1 "/driver_override", "(null)\n");
  assert_link (host, VF1 "/physfn", "../0000:00:02.0");
  assert_link (host, PF "/virtfn0", "../0000:00:02.1");
  assert_link (host, PF "/virtfn6", "../0000:00:02.7");
  assert_link (host, VF1 "/driver", NULL);
  assert_link (host, VF1 "/iommu_group", "../../../../kernel/iommu_groups/3");
  g_assert_true (tree_has (host->path, VF7 "/iommu_group/devices/0000:00:02.7/vendor"));

  tree_write (host->path, PROBE, "0000:00:02.1\n");
  sync_vfs (host);
  assert_file (host, PROBE, "");
  assert_link (host, VF1 "/driver", NULL);
  tree_write (host->path, VF1 "/driver_override", "vfio-pci\n");
  tree_write (host->path, PROBE, "0000:00:02.1\n");
  sync_vfs (host);
  assert_file (host, PROBE, "");
  assert_link (host, VF1 "/driver", "../../drivers/vfio-pci");
  assert_link (host, VF7 "/driver", NULL);

  tree_write (host->path, PF "/sriov_numvfs", "0");
  sync_vfs (host);
  g_assert_false (tree_has (host->path, VF1));
  g_assert_false (tree_has (host->path, PF "/virtfn0"));
  tree_write (host->path, PF "/sriov_drivers_autoprobe", "1\n");
  after = tree_snapshot (host->path);
  g_assert_cmpstr (after, ==, booted);
}

/* Without autoprobe=0 the host's driver takes the functions: the mistake must show. */
static void
test_autoprobe (Host *host, gconstpointer data)
{
  add_arguments (host);
  boot (host);
  tree_write (host->path, PF "/sriov_numvfs", "2\n");
  sync_vfs (host);
  assert_link (host, VF1 "/driver", "../../drivers/i915");
}

static void
test_too_many (Host *host, gconstpointer data)
{
  tree_replace (host->path, "boot/grub/grub.cfg", "quiet", "quiet i915.max_vfs=4");
  boot (host);
  assert_file (host, PF "/sriov_totalvfs", "4\n");
  tree_write (host->path, PF "/sriov_numvfs", "5");
  sync_vfs (host);
  assert_file (host, PF "/sriov_numvfs", "0\n");
  tree_write (host->path, PF "/sriov_numvfs", "4");
  sync_vfs (host);
  g_assert_true (tree_has (host->path, PF "/virtfn3"));
  tree_write (host->path, PF "/sriov_numvfs", "-1");
  sync_vfs (host);
  assert_file (host, PF "/sriov_numvfs", "4\n");
  /* Emptied, about to be written. */
  tree_write (host->path, PF "/sriov_numvfs", "");
  sync_vfs (host);
  assert_file (host, PF "/sriov_numvfs", "");
  g_assert_true (tree_has (host->path, PF "/virtfn3"));
}

static void
test_stock_driver (Host *host, gconstpointer data)
{
  tree_replace (host->path, "boot/grub/grub.cfg", " quiet", " quiet " ARGUMENTS);
  boot (host);
  g_assert_false (tree_has (host->path, "sys/module/i915/parameters/max_vfs"));
  assert_file (host, "sys/module/i915/parameters/enable_guc", "3\n");
  tree_write (host->path, PF "/sriov_numvfs", "7");
  sync_vfs (host);
  assert_file (host, PF "/sriov_numvfs", "0\n");
  g_assert_false (tree_has (host->path, VF1));
  tree_replace (host->path, "boot/grub/grub.cfg", " quiet " ARGUMENTS, " quiet");
  boot (host);
  assert_as_before (host);
}

static void
test_no_vt_d (Host *host, gconstpointer data)
{
  tree_replace (host->path, "boot/grub/grub.cfg", " quiet", " quiet " ARGUMENTS);
  boot (host);
  g_assert_false (tree_has (host->path, "sys/kernel"));
  g_assert_true (tree_has (host->path, PF "/sriov_numvfs"));
  tree_write (host->path, PF "/sriov_drivers_autoprobe", "0\n");
  tree_write (host->path, PF "/sriov_numvfs", "1\n");
  sync_vfs (host);
  /* vfio-pci takes nothing where there is no IOMMU. */
  tree_write (host->path, VF1 "/driver_override", "vfio-pci\n");
  tree_write (host->path, PROBE, "0000:00:02.1\n");
  sync_vfs (host);
  g_assert_true (tree_has (host->path, VF1));
  assert_link (host, VF1 "/driver", NULL);
}

static gboolean
comes (Host *host, const char *name, gboolean there)
{
  for (guint i = 0; i < 500; i++)
    {
      if (tree_has (host->path, name) == there)
        return TRUE;
      g_usleep (10000);
    }
  return FALSE;
}

static void
test_thread (Host *host, gconstpointer data)
{
  FatiaReplay *replay;

  add_arguments (host);
  boot (host);
  replay = fatia_replay_start (host->root);
  for (guint i = 0; i < 3; i++)
    {
      tree_write (host->path, PF "/sriov_numvfs", "0");
      tree_write (host->path, PF "/sriov_numvfs", "7");
      g_assert_true (comes (host, PF "/virtfn6", TRUE));
      tree_write (host->path, PF "/sriov_numvfs", "0");
      g_assert_true (comes (host, PF "/virtfn0", FALSE));
      g_assert_true (comes (host, VF1, FALSE));
    }
  fatia_replay_stop (replay);

  /* What was written last is there when the thread is not. */
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *path = g_build_filename (host->path, PF "/virtfn6", NULL);

      replay = fatia_replay_start (host->root);
      g_usleep (i * 500);
      tree_write (host->path, PF "/sriov_numvfs", i % 2 ? "0" : "7");
      fatia_replay_stop (replay);
      g_assert_cmpint (g_file_test (path, G_FILE_TEST_IS_SYMLINK), ==, i % 2 == 0);
    }
}

/* Where devices are links into /sys/devices, as on a real machine, and systemd-boot boots. */
static void
test_other_layout (void)
{
  g_autofree char *folder = tree_make_folder ();
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaHostRoot) root = NULL;
  g_autofree char *target = NULL;
  g_autofree char *cmdline = NULL;
  const char *entry = "boot/loader/entries/linux.conf";
  const char *device = "sys/devices/pci0000:00/0000:00:02.0";

  tree_write (folder, ".fatia-practice",
              "[practice]\nSriovModule=true\nTotalVfs=7\nPf=0000:00:02.0\nDmar=true\n");
  tree_write (folder, "proc/cmdline", "root=/dev/sda rw\n");
  tree_write (folder, entry, "title Linux\nlinux /vmlinuz\noptions root=/dev/sda rw\n");
  for (const char *const *name = (const char *const[]) { "sriov_numvfs", "sriov_totalvfs", NULL };
       *name; name++)
    {
      g_autofree char *path = g_build_filename (device, *name, NULL);

      tree_write (folder, path, "0\n");
    }
  tree_write (folder, "sys/bus/pci/drivers/i915/bind", "");
  tree_link (folder, "sys/devices/pci0000:00/0000:00:02.0/driver", "../../../bus/pci/drivers/i915");
  tree_link (folder, "sys/bus/pci/devices/0000:00:02.0",
             "../../../devices/pci0000:00/0000:00:02.0");
  before = tree_snapshot (folder);
  root = fatia_host_root_new (folder, &error);
  g_assert_no_error (error);

  tree_replace (folder, entry, "rw", "rw intel_iommu=on i915.max_vfs=3");
  g_assert_true (fatia_replay_boot (root, &error));
  g_assert_no_error (error);
  cmdline = tree_read (folder, "proc/cmdline");
  g_assert_cmpstr (cmdline, ==, "root=/dev/sda rw intel_iommu=on i915.max_vfs=3\n");
  tree_write (folder, "sys/devices/pci0000:00/0000:00:02.0/sriov_numvfs", "3");
  g_assert_true (fatia_replay_virtual_functions (root, &error));
  g_assert_no_error (error);
  target = fatia_host_root_read_link (root, VF1);
  g_assert_cmpstr (target, ==, "../../../devices/pci0000:00/0000:00:02.1");
  g_assert_true (tree_has (folder, VF1 "/iommu_group/devices/0000:00:02.1/class"));
  g_assert_true (tree_has (folder, VF1 "/physfn/virtfn2/driver_override"));
  g_assert_true (tree_has (folder, "sys/module/i915/parameters/max_vfs"));

  tree_replace (folder, entry, " intel_iommu=on i915.max_vfs=3", "");
  g_assert_true (fatia_replay_boot (root, &error));
  g_assert_no_error (error);
  after = tree_snapshot (folder);
  g_assert_cmpstr (after, ==, before);
  tree_remove (folder);
}

static void
test_only_practice (void)
{
  g_autofree char *folder = tree_make_folder ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaHostRoot) root = fatia_host_root_new (folder, &error);
  g_autoptr (FatiaHostRoot) system = fatia_host_root_new ("/", &error);

  g_assert_no_error (error);
  tree_write (folder, "proc/cmdline", "quiet\n");
  g_assert_false (fatia_replay_is_practice (root));
  g_assert_false (fatia_replay_is_practice (system));
  g_assert_false (fatia_replay_boot (root, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (fatia_replay_boot (system, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  tree_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, tree, func) g_test_add (path, Host, tree, host_set_up, func, host_tear_down)
  g_test_add_func ("/replay/pristine", test_pristine);
  ADD ("/replay/boot", "radxa-x4", test_boot);
  ADD ("/replay/kept-functions", "radxa-x4", test_kept_functions);
  ADD ("/replay/functions", "radxa-x4", test_functions);
  ADD ("/replay/autoprobe", "radxa-x4", test_autoprobe);
  ADD ("/replay/too-many", "radxa-x4", test_too_many);
  ADD ("/replay/stock-driver", "stock-i915", test_stock_driver);
  ADD ("/replay/no-vt-d", "vt-d-off", test_no_vt_d);
  ADD ("/replay/thread", "radxa-x4", test_thread);
  g_test_add_func ("/replay/other-layout", test_other_layout);
  g_test_add_func ("/replay/only-practice", test_only_practice);
  return g_test_run ();
}
