/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an archive's headers claim, before libarchive makes room for it. */
#include "fatia-archive.h"

#include <archive.h>

#include <glib/gi18n-lib.h>

#define MEMBERS_LIMIT 20000

/* APPNOTE.TXT 4.3.12: each member's entry in the central directory */
#define ZIP_ENTRY "PK\x01\x02"

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

void
fatia_archive_refuse_encrypted (FatiaUnpacking *work, GError **error)
{
  fatia_package_refuse (work, error,
                        _ ("It is protected with a password. Unpack it with 7-Zip and the "
                           "password its maker gives, then choose the firmware file."));
}

void
fatia_archive_refuse_many (FatiaUnpacking *work, GError **error)
{
  fatia_package_refuse (work, error, _ ("It has far more files than any maker's package."));
}

gboolean
fatia_archive_check (FatiaUnpacking *work, const guint8 *data, gsize size, GError **error)
{
  if (work->format->archive == ARCHIVE_FORMAT_7ZIP)
    return fatia_archive_check_7z (work, data, size, error);
  if (work->format->archive != ARCHIVE_FORMAT_ZIP || check_zip (data, size))
    return TRUE;
  fatia_archive_refuse_many (work, error);
  return FALSE;
}
