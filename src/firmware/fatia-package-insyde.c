/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Insyde's updates: parts with a header each behind their program, and a packer whose 7-Zip archive
 * is hidden by turning each byte's bits. Layout: as BIOSUtilities' documentation describes it.
 */
#include "fatia-package-formats.h"

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"
#include "fatia-package-choose.h"

#define MARK        "$_IFLASH"
#define MARK_SIZE   8
#define TAG_SIZE    8
#define TOTAL_SIZE  0x10
#define IMAGE_SIZE  0x14
#define HEADER_SIZE 0x18
#define PARTS_LIMIT 256

#define PACKER_MARK  ";!@InstallEnd@!\r\n"
#define PACKER_BEGIN "\x6E\xF4\x79\x5F\x4E" /* "7z" and what follows it, turned */

/* The next header at or after @from; @length: bytes of what follows it, with padding */
static gboolean
find_part (const guint8 *data, gsize size, gsize from, gsize *at, gsize *image, gsize *length)
{
  gsize hit;

  while (fatia_package_search (data + from, size - from, MARK, MARK_SIZE, &hit))
    {
      hit += from;
      if (size - hit > HEADER_SIZE)
        {
          *length = fatia_read_u32 (data + hit + TOTAL_SIZE);
          *image = fatia_read_u32 (data + hit + IMAGE_SIZE);
          /* Insyde's programs hold the mark too. */
          if (*image > 0 && *image != G_MAXUINT32 && *length >= *image && *length != G_MAXUINT32)
            {
              *at = hit;
              return TRUE;
            }
        }
      from = hit + 1;
    }
  return FALSE;
}

gboolean
fatia_insyde_begins (const guint8 *data, gsize size)
{
  return size >= MARK_SIZE && memcmp (data, MARK, MARK_SIZE) == 0;
}

gboolean
fatia_insyde_inside (const guint8 *data, gsize size, gsize *at)
{
  gsize image, length;

  return find_part (data, size, 0, at, &image, &length);
}

/* "BIOSIMG", "_EC_IMG_": what the maker calls the part */
static char *
read_tag (const guint8 *header)
{
  g_autofree char *tag = g_strndup ((const char *) header + MARK_SIZE, TAG_SIZE);
  const char *start = tag + strspn (tag, "_");

  for (gsize n = strlen (tag); n > 0 && tag[n - 1] == '_'; n--)
    tag[n - 1] = '\0';
  return fatia_package_name (*start ? start : "?");
}

GBytes *
fatia_insyde_unpack (FatiaUnpacking *work, GBytes *package, gsize from, GError **error)
{
  gsize size, at, image, length;
  const guint8 *data = g_bytes_get_data (package, &size);
  g_autoptr (GPtrArray) members = fatia_members_new ();
  const FatiaMember *chosen;

  while (members->len < PARTS_LIMIT && find_part (data, size, from, &at, &image, &length))
    {
      FatiaProbe probe = { 0 };

      if (image > size - at - HEADER_SIZE)
        {
          g_autofree char *tag = read_tag (data + at);

          fatia_package_damaged (work, at, error, _ ("“%s” is cut off"), tag);
          return NULL;
        }
      if (!fatia_budget_take_work (&work->budget, image))
        return NULL;
      fatia_probe_feed (&probe, data + at + HEADER_SIZE, image);
      fatia_members_add (members, read_tag (data + at), image, fatia_probe_finish (&probe), at);
      from = at + HEADER_SIZE + MIN (length, size - at - HEADER_SIZE);
    }
  if (members->len == 0)
    {
      fatia_package_damaged (work, from, error, _ ("its header is cut off"));
      return NULL;
    }
  chosen = fatia_members_choose (members, work, error);
  return chosen ? fatia_package_slice (package, chosen->index + HEADER_SIZE, chosen->size) : NULL;
}

gboolean
fatia_insyde_packer_inside (const guint8 *data, gsize size, gsize *at)
{
  const char mark[] = PACKER_MARK PACKER_BEGIN;

  if (!fatia_package_search (data, size, mark, sizeof mark - 1, at))
    return FALSE;
  *at += strlen (PACKER_MARK);
  return TRUE;
}

GBytes *
fatia_insyde_packer_unpack (FatiaUnpacking *work, GBytes *package, gsize at, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (package, &size);
  guint8 *out;

  size -= at;
  if (!fatia_budget_take_output (&work->budget, size))
    return NULL;
  out = g_malloc (size);
  for (gsize i = 0; i < size; i++)
    out[i] = data[at + i] >> 1 | data[at + i] << 7;
  return g_bytes_new_take (out, size);
}
