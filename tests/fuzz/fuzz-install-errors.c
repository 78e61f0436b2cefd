/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What compilers, DKMS and package managers print, put into words. */
#include "fuzz.h"

#include "software/fatia-install-errors.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autofree char *words = fatia_install_errors_explain (text);

  if (words)
    g_assert_true (*words != '\0' && g_utf8_validate (words, -1, NULL));
  return 0;
}
