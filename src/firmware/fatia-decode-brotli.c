/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-decode.h"

#include <brotli/decode.h>

#include "fatia-bytes.h"

/* The unpacked size and the size of the room a decoder in firmware needs, 8 bytes each. */
#define HEADER_SIZE 16

static void *
allocate (void *budget, size_t size)
{
  return fatia_budget_alloc (budget, size);
}

static void
release (void *budget, void *block)
{
  fatia_budget_free (budget, block);
}

static BrotliDecoderResult
pump (BrotliDecoderState *state, const guint8 *data, gsize size, FatiaSink *sink)
{
  BrotliDecoderResult result;

  do
    {
      guint8 *out;
      gsize room, before;

      if (!fatia_sink_grow (sink))
        return BROTLI_DECODER_RESULT_ERROR;
      room = before = MIN (sink->capacity - sink->size, FATIA_BUDGET_DECODE_STEP);
      out = sink->data + sink->size;
      result = BrotliDecoderDecompressStream (state, &size, &data, &room, &out, NULL);
      sink->size += before - room;
    }
  while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT);
  return result;
}

/**
 * fatia_decode_brotli:
 *
 * Unpacks a Brotli section: a 16-byte header, then the stream. Bytes after its end are not
 * looked at.
 *
 * Returns: (transfer full) (nullable): the bytes, %NULL for damaged data or by the budget
 */
GBytes *
fatia_decode_brotli (const guint8 *data, gsize size, FatiaBudget *budget)
{
  g_auto (FatiaSink) sink = { 0 };
  BrotliDecoderState *state;
  BrotliDecoderResult result;

  if (size <= HEADER_SIZE)
    return NULL;
  state = BrotliDecoderCreateInstance (allocate, release, budget);
  if (state == NULL)
    return NULL;
  fatia_sink_init (&sink, budget, fatia_read_u64 (data), size);
  result = pump (state, data + HEADER_SIZE, size - HEADER_SIZE, &sink);
  BrotliDecoderDestroyInstance (state);
  return result == BROTLI_DECODER_RESULT_SUCCESS ? fatia_sink_finish (&sink) : NULL;
}
