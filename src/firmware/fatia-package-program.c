/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that unpack themselves: an archive stands behind or among their own code. */
#include "fatia-package-formats.h"

#include <lzma.h>

#include "fatia-bytes.h"
#include "fatia-pe.h"

/* APPNOTE.TXT 4.3.16: the end of central directory record, with a comment behind it */
#define ZIP_END      "PK\x05\x06"
#define ZIP_END_SIZE 22
#define ZIP_COMMENT  0xFFFF
#define ZIP_SIZE     12 /* of the central directory */
#define ZIP_OFFSET   16
#define ZIP_ENTRY    "PK\x01\x02"
/* MS-CAB 2.1: CFHEADER */
#define CAB_SIZE        8
#define CAB_VERSION     24 /* 1.3 */
#define CAB_HEADER_SIZE 36
/* 7zFormat.txt */
#define SEVEN      "7z\xBC\xAF\x27\x1C"
#define SEVEN_SUM  8 /* CRC-32 of what follows it in the header */
#define SEVEN_NEXT 12
#define SEVEN_SIZE 32
#define RAR        "Rar!\x1A\x07"

/* Where a zip archive begins that ends within @data; its entries count from there. */
gboolean
fatia_zip_inside (const guint8 *data, gsize size, gsize *at)
{
  gsize reach = MIN (size, ZIP_END_SIZE + ZIP_COMMENT);
  const guint8 *from = data + size - reach;
  const guint8 *end = NULL;

  /* The last one: an archive stored in this one has such a record too. */
  for (const guint8 *hit = from;
       (hit = memmem (hit, reach - (hit - from), ZIP_END, strlen (ZIP_END))); hit++)
    end = hit;
  if (end && data + size - end >= ZIP_END_SIZE)
    {
      gsize length = fatia_read_u32 (end + ZIP_SIZE), offset = fatia_read_u32 (end + ZIP_OFFSET);
      gsize before = end - data;

      if (length >= 4 && length <= before && offset <= before - length &&
          memcmp (end - length, ZIP_ENTRY, 4) == 0)
        {
          *at = before - length - offset;
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
fatia_7z_inside (const guint8 *data, gsize size, gsize *at)
{
  gsize from = 0, hit;

  while (fatia_package_search (data + from, size - from, SEVEN, strlen (SEVEN), &hit))
    {
      hit += from;
      /* Unpackers hold the mark too, but no header after it. */
      if (size - hit > SEVEN_SIZE &&
          fatia_read_u32 (data + hit + SEVEN_SUM) ==
            lzma_crc32 (data + hit + SEVEN_NEXT, SEVEN_SIZE - SEVEN_NEXT, 0))
        {
          *at = hit;
          return TRUE;
        }
      from = hit + 1;
    }
  return FALSE;
}

gboolean
fatia_cab_inside (const guint8 *data, gsize size, gsize *at)
{
  gsize from = 0, hit;

  while (fatia_package_search (data + from, size - from, "MSCF\0\0\0\0", 8, &hit))
    {
      hit += from;
      if (size - hit > CAB_HEADER_SIZE && fatia_read_u16 (data + hit + CAB_VERSION) == 0x0103 &&
          fatia_read_u32 (data + hit + CAB_SIZE) <= size - hit)
        {
          *at = hit;
          return TRUE;
        }
      from = hit + 1;
    }
  return FALSE;
}

gboolean
fatia_rar_inside (const guint8 *data, gsize size, gsize *at)
{
  gsize from = 0, hit;

  while (fatia_package_search (data + from, size - from, RAR, strlen (RAR), &hit))
    {
      hit += from;
      /* A version, then for the older one the mark's last byte */
      if (size - hit > 64 && data[hit + 6] <= 1)
        {
          *at = hit;
          return TRUE;
        }
      from = hit + 1;
    }
  return FALSE;
}

gboolean
fatia_program_begins (const guint8 *data, gsize size)
{
  FatiaPe pe;

  return size >= 2 && memcmp (data, "MZ", 2) == 0 &&
         !(fatia_pe_read (data, size, &pe) && fatia_pe_is_efi (&pe));
}
