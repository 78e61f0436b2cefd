/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of members at the end of a 7-Zip archive, read as far as to know how much it claims.
 * libarchive makes room for what is claimed, and the list is packed: some hundred bytes can claim
 * gigabytes. Layout: 7zFormat.txt of the LZMA SDK.
 */
#include "fatia-archive.h"

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"
#include "fatia-decode.h"

#define NEXT_OFFSET 12
#define NEXT_SIZE   20
#define HEADER_SIZE 32
/* Of the list, unpacked: some 150 bytes for each of the members we take */
#define LIST_LIMIT  (2 * 1024 * 1024)
#define COUNT_LIMIT 10000
#define LAYERS      4 /* lists that are packed again */
/* No packer that people use asks for a larger dictionary. */
#define MEMORY_LIMIT (512u * 1024 * 1024)

enum
{
  END = 0x00,
  HEADER = 0x01,
  PROPERTIES = 0x02,
  MORE_STREAMS = 0x03,
  MAIN_STREAMS = 0x04,
  FILES = 0x05,
  PACKS = 0x06,
  FOLDERS = 0x07,
  SUBSTREAMS = 0x08,
  SIZES = 0x09,
  DIGESTS = 0x0A,
  FOLDER = 0x0B,
  UNPACK_SIZES = 0x0C,
  STREAM_COUNTS = 0x0D,
  PACKED_HEADER = 0x17,
};

/* A coder's byte: the length of its name, whether it has more than one stream, properties */
#define CODER_NAME       0x0F
#define CODER_COMPLEX    0x10
#define CODER_PROPERTIES 0x20
#define NAME_LZMA        0x030101
#define NAME_LZMA2       0x21
#define NAME_PPMD        0x030401
#define NAME_AES         0x06F10701

typedef enum
{
  VERDICT_GOOD,
  VERDICT_LARGE, /* it claims too much */
  VERDICT_ENCRYPTED,
  VERDICT_UNKNOWN, /* it is damaged, or nothing that is understood */
} Verdict;

typedef struct
{
  const guint8 *data;
  gsize size, at;
  Verdict verdict; /* once it is bad what is read is 0 */
} List;

/* What a streams' description says, as far as a packed list needs it. */
typedef struct
{
  guint64 pack_at, pack_size; /* of the first packed stream */
  guint64 unpack_size;        /* of the last unpacked one */
  guint64 coder;              /* the first one's name */
  const guint8 *properties;   /* of that, (nullable) */
  gsize n_properties;
  guint n_coders;
  guint n_folders, n_outs; /* outs of all folders */
  guint outs[COUNT_LIMIT];
  gboolean digest[COUNT_LIMIT]; /* of each folder */
} Streams;

static void
spoil (List *self, Verdict verdict)
{
  if (self->verdict == VERDICT_GOOD)
    self->verdict = verdict;
}

static const guint8 *
take (List *self, guint64 n)
{
  const guint8 *p = self->data + self->at;

  if (self->verdict != VERDICT_GOOD || n > self->size - self->at)
    {
      spoil (self, VERDICT_UNKNOWN);
      return NULL;
    }
  self->at += n;
  return p;
}

static guint8
take_byte (List *self)
{
  const guint8 *p = take (self, 1);

  return p ? *p : END;
}

/* The first byte's leading ones say how many bytes follow it. */
static guint64
take_number (List *self)
{
  guint8 first = take_byte (self), mask = 0x80;
  guint64 value = 0;

  for (guint i = 0; i < 8; i++, mask >>= 1)
    {
      if (!(first & mask))
        return value | (guint64) (first & (mask - 1)) << (8 * i);
      value |= (guint64) take_byte (self) << (8 * i);
    }
  return value;
}

static guint
take_count (List *self)
{
  guint64 n = take_number (self);

  if (n > COUNT_LIMIT)
    spoil (self, VERDICT_LARGE);
  return self->verdict == VERDICT_GOOD ? n : 0;
}

/* Which of @n have a sum; @defined may be NULL */
static void
take_digests (List *self, guint n, gboolean *defined)
{
  gboolean all = take_byte (self) != 0;
  const guint8 *bits = all ? NULL : take (self, (n + 7) / 8);

  for (guint i = 0; i < n && self->verdict == VERDICT_GOOD; i++)
    {
      gboolean has = all || (bits[i / 8] & 0x80 >> i % 8);

      if (has)
        take (self, 4);
      if (defined)
        defined[i] = has;
    }
}

static void
take_packs (List *self, Streams *streams)
{
  guint n, kind;

  streams->pack_at = take_number (self);
  n = take_count (self);
  while ((kind = take_byte (self)) != END)
    {
      if (kind == SIZES)
        for (guint i = 0; i < n; i++)
          {
            guint64 size = take_number (self);

            if (i == 0)
              streams->pack_size = size;
          }
      else if (kind == DIGESTS)
        take_digests (self, n, NULL);
      else
        spoil (self, VERDICT_UNKNOWN);
    }
}

/* How much memory a coder asks for. */
static void
check_coder (List *self, guint64 name, const guint8 *properties, gsize n)
{
  guint64 memory = 0;

  if ((name == NAME_LZMA || name == NAME_PPMD) && n >= 5)
    memory = fatia_read_u32 (properties + 1);
  else if (name == NAME_LZMA2 && n >= 1 && properties[0] <= 40)
    memory = (guint64) (2 | (properties[0] & 1)) << (properties[0] / 2 + 11);
  if (memory > MEMORY_LIMIT)
    spoil (self, VERDICT_LARGE);
}

static void
take_coder (List *self, Streams *streams, guint *ins, guint *outs)
{
  guint8 flags = take_byte (self);
  const guint8 *name = take (self, flags & CODER_NAME);
  const guint8 *properties = NULL;
  guint64 coder = 0, n = 0;

  for (guint i = 0; name && i < (flags & CODER_NAME); i++)
    coder = coder << 8 | name[i];
  *ins += flags & CODER_COMPLEX ? take_count (self) : 1;
  *outs += flags & CODER_COMPLEX ? take_count (self) : 1;
  if (flags & CODER_PROPERTIES)
    properties = take (self, n = take_number (self));
  if (coder == NAME_AES)
    spoil (self, VERDICT_ENCRYPTED);
  if (properties)
    check_coder (self, coder, properties, n);
  if (streams->n_coders++ == 0)
    {
      streams->coder = coder;
      streams->properties = properties;
      streams->n_properties = n;
    }
}

static void
take_folder (List *self, Streams *streams, guint folder)
{
  guint n = take_count (self), ins = 0, outs = 0;

  for (guint i = 0; i < n && self->verdict == VERDICT_GOOD; i++)
    take_coder (self, streams, &ins, &outs);
  if (outs == 0 || outs > COUNT_LIMIT || ins + 1 < outs)
    {
      spoil (self, VERDICT_UNKNOWN);
      return;
    }
  /* Which stream goes where, then which are packed ones. */
  for (guint i = 0; i + 1 < outs; i++)
    {
      take_number (self);
      take_number (self);
    }
  if (ins - (outs - 1) > 1)
    for (guint i = 0; i < ins - (outs - 1) && self->verdict == VERDICT_GOOD; i++)
      take_number (self);
  streams->outs[folder] = outs;
  streams->n_outs += outs;
}

static void
take_folders (List *self, Streams *streams)
{
  guint kind;

  if (take_byte (self) != FOLDER)
    spoil (self, VERDICT_UNKNOWN);
  streams->n_folders = take_count (self);
  if (take_byte (self) != 0) /* elsewhere */
    spoil (self, VERDICT_UNKNOWN);
  for (guint i = 0; i < streams->n_folders && self->verdict == VERDICT_GOOD; i++)
    take_folder (self, streams, i);
  while ((kind = take_byte (self)) != END)
    {
      if (kind == UNPACK_SIZES)
        for (guint i = 0; i < streams->n_outs && self->verdict == VERDICT_GOOD; i++)
          streams->unpack_size = take_number (self);
      else if (kind == DIGESTS)
        take_digests (self, streams->n_folders, streams->digest);
      else
        spoil (self, VERDICT_UNKNOWN);
    }
}

static void
take_substreams (List *self, const Streams *streams)
{
  g_autofree guint *counts = g_new (guint, streams->n_folders + 1);
  guint total = 0, without = 0, kind;

  for (guint i = 0; i < streams->n_folders; i++)
    counts[i] = 1;
  kind = take_byte (self);
  if (kind == STREAM_COUNTS)
    {
      for (guint i = 0; i < streams->n_folders; i++)
        counts[i] = take_count (self);
      kind = take_byte (self);
    }
  for (guint i = 0; i < streams->n_folders && total <= COUNT_LIMIT; i++)
    {
      total += counts[i];
      without += counts[i] == 1 && streams->digest[i] ? 0 : counts[i];
    }
  if (total > COUNT_LIMIT)
    spoil (self, VERDICT_LARGE);
  for (; kind != END && self->verdict == VERDICT_GOOD; kind = take_byte (self))
    {
      if (kind == SIZES)
        for (guint i = 0; i < streams->n_folders; i++)
          for (guint j = 1; j < counts[i] && self->verdict == VERDICT_GOOD; j++)
            take_number (self);
      else if (kind == DIGESTS)
        take_digests (self, without, NULL);
      else
        spoil (self, VERDICT_UNKNOWN);
    }
}

static void
take_streams (List *self, Streams *streams)
{
  guint kind;

  while ((kind = take_byte (self)) != END)
    switch (kind)
      {
      case PACKS:
        take_packs (self, streams);
        break;
      case FOLDERS:
        take_folders (self, streams);
        break;
      case SUBSTREAMS:
        take_substreams (self, streams);
        break;
      default:
        spoil (self, VERDICT_UNKNOWN);
      }
}

/* The list proper, up to how many files it claims. */
static void
read_list (List *self, Streams *streams)
{
  guint kind;

  while ((kind = take_byte (self)) != END)
    switch (kind)
      {
      case MAIN_STREAMS:
        take_streams (self, streams);
        break;
      case FILES:
        take_count (self);
        return;
      default:
        /* What no packer writes, and what libarchive does not read. */
        spoil (self, VERDICT_UNKNOWN);
      }
}

/* (transfer full) (nullable): a packed list, of which @streams say where it is in @archive */
static GBytes *
unpack_list (
  List *self, const Streams *streams, const guint8 *archive, gsize size, FatiaBudget *budget)
{
  g_autofree guint8 *alone = NULL;
  const guint8 *packed;

  if (streams->coder != NAME_LZMA || streams->n_coders != 1 || streams->n_properties != 5)
    {
      spoil (self, VERDICT_UNKNOWN);
      return NULL;
    }
  if (streams->unpack_size > LIST_LIMIT)
    {
      spoil (self, VERDICT_LARGE);
      return NULL;
    }
  if (streams->pack_at > size - HEADER_SIZE ||
      streams->pack_size > size - HEADER_SIZE - streams->pack_at)
    {
      spoil (self, VERDICT_UNKNOWN);
      return NULL;
    }
  /* The decoder of firmware's sections takes it with the .lzma format's header before it. */
  packed = archive + HEADER_SIZE + streams->pack_at;
  alone = g_malloc (13 + streams->pack_size);
  memcpy (alone, streams->properties, 5);
  fatia_write_u32 (alone + 5, streams->unpack_size);
  fatia_write_u32 (alone + 9, 0);
  memcpy (alone + 13, packed, streams->pack_size);
  return fatia_decode_lzma (alone, 13 + streams->pack_size, budget);
}

/* Moves @list on to what it packs, which is a list again; @bytes: what holds that */
static void
open_layer (List *list,
            Streams *streams,
            GBytes **bytes,
            const guint8 *archive,
            gsize size,
            FatiaBudget *budget)
{
  GBytes *next = NULL;

  take_streams (list, streams);
  if (list->verdict == VERDICT_GOOD)
    next = unpack_list (list, streams, archive, size, budget);
  fatia_sink_drop (budget, *bytes);
  *bytes = next;
  if (next)
    *list = (List) { g_bytes_get_data (next, NULL), g_bytes_get_size (next) };
  else
    spoil (list, VERDICT_UNKNOWN);
}

static Verdict
check (const guint8 *archive, gsize size, FatiaBudget *budget)
{
  g_autofree Streams *streams = g_new0 (Streams, 1);
  GBytes *bytes = NULL;
  guint64 offset = fatia_read_u64 (archive + NEXT_OFFSET);
  guint64 length = fatia_read_u64 (archive + NEXT_SIZE);
  List list = { 0 };
  guint8 kind = PACKED_HEADER;

  if (length > LIST_LIMIT)
    return VERDICT_LARGE;
  /* What is empty or cut off libarchive tells itself. */
  if (length == 0 || offset > size - HEADER_SIZE || length > size - HEADER_SIZE - offset)
    return VERDICT_GOOD;
  list = (List) { archive + HEADER_SIZE + offset, length };
  for (guint layer = 0; layer < LAYERS && (kind = take_byte (&list)) == PACKED_HEADER; layer++)
    {
      memset (streams, 0, sizeof *streams);
      open_layer (&list, streams, &bytes, archive, size, budget);
    }
  memset (streams, 0, sizeof *streams);
  if (kind == HEADER)
    read_list (&list, streams);
  else
    spoil (&list, VERDICT_UNKNOWN);
  fatia_sink_drop (budget, bytes);
  return list.verdict;
}

/**
 * fatia_archive_check_7z:
 *
 * Returns: whether libarchive may read the list of members of a 7-Zip archive
 */
gboolean
fatia_archive_check_7z (FatiaUnpacking *work, const guint8 *data, gsize size, GError **error)
{
  switch (size < HEADER_SIZE ? VERDICT_GOOD : check (data, size, &work->budget))
    {
    case VERDICT_LARGE:
      fatia_archive_refuse_many (work, error);
      return FALSE;
    case VERDICT_ENCRYPTED:
      fatia_archive_refuse_encrypted (work, error);
      return FALSE;
    case VERDICT_UNKNOWN:
      fatia_package_damaged (work, HEADER_SIZE, error, _ ("its list of members can't be read"));
      return FALSE;
    default:
      return !fatia_budget_failed (&work->budget, NULL);
    }
}
