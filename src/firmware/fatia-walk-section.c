/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections of a file, those that pack other sections among them. */
#include <glib/gi18n-lib.h>

#include "fatia-decode.h"
#include "fatia-walk-ahead.h"
#include "fatia-walk-record.h"

/* EFI_COMMON_SECTION_HEADER and its kinds, PI specification 3.2.4 and 3.2.5 */
#define SECTION_TYPE                 3
#define SECTION_HEADER_SIZE          4
#define SECTION_EXTENDED             0xFFFFFF
#define SECTION_EXTENDED_SIZE        4
#define SECTION_EXTENDED_HEADER_SIZE 8

#define SECTION_COMPRESSION    0x01
#define SECTION_GUID_DEFINED   0x02
#define SECTION_DISPOSABLE     0x03
#define SECTION_LEAF_FIRST     0x10
#define SECTION_PE32           0x10
#define SECTION_USER_INTERFACE 0x15
#define SECTION_VOLUME         0x17
#define SECTION_FREEFORM       0x18
#define SECTION_RAW            0x19
#define SECTION_LEAF_LAST      0x20 /* 0x1D to 0x20 are vendors' */

/* After the common header */
#define COMPRESSION_TYPE   4
#define COMPRESSION_SIZE   5
#define GUIDED_DATA_OFFSET 16
#define GUIDED_ATTRIBUTES  18
#define GUIDED_PROCESSING  0x01 /* without unpacking it can't be used */
#define GUIDED_SIZE        20
#define FREEFORM_SIZE      16

/* Vendors' LZMA where the type says LZMA; an Intel form has a number before the stream. */
#define COMPRESSION_STORED     0
#define COMPRESSION_STANDARD   1
#define COMPRESSION_LZMA       2
#define COMPRESSION_LZMA_SHIFT 4

/* A packed section stands first, or after one of dependencies. */
#define PEEK_LIMIT 4
#define NAME_LIMIT 256 /* UTF-16 units */
/* What setting up a decoder costs, in bytes looked at. */
#define DECODER_WORK 4096

static const FatiaGuid guid_crc32 =
  FATIA_GUID (0xFC1BCDB0, 0x7D31, 0x49AA, 0x93, 0x6A, 0xA4, 0x60, 0x0D, 0x9D, 0xD0, 0x83);

typedef struct
{
  guint8 type;
  gsize start; /* offsets into the frame's data */
  gsize body;
  gsize end;
} Section;

static gboolean
read_section (const guint8 *data, gsize at, gsize end, Section *section)
{
  gsize left = end - at;
  gsize header = SECTION_HEADER_SIZE;
  gsize size;

  if (left < header)
    return FALSE;
  size = fatia_read_u24 (data + at);
  if (size == SECTION_EXTENDED)
    {
      header = SECTION_EXTENDED_HEADER_SIZE;
      if (left < header)
        return FALSE;
      size = fatia_read_u32 (data + at + SECTION_EXTENDED_SIZE);
    }
  if (size < header || size > left)
    return FALSE;
  *section = (Section) { data[at + SECTION_TYPE], at, at + header, at + size };
  return TRUE;
}

static gboolean
is_known_type (guint8 type)
{
  return (type >= SECTION_COMPRESSION && type <= SECTION_DISPOSABLE) ||
         (type >= SECTION_LEAF_FIRST && type <= SECTION_LEAF_LAST) || type == 0xF0;
}

static gsize
align_section (gsize start, gsize at)
{
  return start + ((at - start + 3) & ~(gsize) 3);
}

/**
 * fatia_sections_plausible:
 *
 * Returns: whether the bytes from @start to @end are a row of sections to their end
 */
gboolean
fatia_sections_plausible (const guint8 *data, gsize start, gsize end)
{
  gsize at = start;

  do
    {
      Section section;

      if (!read_section (data, at, end, &section) || !is_known_type (section.type))
        return FALSE;
      at = align_section (start, section.end);
    }
  while (at < end);
  return TRUE;
}

/* Words for the kinds, 3.2.5; names as the specification has them */
static const char *
section_type (guint8 type)
{
  static const char *const words[] = {
    [SECTION_COMPRESSION] = N_ ("Compression section"),
    [SECTION_GUID_DEFINED] = N_ ("GUID-defined section"),
    [SECTION_DISPOSABLE] = N_ ("Disposable section"),
    [0x10] = N_ ("PE32 image section"),
    [0x11] = N_ ("Position-independent code section"),
    [0x12] = N_ ("Terse image section"),
    [0x13] = N_ ("DXE dependency section"),
    [0x14] = N_ ("Version section"),
    [0x15] = N_ ("Name section"),
    [0x16] = N_ ("16-bit code section"),
    [0x17] = N_ ("Volume image section"),
    [0x18] = N_ ("Freeform section"),
    [0x19] = N_ ("Raw section"),
    [0x1B] = N_ ("PEI dependency section"),
    [0x1C] = N_ ("MM dependency section"),
  };

  if (type < G_N_ELEMENTS (words) && words[type])
    return words[type];
  return N_ ("Section of an unknown kind");
}

static void
note_damage (FatiaWalk *self)
{
  fatia_walk_record_note (self, _ ("Its header is damaged."));
}

/* Walks on in what a section packed: sections as a rule, in some vendors' images a volume. Returns
 * the new frame, or NULL where it would stand too deep. */
static FatiaFrame *
enter (FatiaWalk *self, FatiaFrame *frame, GBytes *bytes, gsize start, gsize end)
{
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  Section first;
  gboolean sections =
    start < end && read_section (data, start, end, &first) && is_known_type (first.type);

  return fatia_walk_push (self, sections ? FATIA_FRAME_SECTIONS : FATIA_FRAME_SCAN, bytes,
                          frame->node, start, end);
}

/* @bytes: (transfer full) (nullable): what a decoder gave */
static void
enter_unpacked (FatiaWalk *self, FatiaFrame *frame, GBytes *bytes)
{
  FatiaFrame *inner;

  if (bytes == NULL)
    {
      if (self->budget.refused)
        fatia_walk_record_refusal (self);
      else
        fatia_walk_record_note (self, _ ("It could not be unpacked: it is damaged, or packed in an "
                                         "unknown way."));
      return;
    }
  inner = enter (self, frame, bytes, 0, g_bytes_get_size (bytes));
  if (inner)
    {
      inner->unpacked = TRUE;
      g_bytes_unref (bytes);
    }
  else
    fatia_sink_drop (&self->budget, bytes);
}

/* Neither a section's type nor its GUID tells the two forms apart for sure: what comes out as
 * sections was read in the right one. */
static GBytes *
decode_either_tiano (const guint8 *data, gsize size, FatiaBudget *budget)
{
  const FatiaTianoForm forms[] = { FATIA_TIANO_EFI_1_1, FATIA_TIANO_TIANO };
  GBytes *result = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      GBytes *bytes = fatia_decode_tiano (data, size, forms[i], budget);
      gsize length;
      const guint8 *unpacked;

      if (bytes == NULL)
        continue;
      unpacked = g_bytes_get_data (bytes, &length);
      if (length > 0 && fatia_sections_plausible (unpacked, 0, length))
        {
          fatia_sink_drop (budget, result);
          return bytes;
        }
      /* The first one that came out at all, where neither is plausible */
      if (result == NULL)
        result = bytes;
      else
        fatia_sink_drop (budget, bytes);
    }
  return result;
}

static void
enter_compression (FatiaWalk *self, FatiaFrame *frame, const Section *section)
{
  const guint8 *body = frame->data + section->body;
  gsize size = section->end - section->body;
  GBytes *bytes = NULL;

  if (size < COMPRESSION_SIZE)
    note_damage (self);
  if (size < COMPRESSION_SIZE || !fatia_budget_take_work (&self->budget, DECODER_WORK))
    return;
  size -= COMPRESSION_SIZE;
  switch (body[COMPRESSION_TYPE])
    {
    case COMPRESSION_STORED:
      fatia_walk_record_type (self, N_ ("Compression section, stored"));
      enter (self, frame, frame->bytes, section->body + COMPRESSION_SIZE, section->end);
      return;
    case COMPRESSION_STANDARD:
      fatia_walk_record_type (self, N_ ("Compression section, EFI 1.1 or Tiano"));
      bytes = decode_either_tiano (body + COMPRESSION_SIZE, size, &self->budget);
      break;
    case COMPRESSION_LZMA:
      fatia_walk_record_type (self, N_ ("Compression section, LZMA"));
      bytes = fatia_decode_lzma (body + COMPRESSION_SIZE, size, &self->budget);
      if (bytes == NULL && size > COMPRESSION_LZMA_SHIFT && fatia_budget_goes_on (&self->budget))
        bytes = fatia_decode_lzma (body + COMPRESSION_SIZE + COMPRESSION_LZMA_SHIFT,
                                   size - COMPRESSION_LZMA_SHIFT, &self->budget);
      break;
    default:
      break;
    }
  enter_unpacked (self, frame, bytes);
}

static const struct
{
  FatiaGuid guid;
  const char *type;
  GBytes *(*decode) (const guint8 *data, gsize size, FatiaBudget *budget);
  gboolean lzma;
} packings[] = {
  { FATIA_GUID (0xEE4E5898, 0x3914, 0x4259, 0x9D, 0x6E, 0xDC, 0x7B, 0xD7, 0x94, 0x03, 0xCF),
    N_ ("GUID-defined section, LZMA"), fatia_decode_lzma, TRUE },
  { FATIA_GUID (0xD42AE6BD, 0x1352, 0x4BFB, 0x90, 0x9A, 0xCA, 0x72, 0xA6, 0xEA, 0xE8, 0x89),
    N_ ("GUID-defined section, LZMA with x86 filter"), fatia_decode_lzma_x86, TRUE },
  { FATIA_GUID (0xA31280AD, 0x481E, 0x41B6, 0x95, 0xE8, 0x12, 0x7F, 0x4C, 0x98, 0x47, 0x79),
    N_ ("GUID-defined section, EFI 1.1 or Tiano"), decode_either_tiano, FALSE },
  { FATIA_GUID (0x3D532050, 0x5CDA, 0x4FD0, 0x87, 0x9E, 0x0F, 0x7F, 0x63, 0x0D, 0x5A, 0xFB),
    N_ ("GUID-defined section, Brotli"), fatia_decode_brotli, FALSE },
};

/* Checksums, signatures, and what nobody told us of: plain sections after the header at @offset,
 * or they look like none and are searched for volumes. */
static void
enter_plain (FatiaWalk *self, FatiaFrame *frame, const Section *section, gsize offset)
{
  const guint8 *body = frame->data + section->body;

  if (fatia_guid_is (body, &guid_crc32))
    fatia_walk_record_type (self, N_ ("GUID-defined section, CRC32"));
  else if (fatia_read_u16 (body + GUIDED_ATTRIBUTES) & GUIDED_PROCESSING)
    fatia_walk_record_note (self, _ ("Its packing is not known: it was looked into as it is."));
  enter (self, frame, frame->bytes, section->start + offset, section->end);
}

/* Where a GUID-defined section's data begin, from its start; 0 where its header is damaged. */
static gsize
guided_offset (const guint8 *data, const Section *section)
{
  gsize header = section->body - section->start;
  gsize offset;

  if (section->end - section->body < GUIDED_SIZE)
    return 0;
  offset = fatia_read_u16 (data + section->body + GUIDED_DATA_OFFSET);
  return offset >= header + GUIDED_SIZE && offset <= section->end - section->start ? offset : 0;
}

/* Returns the packing's words, or NULL where it is none that is known. */
static const char *
read_packed (const guint8 *data, const Section *section, gsize offset, FatiaPacked *packed)
{
  for (gsize i = 0; i < G_N_ELEMENTS (packings); i++)
    if (fatia_guid_is (data + section->body, &packings[i].guid))
      {
        *packed = (FatiaPacked) {
          .data = data + section->start + offset,
          .size = section->end - section->start - offset,
          .decode = packings[i].decode,
        };
        if (packings[i].lzma)
          packed->unpacked = fatia_lzma_claimed (packed->data, packed->size);
        return packings[i].type;
      }
  return NULL;
}

/**
 * fatia_section_find_packed:
 *
 * Looks at the first sections of a file.
 *
 * Returns: whether one of them is packed with LZMA
 */
gboolean
fatia_section_find_packed (const guint8 *data, gsize start, gsize end, FatiaPacked *packed)
{
  gsize at = start;

  for (guint i = 0; i < PEEK_LIMIT && at < end; i++)
    {
      Section section;
      gsize offset;

      if (!read_section (data, at, end, &section))
        return FALSE;
      offset = section.type == SECTION_GUID_DEFINED ? guided_offset (data, &section) : 0;
      if (offset > 0 && read_packed (data, &section, offset, packed) && packed->unpacked > 0)
        return TRUE;
      at = align_section (start, section.end);
    }
  return FALSE;
}

static void
enter_guided (FatiaWalk *self, FatiaFrame *frame, const Section *section)
{
  gsize offset = guided_offset (frame->data, section);
  FatiaPacked packed;
  const char *type;
  GBytes *bytes;

  if (offset == 0)
    note_damage (self);
  if (offset == 0 || !fatia_budget_take_work (&self->budget, DECODER_WORK))
    return;
  fatia_walk_record_guid (self, frame->data + section->body);
  type = read_packed (frame->data, section, offset, &packed);
  if (type == NULL)
    {
      enter_plain (self, frame, section, offset);
      return;
    }
  fatia_walk_record_type (self, type);
  if (!fatia_walk_ahead_take (self, &packed, &bytes))
    bytes = packed.decode (packed.data, packed.size, &self->budget);
  enter_unpacked (self, frame, bytes);
}

/* UTF-16 up to its NUL. What can't be shown in a line of text becomes U+FFFD. */
static char *
read_name (const guint8 *body, gsize size)
{
  GString *name = g_string_new (NULL);
  gsize n = MIN (size / 2, NAME_LIMIT);

  for (gsize i = 0; i < n; i++)
    {
      gunichar c = fatia_read_u16 (body + 2 * i);

      if (c == 0)
        break;
      if (c >= 0xD800 && c < 0xDC00 && i + 1 < n)
        {
          gunichar low = fatia_read_u16 (body + 2 * i + 2);

          if (low >= 0xDC00 && low < 0xE000)
            {
              c = 0x10000 + ((c - 0xD800) << 10 | (low - 0xDC00));
              i++;
            }
        }
      g_string_append_unichar (name, g_unichar_isprint (c) ? c : 0xFFFD);
    }
  return g_string_free_and_steal (name);
}

static void
enter_section (FatiaWalk *self, FatiaFrame *frame, const Section *section)
{
  gsize size = section->end - section->body;

  switch (section->type)
    {
    case SECTION_COMPRESSION:
      enter_compression (self, frame, section);
      break;
    case SECTION_GUID_DEFINED:
      enter_guided (self, frame, section);
      break;
    case SECTION_DISPOSABLE:
      fatia_walk_push (self, FATIA_FRAME_SECTIONS, frame->bytes, frame->node, section->body,
                       section->end);
      break;
    case SECTION_PE32:
      fatia_walk_leaf (self, frame, FATIA_WALK_PE32, section->body, section->end);
      break;
    case SECTION_USER_INTERFACE:
      if (frame->node && frame->node->name == NULL)
        {
          frame->node->name = read_name (frame->data + section->body, size);
          fatia_walk_record_file_name (self, frame->node->name);
        }
      break;
    case SECTION_FREEFORM:
      if (size < FREEFORM_SIZE)
        {
          note_damage (self);
          break;
        }
      fatia_walk_record_guid (self, frame->data + section->body);
      fatia_walk_push (self, FATIA_FRAME_SCAN, frame->bytes, frame->node,
                       section->body + FREEFORM_SIZE, section->end);
      break;
    case SECTION_VOLUME:
    case SECTION_RAW:
      fatia_walk_push (self, FATIA_FRAME_SCAN, frame->bytes, frame->node, section->body,
                       section->end);
      break;
    default:
      break;
    }
}

void
fatia_walk_step_sections (FatiaWalk *self, FatiaFrame *frame)
{
  gsize at = align_section (frame->start, frame->position);
  Section section;

  if (at >= frame->end)
    {
      fatia_walk_pop (self);
      return;
    }
  if (!read_section (frame->data, at, frame->end, &section))
    {
      /* Damage or padding; a volume may yet stand in it. */
      fatia_walk_record_note (self, _ ("Its sections end before it does."));
      frame->position = at;
      fatia_walk_scan_rest (frame);
      return;
    }
  if (!fatia_budget_take_section (&self->budget))
    return;
  frame->position = section.end;
  fatia_walk_record (self, frame, FATIA_FIRMWARE_ITEM_SECTION, section_type (section.type), at,
                     section.end);
  enter_section (self, frame, &section);
}
