/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "firmware/fatia-firmware.h"

/* The images that make-corpus made. */
static inline char *
corpus_path (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".fd", NULL);

  return g_test_build_filename (G_TEST_BUILT, "tests/unit/firmware", file, NULL);
}

static inline GBytes *
corpus_open (const char *name)
{
  g_autofree char *path = corpus_path (name);
  g_autoptr (GError) error = NULL;
  GBytes *image = fatia_firmware_open (path, &error);

  g_assert_no_error (error);
  return image;
}
