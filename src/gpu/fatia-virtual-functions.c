/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Virtual functions of an Intel graphics processor, by the PCI core's attributes (the kernel's
 * Documentation/ABI/testing/sysfs-bus-pci). The host's graphics driver must not bind them: a
 * running compositor crashes when they appear as cards. So probing is off before they are made,
 * and each is then given to vfio-pci.
 */
#include "gpu/fatia-virtual-functions.h"

#include <stdio.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "gpu/fatia-scheduling-plan.h"
#include "gpu/fatia-virtual-functions-private.h"

#define DEVICES       "/sys/bus/pci/devices"
#define VENDOR_INTEL  0x8086
#define CLASS_DISPLAY 0x03
#define DRIVER        "vfio-pci"

/* "0000:00:02.0", the spelling the kernel uses below /sys. */
gboolean
fatia_virtual_functions_is_address (const char *pf)
{
  static const char pattern[] = "xxxx:xx:xx.o";

  if (strlen (pf) != sizeof pattern - 1)
    return FALSE;
  for (guint i = 0; pattern[i]; i++)
    if (pattern[i] == 'x'   ? !g_ascii_isdigit (pf[i]) && !(pf[i] >= 'a' && pf[i] <= 'f')
        : pattern[i] == 'o' ? pf[i] < '0' || pf[i] > '7'
                            : pf[i] != pattern[i])
      return FALSE;
  return TRUE;
}

static char *
attribute_path (const char *pf, const char *name)
{
  return g_build_filename (DEVICES, pf, name, NULL);
}

static char *
read_attribute (FatiaHostRoot *root, const char *pf, const char *name)
{
  g_autofree char *path = attribute_path (pf, name);

  return fatia_host_root_read_line (root, path);
}

/* FALSE: not there, or not a number that fits. */
static gboolean
read_number (FatiaHostRoot *root, const char *pf, const char *name, guint base, guint64 *number)
{
  g_autofree char *text = read_attribute (root, pf, name);
  const char *digits = text;

  if (text == NULL)
    return FALSE;
  if (base == 16 && g_str_has_prefix (text, "0x"))
    digits += 2;
  return g_ascii_string_to_unsigned (digits, base, 0, G_MAXUINT32, number, NULL);
}

#ifdef FATIA_TEST_PF
/* What ./dev machine has in place of a graphics processor, since no one can emulate that. The
 * words are there to be looked for in a binary. */
static const char test_pf[] = "built for tests: takes 8086:10c9 for a graphics processor";

static gboolean
is_test_pf (FatiaHostRoot *root, const char *pf)
{
  guint64 device;

  g_debug ("%s", test_pf);
  return read_number (root, pf, "device", 16, &device) && device == 0x10c9;
}
#else
static gboolean
is_test_pf (FatiaHostRoot *root, const char *pf)
{
  return FALSE;
}
#endif

static gboolean
check_device (FatiaHostRoot *root, const char *pf, GError **error)
{
  g_autofree char *physfn = attribute_path (pf, "physfn");
  guint64 vendor, class_code;

  if (!fatia_virtual_functions_is_address (pf))
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                   _ ("This is not the address of a PCI device."));
      return FALSE;
    }
  if (!read_number (root, pf, "vendor", 16, &vendor) ||
      !read_number (root, pf, "class", 16, &class_code))
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                   _ ("There is no PCI device %s."), pf);
      return FALSE;
    }
  if (vendor != VENDOR_INTEL || (class_code >> 16 != CLASS_DISPLAY && !is_test_pf (root, pf)))
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                   _ ("The PCI device %s is not an Intel graphics processor."), pf);
      return FALSE;
    }
  if (fatia_host_root_exists (root, physfn))
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                   _ ("The PCI device %s is a virtual function itself."), pf);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_count (FatiaHostRoot *root, const char *pf, guint count, guint64 *now, GError **error)
{
  g_autofree char *driver = attribute_path (pf, "driver");
  guint64 total;

  /* The PCI core has the attributes before the driver comes. */
  if ((count > 0 && !fatia_host_root_exists (root, driver)) ||
      !read_number (root, pf, "sriov_totalvfs", 10, &total) ||
      !read_number (root, pf, "sriov_numvfs", 10, now))
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                   _ ("The loaded driver of %s can't make virtual functions. Install its SR-IOV "
                      "module, renew the initramfs and restart."),
                   pf);
      return FALSE;
    }
  if (count > 0 && total == 0)
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                   _ ("The driver of %s offers no virtual functions: its kernel arguments are not "
                      "in effect. Set them up and restart."),
                   pf);
      return FALSE;
    }
  if (count > total)
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                   _ ("%s can have %u virtual functions at most, and %u were asked for."), pf,
                   (guint) total, count);
      return FALSE;
    }
  return TRUE;
}

/* Whether each has a driver that gives it to virtual machines, vfio-pci or one of its kin
 * (xe-vfio-pci): not the host's graphics driver, and not none. */
static gboolean
are_given_away (FatiaHostRoot *root, const char *pf, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf ("virtfn%u/driver", i);
      g_autofree char *path = attribute_path (pf, name);
      g_autofree char *target = fatia_host_root_read_link (root, path);
      g_autofree char *driver = target ? g_path_get_basename (target) : NULL;

      if (driver == NULL || g_str_equal (driver, "i915") || g_str_equal (driver, "xe"))
        return FALSE;
    }
  return TRUE;
}

/* vfio-pci takes no device that is in no IOMMU group. */
static gboolean
check_iommu (FatiaHostRoot *root, guint count, GError **error)
{
  g_auto (GStrv) groups = fatia_host_root_list (root, "/sys/kernel/iommu_groups", NULL);

  if (count == 0 || (groups && groups[0]))
    return TRUE;
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                       _ ("The IOMMU is off, and without it no virtual machine can have a virtual "
                          "function. Turn on “VT-d” in the firmware setup, set the kernel "
                          "arguments and restart."));
  return FALSE;
}

static void
add_write (
  FatiaHostRoot *root, FatiaChangeSet *set, const char *pf, const char *name, const char *to)
{
  g_autofree char *path = attribute_path (pf, name);
  g_autofree char *now = read_attribute (root, pf, name);

  if (now)
    fatia_change_set_add_attribute (set, path, now, to);
}

static void
add_numvfs (FatiaChangeSet *set, const char *pf, guint64 from, guint64 to)
{
  g_autofree char *path = attribute_path (pf, "sriov_numvfs");
  g_autofree char *before = g_strdup_printf ("%" G_GUINT64_FORMAT, from);
  g_autofree char *after = g_strdup_printf ("%" G_GUINT64_FORMAT, to);

  fatia_change_set_add_attribute (set, path, before, after);
}

/* (transfer full): where on its bus virtual function @index will be: by SR-IOV's rule the offset
 * and strides further than its physical function; its name below that where they can't be read */
static char *
name_function (FatiaHostRoot *root, const char *pf, guint index)
{
  guint64 offset, stride;
  guint domain, bus, slot, function, id;

  if (!read_number (root, pf, "sriov_offset", 10, &offset) || offset == 0 || offset > G_MAXUINT16 ||
      !read_number (root, pf, "sriov_stride", 10, &stride) || stride > G_MAXUINT16 ||
      sscanf (pf, "%4x:%2x:%2x.%1x", &domain, &bus, &slot, &function) != 4)
    return g_strdup_printf ("%s/virtfn%u", pf, index);
  id = (bus << 8 | slot << 3 | function) + (guint) offset + index * (guint) stride;
  return g_strdup_printf ("%04x:%02x:%02x.%x", domain, id >> 8 & 0xff, id >> 3 & 0x1f, id & 7);
}

static void
add_driver (FatiaHostRoot *root, FatiaChangeSet *set, const char *pf, guint index)
{
  g_autofree char *name = g_strdup_printf ("virtfn%u", index);
  g_autofree char *path = attribute_path (pf, name);
  g_autofree char *function = name_function (root, pf, index);
  /* Translators: %s is a virtual function's PCI address; vfio-pci a driver */
  g_autofree char *title =
    g_strdup_printf (_ ("Leave %s to virtual machines: its driver is vfio-pci"), function);

  fatia_change_set_add_driver (set, path, DRIVER, title);
}

/* It need not be loaded before there is a function for it. */
static void
add_module (FatiaHostRoot *root, FatiaChangeSet *set)
{
  static const char *const argv[] = { "modprobe", DRIVER, NULL };

  if (!fatia_host_root_exists (root, "/sys/bus/pci/drivers/" DRIVER))
    fatia_change_set_add_command_once (
      set, argv, _ ("Load the driver that gives PCI devices to virtual machines"));
}

/* The PCI core changes the count from and to 0 only. */
static void
add_attributes (const FatiaSchedulingPlan *plan)
{
  if (plan->count > 0)
    add_write (plan->root, plan->set, plan->pf, "sriov_drivers_autoprobe", "0");
  fatia_scheduling_plan_before (plan);
  if (plan->remake)
    add_numvfs (plan->set, plan->pf, plan->now, 0);
  fatia_scheduling_plan_between (plan);
  if (plan->remake)
    add_numvfs (plan->set, plan->pf, 0, plan->count);
  fatia_scheduling_plan_after (plan);
  if (plan->remake && plan->count > 0)
    add_module (plan->root, plan->set);
  for (guint i = 0; plan->remake && i < plan->count; i++)
    add_driver (plan->root, plan->set, plan->pf, i);
}

/**
 * fatia_virtual_functions_plan:
 * @wish: what is to be
 * @set: gets the changes
 *
 * Returns: whether it can be done: %FATIA_CHANGE_ERROR_INVALID for a device, count or profile that
 *   is none, %FATIA_CHANGE_ERROR_UNSUPPORTED where the driver gives no virtual functions or does
 *   not know of profiles, %FATIA_CHANGE_ERROR_REFUSED where a virtual machine has one that would
 *   go
 */
gboolean
fatia_virtual_functions_plan (FatiaHostRoot *root,
                              const FatiaVirtualFunctions *wish,
                              FatiaChangeSet *set,
                              GError **error)
{
  FatiaSchedulingPlan plan = { root, set, wish->pf, wish->profile, 0, wish->count, FALSE };
  guint64 now;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);
  g_return_val_if_fail (wish->pf != NULL && wish->profile != NULL, FALSE);
  g_return_val_if_fail (FATIA_IS_CHANGE_SET (set), FALSE);

  if (!check_device (root, wish->pf, error) ||
      !check_count (root, wish->pf, wish->count, &now, error) ||
      !check_iommu (root, wish->count, error))
    return FALSE;
  plan.now = now;
  plan.remake = now != wish->count || !are_given_away (root, wish->pf, now);
  if (!fatia_scheduling_plan_check (&plan, error) ||
      !fatia_virtual_functions_keep (root, wish, set, error))
    return FALSE;
  add_attributes (&plan);
  return fatia_virtual_functions_check_free (root, set, error);
}
