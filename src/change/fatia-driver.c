/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which driver a PCI device has: driver_override names the only one that may take it, and a write
 * to the bus's drivers_probe makes the kernel look for it at once (the kernel's
 * Documentation/ABI/testing/sysfs-bus-pci). drivers_probe can't be read, and has nothing to put
 * back.
 */
#include "change/fatia-driver.h"

#include <glib/gi18n-lib.h>

#include "change/fatia-attribute.h"

#define PROBE     "/sys/bus/pci/drivers_probe"
#define WAIT_STEP (20 * 1000)

static gboolean
is_bound (FatiaHostRoot *root, const char *path, const char *driver)
{
  g_autofree char *target = fatia_host_root_read_link (root, path);
  g_autofree char *name = target ? g_path_get_basename (target) : NULL;

  return g_strcmp0 (name, driver) == 0;
}

/* The kernel binds before the write to drivers_probe returns; the one of practice soon after. */
static gboolean
wait_until_bound (FatiaHostRoot *root,
                  const char *path,
                  const char *address,
                  const char *driver,
                  gint64 deadline,
                  GError **error)
{
  while (!is_bound (root, path, driver))
    {
      if (g_get_monotonic_time () >= deadline)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                       _ ("The driver %s did not take %s; the kernel's log (journalctl -k) says "
                          "why."),
                       driver, address);
          return FALSE;
        }
      g_usleep (WAIT_STEP);
    }
  return TRUE;
}

/**
 * fatia_driver_bind:
 * @path: the link "driver" of a PCI device below /sys; the device is waited for
 * @driver: a driver's name, "vfio-pci"
 * @deadline: monotonic time
 *
 * Returns: whether @driver has the device before @deadline
 */
gboolean
fatia_driver_bind (
  FatiaHostRoot *root, const char *path, const char *driver, gint64 deadline, GError **error)
{
  g_autofree char *device = g_path_get_dirname (path);
  g_autofree char *override = g_build_filename (device, "driver_override", NULL);
  g_autofree char *target = NULL;
  g_autofree char *address = NULL;
  gboolean found;

  if (!fatia_attribute_wait (root, override, deadline, &found, error))
    return FALSE;
  /* By its own name, where @path comes to it by another ("virtfn0"). */
  target = fatia_host_root_read_link (root, device);
  address = g_path_get_basename (target ? target : device);
  return fatia_attribute_write (root, override, driver, error) &&
         fatia_attribute_write (root, PROBE, address, error) &&
         wait_until_bound (root, path, address, driver, deadline, error);
}
