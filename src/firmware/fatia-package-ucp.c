/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AMI's Utility Configuration Program, and HP's form of it: a row of modules with a tag each, most
 * of them packed by the UEFI specification's algorithm. Layout: as BIOSUtilities' documentation
 * describes it.
 */
#include "fatia-package-formats.h"

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"
#include "fatia-package-choose.h"

/* A module: tag, size with this header, sums; then packed and unpacked size, which are equal where
 * it is not packed */
#define MODULE_SIZE     4
#define MODULE_HEADER   16
#define MODULE_PACKED   16
#define MODULE_UNPACKED 20
#define MODULE_DATA     24
#define MODULES_LIMIT   1000
/* How many of a packed module's last bytes makers leave away */
#define MISSING_LIMIT 16

gboolean
fatia_ucp_begins (const guint8 *data, gsize size)
{
  return size > MODULE_HEADER && (memcmp (data, "@UAF", 4) == 0 || memcmp (data, "@HPU", 4) == 0) &&
         data[MODULE_HEADER] == '@';
}

gboolean
fatia_ucp_inside (const guint8 *data, gsize size, gsize *at)
{
  static const char *const marks[] = { "@UAF", "@HPU" };

  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      gsize from = 0, hit;

      while (fatia_package_search (data + from, size - from, marks[i], 4, &hit))
        {
          hit += from;
          if (fatia_ucp_begins (data + hit, size - hit) &&
              fatia_read_u32 (data + hit + MODULE_SIZE) > MODULE_HEADER &&
              fatia_read_u32 (data + hit + MODULE_SIZE) <= size - hit)
            {
              *at = hit;
              return TRUE;
            }
          from = hit + 1;
        }
    }
  return FALSE;
}

static GBytes *
decode (FatiaUnpacking *work, const guint8 *data, gsize size)
{
  g_autofree guint8 *longer = NULL;
  gsize packed = fatia_read_u32 (data), have = size - 8;

  if (packed > have && packed - have <= MISSING_LIMIT)
    {
      longer = g_malloc0 (packed + 8);
      memcpy (longer, data, size);
      data = longer;
      size = packed + 8;
    }
  return fatia_package_decode (work, data, size);
}

/* (transfer full) (nullable): the bytes of the module at @at, which is there whole */
static GBytes *
read_module (FatiaUnpacking *work, GBytes *package, gsize at)
{
  const guint8 *data = (const guint8 *) g_bytes_get_data (package, NULL) + at;
  gsize size = fatia_read_u32 (data + MODULE_SIZE);
  guint32 packed = fatia_read_u32 (data + MODULE_PACKED);
  guint32 unpacked = fatia_read_u32 (data + MODULE_UNPACKED);

  if (packed == unpacked)
    return fatia_package_slice (package, at + MODULE_DATA, MIN (unpacked, size - MODULE_DATA));
  return decode (work, data + MODULE_PACKED, size - MODULE_PACKED);
}

/* "@ROM", "@R00" and so on are the firmware. */
static char *
name_module (const guint8 *module)
{
  g_autofree char *tag = g_strndup ((const char *) module, 4);
  g_autofree char *name = fatia_package_name (tag);

  if (strcmp (tag, "@ROM") == 0 || g_str_has_prefix (tag, "@R0"))
    return g_strconcat (name, " BIOS", NULL);
  return g_steal_pointer (&name);
}

static gboolean
add_module (FatiaUnpacking *work, GPtrArray *members, GBytes *package, gsize at, GError **error)
{
  const guint8 *module = (const guint8 *) g_bytes_get_data (package, NULL) + at;
  g_autofree char *name = name_module (module);
  g_autoptr (GBytes) bytes = NULL;
  FatiaProbe probe = { 0 };
  gsize size;
  const guint8 *data;

  if (fatia_read_u32 (module + MODULE_SIZE) <= MODULE_DATA)
    return TRUE;
  bytes = read_module (work, package, at);
  if (bytes == NULL)
    {
      fatia_package_damaged (work, at, error, _ ("“%s” can't be unpacked: %s"), name,
                             _ ("what is packed in it can't be unpacked"));
      return FALSE;
    }
  data = g_bytes_get_data (bytes, &size);
  if (!fatia_budget_take_work (&work->budget, size))
    return FALSE;
  fatia_probe_feed (&probe, data, size);
  fatia_members_add (members, g_steal_pointer (&name), size, fatia_probe_finish (&probe), at);
  return TRUE;
}

GBytes *
fatia_ucp_unpack (FatiaUnpacking *work, GBytes *package, gsize at, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (package, &size);
  g_autoptr (GPtrArray) members = fatia_members_new ();
  const FatiaMember *chosen;
  gsize end = size;

  if (fatia_read_u32 (data + at + MODULE_SIZE) > MODULE_HEADER)
    end = at + MIN (fatia_read_u32 (data + at + MODULE_SIZE), size - at);
  at += MODULE_HEADER;
  for (guint i = 0; i < MODULES_LIMIT && end - at >= MODULE_HEADER && data[at] == '@'; i++)
    {
      gsize length = fatia_read_u32 (data + at + MODULE_SIZE);

      if (length < MODULE_HEADER || length > end - at)
        {
          g_autofree char *name = name_module (data + at);

          fatia_package_damaged (work, at, error, _ ("“%s” is cut off"), name);
          return NULL;
        }
      if (!add_module (work, members, package, at, error))
        return NULL;
      at += length;
    }
  chosen = fatia_members_choose (members, work, error);
  return chosen ? read_module (work, package, chosen->index) : NULL;
}
