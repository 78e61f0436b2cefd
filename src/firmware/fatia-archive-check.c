/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an archive's headers claim, before libarchive makes room for it. */
#include "fatia-archive.h"

#include <archive.h>

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"

#define MEMBERS_LIMIT 20000

/* APPNOTE.TXT 4.3.12: each member's entry in the central directory */
#define ZIP_ENTRY "PK\x01\x02"

/* 7zFormat.txt: the signature header, and where it says that the list of members is */
#define SEVEN_NEXT_SIZE   20
#define SEVEN_HEADER_SIZE 32
#define SEVEN_NEXT_LIMIT  (256 * 1024)

/* libarchive keeps each entry it meets, told or not. */
static gboolean
check_zip (const guint8 *data, gsize size)
{
  const guint8 *hit = data, *end = data + size;

  for (guint n = 0; n < MEMBERS_LIMIT; n++)
    {
      hit = memmem (hit, end - hit, ZIP_ENTRY, strlen (ZIP_ENTRY));
      if (hit == NULL)
        return TRUE;
      hit++;
    }
  return FALSE;
}

static gboolean
check_7z (const guint8 *data, gsize size)
{
  return size < SEVEN_HEADER_SIZE || fatia_read_u64 (data + SEVEN_NEXT_SIZE) <= SEVEN_NEXT_LIMIT;
}

gboolean
fatia_archive_check (FatiaUnpacking *work, const guint8 *data, gsize size, GError **error)
{
  gboolean good = TRUE;

  if (work->format->archive == ARCHIVE_FORMAT_ZIP)
    good = check_zip (data, size);
  else if (work->format->archive == ARCHIVE_FORMAT_7ZIP)
    good = check_7z (data, size);
  if (!good)
    fatia_package_refuse (work, error, _ ("It has far more files than any maker's package."));
  return good;
}
