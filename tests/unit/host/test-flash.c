/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The firmware's chip: which device is one, what is said where there is none, and reading what
 * can't be read everywhere. */
#include "host/fatia-flash.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host-tree.h"
#include "host/fatia-fd.h"

#define CONTROLLER "sys/devices/pci0000:00/0000:00:1f.5"
#define CHIP       CONTROLLER "/spi_master/spi0/spi0.0"
#define BLOCK      4096

/* As Linux has it on a NUC: mtd0, below the chip spi0.0 of the controller 0000:00:1f.5. */
static void
add_device (HostTree *tree, guint number)
{
  g_autofree char *device = g_strdup_printf (CHIP "/mtd/mtd%u", number);
  g_autofree char *type = g_build_filename (device, "type", NULL);
  g_autofree char *size = g_build_filename (device, "size", NULL);
  g_autofree char *link = g_build_filename (device, "device", NULL);
  g_autofree char *class = g_strdup_printf ("sys/class/mtd/mtd%u", number);
  g_autofree char *target = g_strdup_printf ("../../../%s", device);

  host_tree_put (tree, type, "nor\n", -1);
  host_tree_put (tree, size, "16384\n", -1);
  host_tree_link (tree, link, "../../../spi0.0");
  host_tree_link (tree, class, target);
}

static HostTree *
new_tree (const char *chip_driver, const char *controller_driver)
{
  HostTree *tree = host_tree_new (NULL);

  add_device (tree, 0);
  host_tree_link (tree, CHIP "/driver", chip_driver);
  host_tree_link (tree, CONTROLLER "/driver", controller_driver);
  return tree;
}

#define SPI_NOR   "../../../../../../bus/spi/drivers/spi-nor"
#define INTEL_SPI "../../../bus/pci/drivers/intel-spi"

static void
test_found (void)
{
  g_autoptr (HostTree) tree = new_tree (SPI_NOR, INTEL_SPI);
  g_autoptr (GError) error = NULL;
  fatia_autofd int fd = -1;
  FatiaFlash flash;

  add_device (tree, 1);
  g_assert_true (fatia_flash_find (tree->root, &flash, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (flash.number, ==, 0);
  g_assert_cmpuint (flash.size, ==, 16384);

  g_assert_cmpint (fatia_flash_open (tree->root, &flash, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  host_tree_folder (tree, "dev/mtd0ro");
  g_assert_cmpint (fatia_flash_open (tree->root, &flash, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  host_tree_remove (tree, "dev/mtd0ro");
  host_tree_put (tree, "dev/mtd0ro", "chip", -1);
  fd = fatia_flash_open (tree->root, &flash, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
}

static void
assert_none (HostTree *tree, const char *words)
{
  g_autoptr (GError) error = NULL;
  FatiaFlash flash;

  g_assert_false (fatia_flash_find (tree->root, &flash, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, words));
}

/* Other people's flash: a USB stick's, a discrete card's, one of an unheard-of size. */
static void
test_others (void)
{
  static const char *const sizes[] = {
    "0", "-1", "67108865", "0x1000", "", "99999999999999999999"
  };
  g_autoptr (HostTree) stick = new_tree ("../drivers/other", INTEL_SPI);
  g_autoptr (HostTree) card = new_tree (SPI_NOR, "../drivers/other");
  g_autoptr (HostTree) tree = new_tree (SPI_NOR, INTEL_SPI);

  assert_none (stick, "CONFIG_SPI_INTEL_PCI");
  assert_none (card, "CONFIG_SPI_INTEL_PCI");
  host_tree_put (tree, CHIP "/mtd/mtd0/type", "nand\n", -1);
  assert_none (tree, "CONFIG_SPI_INTEL_PCI");
  host_tree_put (tree, CHIP "/mtd/mtd0/type", "nor\n", -1);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      host_tree_put (tree, CHIP "/mtd/mtd0/size", sizes[i], -1);
      assert_none (tree, "CONFIG_SPI_INTEL_PCI");
    }
}

static void
test_explained (void)
{
  g_autoptr (HostTree) tree = host_tree_new (NULL);

  assert_none (tree, "CONFIG_SPI_INTEL_PCI");
  host_tree_put (tree, "proc/sys/kernel/osrelease", "6.14.1-arch\n", -1);
  assert_none (tree, "CONFIG_SPI_INTEL_PCI");
  host_tree_put (tree, "lib/modules/6.14.1-arch/kernel/drivers/spi/spi-intel-pci.ko.zst", "", 0);
  assert_none (tree, "modprobe spi-intel-pci");
  host_tree_folder (tree, "sys/bus/pci/drivers/intel-spi");
  assert_none (tree, "hides it");
}

/* Our own memory, as /proc/self/mem shows it: a read where nothing is mapped fails with EIO, as
 * one of the management engine's region does. */
typedef struct
{
  guint8 *mapped;
  int fd;
} Memory;

#define MAPPED_AT (1024 * 1024 + 3 * BLOCK)
#define MAPPED    (2 * BLOCK)
#define SIZE      (2 * 1024 * 1024 + 100)

static void
memory_set_up (Memory *memory, gconstpointer data)
{
  memory->mapped = mmap ((void *) MAPPED_AT, MAPPED, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  g_assert_true (memory->mapped == (void *) MAPPED_AT);
  memset (memory->mapped, 0x5a, MAPPED);
  memory->fd = open ("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (memory->fd, >=, 0);
}

static void
memory_tear_down (Memory *memory, gconstpointer data)
{
  munmap (memory->mapped, MAPPED);
  close (memory->fd);
}

static void
assert_gap (GArray *gaps, guint i, guint64 offset, guint64 end)
{
  const FatiaFlashGap *gap = &g_array_index (gaps, FatiaFlashGap, i);

  g_assert_cmpuint (gap->offset, ==, offset);
  g_assert_cmpuint (gap->offset + gap->length, ==, end);
}

static void
on_progress (guint64 done, guint64 total, gpointer user_data)
{
  guint64 *last = user_data;

  g_assert_cmpuint (done, >, *last);
  g_assert_cmpuint (done, <=, total);
  *last = done;
}

static void
test_gaps (Memory *memory, gconstpointer data)
{
  g_autoptr (GArray) gaps = g_array_new (FALSE, FALSE, sizeof (FatiaFlashGap));
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *bytes = g_malloc (SIZE);
  guint64 last = 0;
  fatia_autofd int fd = fatia_flash_read (memory->fd, SIZE, gaps, on_progress, &last, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (last, ==, SIZE);
  g_assert_cmpint (fcntl (fd, F_GET_SEALS), ==,
                   F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  g_assert_cmpint (pread (fd, bytes, SIZE, 0), ==, SIZE);
  for (guint i = 0; i < SIZE; i++)
    g_assert_cmphex (bytes[i], ==, i >= MAPPED_AT && i < MAPPED_AT + MAPPED ? 0x5a : 0xff);
  g_assert_cmpuint (gaps->len, ==, 2);
  assert_gap (gaps, 0, 0, MAPPED_AT);
  assert_gap (gaps, 1, MAPPED_AT + MAPPED, SIZE);
}

static void
test_nothing (Memory *memory, gconstpointer data)
{
  g_autoptr (GArray) gaps = g_array_new (FALSE, FALSE, sizeof (FatiaFlashGap));
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (fatia_flash_read (memory->fd, BLOCK * 2, gaps, NULL, NULL, NULL, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

static void
test_cancelled (Memory *memory, gconstpointer data)
{
  g_autoptr (GArray) gaps = g_array_new (FALSE, FALSE, sizeof (FatiaFlashGap));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_cmpint (fatia_flash_read (memory->fd, SIZE, gaps, NULL, NULL, cancellable, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A chip that ends before its size, and one that is no longer there. */
static void
test_short_and_gone (void)
{
  g_autoptr (GArray) gaps = g_array_new (FALSE, FALSE, sizeof (FatiaFlashGap));
  g_autoptr (GError) error = NULL;
  fatia_autofd int chip = memfd_create ("chip", MFD_CLOEXEC);
  fatia_autofd int fd = -1;

  g_assert_cmpint (ftruncate (chip, BLOCK + 1), ==, 0);
  fd = fatia_flash_read (chip, 3 * BLOCK, gaps, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gaps->len, ==, 1);
  assert_gap (gaps, 0, BLOCK, 3 * BLOCK);
  g_assert_cmpint (fatia_flash_read (-1, 3 * BLOCK, gaps, NULL, NULL, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash/found", test_found);
  g_test_add_func ("/flash/others", test_others);
  g_test_add_func ("/flash/explained", test_explained);
  g_test_add ("/flash/gaps", Memory, NULL, memory_set_up, test_gaps, memory_tear_down);
  g_test_add ("/flash/nothing", Memory, NULL, memory_set_up, test_nothing, memory_tear_down);
  g_test_add ("/flash/cancelled", Memory, NULL, memory_set_up, test_cancelled, memory_tear_down);
  g_test_add_func ("/flash/short-and-gone", test_short_and_gone);
  return g_test_run ();
}
