/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-decode.h"

#include <lzma.h>

#include "fatia-bytes.h"

/* The .lzma header: properties (1 byte), dictionary size (4), unpacked size (8). */
#define HEADER_SIZE      13
#define UNKNOWN_SIZE     G_MAXUINT64
#define DICTIONARY_FLOOR 4096
/* A larger one would leave too little of the budget's memory for what comes out. */
#define DICTIONARY_CEILING (26 * 1024 * 1024)

typedef struct
{
  guint32 dictionary;
  guint64 unpacked; /* UNKNOWN_SIZE: until the end marker */
} Header;

static gboolean
read_header (const guint8 *data, gsize size, Header *header)
{
  if (size <= HEADER_SIZE || data[0] >= 9 * 5 * 5)
    return FALSE;
  header->unpacked = fatia_read_u64 (data + 5);
  /* Nothing in firmware is larger than 32 bits tell. */
  if (header->unpacked > G_MAXUINT32 && header->unpacked != UNKNOWN_SIZE)
    return FALSE;
  /* No match reaches farther back than the output is long, so a dictionary of that size is
   * enough whatever the header asks for. */
  header->dictionary = MIN (fatia_read_u32 (data + 1), header->unpacked);
  header->dictionary = CLAMP (header->dictionary, DICTIONARY_FLOOR, DICTIONARY_CEILING);
  return TRUE;
}

/**
 * fatia_lzma_claimed:
 *
 * Returns: how many bytes the header says will come out; 0 where it is damaged or does not say
 */
guint64
fatia_lzma_claimed (const guint8 *data, gsize size)
{
  Header header;

  return read_header (data, size, &header) && header.unpacked != UNKNOWN_SIZE ? header.unpacked : 0;
}

static void *
allocate (void *budget, size_t count, size_t size)
{
  return count <= G_MAXSIZE / size ? fatia_budget_alloc (budget, count * size) : NULL;
}

static void
release (void *budget, void *block)
{
  fatia_budget_free (budget, block);
}

/* Gives @stream's decoder all room it can fill. Returns whether it came to its end. */
static gboolean
pump (lzma_stream *stream, FatiaSink *sink)
{
  lzma_ret result = LZMA_OK;

  while (result == LZMA_OK)
    {
      gsize room;

      if (!fatia_sink_grow (sink))
        return FALSE;
      room = MIN (sink->capacity - sink->size, FATIA_BUDGET_DECODE_STEP);
      stream->next_out = sink->data + sink->size;
      stream->avail_out = room;
      result = lzma_code (stream, LZMA_RUN);
      sink->size += room - stream->avail_out;
      /* All input read and room left: the rest of the data is missing. */
      if (result == LZMA_OK && stream->avail_in == 0 && stream->avail_out > 0)
        return FALSE;
    }
  return result == LZMA_STREAM_END;
}

/**
 * fatia_decode_lzma:
 *
 * Unpacks an LZMA stream with a 13-byte header (the .lzma format, which all LZMA sections use).
 * Bytes after its end are not looked at.
 *
 * Returns: (transfer full) (nullable): the bytes, %NULL for damaged data or by the budget
 */
GBytes *
fatia_decode_lzma (const guint8 *data, gsize size, FatiaBudget *budget)
{
  const lzma_allocator allocator = { allocate, release, budget };
  lzma_stream stream = { .allocator = &allocator };
  g_auto (FatiaSink) sink = { 0 };
  guint8 bounded[HEADER_SIZE];
  Header header;
  gboolean whole;

  if (!read_header (data, size, &header))
    return NULL;
  if (lzma_alone_decoder (&stream, G_MAXUINT64) != LZMA_OK)
    return NULL;
  memcpy (bounded, data, HEADER_SIZE);
  fatia_write_u32 (bounded + 1, header.dictionary);
  fatia_sink_init (&sink, budget, header.unpacked, size);
  stream.next_in = bounded;
  stream.avail_in = HEADER_SIZE;
  /* It reads nothing, not even a header, where it has no room to write. */
  stream.next_out = sink.data;
  stream.avail_out = sink.capacity;
  if (lzma_code (&stream, LZMA_RUN) != LZMA_OK || stream.avail_in > 0)
    {
      lzma_end (&stream);
      return NULL;
    }
  stream.next_in = data + HEADER_SIZE;
  stream.avail_in = size - HEADER_SIZE;
  whole = pump (&stream, &sink);
  lzma_end (&stream);
  return whole ? fatia_sink_finish (&sink) : NULL;
}

/**
 * fatia_decode_lzma_x86:
 *
 * As fatia_decode_lzma(), for data that went through the x86 branch filter before they were
 * packed. The size has to be known to the LZMA decoder, or the filter keeps the last bytes.
 *
 * Returns: (transfer full) (nullable): the bytes, %NULL for damaged data or by the budget
 */
GBytes *
fatia_decode_lzma_x86 (const guint8 *data, gsize size, FatiaBudget *budget)
{
  const lzma_allocator allocator = { allocate, release, budget };
  lzma_stream stream = { .allocator = &allocator };
  lzma_options_lzma options = { 0 };
  const lzma_filter filters[] = {
    { LZMA_FILTER_X86, NULL },
    { LZMA_FILTER_LZMA1EXT, &options },
    { LZMA_VLI_UNKNOWN, NULL },
  };
  g_auto (FatiaSink) sink = { 0 };
  Header header;
  gboolean whole;

  if (!read_header (data, size, &header))
    return NULL;
  options.dict_size = header.dictionary;
  options.lc = data[0] % 9;
  options.lp = data[0] / 9 % 5;
  options.pb = data[0] / 9 / 5;
  options.ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
  lzma_set_ext_size (options, header.unpacked);
  if (lzma_raw_decoder (&stream, filters) != LZMA_OK)
    return NULL;
  stream.next_in = data + HEADER_SIZE;
  stream.avail_in = size - HEADER_SIZE;
  fatia_sink_init (&sink, budget, header.unpacked, size);
  whole = pump (&stream, &sink);
  lzma_end (&stream);
  return whole ? fatia_sink_finish (&sink) : NULL;
}
