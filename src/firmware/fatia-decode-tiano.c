/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Compression Algorithm Specification" of the UEFI specification: LZ77 whose literals, match
 * lengths and distances are Huffman coded, in blocks that bring their own code lengths. The
 * bounds on code lengths, counts and distances are those whose absence in others' decoders
 * became CVE-2017-5731 to CVE-2017-5735.
 */
#include "fatia-decode.h"

#include "fatia-bytes.h"

/* Packed size and unpacked size, 4 bytes each. */
#define HEADER_SIZE       8
#define LONGEST_CODE      16
#define LITERALS          256
#define SHORTEST_MATCH    3
#define N_CHARS           510 /* the literals and the match lengths 3 to 256 */
#define CHARS_BITS        9
#define N_LENGTHS         19 /* code lengths of the chars: three kinds of runs of zeros, 1 to 16 */
#define LENGTHS_BITS      5
#define LENGTHS_HOLE      3 /* after this many lengths a 2-bit count of zeros follows */
#define N_POSITIONS       31
#define FAST_BITS         10
#define FAST_LENGTH_SHIFT 9

typedef struct
{
  const guint8 *next;
  const guint8 *end;
  guint64 bits;
  guint count;   /* bits waiting in @bits */
  guint made_up; /* how many of them stand for bytes after the end */
} Bits;

typedef struct
{
  int lone;                        /* the only symbol, which takes no bits, or -1 */
  guint16 count[LONGEST_CODE + 1]; /* codes of each length */
  guint16 symbols[N_CHARS];        /* in the order of their codes */
  guint16 fast[1 << FAST_BITS];    /* length and symbol for the short codes, 0 for the others */
} Code;

typedef struct
{
  Bits bits;
  FatiaTianoForm form;
  guint block; /* symbols left in this block */
  Code lengths;
  Code chars;
  Code positions;
} Tiano;

static guint
bits_peek (Bits *self, guint n)
{
  while (self->count < n)
    {
      if (self->next == self->end)
        self->made_up += 8;
      self->bits = self->bits << 8 | (self->next < self->end ? *self->next++ : 0);
      self->count += 8;
    }
  return self->bits >> (self->count - n) & ((1u << n) - 1);
}

static void
bits_drop (Bits *self, guint n)
{
  bits_peek (self, n);
  self->count -= n;
}

static guint
bits_take (Bits *self, guint n)
{
  guint value = bits_peek (self, n);

  self->count -= n;
  return value;
}

static gboolean
bits_overrun (Bits *self)
{
  return self->count < self->made_up;
}

static void
code_set_lone (Code *self, guint symbol)
{
  self->lone = symbol;
}

/* Canonical codes: by length, then by symbol. An incomplete or overfull set is refused. */
static gboolean
code_set_lengths (Code *self, const guint8 *lengths, guint n)
{
  guint start[LONGEST_CODE + 2] = { 0 };
  guint used = 0;

  memset (self->count, 0, sizeof self->count);
  memset (self->fast, 0, sizeof self->fast);
  self->lone = -1;
  for (guint i = 0; i < n; i++)
    self->count[lengths[i]]++;
  self->count[0] = 0;
  for (guint length = 1; length <= LONGEST_CODE; length++)
    {
      start[length + 1] = start[length] + self->count[length];
      used += (guint) self->count[length] << (LONGEST_CODE - length);
    }
  if (used != 1u << LONGEST_CODE)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (lengths[i] > 0)
      self->symbols[start[lengths[i]]++] = i;

  for (guint length = 1, i = 0, slot = 0; length <= FAST_BITS; length++)
    for (guint end = i + self->count[length]; i < end; i++)
      for (guint last = slot + (1u << (FAST_BITS - length)); slot < last; slot++)
        self->fast[slot] = length << FAST_LENGTH_SHIFT | self->symbols[i];
  return TRUE;
}

static guint
code_read (Code *self, Bits *bits)
{
  guint ahead, entry;
  guint first = 0, index = 0;

  if (self->lone >= 0)
    return self->lone;
  ahead = bits_peek (bits, LONGEST_CODE);
  entry = self->fast[ahead >> (LONGEST_CODE - FAST_BITS)];
  if (entry != 0)
    {
      bits_drop (bits, entry >> FAST_LENGTH_SHIFT);
      return entry & ((1u << FAST_LENGTH_SHIFT) - 1);
    }
  /* The set is complete, so some length fits. */
  for (guint length = 1; length <= LONGEST_CODE; length++)
    {
      guint code = ahead >> (LONGEST_CODE - length);

      if (code - first < self->count[length])
        {
          bits_drop (bits, length);
          return self->symbols[index + code - first];
        }
      index += self->count[length];
      first = (first + self->count[length]) << 1;
    }
  g_return_val_if_reached (0);
}

/* A code length: 0 to 6 in three bits; 7 and more in as many more ones, closed by a zero. */
static guint
read_length (Bits *bits)
{
  guint length = bits_take (bits, 3);

  if (length == 7)
    while (length <= LONGEST_CODE && bits_take (bits, 1) == 1)
      length++;
  return length;
}

/* The code of the code lengths and that of the positions are sent in this way. @hole: see
 * LENGTHS_HOLE, or 0. */
static gboolean
read_small_code (Bits *bits, Code *code, guint n, guint count_bits, guint hole)
{
  guint8 lengths[N_POSITIONS] = { 0 };
  guint count = bits_take (bits, count_bits);

  if (count > n)
    return FALSE;
  if (count == 0)
    {
      guint symbol = bits_take (bits, count_bits);

      code_set_lone (code, symbol);
      return symbol < n;
    }
  for (guint i = 0; i < count;)
    {
      guint length = read_length (bits);

      if (length > LONGEST_CODE)
        return FALSE;
      lengths[i++] = length;
      if (i == hole)
        i += bits_take (bits, 2);
    }
  return code_set_lengths (code, lengths, n);
}

static gboolean
read_chars_code (Tiano *self)
{
  guint8 lengths[N_CHARS] = { 0 };
  guint count = bits_take (&self->bits, CHARS_BITS);

  if (count > N_CHARS)
    return FALSE;
  if (count == 0)
    {
      guint symbol = bits_take (&self->bits, CHARS_BITS);

      code_set_lone (&self->chars, symbol);
      return symbol < N_CHARS;
    }
  for (guint i = 0; i < count;)
    {
      guint symbol = code_read (&self->lengths, &self->bits);

      if (symbol == 0)
        i += 1;
      else if (symbol == 1)
        i += bits_take (&self->bits, 4) + 3;
      else if (symbol == 2)
        i += bits_take (&self->bits, CHARS_BITS) + 20;
      else
        lengths[i++] = symbol - 2;
    }
  return code_set_lengths (&self->chars, lengths, N_CHARS);
}

static gboolean
read_block (Tiano *self, FatiaBudget *budget)
{
  self->block = bits_take (&self->bits, 16);
  return self->block > 0 && fatia_budget_goes_on (budget) &&
         read_small_code (&self->bits, &self->lengths, N_LENGTHS, LENGTHS_BITS, LENGTHS_HOLE) &&
         read_chars_code (self) &&
         read_small_code (&self->bits, &self->positions, N_POSITIONS, self->form, 0) &&
         !bits_overrun (&self->bits);
}

static gsize
read_distance (Tiano *self)
{
  guint position = code_read (&self->positions, &self->bits);
  gsize low = 0;

  if (position <= 1)
    return position + 1;
  /* Up to 29 bits, more than the reader gives at once. */
  for (guint left = position - 1; left > 0;)
    {
      guint n = MIN (left, 16);

      low = low << n | bits_take (&self->bits, n);
      left -= n;
    }
  return ((gsize) 1 << (position - 1)) + low + 1;
}

/* Writes the next literal or match, never past @limit. */
static gboolean
read_symbol (Tiano *self, FatiaSink *sink, gsize limit)
{
  guint symbol = code_read (&self->chars, &self->bits);
  gsize distance, length;

  if (sink->size == sink->capacity && !fatia_sink_grow (sink))
    return FALSE;
  if (symbol < LITERALS)
    {
      sink->data[sink->size++] = symbol;
      return TRUE;
    }
  length = symbol - LITERALS + SHORTEST_MATCH;
  distance = read_distance (self);
  if (distance > sink->size)
    return FALSE;
  length = MIN (length, limit - sink->size);
  while (sink->capacity - sink->size < length)
    {
      gsize size = sink->size;
      gboolean grown;

      /* Growing asks for one byte more than is there. */
      sink->size = sink->capacity;
      grown = fatia_sink_grow (sink);
      sink->size = size;
      if (!grown)
        return FALSE;
    }
  for (; length > 0; length--, sink->size++)
    sink->data[sink->size] = sink->data[sink->size - distance];
  return TRUE;
}

/**
 * fatia_decode_tiano:
 * @form: which of its two forms to take @data for
 *
 * Unpacks data of the UEFI specification's own compression. Its two forms can't be told apart
 * but by what comes out.
 *
 * Returns: (transfer full) (nullable): the bytes, %NULL for damaged data or by the budget
 */
GBytes *
fatia_decode_tiano (const guint8 *data, gsize size, FatiaTianoForm form, FatiaBudget *budget)
{
  g_autofree Tiano *self = NULL;
  g_auto (FatiaSink) sink = { 0 };
  guint32 packed, unpacked;

  if (size <= HEADER_SIZE)
    return NULL;
  packed = fatia_read_u32 (data);
  unpacked = fatia_read_u32 (data + 4);
  if (packed > size - HEADER_SIZE)
    return NULL;
  self = g_new0 (Tiano, 1);
  self->form = form;
  self->bits.next = data + HEADER_SIZE;
  self->bits.end = self->bits.next + packed;
  fatia_sink_init (&sink, budget, unpacked, size);
  while (sink.size < unpacked)
    {
      if (self->block == 0 && !read_block (self, budget))
        return NULL;
      self->block--;
      if (!read_symbol (self, &sink, unpacked) || bits_overrun (&self->bits))
        return NULL;
    }
  return fatia_sink_finish (&sink);
}
