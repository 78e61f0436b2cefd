/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Update packages: what stands around a firmware image, format by format. */
#include "fatia-package.h"

#include <archive.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "fatia-archive.h"
#include "fatia-find.h"
#include "fatia-package-formats.h"

/* How far into a file packages are looked for: programs put their own code first. */
#define INSIDE_LIMIT (64 * 1024 * 1024)
/* Where no program stands before a package there are headers at most. */
#define HEADERS_LIMIT (1024 * 1024)
#define NAME_LIMIT    120

#define BEGINS(name, at, mark)                                                                     \
  static gboolean name##_begins (const guint8 *data, gsize size)                                   \
  {                                                                                                \
    return size >= (at) + sizeof mark - 1 && memcmp (data + (at), mark, sizeof mark - 1) == 0;     \
  }

#define MARK(text) .mark = text, .mark_size = sizeof text - 1

BEGINS (zip, 0, "PK\x03\x04")
BEGINS (seven, 0, "7z\xBC\xAF\x27\x1C")
BEGINS (rar4, 0, "Rar!\x1A\x07\x00")
BEGINS (rar5, 0, "Rar!\x1A\x07\x01\x00")
BEGINS (cab, 0, "MSCF\0\0\0\0")
BEGINS (gzip, 0, "\x1F\x8B\x08")
BEGINS (xz, 0, "\xFD\x37zXZ\0")
BEGINS (bzip2, 0, "BZh")
BEGINS (zstd, 0, "\x28\xB5\x2F\xFD")
BEGINS (disc, 0x8001, "CD001")

/* Award's image is a row of archives whose kind stands behind two bytes: "-lh5-". */
static gboolean
award_begins (const guint8 *data, gsize size)
{
  return size > 7 && memcmp (data + 2, "-lh", 3) == 0 && data[5] >= '0' && data[5] <= '7' &&
         data[6] == '-';
}

/* A file for DOS, with this near its beginning */
static gboolean
toshiba_begins (const guint8 *data, gsize size)
{
  const guint8 *hit = memmem (data, MIN (size, 256), "BIOS", 4);

  return hit && hit - data >= 3 && hit[-3] == 0 && hit[-2] == 0 && hit[-1] <= 2 &&
         size - (hit - data) > 25 && hit[24] <= 1;
}

static gboolean
compressed_begins (const guint8 *data, gsize size)
{
  return gzip_begins (data, size) || xz_begins (data, size) || bzip2_begins (data, size) ||
         zstd_begins (data, size);
}

static gboolean
rar_any_inside (const guint8 *data, gsize size, gsize *at)
{
  return fatia_rar_inside (data, size, at) && rar4_begins (data + *at, size - *at);
}

static gboolean
rar5_any_inside (const guint8 *data, gsize size, gsize *at)
{
  return fatia_rar_inside (data, size, at) && rar5_begins (data + *at, size - *at);
}

/*
 * In this order: what is told by its first bytes goes before what stands somewhere inside, and
 * firmware's own formats before archives. The last ones can only be named.
 */
static const FatiaPackageFormat formats[] = {
  { .title = N_ ("AMI BIOS Guard update"),
    .begins = fatia_pfat_begins,
    .inside = fatia_pfat_inside,
    .unpack = fatia_pfat_unpack },
  { .title = N_ ("capsule"), .begins = fatia_capsule_begins, .unpack = fatia_capsule_unpack },
  { .title = N_ ("option ROM"),
    .begins = fatia_option_rom_begins,
    .unpack = fatia_option_rom_unpack },
  { .title = N_ ("Dell update"),
    .begins = fatia_dell_begins,
    .inside = fatia_dell_inside,
    .unpack = fatia_dell_unpack },
  { .title = N_ ("parts of a Dell update"),
    .begins = fatia_pfs_begins,
    .unpack = fatia_pfs_unpack },
  { .title = N_ ("Insyde update"),
    .begins = fatia_insyde_begins,
    .inside = fatia_insyde_inside,
    .unpack = fatia_insyde_unpack },
  { .title = N_ ("Insyde installer"),
    .inside = fatia_insyde_packer_inside,
    .unpack = fatia_insyde_packer_unpack },
  { .title = N_ ("AMI or HP update"),
    .begins = fatia_ucp_begins,
    .inside = fatia_ucp_inside,
    .unpack = fatia_ucp_unpack },
  { .title = N_ ("ZIP archive"),
    .begins = zip_begins,
    .inside = fatia_zip_inside,
    .unpack = fatia_archive_unpack,
    .archive = ARCHIVE_FORMAT_ZIP },
  { .title = N_ ("7-Zip archive"),
    .begins = seven_begins,
    .inside = fatia_7z_inside,
    .unpack = fatia_archive_unpack,
    .archive = ARCHIVE_FORMAT_7ZIP },
  { .title = N_ ("RAR archive"),
    .begins = rar4_begins,
    .inside = rar_any_inside,
    .unpack = fatia_archive_unpack,
    .archive = ARCHIVE_FORMAT_RAR },
  { .title = N_ ("RAR archive"),
    .begins = rar5_begins,
    .inside = rar5_any_inside,
    .unpack = fatia_archive_unpack,
    .archive = ARCHIVE_FORMAT_RAR_V5 },
  { .title = N_ ("Windows cabinet"),
    .begins = cab_begins,
    .inside = fatia_cab_inside,
    .unpack = fatia_archive_unpack,
    .archive = ARCHIVE_FORMAT_CAB },
  { .title = N_ ("compressed file"),
    .begins = compressed_begins,
    .unpack = fatia_archive_unpack,
    .archive = FATIA_ARCHIVE_COMPRESSED },
  { .title = N_ ("disc image"),
    .begins = disc_begins,
    .unpack = fatia_archive_unpack,
    .archive = ARCHIVE_FORMAT_ISO9660 },
  { .title = N_ ("Inno Setup installer"),
    MARK ("Inno Setup Setup Data ("),
    .advice = N_ ("Unpack it with innoextract, then choose the firmware file among what comes "
                  "out; or take the maker's download for a USB drive.") },
  { .title = N_ ("Nullsoft installer"),
    MARK ("\xEF\xBE\xAD\xDENullsoftInst"),
    .advice = N_ ("Unpack it with 7-Zip, then choose the firmware file among what comes out; or "
                  "take the maker's download for a USB drive.") },
  { .title = N_ ("Phoenix update"),
    MARK ("$PACK\0\0\0"),
    .advice = N_ ("Unpack it with BIOSUtilities (Phoenix TDK Packer Extractor), then choose the "
                  "largest file that comes out.") },
  { .title = N_ ("Fujitsu update"),
    MARK ("FjSfxBinay\xB2\xAC\xBC\xB9"),
    .advice = N_ ("Unpack it with BIOSUtilities (Fujitsu SFX BIOS Extractor), then choose the "
                  "largest file that comes out.") },
  { .title = N_ ("VAIO update"),
    MARK ("\xB2\xAC\xBC\xB9\xFF\xFF\xFF\xFF"),
    .advice = N_ ("Unpack it with BIOSUtilities (VAIO Packaging Manager Extractor), then choose "
                  "the largest file that comes out.") },
  { .title = N_ ("InstallShield installer"),
    MARK ("InstallShield"),
    .advice = N_ ("Run it in Windows as far as it shows where it has unpacked its files, or take "
                  "the maker's download for a USB drive.") },
  { .title = N_ ("Award BIOS"),
    .begins = award_begins,
    .advice = N_ ("It is a BIOS from before UEFI, which has no graphics driver of this kind. "
                  "Choose the firmware of the computer itself.") },
  { .title = N_ ("Toshiba update"),
    .begins = toshiba_begins,
    .advice = N_ ("Unpack it with ToshibaComExtractor, then choose the file that comes out.") },
  { .title = N_ ("Windows or DOS program"),
    .begins = fatia_program_begins,
    .advice = N_ ("It may be an update that unpacks itself. Open it with 7-Zip or innoextract, or "
                  "take the maker's download for “BIOS flash utility” or “USB”, then choose the "
                  "firmware file.") },
};

/**
 * fatia_package_begins:
 * @data: the first bytes of a file, 1,024 where there are so many
 *
 * Returns: (nullable): the format that can be unpacked and begins like this
 */
const FatiaPackageFormat *
fatia_package_begins (const guint8 *data, gsize size)
{
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (formats[i].unpack && formats[i].begins && formats[i].begins (data, size))
      return &formats[i];
  return NULL;
}

/* Programs hold anything. In other files a volume in sight means that nothing has to be opened,
 * but for firmware cut in blocks, where volumes are in sight and broken. */
static gboolean
may_hold (const FatiaPackageFormat *format, gboolean program, gboolean volume)
{
  if (format->unpack == fatia_pfat_unpack)
    return TRUE;
  if (format->unpack == NULL)
    return program && !volume;
  return program || (!volume && format->archive == 0);
}

static gboolean
holds (const FatiaPackageFormat *format, const guint8 *data, gsize size, gsize *at)
{
  gsize reach = MIN (size, INSIDE_LIMIT);

  /* An archive of this kind is found from the file's end. */
  if (format->inside == fatia_zip_inside)
    reach = size;
  else if (format->unpack == fatia_pfat_unpack && !fatia_program_begins (data, size))
    reach = MIN (size, HEADERS_LIMIT);
  if (format->mark)
    return fatia_package_search (data, reach, format->mark, format->mark_size, at);
  return format->inside && format->inside (data, reach, at);
}

/**
 * fatia_package_find:
 * @file: any file
 * @at: (out): where the package begins in it
 *
 * Returns: (nullable): the format of the package that @file is, or that stands in it
 */
const FatiaPackageFormat *
fatia_package_find (GBytes *file, gsize *at)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);
  const FatiaPackageFormat *format = fatia_package_begins (data, size);
  gboolean program = fatia_program_begins (data, size);
  gboolean volume;

  *at = 0;
  if (format)
    return format;
  volume = fatia_package_search (data, MIN (size, INSIDE_LIMIT), "_FVH", 4, at);
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (may_hold (&formats[i], program, volume) && holds (&formats[i], data, size, at))
      return &formats[i];
  *at = 0;
  /* What can only be named is, where there is nothing to be found without opening it. */
  for (gsize i = 0; i < G_N_ELEMENTS (formats) && !volume; i++)
    if (formats[i].begins && formats[i].begins (data, size))
      return &formats[i];
  return NULL;
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
  gsize size, at;
  const guint8 *data = g_bytes_get_data (image, &size);
  const FatiaPackageFormat *format = fatia_package_begins (data, size);

  if (format == NULL && !has_volumes)
    format = fatia_package_find (image, &at);
  if (format == NULL)
    return NULL;
  /* TRANSLATORS: what kind of package, then what to do */
  return g_strdup_printf (_ ("This file is a package (%s). %s"), _ (format->title),
                          format->advice ? _ (format->advice)
                                         : _ ("Unpack it, then choose the firmware file in it."));
}

/**
 * fatia_package_damaged:
 * @at: the byte where it is wrong
 * @what: a sentence's part (translated): "its list of parts is cut off"
 *
 * Sets %FATIA_FIRMWARE_ERROR_DAMAGED, in words that say where and what to do.
 */
void
fatia_package_damaged (FatiaUnpacking *self, gsize at, GError **error, const char *what, ...)
{
  g_autofree char *place = g_strdup_printf ("0x%" G_GSIZE_MODIFIER "X", at);
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, what);
  reason = g_strdup_vprintf (what, args);
  va_end (args);
  /* TRANSLATORS: the kind of package, what is wrong with it, and where: "0x1F00" */
  g_set_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_DAMAGED,
               _ ("This package (%s) is damaged: %s (at byte %s). Download it again."),
               _ (self->format->title), reason, place);
}

/**
 * fatia_package_refuse:
 * @advice: (translated) whole sentences: why it is not unpacked, or what to do
 *
 * Sets %FATIA_FIRMWARE_ERROR_WRAPPED.
 */
void
fatia_package_refuse (FatiaUnpacking *self, GError **error, const char *advice)
{
  g_set_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_WRAPPED,
               _ ("This file is a package (%s). %s"), _ (self->format->title), advice);
}

/**
 * fatia_package_name:
 * @raw: bytes that are said to be a name
 *
 * Returns: (transfer full): the name as it can be shown: valid, without what moves the cursor or
 *   turns the direction of writing, and of bounded length
 */
char *
fatia_package_name (const char *raw)
{
  g_autofree char *valid = g_utf8_make_valid (raw, MIN (strlen (raw), 4096));
  g_autoptr (GString) name = g_string_new (NULL);

  for (const char *p = valid; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (name, c == '\\' ? '/' : g_unichar_isprint (c) ? c : 0xFFFD);
    }
  /* Endings say more than beginnings. */
  if (g_utf8_strlen (name->str, -1) > NAME_LIMIT)
    return g_strconcat (
      "…", g_utf8_offset_to_pointer (name->str, g_utf8_strlen (name->str, -1) - NAME_LIMIT), NULL);
  return g_string_free_and_steal (g_steal_pointer (&name));
}

/**
 * fatia_package_slice:
 *
 * Returns: (transfer full): @size bytes of @package at @at, which are not copied
 */
GBytes *
fatia_package_slice (GBytes *package, gsize at, gsize size)
{
  return g_bytes_new_from_bytes (package, at, size);
}

/**
 * fatia_package_hand_over:
 * @bytes: (transfer full) (nullable): of a decoder
 *
 * What an unpacker gives is held by who opens the package: its budget's memory is free again.
 *
 * Returns: (transfer full) (nullable): @bytes
 */
GBytes *
fatia_package_hand_over (FatiaUnpacking *self, GBytes *bytes)
{
  if (bytes)
    fatia_budget_give_memory (&self->budget, g_bytes_get_size (bytes));
  return bytes;
}

gboolean
fatia_package_search (const guint8 *data, gsize size, const char *mark, gsize length, gsize *at)
{
  const guint8 *hit = fatia_find (data, size, mark, length, 0);

  if (hit == NULL)
    return FALSE;
  *at = hit - data;
  return TRUE;
}
