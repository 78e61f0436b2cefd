/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Update packages: files around a firmware image that only the maker's own tools open. */
#include "fatia-package.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "fatia-pe.h"

typedef struct
{
  gsize offset;
  const char *magic;
  gsize length;
  const char *words;
} Package;

/* Where a mark may stand anywhere, in the first megabytes: installers put their own code first. */
#define ANYWHERE       G_MAXSIZE
#define ANYWHERE_LIMIT (16 * 1024 * 1024)

#define MARK(offset, text, words) { offset, text, sizeof text - 1, words }

static const Package packages[] = {
  MARK (
    8,
    "_AMIPFAT",
    N_ (
      "This is an AMI BIOS Guard (PFAT) update: the firmware is cut in blocks in it. Unpack "
      "it with BIOSUtilities (AMI BIOS Guard Extractor), then choose the file that ends in “.bin” "
      "or has “ALL” in its name.")),
  MARK (
    0,
    "\xEE\xAA\x76\x1B",
    N_ ("This is a Dell PFS update. Unpack it with BIOSUtilities (Dell PFS Update Extractor), then "
        "choose the largest file with “BIOS” in its name.")),
  MARK (
    0,
    "@UAF",
    N_ (
      "This is an AMI UCP update (@UAF). Unpack it with BIOSUtilities (AMI UCP Update Extractor), "
      "then choose the file named “BIOS” or “ROM”.")),
  MARK (0,
        "@HPU",
        N_ ("This is an AMI UCP update for HP computers (@HPU). Unpack it with biosutilities' "
            "ami-ucp-extract, then choose the file named “BIOS” or “ROM”.")),
  MARK (ANYWHERE,
        "$_IFLASH",
        N_ ("This is an Insyde iFlash update. Unpack it with BIOSUtilities (Insyde iFlash "
            "Update Extractor), then choose the file with “bios” in its name.")),
  MARK (0,
        "PK\x03\x04",
        N_ ("This is a ZIP archive. Unpack it, then choose the largest file in it that is no "
            "program.")),
  MARK (0,
        "7z\xBC\xAF\x27\x1C",
        N_ ("This is a 7-Zip archive. Unpack it, then choose the largest file in it that is no "
            "program.")),
  MARK (0,
        "Rar!\x1A\x07",
        N_ ("This is a RAR archive. Unpack it, then choose the largest file in it that is no "
            "program.")),
  MARK (0,
        "\x1F\x8B",
        N_ ("This is a gzip archive. Unpack it, then choose the largest file in it that is no "
            "program.")),
  MARK (0,
        "\xFD\x37zXZ",
        N_ ("This is an xz archive. Unpack it, then choose the largest file in it that is no "
            "program.")),
  MARK (0,
        "MSCF",
        N_ ("This is a Windows cabinet. Unpack it with cabextract or 7-Zip, then choose the "
            "largest file in it.")),
  MARK (0x8001,
        "CD001",
        N_ ("This is a disc image. Open it with the file manager, copy the firmware file out of "
            "it, then choose that one.")),
};

static gboolean
matches (const Package *package, const char *data, gsize size)
{
  if (package->offset == ANYWHERE)
    return memmem (data, MIN (size, ANYWHERE_LIMIT), package->magic, package->length) != NULL;
  return size >= package->offset + package->length &&
         memcmp (data + package->offset, package->magic, package->length) == 0;
}

/**
 * fatia_package_describe:
 * @image: a file in which what was looked for was not found
 * @has_volumes: whether there are volumes in it, so that only what certainly is a package is one
 *
 * Returns: (transfer full) (nullable): which kind of update package it is and what to do
 *   (translated), or %NULL where it is none that is known
 */
char *
fatia_package_describe (GBytes *image, gboolean has_volumes)
{
  gsize size;
  const char *data = g_bytes_get_data (image, &size);
  FatiaPe pe;

  for (gsize i = 0; i < G_N_ELEMENTS (packages); i++)
    if (!(has_volumes && packages[i].offset == ANYWHERE) && matches (&packages[i], data, size))
      return g_strdup (_ (packages[i].words));
  if (has_volumes || size < 2 || memcmp (data, "MZ", 2) != 0 ||
      (fatia_pe_read ((const guint8 *) data, size, &pe) && fatia_pe_is_efi (&pe)))
    return NULL;
  return g_strdup (_ ("This is a Windows or DOS program, perhaps an update that unpacks itself. "
                      "Open it with 7-Zip or innoextract, or take the maker's download for “BIOS "
                      "flash utility” or “USB”, then choose the firmware file."));
}
