/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts: graphics devices, their virtual functions and their driver, and the IOMMU. */
#include "host/fatia-facts-private.h"
#include "host/fatia-scheduling.h"

#include <string.h>

#include "host/fatia-platform.h"

#define PCI_DEVICES   "/sys/bus/pci/devices"
#define VENDOR_INTEL  0x8086
#define CLASS_DISPLAY 0x03
/* More PCI functions than any computer that has one of these GPUs. */
#define DEVICES_LIMIT 4096

static void
fatia_pci_device_free (FatiaPciDevice *device)
{
  g_free (device->address);
  g_free (device->driver);
  g_free (device->physfn);
  g_free (device->drm_card);
  g_free (device->iommu_group);
  g_free (device);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaPciDevice, fatia_pci_device_free)

/* "0000:00:02.0"; a domain may have more than four digits (VMD). */
static gboolean
is_address (const char *name)
{
  const char *colon = strchr (name, ':');
  gsize digits = strspn (name, "0123456789abcdef");
  const char *p = name + digits;

  if (colon == NULL || p != colon || digits < 4 || digits > 8 || strlen (p) != 8)
    return FALSE;
  return g_ascii_isxdigit (p[1]) && g_ascii_isxdigit (p[2]) && p[3] == ':' &&
         g_ascii_isxdigit (p[4]) && g_ascii_isxdigit (p[5]) && p[6] == '.' && p[7] >= '0' &&
         p[7] <= '7';
}

/* "0x8086"; -1 where the attribute is not there or no such number. */
static gint64
read_hex (FatiaHostRoot *root, const char *address, const char *attribute)
{
  g_autofree char *path = g_build_filename (PCI_DEVICES, address, attribute, NULL);
  g_autofree char *text = fatia_host_root_read_line (root, path);
  guint64 number;

  if (text == NULL || !g_str_has_prefix (text, "0x") ||
      !g_ascii_string_to_unsigned (text + 2, 16, 0, G_MAXUINT32, &number, NULL))
    return -1;
  return (gint64) number;
}

static int
read_number (FatiaHostRoot *root, const char *address, const char *attribute)
{
  g_autofree char *path = g_build_filename (PCI_DEVICES, address, attribute, NULL);

  return fatia_facts_read_number (root, path);
}

/* The last part of where a link of sysfs leads. (transfer full) (nullable) */
static char *
read_link_name (FatiaHostRoot *root, const char *address, const char *link)
{
  g_autofree char *path = g_build_filename (PCI_DEVICES, address, link, NULL);
  g_autofree char *target = fatia_host_root_read_link (root, path);
  g_autofree char *name = target ? g_path_get_basename (target) : NULL;

  return name ? fatia_facts_clean (name) : NULL;
}

/* (transfer full) (nullable) */
static char *
read_drm_card (FatiaHostRoot *root, const char *address)
{
  g_autofree char *path = g_build_filename (PCI_DEVICES, address, "drm", NULL);
  g_auto (GStrv) names = fatia_host_root_list (root, path, NULL);

  for (gsize i = 0; names && names[i]; i++)
    {
      if (g_str_has_prefix (names[i], "card") && g_ascii_isdigit (names[i][4]))
        return fatia_facts_clean (names[i]);
    }
  return NULL;
}

/* (transfer full) (nullable): %NULL where @address is no display device */
static FatiaPciDevice *
read_device (FatiaHostRoot *root, const char *address)
{
  g_autoptr (FatiaPciDevice) device = NULL;
  gint64 class = read_hex (root, address, "class");
  gint64 vendor, id;

  if (class < 0 || class >> 16 != CLASS_DISPLAY)
    return NULL;
  vendor = read_hex (root, address, "vendor");
  id = read_hex (root, address, "device");
  if (vendor < 0 || vendor > G_MAXUINT16 || id < 0 || id > G_MAXUINT16)
    return NULL;
  device = g_new0 (FatiaPciDevice, 1);
  device->address = g_strdup (address);
  device->vendor = (guint16) vendor;
  device->device = (guint16) id;
  device->driver = read_link_name (root, address, "driver");
  device->physfn = read_link_name (root, address, "physfn");
  device->iommu_group = read_link_name (root, address, "iommu_group");
  device->drm_card = read_drm_card (root, address);
  device->boot_vga = read_number (root, address, "boot_vga") == 1;
  device->sriov_totalvfs = read_number (root, address, "sriov_totalvfs");
  device->sriov_numvfs = read_number (root, address, "sriov_numvfs");
  device->sriov_drivers_autoprobe = read_number (root, address, "sriov_drivers_autoprobe");
  return g_steal_pointer (&device);
}

/* How well a device fits as the one to be sliced; 0: not at all. */
static int
rate (const FatiaPciDevice *device)
{
  const FatiaPlatform *platform;

  if (device->vendor != VENDOR_INTEL)
    return 0;
  platform = fatia_platform_find (device->device);
  if (platform && !platform->i915 && platform->xe_major == 0)
    return 0;
  /* Newer than our table, but it says of itself that it can be sliced. */
  if (platform == NULL)
    return device->sriov_totalvfs > 0 ? 1 : 0;
  return 2 + (device->sriov_totalvfs > 0 ? 2 : 0) + (device->boot_vga ? 1 : 0);
}

static void
choose_pf (FatiaFacts *facts)
{
  int best = 0;

  for (guint i = 0; i < facts->gpus->len; i++)
    {
      const FatiaPciDevice *device = g_ptr_array_index (facts->gpus, i);

      if (rate (device) > best)
        {
          best = rate (device);
          facts->pf = device;
        }
    }
  if (facts->pf)
    facts->platform = fatia_platform_find (facts->pf->device);
}

static void
drop_foreign_vfs (FatiaFacts *facts)
{
  for (guint i = facts->vfs->len; i > 0; i--)
    {
      const FatiaPciDevice *vf = g_ptr_array_index (facts->vfs, i - 1);

      if (facts->pf == NULL || g_strcmp0 (vf->physfn, facts->pf->address) != 0)
        g_ptr_array_remove_index (facts->vfs, i - 1);
    }
}

static guint
count_groups (FatiaHostRoot *root)
{
  g_auto (GStrv) groups = fatia_host_root_list (root, "/sys/kernel/iommu_groups", NULL);

  return groups ? g_strv_length (groups) : 0;
}

void
fatia_facts_read_graphics (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_auto (GStrv) names = fatia_host_root_list (root, PCI_DEVICES, NULL);

  facts->iommu_groups = count_groups (root);
  facts->gpus = g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_pci_device_free);
  facts->vfs = g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_pci_device_free);
  for (gsize i = 0; names && names[i] && i < DEVICES_LIMIT; i++)
    {
      FatiaPciDevice *device = is_address (names[i]) ? read_device (root, names[i]) : NULL;

      if (device)
        g_ptr_array_add (device->physfn ? facts->vfs : facts->gpus, device);
    }
  choose_pf (facts);
  drop_foreign_vfs (facts);
}

static FatiaTruth
read_driver_sriov (FatiaFacts *facts, FatiaHostRoot *root)
{
  const FatiaPlatform *platform = facts->platform;
  const char *driver = facts->pf->driver;

  if (g_strcmp0 (driver, "i915") == 0)
    /* Only i915-sriov-dkms has this parameter; the kernel's own i915 makes no virtual
     * functions, whatever sriov_totalvfs says. */
    return fatia_facts_look (root, "/sys/module/i915/parameters/max_vfs",
                             "/sys/module/i915/parameters");
  if (g_strcmp0 (driver, "xe") == 0)
    {
      if (platform && (platform->xe_major == 0 ||
                       !fatia_kernel_at_least (facts->kernel_major, facts->kernel_minor,
                                               platform->xe_major, platform->xe_minor)))
        return facts->kernel_major ? FATIA_NO : FATIA_UNKNOWN;
      return fatia_facts_look (root, "/sys/module/xe/parameters/max_vfs",
                               "/sys/module/xe/parameters");
    }
  return FATIA_NO;
}

void
fatia_facts_read_driver (FatiaFacts *facts, FatiaHostRoot *root)
{
  const char *driver = facts->pf ? facts->pf->driver : NULL;
  g_autofree char *version = NULL;
  g_autofree char *max_vfs = NULL;

  facts->driver_sriov = FATIA_UNKNOWN;
  facts->driver_max_vfs = -1;
  if (facts->pf == NULL)
    return;
  facts->driver_sriov = read_driver_sriov (facts, root);
  if (driver == NULL)
    return;
  version = g_build_filename ("/sys/module", driver, "version", NULL);
  facts->driver_version = fatia_facts_read_text (root, version);
  max_vfs = g_build_filename ("/sys/module", driver, "parameters", "max_vfs", NULL);
  facts->driver_max_vfs = fatia_facts_read_number (root, max_vfs);
  facts->driver_scheduling = fatia_scheduling_is_offered (root, facts->pf->address);
  facts->scheduling = fatia_scheduling_find_profile (root, facts->pf->address);
}
