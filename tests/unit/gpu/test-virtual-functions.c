/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Virtual functions: what is refused, the order of writes, keeping, and a kernel that answers. */
#include "gpu/fatia-virtual-functions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "../change/tree.h"
#include "change/fatia-apply.h"
#include "change/fatia-lock.h"
#include "host/fatia-scheduling.h"

#define PF     "0000:00:02.0"
#define DEVICE "sys/bus/pci/devices/" PF "/"
#define PROBE  "sys/bus/pci/drivers_probe"
#define IOV    DEVICE "drm/card1/prelim_iov/"

static void
gpu_set_up (Tree *tree, gconstpointer data)
{
  tree_set_up (tree, data);
  tree_write (tree, DEVICE "vendor", "0x8086\n");
  tree_write (tree, DEVICE "class", "0x030000\n");
  tree_write (tree, DEVICE "sriov_totalvfs", "7\n");
  tree_write (tree, DEVICE "sriov_numvfs", "0\n");
  tree_write (tree, DEVICE "sriov_drivers_autoprobe", "1\n");
  tree_folder (tree, "sys/bus/pci/drivers/vfio-pci");
  tree_write (tree, PROBE, "");
  tree_folder (tree, "sys/kernel/iommu_groups/2");
  tree_folder (tree, "sys/bus/pci/drivers/i915");
  tree_link (tree, "../../drivers/i915", DEVICE "driver");
}

/* Plays the kernel: makes and removes the functions as numvfs says, and binds their drivers. */
typedef struct
{
  Tree *tree;
  GThread *thread;
  int stop;
  guint made;
  gboolean binds_none; /* vfio-pci refuses every function */
} Kernel;

static void
kernel_make (Kernel *kernel, guint i)
{
  g_autofree char *name =
    g_strdup_printf ("sys/bus/pci/devices/0000:00:02.%u/driver_override", i + 1);
  g_autofree char *link = g_strdup_printf (DEVICE "virtfn%u", i);
  g_autofree char *target = g_strdup_printf ("../0000:00:02.%u", i + 1);

  tree_write (kernel->tree, name, "(null)\n");
  tree_link (kernel->tree, target, link);
}

static void
kernel_remove (Kernel *kernel, guint i)
{
  g_autofree char *link = g_strdup_printf ("%s/" DEVICE "virtfn%u", kernel->tree->path, i);
  g_autofree char *folder =
    g_strdup_printf ("%s/sys/bus/pci/devices/0000:00:02.%u", kernel->tree->path, i + 1);
  g_autofree char *override = g_build_filename (folder, "driver_override", NULL);
  g_autofree char *driver = g_build_filename (folder, "driver", NULL);

  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_cmpint (g_unlink (override), ==, 0);
  g_unlink (driver);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* What drivers_probe was told last, and forgets. */
static void
kernel_probe (Kernel *kernel)
{
  g_autofree char *address = tree_read (kernel->tree, PROBE);
  g_autofree char *folder = g_strconcat ("sys/bus/pci/devices/", g_strstrip (address), NULL);
  g_autofree char *override = g_build_filename (folder, "driver_override", NULL);
  g_autofree char *link = g_build_filename (folder, "driver", NULL);
  g_autofree char *name = NULL;
  g_autofree char *target = NULL;

  if (*address == '\0')
    return;
  name = tree_read (kernel->tree, override);
  target = g_strconcat ("../../drivers/", g_strstrip (name), NULL);
  tree_write (kernel->tree, PROBE, "");
  if (!kernel->binds_none)
    tree_link (kernel->tree, target, link);
}

static void
kernel_follow (Kernel *kernel)
{
  g_autofree char *text = tree_read (kernel->tree, DEVICE "sriov_numvfs");
  guint wanted;

  /* No driver yet; or just truncated, and about to be written. */
  if (text == NULL || *text == '\0')
    return;
  wanted = strtoul (text, NULL, 10);
  while (kernel->made > wanted)
    kernel_remove (kernel, --kernel->made);
  while (kernel->made < wanted)
    kernel_make (kernel, kernel->made++);
  kernel_probe (kernel);
}

static gpointer
kernel_run (gpointer data)
{
  Kernel *kernel = data;

  while (!g_atomic_int_get (&kernel->stop))
    {
      kernel_follow (kernel);
      g_usleep (5000);
    }
  kernel_follow (kernel);
  return NULL;
}

static void
kernel_start (Kernel *kernel, Tree *tree, gboolean binds_none)
{
  *kernel = (Kernel) { .tree = tree, .binds_none = binds_none };
  kernel->thread = g_thread_new ("kernel", kernel_run, kernel);
}

static void
kernel_stop (Kernel *kernel)
{
  g_atomic_int_set (&kernel->stop, 1);
  g_thread_join (kernel->thread);
}

static FatiaChangeSet *
plan_profile (Tree *tree, guint count, gboolean keep, const char *profile)
{
  FatiaChangeSet *set = fatia_change_set_new ("vfs");
  FatiaVirtualFunctions wish = { PF, count, keep, profile, FALSE };
  g_autoptr (GError) error = NULL;

  fatia_virtual_functions_plan (tree->root, &wish, set, &error);
  g_assert_no_error (error);
  return set;
}

static FatiaChangeSet *
plan (Tree *tree, guint count, gboolean keep)
{
  return plan_profile (tree, count, keep, "driver");
}

static void
assert_profile_refused (
  Tree *tree, const char *pf, guint count, const char *profile, int code, const char *words)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("vfs");
  FatiaVirtualFunctions wish = { pf, count, FALSE, profile, FALSE };
  g_autoptr (GError) error = NULL;

  g_assert_false (fatia_virtual_functions_plan (tree->root, &wish, set, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_true (fatia_change_set_is_empty (set));
}

static void
assert_refused (Tree *tree, const char *pf, guint count, int code, const char *words)
{
  assert_profile_refused (tree, pf, count, "driver", code, words);
}

static void
test_addresses (Tree *tree, gconstpointer data)
{
  static const char *const bad[] = { "",
                                     "0000:00:02.8",
                                     "0000:00:02.0/",
                                     "0000:00:02",
                                     "../0:00:02.0",
                                     "0000:00:0G.0",
                                     "0000:00:02.0\n",
                                     "0000:00:02.00",
                                     "0000/00:02.0" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (tree, bad[i], 1, FATIA_CHANGE_ERROR_INVALID, "not the address");
  assert_refused (tree, "0000:00:1f.3", 1, FATIA_CHANGE_ERROR_INVALID, "no PCI device");
}

static void
test_devices (Tree *tree, gconstpointer data)
{
  tree_write (tree, DEVICE "vendor", "0x1002\n");
  assert_refused (tree, PF, 1, FATIA_CHANGE_ERROR_INVALID, "not an Intel");
  tree_write (tree, DEVICE "vendor", "0x8086\n");
  tree_write (tree, DEVICE "class", "0x020000\n");
  assert_refused (tree, PF, 1, FATIA_CHANGE_ERROR_INVALID, "not an Intel");
  /* The network card that only the build for ./dev machine takes. */
  tree_write (tree, DEVICE "device", "0x10c9\n");
  assert_refused (tree, PF, 1, FATIA_CHANGE_ERROR_INVALID, "not an Intel");
  tree_write (tree, DEVICE "class", "0x030000\n");
  tree_link (tree, "../0000:00:02.0", DEVICE "physfn");
  assert_refused (tree, PF, 1, FATIA_CHANGE_ERROR_INVALID, "virtual function itself");
}

static void
test_counts (Tree *tree, gconstpointer data)
{
  g_autofree char *numvfs = tree_path (tree, DEVICE "sriov_numvfs");
  g_autofree char *group = tree_path (tree, "sys/kernel/iommu_groups/2");

  assert_refused (tree, PF, 8, FATIA_CHANGE_ERROR_INVALID, "7 virtual functions at most");
  assert_refused (tree, PF, G_MAXUINT, FATIA_CHANGE_ERROR_INVALID, "7 virtual functions at most");
  tree_write (tree, DEVICE "sriov_totalvfs", "0\n");
  assert_refused (tree, PF, 1, FATIA_CHANGE_ERROR_UNSUPPORTED, "kernel arguments");
  tree_write (tree, DEVICE "sriov_totalvfs", "nonsense\n");
  assert_refused (tree, PF, 1, FATIA_CHANGE_ERROR_UNSUPPORTED, "can't make virtual functions");
  tree_write (tree, DEVICE "sriov_totalvfs", "7\n");
  g_assert_cmpint (g_rmdir (group), ==, 0);
  assert_refused (tree, PF, 1, FATIA_CHANGE_ERROR_UNSUPPORTED, "The IOMMU is off");
  g_assert_cmpint (g_remove (numvfs), ==, 0);
  assert_refused (tree, PF, 1, FATIA_CHANGE_ERROR_UNSUPPORTED, "can't make virtual functions");
}

static char *
targets (FatiaChangeSet *set)
{
  g_autoptr (GVariant) items = fatia_change_set_describe (set);
  GString *out = g_string_new (NULL);
  GVariantIter iter;
  const char *kind, *target, *title;

  g_variant_iter_init (&iter, items);
  while (g_variant_iter_next (&iter, "(&s&s&s&s)", &kind, &target, &title, NULL))
    {
      g_autofree char *name = g_path_get_basename (target);

      g_string_append_printf (out, "%s %s;", kind,
                              g_str_has_prefix (title, "Set ") ? title + strlen ("Set ")
                              : g_str_equal (kind, "driver")   ? title
                                                               : name);
    }
  return g_string_free (out, FALSE);
}

/* Probing goes off first, and the count passes 0. */
static void
test_order (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) fresh = plan (tree, 2, FALSE);
  g_autoptr (FatiaChangeSet) again = NULL;
  g_autofree char *first = targets (fresh);
  g_autofree char *second = NULL;

  g_assert_cmpstr (
    first, ==,
    "attribute sriov_drivers_autoprobe to 0;attribute sriov_numvfs to 2;"
    "driver Leave 0000:00:02.0/virtfn0 to virtual machines: its driver is vfio-pci;"
    "driver Leave 0000:00:02.0/virtfn1 to virtual machines: its driver is vfio-pci;");
  tree_write (tree, DEVICE "sriov_offset", "7\n");
  tree_write (tree, DEVICE "sriov_stride", "2\n");
  tree_write (tree, DEVICE "sriov_numvfs", "3\n");
  again = plan (tree, 1, TRUE);
  second = targets (again);
  g_assert_cmpstr (second, ==,
                   "file virtual-functions.conf;link fatia-virtual-functions.service;"
                   "attribute sriov_drivers_autoprobe to 0;attribute sriov_numvfs to 0;"
                   "attribute sriov_numvfs to 1;"
                   "driver Leave 0000:00:02.7 to virtual machines: its driver is vfio-pci;");
}

/* vfio-pci is loaded where it is not there yet, before the first function is given to it. */
static void
test_module (Tree *tree, gconstpointer data)
{
  g_autofree char *folder = tree_path (tree, "sys/bus/pci/drivers/vfio-pci");
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autoptr (FatiaChangeSet) none = NULL;
  g_autofree char *writes = NULL;

  g_assert_cmpint (g_rmdir (folder), ==, 0);
  set = plan (tree, 1, FALSE);
  writes = targets (set);
  g_assert_nonnull (strstr (writes, "sriov_numvfs to 1;command modprobe;driver Leave "));
  tree_write (tree, DEVICE "sriov_numvfs", "1\n");
  none = plan (tree, 0, FALSE);
  g_free (writes);
  writes = targets (none);
  g_assert_cmpstr (writes, ==, "attribute sriov_numvfs to 0;");
}

/* Functions that the host's graphics driver took are made anew without it. */
static void
test_bound_by_graphics_driver (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autofree char *writes = NULL;

  tree_write (tree, DEVICE "sriov_numvfs", "1\n");
  tree_folder (tree, "sys/bus/pci/devices/0000:00:02.1");
  tree_link (tree, "../0000:00:02.1", DEVICE "virtfn0");
  tree_link (tree, "../../drivers/i915", "sys/bus/pci/devices/0000:00:02.1/driver");
  set = plan (tree, 1, FALSE);
  writes = targets (set);
  g_assert_nonnull (strstr (writes, "sriov_numvfs to 0;attribute sriov_numvfs to 1;"));
}

static gboolean group_is_open;

long __real_syscall (long number, long a, long b, long c, long d);
long __wrap_syscall (long number, long a, long b, long c, long d);

/* What a VFIO group answers that a virtual machine has open; no plain file in a tree would. */
long
__wrap_syscall (long number, long a, long b, long c, long d)
{
  if (number == SYS_openat2 && group_is_open && g_str_equal ((const char *) b, "/dev/vfio/14"))
    {
      errno = EBUSY;
      return -1;
    }
  return __real_syscall (number, a, b, c, d);
}

static void
test_in_use (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = NULL;

  tree_write (tree, DEVICE "sriov_numvfs", "2\n");
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *folder = g_strdup_printf ("sys/bus/pci/devices/0000:00:02.%u", i + 1);
      g_autofree char *target = g_strdup_printf ("../0000:00:02.%u", i + 1);
      g_autofree char *link = g_strdup_printf (DEVICE "virtfn%u", i);
      g_autofree char *group_link = g_build_filename (folder, "iommu_group", NULL);
      g_autofree char *group = g_strdup_printf ("/sys/kernel/iommu_groups/%u", i + 13);

      tree_folder (tree, folder);
      tree_link (tree, target, link);
      tree_link (tree, group, group_link);
    }
  tree_write (tree, "dev/vfio/14", "");
  tree_link (tree, "../../drivers/vfio-pci", "sys/bus/pci/devices/0000:00:02.1/driver");
  tree_link (tree, "../../drivers/xe-vfio-pci", "sys/bus/pci/devices/0000:00:02.2/driver");
  set = plan (tree, 1, FALSE);
  g_assert_false (fatia_change_set_is_empty (set));
  group_is_open = TRUE;
  {
    g_autoptr (FatiaChangeSet) refused = fatia_change_set_new ("vfs");
    g_autoptr (FatiaChangeSet) same = plan (tree, 2, TRUE);
    FatiaVirtualFunctions none = { PF, 0, FALSE, "driver", FALSE };
    g_autoptr (GError) error = NULL;
    g_autofree char *numvfs = NULL;

    g_assert_false (fatia_virtual_functions_plan (tree->root, &none, refused, &error));
    g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, "virtual function 2"));
    g_clear_error (&error);
    /* Nor does the computer sleep. */
    tree_write (tree, FATIA_VIRTUAL_FUNCTIONS_CONF, "[virtual-functions]\npf=" PF "\ncount=2\n");
    g_assert_false (fatia_virtual_functions_suspend (tree->root, 0, &error));
    g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, "stays awake: a virtual machine is using slice 2"));
    numvfs = tree_read (tree, DEVICE "sriov_numvfs");
    g_assert_cmpstr (numvfs, ==, "2\n");
    /* What takes none away is not in the way of the machine. */
    g_assert_true (fatia_virtual_functions_check_free (tree->root, same, NULL));
  }
  group_is_open = FALSE;
}

static void
test_journey (Tree *tree, gconstpointer data)
{
  g_autofree char *before = tree_snapshot (tree, NULL);
  g_autofree char *after = NULL;
  g_autoptr (FatiaChangeSet) set = plan (tree, 2, TRUE);
  g_autoptr (FatiaChangeSet) same = NULL;
  g_autoptr (FatiaChangeSet) dropped = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *override = NULL;
  g_autofree char *driver = NULL;
  g_autofree char *conf = NULL;
  g_autofree char *link = NULL;
  g_autofree char *writes = NULL;
  Kernel kernel;

  kernel_start (&kernel, tree, FALSE);
  id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);
  g_assert_no_error (error);
  override = tree_read (tree, DEVICE "virtfn1/driver_override");
  g_assert_cmpstr (override, ==, "vfio-pci\n");
  driver = fatia_host_root_read_link (tree->root, "/" DEVICE "virtfn1/driver");
  g_assert_cmpstr (driver, ==, "../../drivers/vfio-pci");
  conf = tree_read (tree, FATIA_VIRTUAL_FUNCTIONS_CONF);
  g_assert_nonnull (strstr (conf, "[virtual-functions]\npf=" PF "\ncount=2\nprofile=driver\n"));
  link = fatia_host_root_read_link (tree->root, FATIA_VIRTUAL_FUNCTIONS_WANTS);
  g_assert_true (g_str_has_suffix (link, "/fatia-virtual-functions.service"));
  same = plan (tree, 2, TRUE);
  g_assert_true (fatia_change_set_is_empty (same));
  dropped = plan (tree, 2, FALSE);
  writes = targets (dropped);
  g_assert_cmpstr (writes, ==, "file virtual-functions.conf;link fatia-virtual-functions.service;");

  fatia_changes_undo (tree->root, id, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  kernel_stop (&kernel);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

/* A function that vfio-pci does not take is of no use: all is as before, and the words say why. */
static void
test_not_taken (Tree *tree, gconstpointer data)
{
  g_autofree char *before = tree_snapshot (tree, NULL);
  g_autofree char *after = NULL;
  g_autoptr (FatiaChangeSet) set = plan (tree, 1, TRUE);
  g_autoptr (GError) error = NULL;
  Kernel kernel;

  kernel_start (&kernel, tree, TRUE);
  g_assert_null (fatia_change_set_apply (set, tree->root, NULL, NULL, &error));
  kernel_stop (&kernel);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "vfio-pci did not take 0000:00:02.1"));
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

/* Functions that no driver has, as earlier versions left them, are made anew and bound. */
static void
test_unbound (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autoptr (FatiaChangeSet) same = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *driver = NULL;
  Kernel kernel;

  tree_write (tree, DEVICE "sriov_numvfs", "2\n");
  kernel_start (&kernel, tree, FALSE);
  while (!fatia_host_root_exists (tree->root, "/" DEVICE "virtfn1"))
    g_usleep (1000);
  set = plan (tree, 2, FALSE);
  id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);
  g_assert_no_error (error);
  driver = fatia_host_root_read_link (tree->root, "/" DEVICE "virtfn1/driver");
  g_assert_cmpstr (driver, ==, "../../drivers/vfio-pci");
  same = plan (tree, 2, FALSE);
  g_assert_true (fatia_change_set_is_empty (same));
  kernel_stop (&kernel);
}

static void
test_restore (Tree *tree, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *numvfs = NULL;
  g_autofree char *autoprobe = NULL;
  Kernel kernel;

  /* Nothing is kept: nothing to do, and no waiting. */
  g_assert_true (fatia_virtual_functions_restore (tree->root, 60, 0, &error));
  g_assert_no_error (error);

  tree_write (tree, FATIA_VIRTUAL_FUNCTIONS_CONF, "[virtual-functions]\npf=" PF "\ncount=3\n");
  kernel_start (&kernel, tree, FALSE);
  g_assert_true (fatia_virtual_functions_restore (tree->root, 1, 0, &error));
  g_assert_no_error (error);
  /* Run again, it has nothing to do. */
  g_assert_true (fatia_virtual_functions_restore (tree->root, 1, 0, &error));
  kernel_stop (&kernel);
  numvfs = tree_read (tree, DEVICE "sriov_numvfs");
  g_assert_cmpstr (numvfs, ==, "3\n");
  autoprobe = tree_read (tree, DEVICE "sriov_drivers_autoprobe");
  g_assert_cmpstr (autoprobe, ==, "0\n");
  g_assert_false (fatia_host_root_exists (tree->root, "/var"));
}

static gpointer
load_driver (gpointer data)
{
  g_usleep (400 * 1000);
  tree_link (data, "../../drivers/i915", DEVICE "driver");
  return NULL;
}

/* At boot the driver may come later than we do, or never. */
static void
test_restore_waits (Tree *tree, gconstpointer data)
{
  g_autofree char *path = tree_path (tree, DEVICE "driver");
  g_autoptr (GError) error = NULL;
  GThread *loader;
  Kernel kernel;

  tree_write (tree, FATIA_VIRTUAL_FUNCTIONS_CONF, "[virtual-functions]\npf=" PF "\ncount=1\n");
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_false (fatia_virtual_functions_restore (tree->root, 0, 0, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  kernel_start (&kernel, tree, FALSE);
  loader = g_thread_new ("driver", load_driver, tree);
  g_assert_true (fatia_virtual_functions_restore (tree->root, 5, 0, &error));
  g_assert_no_error (error);
  g_thread_join (loader);
  kernel_stop (&kernel);
}

/* A card of i915-sriov-dkms: turns and memory, for @functions. */
static void
add_i915 (Tree *tree, guint functions)
{
  static const char *const files[] = { "exec_quantum_ms", "preempt_timeout_us", "ggtt_quota",
                                       "contexts_quota", "doorbells_quota" };

  tree_write (tree, IOV "pf/auto_provisioning", "1\n");
  for (guint function = 0; function <= functions; function++)
    for (guint i = 0; i < (function == 0 ? 2 : G_N_ELEMENTS (files)); i++)
      {
        g_autofree char *name = function ? g_strdup_printf ("vf%u", function) : g_strdup ("pf");
        g_autofree char *path = g_strdup_printf (IOV "%s/gt0/%s", name, files[i]);

        tree_write (tree, path, "0\n");
      }
}

static void
assert_says (Tree *tree, const char *path, const char *text)
{
  g_autofree char *present = tree_read (tree, path);

  g_assert_cmpstr (present, ==, text);
}

/* Puts a plan into effect; gives its id. */
static char *
apply (Tree *tree, FatiaChangeSet *set)
{
  g_autoptr (GError) error = NULL;
  char *id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);

  g_assert_no_error (error);
  return id;
}

static void
undo (Tree *tree, const char *id)
{
  g_autoptr (GError) error = NULL;

  fatia_changes_undo (tree->root, id, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_profiles (Tree *tree, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *active = NULL;
  g_autoptr (FatiaChangeSet) first = NULL;
  g_autoptr (FatiaChangeSet) more = NULL;
  g_autoptr (FatiaChangeSet) same = NULL;
  g_autofree char *first_id = NULL;
  g_autofree char *more_id = NULL;
  Kernel kernel;

  assert_profile_refused (tree, PF, 1, "fastest", FATIA_CHANGE_ERROR_INVALID, "no such way");
  assert_profile_refused (tree, PF, 1, "balanced", FATIA_CHANGE_ERROR_UNSUPPORTED,
                          "otherwise than it does itself");
  add_i915 (tree, 7);
  before = tree_snapshot (tree, NULL);
  kernel_start (&kernel, tree, FALSE);
  first = plan_profile (tree, 1, TRUE, "balanced");
  first_id = apply (tree, first);
  assert_says (tree, IOV "vf1/gt0/exec_quantum_ms", "25\n");
  assert_says (tree, IOV "vf1/gt0/preempt_timeout_us", "500000\n");
  assert_says (tree, IOV "vf2/gt0/exec_quantum_ms", "0\n");
  assert_says (tree, IOV "pf/gt0/exec_quantum_ms", "0\n");
  same = plan_profile (tree, 1, TRUE, "balanced");
  g_assert_true (fatia_change_set_is_empty (same));

  /* As the driver does when it was given turns: the memory is shared out all the same. */
  tree_write (tree, IOV "pf/auto_provisioning", "0\n");
  more = plan_profile (tree, 2, TRUE, "guest-first");
  more_id = apply (tree, more);
  assert_says (tree, IOV "pf/auto_provisioning", "1\n");
  assert_says (tree, IOV "vf2/gt0/exec_quantum_ms", "32\n");
  assert_says (tree, IOV "pf/gt0/exec_quantum_ms", "8\n");
  active = fatia_scheduling_find_profile (tree->root, PF);
  g_assert_cmpstr (active, ==, "guest-first");

  undo (tree, more_id);
  assert_says (tree, IOV "vf1/gt0/exec_quantum_ms", "25\n");
  assert_says (tree, IOV "vf2/gt0/exec_quantum_ms", "0\n");
  assert_says (tree, IOV "pf/gt0/exec_quantum_ms", "0\n");
  undo (tree, first_id);
  kernel_stop (&kernel);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

/* Memory is given before the functions are made, and is not taken from those that are there. */
static void
test_quotas (Tree *tree, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autofree char *writes = NULL;
  g_autofree char *id = NULL;
  Kernel kernel;

  add_i915 (tree, 7);
  before = tree_snapshot (tree, NULL);
  kernel_start (&kernel, tree, FALSE);
  set = plan_profile (tree, 3, FALSE, "host-first");
  writes = targets (set);
  g_assert_nonnull (strstr (writes, "ggtt_quota"));
  g_assert_true (strstr (writes, "ggtt_quota") < strstr (writes, "sriov_numvfs to 3"));
  g_assert_true (strstr (writes, "exec_quantum_ms") != NULL);
  g_assert_null (strstr (writes, "auto_provisioning"));
  id = apply (tree, set);
  /* 2 GiB, 28672 and 128 by three, by what the driver rounds to. */
  assert_says (tree, IOV "vf3/gt0/ggtt_quota", "715128832\n");
  assert_says (tree, IOV "vf3/gt0/contexts_quota", "9472\n");
  assert_says (tree, IOV "vf3/gt0/doorbells_quota", "42\n");
  assert_says (tree, IOV "vf4/gt0/ggtt_quota", "0\n");
  assert_profile_refused (tree, PF, 3, "balanced", FATIA_CHANGE_ERROR_REFUSED,
                          "Take them away first");
  assert_profile_refused (tree, PF, 2, "host-first", FATIA_CHANGE_ERROR_REFUSED,
                          "Take them away first");
  undo (tree, id);
  kernel_stop (&kernel);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

/* xe has a choice to be put back, and files that only tell. */
static void
test_xe (Tree *tree, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autofree char *id = NULL;
  Kernel kernel;

  for (guint function = 0; function <= 2; function++)
    {
      g_autofree char *name = function ? g_strdup_printf ("vf%u", function) : g_strdup ("pf");
      g_autofree char *quantum =
        g_strdup_printf (DEVICE "sriov_admin/%s/profile/exec_quantum_ms", name);
      g_autofree char *priority =
        g_strdup_printf (DEVICE "sriov_admin/%s/profile/sched_priority", name);

      tree_write (tree, quantum, "0\n");
      tree_write_mode (tree, priority, "[low] normal high\n", function ? 0444 : 0644);
    }
  before = tree_snapshot (tree, NULL);
  kernel_start (&kernel, tree, FALSE);
  set = plan_profile (tree, 2, FALSE, "host-first");
  id = apply (tree, set);
  assert_says (tree, DEVICE "sriov_admin/pf/profile/sched_priority", "high\n");
  assert_says (tree, DEVICE "sriov_admin/pf/profile/exec_quantum_ms", "32\n");
  assert_says (tree, DEVICE "sriov_admin/vf2/profile/exec_quantum_ms", "8\n");
  assert_says (tree, DEVICE "sriov_admin/vf2/profile/sched_priority", "[low] normal high\n");
  /* As the driver shows it. */
  tree_write (tree, DEVICE "sriov_admin/pf/profile/sched_priority", "low normal [high]\n");
  undo (tree, id);
  kernel_stop (&kernel);
  assert_says (tree, DEVICE "sriov_admin/pf/profile/sched_priority", "low\n");
  tree_write (tree, DEVICE "sriov_admin/pf/profile/sched_priority", "[low] normal high\n");
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

/* A kept profile returns; where the driver has none any more the functions come all the same. */
static void
test_restore_profile (Tree *tree, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Kernel kernel;

  tree_write (tree, FATIA_VIRTUAL_FUNCTIONS_CONF,
              "[virtual-functions]\npf=" PF "\ncount=1\nprofile=balanced\n");
  kernel_start (&kernel, tree, FALSE);
  g_assert_true (fatia_virtual_functions_restore (tree->root, 0, 0, &error));
  g_assert_no_error (error);
  assert_says (tree, DEVICE "sriov_numvfs", "1\n");
  g_assert_true (fatia_virtual_functions_suspend (tree->root, 0, &error));
  g_assert_no_error (error);
  assert_says (tree, DEVICE "sriov_numvfs", "0\n");
  add_i915 (tree, 7);
  g_assert_true (fatia_virtual_functions_restore (tree->root, 0, 0, &error));
  g_assert_no_error (error);
  kernel_stop (&kernel);
  assert_says (tree, DEVICE "sriov_numvfs", "1\n");
  assert_says (tree, IOV "vf1/gt0/exec_quantum_ms", "25\n");
}

/* What runs at boot and for sleep changes nothing while a change is under way, and says so. */
static void
test_change_under_way (Tree *tree, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int lock = fatia_lock_take (tree->root, &error);

  g_assert_no_error (error);
  tree_write (tree, FATIA_VIRTUAL_FUNCTIONS_CONF, "[virtual-functions]\npf=" PF "\ncount=1\n");
  g_assert_true (fatia_virtual_functions_suspend (tree->root, 0, &error));
  g_assert_false (fatia_virtual_functions_restore (tree->root, 0, 0, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_BUSY);
  g_clear_error (&error);
  assert_says (tree, DEVICE "sriov_numvfs", "0\n");
  tree_write (tree, DEVICE "sriov_numvfs", "1\n");
  g_assert_false (fatia_virtual_functions_suspend (tree->root, 0, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "stays awake"));
  assert_says (tree, DEVICE "sriov_numvfs", "1\n");
  close (lock);
}

/* systemd is told of the link that it reads before the computer sleeps, where it runs. */
static void
test_sleep_link (Tree *tree, gconstpointer data)
{
  FatiaVirtualFunctions wish = { PF, 1, TRUE, "driver", TRUE };
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("vfs");
  g_autoptr (FatiaChangeSet) not_kept = fatia_change_set_new ("vfs");
  g_autofree char *writes = NULL;
  g_autofree char *other = NULL;

  tree_folder (tree, "run/systemd/system");
  g_assert_true (fatia_virtual_functions_plan (tree->root, &wish, set, NULL));
  writes = targets (set);
  g_assert_true (g_str_has_prefix (writes, "file virtual-functions.conf;"
                                           "link fatia-virtual-functions.service;"
                                           "link fatia-virtual-functions-sleep.service;"
                                           "command systemctl;"));
  wish.keep = FALSE;
  g_assert_true (fatia_virtual_functions_plan (tree->root, &wish, not_kept, NULL));
  other = targets (not_kept);
  g_assert_null (strstr (other, "link"));
}

static void
test_restore_odd_conf (Tree *tree, gconstpointer data)
{
  static const char *const bad[] = { "nonsense",
                                     "[virtual-functions]\n",
                                     "[virtual-functions]\npf=../../x\ncount=1\n",
                                     "[virtual-functions]\npf=" PF "\ncount=-1\n",
                                     "[virtual-functions]\npf=" PF "\ncount=99999999999\n",
                                     "[other]\npf=" PF "\ncount=1\n" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      tree_write (tree, FATIA_VIRTUAL_FUNCTIONS_CONF, bad[i]);
      g_assert_false (fatia_virtual_functions_restore (tree->root, 0, 0, &error));
      g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Tree, NULL, gpu_set_up, func, tree_tear_down)
  ADD ("/virtual-functions/addresses", test_addresses);
  ADD ("/virtual-functions/devices", test_devices);
  ADD ("/virtual-functions/counts", test_counts);
  ADD ("/virtual-functions/order", test_order);
  ADD ("/virtual-functions/module", test_module);
  ADD ("/virtual-functions/not-taken", test_not_taken);
  ADD ("/virtual-functions/unbound", test_unbound);
  ADD ("/virtual-functions/bound-by-graphics-driver", test_bound_by_graphics_driver);
  ADD ("/virtual-functions/in-use", test_in_use);
  ADD ("/virtual-functions/journey", test_journey);
  ADD ("/virtual-functions/restore", test_restore);
  ADD ("/virtual-functions/restore-waits", test_restore_waits);
  ADD ("/virtual-functions/change-under-way", test_change_under_way);
  ADD ("/virtual-functions/restore-odd-conf", test_restore_odd_conf);
  ADD ("/virtual-functions/profiles", test_profiles);
  ADD ("/virtual-functions/quotas", test_quotas);
  ADD ("/virtual-functions/xe", test_xe);
  ADD ("/virtual-functions/restore-profile", test_restore_profile);
  ADD ("/virtual-functions/sleep-link", test_sleep_link);
  return g_test_run ();
}
