/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The flash chip that holds the board's firmware, where the kernel shows it: as an MTD device of
 * the SPI controller in Intel's chipsets (drivers/spi/spi-intel.c, a SPI controller's driver since
 * Linux 5.18). Its one partition, "BIOS", reaches from the flash descriptor to the end of the last
 * region. Nothing else is looked at: no /dev/mem, no register.
 */
#include "host/fatia-flash.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <glib/gi18n-lib.h>

#include "host/fatia-fd.h"

#define CLASS_FOLDER "/sys/class/mtd"
/* Documentation/admin-guide/devices.txt: 90 char, two minors each, the odd one read only */
#define MTD_MAJOR 90

#ifdef FATIA_TEST_PF
/* What ./dev machine has in place of such a chip. The words are there to be looked for in a
 * binary. */
static const char test_chip[] = "built for tests: takes mtdram for a firmware chip";

static gboolean
is_test_chip (FatiaHostRoot *root, const char *device)
{
  g_autofree char *path = g_build_filename (device, "name", NULL);
  g_autofree char *name = fatia_host_root_read_line (root, path);

  g_debug ("%s", test_chip);
  return g_strcmp0 (name, "mtdram test device") == 0;
}
#else
static gboolean
is_test_chip (FatiaHostRoot *root, const char *device)
{
  return FALSE;
}
#endif

/* Whether the link @path below @device is to a driver called @name. */
static gboolean
has_driver (FatiaHostRoot *root, const char *device, const char *path, const char *name)
{
  g_autofree char *link = g_build_filename (device, path, NULL);
  g_autofree char *target = fatia_host_root_read_link (root, link);
  g_autofree char *found = target ? g_path_get_basename (target) : NULL;

  return g_strcmp0 (found, name) == 0;
}

/* "device" is the chip, spi0.0; above it stand spi0, the class's folder and the controller. */
static gboolean
is_firmware_chip (FatiaHostRoot *root, const char *device)
{
  g_autofree char *path = g_build_filename (device, "type", NULL);
  g_autofree char *type = fatia_host_root_read_line (root, path);

  return (g_strcmp0 (type, "nor") == 0 && has_driver (root, device, "device/driver", "spi-nor") &&
          has_driver (root, device, "device/../../../driver", "intel-spi")) ||
         is_test_chip (root, device);
}

/* "mtd0", not "mtd0ro". */
static gboolean
parse_name (const char *name, guint *number)
{
  guint64 value;

  if (!g_str_has_prefix (name, "mtd") ||
      !g_ascii_string_to_unsigned (name + strlen ("mtd"), 10, 0, 127, &value, NULL))
    return FALSE;
  *number = value;
  return TRUE;
}

static gboolean
read_size (FatiaHostRoot *root, const char *device, guint *size)
{
  g_autofree char *path = g_build_filename (device, "size", NULL);
  g_autofree char *text = fatia_host_root_read_line (root, path);
  guint64 value;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 1, FATIA_FLASH_LIMIT, &value, NULL))
    return FALSE;
  *size = value;
  return TRUE;
}

static gboolean
has_module (FatiaHostRoot *root)
{
  static const char *const suffixes[] = { "", ".xz", ".zst", ".gz" };
  g_autofree char *release = fatia_host_root_read_line (root, "/proc/sys/kernel/osrelease");

  for (guint i = 0; release && i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = g_strdup_printf (
        "/lib/modules/%s/kernel/drivers/spi/spi-intel-pci.ko%s", release, suffixes[i]);

      if (fatia_host_root_exists (root, path))
        return TRUE;
    }
  return FALSE;
}

/* Why there is no chip to be read, and what to do. */
static const char *
explain (FatiaHostRoot *root)
{
  if (fatia_host_root_exists (root, "/sys/bus/pci/drivers/intel-spi") ||
      fatia_host_root_exists (root, "/sys/bus/platform/drivers/intel-spi"))
    return _ ("The kernel has its driver for the firmware’s chip, but shows no chip: this board "
              "hides it. Take the firmware file of the board’s maker.");
  if (has_module (root))
    return _ ("The kernel’s driver for the firmware’s chip is not loaded. Load it with “sudo "
              "modprobe spi-intel-pci” and try again, or take the firmware file of the board’s "
              "maker.");
  return _ ("This system’s kernel has no driver that can read the firmware’s chip (its option is "
            "CONFIG_SPI_INTEL_PCI, and Debian’s kernels go without it). Take the firmware file of "
            "the board’s maker.");
}

/**
 * fatia_flash_find:
 * @flash: (out caller-allocates): the chip; where there are two, the first
 *
 * Looks for the chip of the board's firmware. No privilege is needed.
 *
 * Returns: whether there is one that can be read, else %G_IO_ERROR_NOT_FOUND in words that say
 *   what to do
 */
gboolean
fatia_flash_find (FatiaHostRoot *root, FatiaFlash *flash, GError **error)
{
  g_auto (GStrv) names = NULL;
  FatiaFlash found = { G_MAXUINT, 0 };

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);

  names = fatia_host_root_list (root, CLASS_FOLDER, NULL);
  for (guint i = 0; names && names[i]; i++)
    {
      g_autofree char *device = g_build_filename (CLASS_FOLDER, names[i], NULL);
      FatiaFlash one;

      if (parse_name (names[i], &one.number) && one.number < found.number &&
          is_firmware_chip (root, device) && read_size (root, device, &one.size))
        found = one;
    }
  *flash = found;
  if (found.size > 0)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, explain (root));
  return FALSE;
}

/* In a tree a plain file is the chip. */
static gboolean
is_chip (FatiaHostRoot *root, const FatiaFlash *flash, int fd)
{
  struct stat info;

  if (fstat (fd, &info) < 0)
    return FALSE;
  if (!fatia_host_root_is_system (root))
    return S_ISREG (info.st_mode);
  return S_ISCHR (info.st_mode) && info.st_rdev == makedev (MTD_MAJOR, 2 * flash->number + 1);
}

/**
 * fatia_flash_open:
 * @flash: of fatia_flash_find()
 *
 * Opens the chip's device that can only be read.
 *
 * Returns: a descriptor the caller owns, or -1
 */
int
fatia_flash_open (FatiaHostRoot *root, const FatiaFlash *flash, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/dev/mtd%uro", flash->number);
  fatia_autofd int fd = -1;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), -1);

  fd = fatia_host_root_open (root, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, error);
  if (fd >= 0 && is_chip (root, flash, fd))
    return fatia_steal_fd (&fd);
  if (fd >= 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 _ ("%s is not the device of the firmware’s chip."), path);
  return -1;
}
