/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the targets share: bytes as a text, and what holds of every edit whatever the file. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* (transfer full): a block of its own, so that the byte after it is no one's */
char *fuzz_text (const uint8_t *data, size_t size);
/* Arguments to be set; which ones depends on @size, so that an input stays a plain file. */
const char *const *fuzz_wanted (size_t size);
void fuzz_assert_refused (const GError *error);
void fuzz_assert_rest (
  const char *before, const char *after, const char *const *wanted, guint lines, gboolean bare);
