/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree that a walk leaves behind: what it met, in the order in which it met it. */
#include "fatia-walk-record.h"

#include <glib/gi18n-lib.h>

/* EFI_CAPSULE_HEADER, UEFI specification 8.5.3 */
#define CAPSULE_HEADER_SIZE  16
#define CAPSULE_LEAST        28
#define CAPSULE_HEADER_LIMIT (64 * 1024)

/* Intel's flash descriptor ("SPI Programming Guide"), from the signature on */
#define DESCRIPTOR_OFFSET    16
#define DESCRIPTOR_SIGNATURE 0x0FF0A55A
#define DESCRIPTOR_MAP_0     4
#define DESCRIPTOR_MAP_1     8
#define DESCRIPTOR_SIZE      4096
#define REGION_SHIFT         12
#define REGION_BITS          0x7FFF

static const FatiaGuid capsules[] = {
  /* The firmware management protocol's, UEFI's first, Intel's, AMI's signed and unsigned, Toshiba's
   */
  FATIA_GUID (0x6DCBD5ED, 0xE82D, 0x4C44, 0xBD, 0xA1, 0x71, 0x94, 0x19, 0x9A, 0xD9, 0x2A),
  FATIA_GUID (0x3B6686BD, 0x0D76, 0x4030, 0xB7, 0x0E, 0xB5, 0x51, 0x9E, 0x2F, 0xC5, 0xA0),
  FATIA_GUID (0x539182B9, 0xABB5, 0x4391, 0xB6, 0x9A, 0xE3, 0xA9, 0x43, 0xF7, 0x2F, 0xCC),
  FATIA_GUID (0x4A3CA68B, 0x7723, 0x48FB, 0x80, 0x3D, 0x57, 0x8C, 0xC1, 0xFE, 0xC4, 0x4D),
  FATIA_GUID (0x14EEBB90, 0x890A, 0x43DB, 0xAE, 0xD1, 0x5D, 0x3C, 0x45, 0x88, 0xA4, 0x18),
  FATIA_GUID (0x3BE07062, 0x1D51, 0x45D2, 0x83, 0x2B, 0xF0, 0x93, 0x25, 0x7E, 0xD4, 0x61),
};

static const char *const region_types[FATIA_WALK_REGIONS] = {
  N_ ("Flash descriptor"),   N_ ("BIOS region"),          N_ ("Management Engine region"),
  N_ ("Ethernet region"),    N_ ("Platform data region"), N_ ("Device expansion region"),
  N_ ("Second BIOS region"), N_ ("Microcode region"),     N_ ("Embedded controller region"),
};

/* What an item recorded now stands in. In the image itself that is a region, where there are. */
static FatiaFirmwareItem *
find_parent (FatiaWalk *self, const FatiaFrame *frame, gsize start)
{
  if (frame->item != self->visitor->tree)
    return frame->item;
  for (guint i = 0; i < self->n_regions; i++)
    {
      FatiaFirmwareItem *region = self->regions[i];
      guint64 from = fatia_firmware_item_get_offset (region);

      if (start >= from && start - from < fatia_firmware_item_get_size (region))
        return region;
    }
  return self->capsule ? self->capsule : frame->item;
}

/*
 * fatia_walk_record:
 * @start: offset into @frame's bytes
 */
void
fatia_walk_record (FatiaWalk *self,
                   const FatiaFrame *frame,
                   FatiaFirmwareItemKind kind,
                   const char *type,
                   gsize start,
                   gsize end)
{
  if (self->visitor->tree == NULL)
    return;
  if (self->n_items == self->visitor->tree_limit)
    {
      if (!self->items_missing)
        fatia_firmware_item_add_note (self->visitor->tree,
                                      _ ("It has more parts than are listed here."));
      self->items_missing = TRUE;
      return;
    }
  self->n_items++;
  self->item =
    fatia_firmware_item_new (find_parent (self, frame, start), kind, type, start, end - start);
  if (frame->bytes != self->image)
    fatia_firmware_item_set_unpacked (self->item);
}

void
fatia_walk_record_type (FatiaWalk *self, const char *type)
{
  if (self->item)
    fatia_firmware_item_set_type_name (self->item, type);
}

void
fatia_walk_record_guid (FatiaWalk *self, const guint8 *guid)
{
  char text[FATIA_GUID_TEXT_SIZE];

  if (self->item == NULL)
    return;
  fatia_guid_format (guid, text);
  fatia_firmware_item_set_guid (self->item, text);
}

/* A file's name stands in one of its sections, packed or not. */
void
fatia_walk_record_file_name (FatiaWalk *self, const char *name)
{
  FatiaFirmwareItem *item = self->item;

  while (item && fatia_firmware_item_get_kind (item) != FATIA_FIRMWARE_ITEM_FILE)
    item = fatia_firmware_item_get_parent (item);
  if (item)
    fatia_firmware_item_set_name (item, name);
}

void
fatia_walk_record_note (FatiaWalk *self, const char *note)
{
  if (self->item)
    fatia_firmware_item_add_note (self->item, note);
}

/*
 * fatia_walk_record_refusal:
 *
 * Tells of what the budget refused last, if it did.
 */
void
fatia_walk_record_refusal (FatiaWalk *self)
{
  const char *why = g_steal_pointer (&self->budget.refused);
  g_autofree char *note = NULL;

  if (why == NULL || self->item == NULL)
    return;
  note = g_strdup_printf (_ ("It was left out: %s."), why);
  fatia_walk_record_note (self, note);
}

static void
record_gap_piece (FatiaWalk *self, const FatiaFrame *frame, gsize start, gsize end)
{
  FatiaFirmwareItem *parent = find_parent (self, frame, start);
  const guint8 *data = frame->data + start;

  /* The parent says it all. */
  if (frame->item == self->visitor->tree ? fatia_firmware_item_get_offset (parent) == start &&
                                             fatia_firmware_item_get_size (parent) == end - start
                                         : start == frame->start && end == frame->end)
    return;
  if (fatia_walk_is_filled (self, frame->data, start, end, *data))
    fatia_walk_record (self, frame, FATIA_FIRMWARE_ITEM_PADDING, N_ ("Padding"), start, end);
  else
    fatia_walk_record (self, frame, FATIA_FIRMWARE_ITEM_DATA, N_ ("Other data"), start, end);
}

/* Where the next region begins or ends after @at, at most @end. */
static gsize
next_border (FatiaWalk *self, gsize at, gsize end)
{
  for (guint i = 0; i < self->n_regions; i++)
    {
      guint64 from = fatia_firmware_item_get_offset (self->regions[i]);
      guint64 to = from + fatia_firmware_item_get_size (self->regions[i]);

      if (from > at)
        end = MIN (end, from);
      if (to > at)
        end = MIN (end, to);
    }
  return end;
}

/*
 * fatia_walk_record_gap:
 *
 * Records what is neither volume, file nor section, for each region on its own.
 */
void
fatia_walk_record_gap (FatiaWalk *self, FatiaFrame *frame, gsize start, gsize end)
{
  if (self->visitor->tree == NULL)
    return;
  start = MAX (start, frame->told);
  while (start < end)
    {
      gsize border = frame->item == self->visitor->tree ? next_border (self, start, end) : end;

      record_gap_piece (self, frame, start, border);
      start = border;
    }
  self->item = frame->item;
}

static gboolean
is_capsule (const guint8 *data, gsize size, gsize *header)
{
  if (size < CAPSULE_LEAST)
    return FALSE;
  *header = fatia_read_u32 (data + CAPSULE_HEADER_SIZE);
  if (*header < CAPSULE_LEAST || *header > CAPSULE_HEADER_LIMIT || *header > size)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (capsules); i++)
    if (fatia_guid_is (data, &capsules[i]))
      return TRUE;
  return FALSE;
}

static void
record_region (FatiaWalk *self, FatiaFirmwareItem *parent, guint n, guint32 entry, gsize base)
{
  gsize size = g_bytes_get_size (self->image) - base;
  guint64 start = (guint64) (entry & REGION_BITS) << REGION_SHIFT;
  guint64 end = ((guint64) (entry >> 16 & REGION_BITS) + 1) << REGION_SHIFT;
  const char *type = region_types[n] ? region_types[n] : N_ ("Flash region");
  FatiaFirmwareItem *item;

  /* A region that is not there ends before it begins, or is all zeros. */
  if (end <= start || (n > 0 && start == 0) || start >= size)
    return;
  item = fatia_firmware_item_new (parent, FATIA_FIRMWARE_ITEM_REGION, type, base + start,
                                  MIN (end, size) - start);
  if (end > size)
    fatia_firmware_item_add_note (item, _ ("It goes on after the end of this file."));
  self->regions[self->n_regions++] = item;
}

static void
record_descriptor (FatiaWalk *self, FatiaFirmwareItem *parent, gsize base)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (self->image, &size);
  const guint8 *signature = data + base + DESCRIPTOR_OFFSET;
  gsize regions, masters;

  if (size - base < DESCRIPTOR_SIZE || fatia_read_u32 (signature) != DESCRIPTOR_SIGNATURE)
    return;
  regions = (fatia_read_u32 (signature + DESCRIPTOR_MAP_0) >> 16 & 0xFF) << 4;
  masters = (fatia_read_u32 (signature + DESCRIPTOR_MAP_1) & 0xFF) << 4;
  /* The table ends where that of the masters begins; the first chipsets had five regions. */
  masters = masters > regions ? masters : regions + 5 * 4;
  for (guint i = 0; i < FATIA_WALK_REGIONS && regions + 4 * i + 4 <= masters; i++)
    record_region (self, parent, i, fatia_read_u32 (data + base + regions + 4 * i), base);
}

/*
 * fatia_walk_record_outline:
 *
 * Records what tells how the image as a whole is divided: a capsule's header, a flash
 * descriptor's regions.
 */
void
fatia_walk_record_outline (FatiaWalk *self)
{
  FatiaFirmwareItem *root = self->visitor->tree;
  gsize size, base = 0;
  const guint8 *data = g_bytes_get_data (self->image, &size);

  if (root == NULL)
    return;
  if (is_capsule (data, size, &base))
    {
      self->capsule =
        fatia_firmware_item_new (root, FATIA_FIRMWARE_ITEM_CAPSULE, N_ ("Capsule"), 0, size);
      self->item = self->capsule;
      fatia_walk_record_guid (self, data);
    }
  else
    base = 0;
  record_descriptor (self, self->capsule ? self->capsule : root, base);
}
