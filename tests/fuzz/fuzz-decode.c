/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One of the decoders of packed sections: FUZZ_FORMAT says which. */
#include "fuzz.h"

#include "firmware/fatia-decode.h"

/* Little, for many executions; the bounds are the same code as those for large ones. */
#define MEMORY (192 * 1024)
#define OUTPUT (16 * 1024)

static GBytes *
decode_tiano (const guint8 *data, gsize size, FatiaBudget *budget)
{
  return fatia_decode_tiano (data, size, FATIA_TIANO_TIANO, budget);
}

static GBytes *
decode_efi_1_1 (const guint8 *data, gsize size, FatiaBudget *budget)
{
  return fatia_decode_tiano (data, size, FATIA_TIANO_EFI_1_1, budget);
}

static const struct
{
  const char *name;
  GBytes *(*decode) (const guint8 *data, gsize size, FatiaBudget *budget);
} decoders[] = {
  { "decode-lzma", fatia_decode_lzma },     { "decode-lzma-x86", fatia_decode_lzma_x86 },
  { "decode-brotli", fatia_decode_brotli }, { "decode-tiano", decode_tiano },
  { "decode-efi11", decode_efi_1_1 },
};

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static guint decoder = 0;
  FatiaBudget budget;
  GBytes *bytes;

  while (!g_str_equal (decoders[decoder].name, FUZZ_FORMAT))
    decoder++;
  fatia_budget_init (&budget, size, NULL);
  budget.memory = MEMORY;
  budget.output = OUTPUT;
  bytes = decoders[decoder].decode (data, size, &budget);
  if (bytes)
    {
      g_assert_cmpuint (g_bytes_get_size (bytes), <=, OUTPUT);
      g_assert_cmpuint (budget.output, <=, OUTPUT - g_bytes_get_size (bytes));
      fatia_sink_drop (&budget, bytes);
    }
  /* Whatever was held is given back, and what was given out is paid for. */
  g_assert_cmpuint (budget.memory, ==, MEMORY);
  g_assert_cmpuint (budget.output, <=, OUTPUT);
  return 0;
}
