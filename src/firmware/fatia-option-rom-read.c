/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Option ROMs that are given as input: a chain of images, of which the one for EFI firmware holds a
 * driver. UEFI specification 14.4.2, PCI firmware specification 3.x.
 */
#include "fatia-package-formats.h"

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"
#include "fatia-package-choose.h"
#include "fatia-pe.h"

#define UNIT          512
#define ROM_SIGNATURE 0xAA55
#define ROM_PCIR      24 /* where the PCI data structure is */
#define ROM_HEADER    26
/* EFI_PCI_EXPANSION_ROM_HEADER */
#define EFI_SIGNATURE_AT 4
#define EFI_SIGNATURE    0x0EF1
#define EFI_MACHINE      10
#define EFI_COMPRESSION  12
#define EFI_OFFSET       22
/* PCI data structure, of which 24 bytes are in each revision */
#define PCIR_VENDOR    4
#define PCIR_DEVICE    6
#define PCIR_LENGTH    16
#define PCIR_CODE_TYPE 20
#define PCIR_INDICATOR 21
#define PCIR_SIZE      24
#define LAST_IMAGE     0x80
#define CODE_TYPE_EFI  3
#define IMAGES_LIMIT   64

typedef struct
{
  gsize at, length;
  guint number; /* from 1 */
  guint8 code_type;
  gboolean last;
  guint16 vendor, device;
  /* For EFI images. */
  guint16 machine;
  guint16 compression;
  gsize offset; /* of the driver in the image */
} Image;

gboolean
fatia_option_rom_begins (const guint8 *data, gsize size)
{
  gsize pcir;

  if (size < ROM_HEADER || fatia_read_u16 (data) != ROM_SIGNATURE)
    return FALSE;
  pcir = fatia_read_u16 (data + ROM_PCIR);
  return pcir >= ROM_HEADER && pcir + PCIR_SIZE <= size && memcmp (data + pcir, "PCIR", 4) == 0;
}

static gboolean
read_image (const guint8 *data, gsize size, Image *image)
{
  const guint8 *rom = data + image->at, *pcir;
  gsize left = size - image->at;

  if (!fatia_option_rom_begins (rom, left))
    return FALSE;
  pcir = rom + fatia_read_u16 (rom + ROM_PCIR);
  image->length = fatia_read_u16 (pcir + PCIR_LENGTH) * UNIT;
  image->code_type = pcir[PCIR_CODE_TYPE];
  image->last = (pcir[PCIR_INDICATOR] & LAST_IMAGE) != 0;
  image->vendor = fatia_read_u16 (pcir + PCIR_VENDOR);
  image->device = fatia_read_u16 (pcir + PCIR_DEVICE);
  if (image->length == 0 || image->length > left)
    return FALSE;
  if (image->code_type != CODE_TYPE_EFI)
    return TRUE;
  image->machine = fatia_read_u16 (rom + EFI_MACHINE);
  image->compression = fatia_read_u16 (rom + EFI_COMPRESSION);
  image->offset = fatia_read_u16 (rom + EFI_OFFSET);
  return fatia_read_u32 (rom + EFI_SIGNATURE_AT) == EFI_SIGNATURE && image->offset >= ROM_HEADER &&
         image->offset < image->length;
}

/* What stands after the driver is padding to a whole unit, where it is nothing but that. */
static gsize
without_padding (const guint8 *data, gsize size)
{
  FatiaPe pe;

  if (!fatia_pe_read (data, size, &pe) || pe.size >= size || size - pe.size >= UNIT)
    return size;
  for (gsize i = pe.size; i < size; i++)
    if (data[i] != data[pe.size] || (data[i] != 0x00 && data[i] != 0xFF))
      return size;
  return pe.size;
}

static GBytes *
unpack_driver (FatiaUnpacking *work, GBytes *package, const Image *image, GError **error)
{
  gsize at = image->at + image->offset, size = image->length - image->offset;
  const guint8 *data = (const guint8 *) g_bytes_get_data (package, NULL) + at;
  GBytes *driver;

  if (image->compression == 0)
    return fatia_package_slice (package, at, without_padding (data, size));
  if (image->compression != 1)
    {
      fatia_package_refuse (work, error,
                            _ ("Its driver is packed in a way that no specification names, so it "
                               "can't be taken out. Take the driver from the firmware image."));
      return NULL;
    }
  driver = fatia_package_decode (work, data, size);
  if (driver == NULL && !fatia_budget_failed (&work->budget, NULL))
    fatia_package_damaged (work, at, error, _ ("what is packed in it can't be unpacked"));
  return driver;
}

static const char *
kind_of (const Image *image)
{
  switch (image->code_type)
    {
    case 0:
      return _ ("PC BIOS");
    case 1:
      return _ ("Open Firmware");
    case 2:
      return _ ("HP PA-RISC");
    case CODE_TYPE_EFI:
      return _ ("UEFI");
    default:
      return _ ("an unknown kind");
    }
}

static char *
name_of (const Image *image)
{
  g_autofree char *device = g_strdup_printf ("%04x:%04x", image->vendor, image->device);

  /* TRANSLATORS: an image in an option ROM: its number, what kind of firmware it is for, the PCI
   * device */
  if (image->code_type != CODE_TYPE_EFI)
    return g_strdup_printf (_ ("image %u for %s, %s"), image->number, kind_of (image), device);
  return g_strdup_printf (_ ("image %u for %s %s, %s"), image->number, kind_of (image),
                          fatia_pe_machine_name (image->machine), device);
}

/* The images one after the other; FALSE where one is damaged. */
static gboolean
read_images (FatiaUnpacking *work, GBytes *package, GArray *images, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (package, &size);
  Image image = { .number = 1 };

  do
    {
      if (!read_image (data, size, &image))
        {
          fatia_package_damaged (work, image.at, error, _ ("image %u is cut off"), image.number);
          return FALSE;
        }
      g_array_append_val (images, image);
      image.at += image.length;
      image.number++;
    }
  while (!image.last && image.number <= IMAGES_LIMIT);
  return TRUE;
}

static char *
list_images (GArray *images)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < images->len; i++)
    {
      g_autofree char *name = name_of (&g_array_index (images, Image, i));

      g_string_append_printf (list, i > 0 ? "; %s" : "%s", name);
    }
  return g_string_free_and_steal (list);
}

/* The first for x64, else the first for UEFI at all; the others that would do are told. */
static const Image *
choose (FatiaUnpacking *work, GArray *images)
{
  g_autoptr (GStrvBuilder) others = g_strv_builder_new ();
  const Image *best = NULL;
  guint n = 0;

  for (guint i = 0; i < images->len; i++)
    {
      const Image *image = &g_array_index (images, Image, i);
      g_autofree char *name = name_of (image);

      if (image->code_type != CODE_TYPE_EFI)
        continue;
      if (work->member && g_ascii_strcasecmp (work->member, name) == 0)
        {
          work->member_found = TRUE;
          return image;
        }
      if (best == NULL ||
          (image->machine == FATIA_PE_MACHINE_X64 && best->machine != FATIA_PE_MACHINE_X64))
        best = image;
      else if (image->machine == best->machine)
        {
          g_strv_builder_take (others, g_steal_pointer (&name));
          n++;
        }
    }
  if (n > 0)
    {
      work->others = g_strv_builder_end (others);
      work->note = g_strdup_printf (
        ngettext ("%u other image would do as well", "%u other images would do as well", n), n);
    }
  return best;
}

/**
 * fatia_option_rom_unpack:
 *
 * Takes the driver for UEFI firmware out of an option ROM.
 */
GBytes *
fatia_option_rom_unpack (FatiaUnpacking *work, GBytes *package, gsize at, GError **error)
{
  g_autoptr (GArray) images = g_array_new (FALSE, FALSE, sizeof (Image));
  g_autofree char *list = NULL;
  g_autofree char *advice = NULL;
  const Image *image;

  g_assert (at == 0);
  if (!read_images (work, package, images, error))
    return NULL;
  image = choose (work, images);
  if (image)
    {
      work->name = name_of (image);
      return unpack_driver (work, package, image, error);
    }
  list = list_images (images);
  /* TRANSLATORS: a list of an option ROM's images */
  advice = g_strdup_printf (_ ("It has no driver for UEFI firmware, only this: %s. Choose the "
                               "firmware (BIOS) file of the computer instead."),
                            list);
  fatia_package_refuse (work, error, advice);
  return NULL;
}
