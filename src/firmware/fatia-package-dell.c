/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dell's updates: sections packed by zlib, one of which holds the firmware's parts (PFS), each
 * perhaps such a section again, or cut in blocks for Intel's BIOS Guard. Layout: as the
 * documentation of BIOSUtilities and of PFSExtractor describes it.
 */
#include "fatia-package-formats.h"

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"
#include "fatia-package-choose.h"
#include "fatia-sink.h"

/* A section: packed size, kind, mark, sum; packed bytes; a footer */
#define SECTION_KIND      4
#define SECTION_MARK_AT   5
#define SECTION_MARK      "\xEE\xAA\x76\x1B\xEC\xBB\x20\xF1\xE6\x51"
#define SECTION_MARK_SIZE 10
#define SECTION_HEADER    16 /* its bytes, the sum with them, add up to nothing by exclusive or */
#define KIND_FIRMWARE     0xAA

/* A row of parts */
#define ROW_MARK   "PFS.HDR."
#define ROW_SIZE   12
#define ROW_HEADER 16

/* A part: GUID, version, then the sizes of data, signature, metadata, its signature */
#define PART_VERSION  0x10
#define PART_SIZES    0x28
#define PART_HEADER_1 0x48
#define PART_HEADER_2 0x58
#define PARTS_LIMIT   10000

/* The part that names the others: a row of version, GUID, version of eight and four bytes, count of
 * UTF-16 units, units, terminator */
#define NAME_GUID  4
#define NAME_COUNT 0x20
#define NAME_UNITS 0x22
#define NAME_END   2

static const guint8 names_guids[][16] = {
  { 0x60, 0x19, 0x04, 0xFD, 0xC8, 0x0D, 0x9F, 0x4B, 0x82, 0x25, 0xBB, 0xA9, 0xE3, 0x7C, 0x71,
    0xE0 },
  { 0xD3, 0x3F, 0x58, 0x4D, 0x0E, 0xF8, 0x55, 0x40, 0xA1, 0x45, 0x9B, 0xEC, 0x16, 0xCB, 0x33,
    0xB0 },
};

typedef struct
{
  const guint8 *guid;
  gsize data, size; /* where its bytes are */
  gsize meta, meta_size;
  gsize next;
} Part;

/* How many bytes are packed in the section at @data, 0 where none is there */
static gsize
read_section (const guint8 *data, gsize size)
{
  guint8 sum = 0;

  if (size < SECTION_HEADER ||
      memcmp (data + SECTION_MARK_AT, SECTION_MARK, SECTION_MARK_SIZE) != 0)
    return 0;
  for (gsize i = 0; i < SECTION_HEADER; i++)
    sum ^= data[i];
  return sum == 0 ? fatia_read_u32 (data) : 0;
}

gboolean
fatia_dell_begins (const guint8 *data, gsize size)
{
  return read_section (data, size) > 0;
}

gboolean
fatia_dell_inside (const guint8 *data, gsize size, gsize *at)
{
  gsize from = 0, hit;

  while (fatia_package_search (data + from, size - from, SECTION_MARK, SECTION_MARK_SIZE, &hit))
    {
      hit += from;
      if (hit >= SECTION_MARK_AT &&
          fatia_dell_begins (data + hit - SECTION_MARK_AT, size - hit + SECTION_MARK_AT))
        {
          *at = hit - SECTION_MARK_AT;
          return TRUE;
        }
      from = hit + 1;
    }
  return FALSE;
}

gboolean
fatia_pfs_begins (const guint8 *data, gsize size)
{
  return size >= ROW_HEADER && memcmp (data, ROW_MARK, strlen (ROW_MARK)) == 0;
}

static GBytes *
inflate (FatiaUnpacking *work, const guint8 *data, gsize size, gsize at, GError **error)
{
  g_autoptr (GZlibDecompressor) zlib = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  g_autoptr (GError) reason = NULL;
  g_auto (FatiaSink) sink = { 0 };
  GConverterResult result = G_CONVERTER_CONVERTED;
  gsize done = 0;

  fatia_sink_init (&sink, &work->budget, (guint64) size * 4, size);
  while (result == G_CONVERTER_CONVERTED && fatia_sink_grow (&sink))
    {
      gsize read = 0, written = 0;

      result = g_converter_convert (G_CONVERTER (zlib), data + done, size - done,
                                    sink.data + sink.size, sink.capacity - sink.size,
                                    G_CONVERTER_INPUT_AT_END, &read, &written, &reason);
      done += read;
      sink.size += written;
    }
  if (fatia_budget_failed (&work->budget, NULL))
    return NULL;
  if (result != G_CONVERTER_FINISHED)
    {
      fatia_package_damaged (work, at + done, error, _ ("what is packed in it can't be unpacked"));
      return NULL;
    }
  return fatia_package_hand_over (work, fatia_sink_finish (&sink));
}

/* Of the sections the largest with firmware; the others hold Dell's tools. */
GBytes *
fatia_dell_unpack (FatiaUnpacking *work, GBytes *package, gsize at, GError **error)
{
  gsize size, best = at, best_packed = 0, next = 0;
  const guint8 *data = g_bytes_get_data (package, &size);

  do
    {
      gsize packed;
      gboolean firmware;

      at += next;
      packed = read_section (data + at, size - at);
      firmware = data[at + SECTION_KIND] == KIND_FIRMWARE;
      if (packed > size - at - SECTION_HEADER)
        {
          fatia_package_damaged (work, at, error, _ ("a section of %u bytes is cut off"),
                                 (guint) packed);
          return NULL;
        }
      if (best_packed == 0 || firmware > (data[best + SECTION_KIND] == KIND_FIRMWARE) ||
          (firmware && packed > best_packed))
        {
          best = at;
          best_packed = packed;
        }
      at += SECTION_HEADER + packed;
    }
  while (fatia_dell_inside (data + at, size - at, &next));
  best += SECTION_HEADER;
  return inflate (work, data + best, best_packed, best, error);
}

static gboolean
read_part (const guint8 *data, gsize at, gsize end, Part *part)
{
  gsize header, sizes = 0;

  if (end - at < PART_HEADER_1)
    return FALSE;
  header = fatia_read_u32 (data + at + PART_VERSION) == 1 ? PART_HEADER_1 : PART_HEADER_2;
  for (guint i = 0; i < 4; i++)
    sizes += fatia_read_u32 (data + at + PART_SIZES + 4 * i);
  if (end - at < header || sizes > end - at - header)
    return FALSE;
  part->guid = data + at;
  part->data = at + header;
  part->size = fatia_read_u32 (data + at + PART_SIZES);
  part->meta = part->data + part->size + fatia_read_u32 (data + at + PART_SIZES + 4);
  part->meta_size = fatia_read_u32 (data + at + PART_SIZES + 8);
  part->next = at + header + sizes;
  return TRUE;
}

/* (transfer full) (nullable): the parts; @end: where they end */
static GArray *
read_parts (FatiaUnpacking *work, const guint8 *data, gsize size, GError **error)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (Part));
  gsize at = ROW_HEADER, length = fatia_read_u32 (data + ROW_SIZE);

  if (length > size - ROW_HEADER)
    {
      fatia_package_damaged (work, size, error, _ ("it ends here and claims %u bytes"),
                             (guint) length);
      return NULL;
    }
  while (at < ROW_HEADER + length && parts->len < PARTS_LIMIT)
    {
      Part part;

      if (!read_part (data, at, ROW_HEADER + length, &part))
        {
          fatia_package_damaged (work, at, error, _ ("part %u is cut off"), parts->len + 1);
          return NULL;
        }
      g_array_append_val (parts, part);
      at = part.next;
    }
  if (parts->len > 0)
    return g_steal_pointer (&parts);
  fatia_package_damaged (work, at, error, _ ("it has nothing in it"));
  return NULL;
}

/* (transfer full) (nullable): what the part of names calls the one with @guid */
static char *
find_name (const guint8 *data, const Part *names, const guint8 *guid)
{
  gsize at = names->data, end = names->data + names->size;

  while (end - at >= NAME_UNITS)
    {
      gsize count = fatia_read_u16 (data + at + NAME_COUNT);

      if (2 * count > end - at - NAME_UNITS)
        return NULL;
      if (memcmp (data + at + NAME_GUID, guid, 16) == 0)
        {
          g_autofree gunichar2 *units = g_new0 (gunichar2, count + 1);
          g_autofree char *text = NULL;

          for (gsize i = 0; i < count; i++)
            units[i] = fatia_read_u16 (data + at + NAME_UNITS + 2 * i);
          text = g_utf16_to_utf8 (units, count, NULL, NULL, NULL);
          return text && *text ? fatia_package_name (g_strstrip (text)) : NULL;
        }
      at += MIN (NAME_UNITS + 2 * count + NAME_END, end - at);
    }
  return NULL;
}

static const Part *
find_names (GArray *parts)
{
  for (guint i = 0; i < parts->len; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (names_guids); j++)
      if (memcmp (g_array_index (parts, Part, i).guid, names_guids[j], 16) == 0)
        return &g_array_index (parts, Part, i);
  return NULL;
}

static const Part *
choose_part (FatiaUnpacking *work, const guint8 *data, GArray *parts, GError **error)
{
  g_autoptr (GPtrArray) members = fatia_members_new ();
  const Part *names = find_names (parts);
  const FatiaMember *chosen;

  for (guint i = 0; i < parts->len; i++)
    {
      const Part *part = &g_array_index (parts, Part, i);
      FatiaProbe probe = { 0 };
      char *name = names ? find_name (data, names, part->guid) : NULL;

      if (!fatia_budget_take_work (&work->budget, part->size))
        {
          g_free (name);
          return NULL;
        }
      fatia_probe_feed (&probe, data + part->data, part->size);
      fatia_members_add (members, name ? name : g_strdup_printf (_ ("part %u"), i + 1), part->size,
                         fatia_probe_finish (&probe), i);
    }
  chosen = fatia_members_choose (members, work, error);
  return chosen ? &g_array_index (parts, Part, chosen->index) : NULL;
}

GBytes *
fatia_pfs_unpack (FatiaUnpacking *work, GBytes *package, gsize at, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (package, &size);
  g_autoptr (GArray) parts = read_parts (work, data, size, error);
  g_autoptr (FatiaGuardBlocks) blocks = NULL;
  const Part *part;

  g_assert (at == 0);
  if (parts == NULL)
    return NULL;
  blocks = fatia_guard_blocks_new ();
  for (guint i = 0; i < parts->len; i++)
    {
      part = &g_array_index (parts, Part, i);
      fatia_guard_blocks_add (blocks, data, part->data, part->size, part->meta, part->meta_size);
    }
  if (blocks->len > 0)
    return fatia_guard_blocks_join (blocks, work, data, error);
  part = choose_part (work, data, parts, error);
  return part ? fatia_package_slice (package, part->data, part->size) : NULL;
}
