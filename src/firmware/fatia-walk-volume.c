/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Firmware volumes, wherever they begin, and the FFS files in them. */
#include <glib/gi18n-lib.h>

#include "fatia-walk-ahead.h"
#include "fatia-walk-record.h"

/* EFI_FIRMWARE_VOLUME_HEADER, PI specification 3.2.1 */
#define VOLUME_FILE_SYSTEM     16
#define VOLUME_LENGTH          32
#define VOLUME_SIGNATURE       40
#define VOLUME_ATTRIBUTES      44
#define VOLUME_HEADER_LENGTH   48
#define VOLUME_EXTENDED_HEADER 52
#define VOLUME_REVISION        55
#define VOLUME_BLOCK_MAP       56
#define VOLUME_BLOCK           8
/* Block maps have one or two entries; this is where a header ceases to be one. */
#define VOLUME_HEADER_LIMIT         4096
#define VOLUME_ERASE_POLARITY       (1u << 11)
#define VOLUME_EXTENDED_HEADER_SIZE 20 /* name GUID, size */

/* EFI_FFS_FILE_HEADER and EFI_FFS_FILE_HEADER2, 3.2.3 */
#define FILE_SUM               17 /* of the file's body */
#define FILE_TYPE              18
#define FILE_ATTRIBUTES        19
#define FILE_SIZE              20
#define FILE_STATE             23
#define FILE_HEADER_SIZE       24
#define FILE_EXTENDED_SIZE     24
#define FILE_LARGE_HEADER_SIZE 32
#define FILE_LARGE             0x01 /* FFSv3 */
#define FILE_TAIL              0x01 /* volumes of revision 1 */
#define FILE_TAIL_SIZE         2
#define STATE_DELETED          0x10

#define TYPE_FIRST_WITH_SECTIONS 0x02
#define TYPE_LAST_WITH_SECTIONS  0x0F
#define TYPE_PAD                 0xF0

static const FatiaGuid ffs_v1 =
  FATIA_GUID (0x7A9354D9, 0x0468, 0x444A, 0x81, 0xCE, 0x0B, 0xF6, 0x17, 0xD8, 0x90, 0xDF);
static const FatiaGuid ffs_v2 =
  FATIA_GUID (0x8C8CE578, 0x8A3D, 0x4F1C, 0x99, 0x35, 0x89, 0x61, 0x85, 0xC3, 0x2D, 0xD3);
static const FatiaGuid ffs_v3 =
  FATIA_GUID (0x5473C07A, 0x3DCB, 0x4DCA, 0xBD, 0x6F, 0x1E, 0x96, 0x89, 0xE7, 0x34, 0x9A);

/* Returns the offset of the next "_FVH" whose volume would begin at or after @from, or @end. */
static gsize
find_signature (const guint8 *data, gsize from, gsize end)
{
  gsize at = from + VOLUME_SIGNATURE;

  /* Jumping from one "_" to the next is what makes gigabytes of nothing quick. */
  while (at + 4 <= end)
    {
      const guint8 *hit = memchr (data + at, '_', end - at - 3);

      if (hit == NULL)
        return end;
      if (memcmp (hit, "_FVH", 4) == 0)
        return hit - data;
      at = hit - data + 1;
    }
  return end;
}

/* Whether a volume's header stands at @at: its fields agree and its 16-bit sum is zero. */
static gboolean
check_header (FatiaWalk *self, const guint8 *data, gsize at, gsize end)
{
  const guint8 *header = data + at;
  gsize size;
  guint16 sum = 0;

  if (end - at < VOLUME_BLOCK_MAP + VOLUME_BLOCK)
    return FALSE;
  size = fatia_read_u16 (header + VOLUME_HEADER_LENGTH);
  if (size < VOLUME_BLOCK_MAP + VOLUME_BLOCK || size > VOLUME_HEADER_LIMIT || size % 2 != 0 ||
      size > end - at || fatia_read_u64 (header + VOLUME_LENGTH) < size)
    return FALSE;
  if (!fatia_budget_take_work (&self->budget, size))
    return FALSE;
  for (gsize i = 0; i < size; i += 2)
    sum += fatia_read_u16 (header + i);
  return sum == 0;
}

/* Where the files begin, and the volume's name where an extended header gives one. */
static gsize
find_files (const guint8 *volume, gsize size, const guint8 **name)
{
  gsize header = fatia_read_u16 (volume + VOLUME_HEADER_LENGTH);
  gsize extended = fatia_read_u16 (volume + VOLUME_EXTENDED_HEADER);
  gsize extended_size;

  *name = volume + VOLUME_FILE_SYSTEM;
  if (volume[VOLUME_REVISION] < 2 || extended < header ||
      extended + VOLUME_EXTENDED_HEADER_SIZE > size)
    return header;
  extended_size = fatia_read_u32 (volume + extended + 16);
  if (extended_size < VOLUME_EXTENDED_HEADER_SIZE || extended_size > size - extended)
    return header;
  *name = volume + extended;
  return MIN ((extended + extended_size + 7) & ~(gsize) 7, size);
}

/* Some makers' file systems are FFSv2 under a GUID of their own: a file's header, whose bytes but
 * for the state and the file's own sum add up to zero, gives them away. */
static gboolean
begins_with_file (const guint8 *data, gsize left)
{
  guint8 sum = 0;
  gsize size;

  if (left < FILE_HEADER_SIZE)
    return FALSE;
  size = fatia_read_u24 (data + FILE_SIZE);
  for (gsize i = 0; i < FILE_STATE; i++)
    sum += i == FILE_SUM ? 0 : data[i];
  return sum == 0 && size >= FILE_HEADER_SIZE && size <= left;
}

static gboolean
has_files (const guint8 *volume, gsize size, gsize files)
{
  const guint8 *file_system = volume + VOLUME_FILE_SYSTEM;

  return fatia_guid_is (file_system, &ffs_v1) || fatia_guid_is (file_system, &ffs_v2) ||
         fatia_guid_is (file_system, &ffs_v3) || begins_with_file (volume + files, size - files);
}

static FatiaWalkNode *
volume_node_new (FatiaWalk *self, FatiaFrame *frame, const guint8 *name, gsize at)
{
  char guid[FATIA_GUID_TEXT_SIZE];
  g_autofree char *label = NULL;

  fatia_guid_format (name, guid);
  if (frame->bytes == self->image)
    label = g_strdup_printf ("%s@0x%" G_GSIZE_MODIFIER "X", guid, at);
  return fatia_walk_node_new (frame->node, FALSE, label ? label : guid);
}

static const char *
volume_type (const guint8 *volume)
{
  const guint8 *file_system = volume + VOLUME_FILE_SYSTEM;

  if (fatia_guid_is (file_system, &ffs_v2))
    return N_ ("Firmware volume, FFSv2");
  if (fatia_guid_is (file_system, &ffs_v3))
    return N_ ("Firmware volume, FFSv3");
  return N_ ("Firmware volume");
}

static void
record_volume (FatiaWalk *self, FatiaFrame *frame, gsize at, gsize size, const guint8 *name)
{
  const guint8 *volume = frame->data + at;

  fatia_walk_record (self, frame, FATIA_FIRMWARE_ITEM_VOLUME, volume_type (volume), at, at + size);
  fatia_walk_record_guid (self, name);
  if (fatia_read_u64 (volume + VOLUME_LENGTH) > size)
    fatia_walk_record_note (self, _ ("Its end is missing."));
}

/* Passes the volume at @at, and goes into it where it has files. */
static void
enter_volume (FatiaWalk *self, FatiaFrame *frame, gsize at)
{
  const guint8 *volume = frame->data + at;
  guint64 length = fatia_read_u64 (volume + VOLUME_LENGTH);
  gsize size = MIN (length, frame->end - at);
  const guint8 *name;
  gsize files = find_files (volume, size, &name);
  g_autoptr (FatiaWalkNode) node = NULL;
  FatiaFrame *inner;

  self->summary.volumes++;
  if (length > size && frame->bytes == self->image)
    self->summary.truncated = TRUE;
  if (!has_files (volume, size, files))
    {
      /* Variables or something of the maker's own: other volumes may stand in it. */
      fatia_walk_record_gap (self, frame, frame->gap, at);
      record_volume (self, frame, at, size, name);
      fatia_walk_record_note (self, _ ("It holds no files of a known kind: it was only searched "
                                       "for other volumes and for programs."));
      frame->told = MAX (frame->told, at + size);
      frame->position = at + files;
      return;
    }
  fatia_walk_gap (self, frame, frame->gap, at);
  record_volume (self, frame, at, size, name);
  frame->position = frame->gap = at + size;
  node = volume_node_new (self, frame, name, at);
  inner = fatia_walk_push (self, FATIA_FRAME_FILES, frame->bytes, node, at, at + size);
  if (inner == NULL)
    return;
  inner->position = at + files;
  inner->erased = fatia_read_u32 (volume + VOLUME_ATTRIBUTES) & VOLUME_ERASE_POLARITY ? 0xFF : 0x00;
  inner->large_files = fatia_guid_is (volume + VOLUME_FILE_SYSTEM, &ffs_v3);
  inner->tails = volume[VOLUME_REVISION] < 2;
}

void
fatia_walk_step_scan (FatiaWalk *self, FatiaFrame *frame)
{
  /* A header found in this step may end after it, so the steps overlap. */
  gsize end = MIN (frame->end, frame->position + FATIA_BUDGET_SCAN_STEP);
  gsize signature = find_signature (frame->data, frame->position, end);
  gsize at = signature - VOLUME_SIGNATURE;

  if (signature == end)
    {
      if (end < frame->end)
        {
          frame->position = end - VOLUME_SIGNATURE - 3;
          return;
        }
      fatia_walk_gap (self, frame, frame->gap, end);
      fatia_walk_pop (self);
      return;
    }
  if (check_header (self, frame->data, at, frame->end))
    enter_volume (self, frame, at);
  else
    frame->position = at + 1;
}

/* The rest of a volume holds no files any more: bytes of another kind may hold volumes. */
static void
leave_files (FatiaWalk *self, FatiaFrame *frame)
{
  if (!fatia_walk_is_filled (self, frame->data, frame->position, frame->end, frame->erased))
    {
      fatia_walk_scan_rest (frame);
      return;
    }
  if (frame->position < frame->end)
    fatia_walk_record (self, frame, FATIA_FIRMWARE_ITEM_PADDING, N_ ("Free space"), frame->position,
                       frame->end);
  fatia_walk_pop (self);
}

/* Returns a file's header's size, 0 where no file stands at @at; @size is the file's. */
static gsize
read_file_header (FatiaWalk *self, FatiaFrame *frame, gsize at, gsize *size)
{
  const guint8 *header = frame->data + at;
  gsize left = frame->end - at;
  guint64 file_size;
  gsize header_size = FILE_HEADER_SIZE;

  if (left < FILE_HEADER_SIZE ||
      fatia_walk_is_filled (self, frame->data, at, at + FILE_HEADER_SIZE, frame->erased))
    return 0;
  file_size = fatia_read_u24 (header + FILE_SIZE);
  if (frame->large_files && header[FILE_ATTRIBUTES] & FILE_LARGE)
    {
      header_size = FILE_LARGE_HEADER_SIZE;
      if (left < header_size)
        return 0;
      file_size = fatia_read_u64 (header + FILE_EXTENDED_SIZE);
    }
  if (file_size < header_size || file_size > left)
    return 0;
  *size = file_size;
  return header_size;
}

static gboolean
has_sections (guint8 type)
{
  return type >= TYPE_FIRST_WITH_SECTIONS && type <= TYPE_LAST_WITH_SECTIONS;
}

/**
 * fatia_walk_peek_file:
 * @at: where the file before it ends
 * @body: (out): where its sections begin; @end where it has none
 * @end: (out): where it ends
 *
 * Returns: %FALSE where there is none
 */
gboolean
fatia_walk_peek_file (FatiaWalk *self, FatiaFrame *frame, gsize at, gsize *body, gsize *end)
{
  gsize start = frame->start + ((at - frame->start + 7) & ~(gsize) 7);
  gsize header_size, size;

  if (start > frame->end)
    return FALSE;
  header_size = read_file_header (self, frame, start, &size);
  if (header_size == 0)
    return FALSE;
  *end = start + size;
  *body = has_sections (frame->data[start + FILE_TYPE]) ? start + header_size : *end;
  return TRUE;
}

static const char *
file_type (guint8 type)
{
  static const char *const words[] = {
    N_ ("File"),
    N_ ("Raw file"),
    N_ ("Freeform file"),
    N_ ("SEC core"),
    N_ ("PEI core"),
    N_ ("DXE core"),
    N_ ("PEI module"),
    N_ ("DXE driver"),
    N_ ("PEI module and DXE driver"),
    N_ ("EFI application"),
    N_ ("SMM driver"),
    N_ ("Volume image file"),
    N_ ("SMM and DXE driver"),
    N_ ("SMM core"),
    N_ ("Standalone MM driver"),
    N_ ("Standalone MM core"),
  };

  if (type == TYPE_PAD)
    return N_ ("Pad file");
  return type < G_N_ELEMENTS (words) ? words[type] : words[0];
}

static gboolean
is_deleted (FatiaFrame *frame, const guint8 *header)
{
  return ((header[FILE_STATE] ^ frame->erased) & STATE_DELETED) != 0;
}

static void
record_file (FatiaWalk *self, FatiaFrame *frame, gsize at, gsize header_size, gsize size)
{
  const guint8 *header = frame->data + at;
  guint8 sum = 0;

  fatia_walk_record (self, frame, FATIA_FIRMWARE_ITEM_FILE, file_type (header[FILE_TYPE]), at,
                     at + size);
  if (header[FILE_TYPE] != TYPE_PAD)
    fatia_walk_record_guid (self, header);
  for (gsize i = 0; i < header_size; i++)
    sum += i == FILE_SUM || i == FILE_STATE ? 0 : header[i];
  if (sum != 0)
    fatia_walk_record_note (self, _ ("The checksum of its header is wrong."));
  if (is_deleted (frame, header))
    fatia_walk_record_note (self, _ ("It is marked as deleted."));
}

/* Goes into the file's body, from @start to @end, where there may be something in it. */
static void
enter_file (FatiaWalk *self, FatiaFrame *frame, FatiaWalkNode *node, gsize start, gsize end)
{
  FatiaFrameKind kind = FATIA_FRAME_SCAN;

  if (has_sections (node->type))
    kind = FATIA_FRAME_SECTIONS;
  else if (fatia_walk_is_filled (self, frame->data, start, end, frame->erased))
    return;
  fatia_walk_push (self, kind, frame->bytes, node, start, end);
}

void
fatia_walk_step_files (FatiaWalk *self, FatiaFrame *frame)
{
  gsize at = frame->start + ((frame->position - frame->start + 7) & ~(gsize) 7);
  g_autoptr (FatiaWalkNode) node = NULL;
  char guid[FATIA_GUID_TEXT_SIZE];
  const guint8 *header;
  gsize header_size, size, body_end;

  frame->position = MIN (at, frame->end);
  header_size = read_file_header (self, frame, frame->position, &size);
  if (header_size == 0)
    {
      leave_files (self, frame);
      return;
    }
  if (!fatia_budget_take_file (&self->budget))
    return;
  header = frame->data + at;
  fatia_guid_format (header, guid);
  node = fatia_walk_node_new (frame->node, TRUE, guid);
  node->type = header[FILE_TYPE];
  node->size = size;
  node->unused |= node->type == TYPE_PAD || is_deleted (frame, header);
  record_file (self, frame, at, header_size, size);
  body_end = at + size;
  if (frame->tails && header[FILE_ATTRIBUTES] & FILE_TAIL && size >= header_size + FILE_TAIL_SIZE)
    body_end -= FILE_TAIL_SIZE;
  if (self->visitor->file)
    self->visitor->file (node, frame->bytes, at + header_size, body_end - at - header_size,
                         self->visitor_data);
  frame->position = at + size;
  fatia_walk_ahead_fill (self, frame);
  enter_file (self, frame, node, at + header_size, body_end);
}
