/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk through an image, and each byte it gives to who looks at them. */
#include "fuzz.h"

#include "firmware/fatia-walk.h"

#define OUTPUT (128 * 1024)

static void
visit_file (FatiaWalkNode *file, GBytes *bytes, gsize offset, gsize length, gpointer count)
{
  g_assert_cmpuint (offset, <=, g_bytes_get_size (bytes));
  g_assert_cmpuint (length, <=, g_bytes_get_size (bytes) - offset);
  g_assert_true (file->file && file->parent && !file->parent->file);
  g_assert_cmpuint (length, <=, file->size);
  ++*(guint *) count;
}

static void
visit_leaf (FatiaWalkNode *node,
            FatiaWalkLeaf kind,
            GBytes *bytes,
            gsize offset,
            gsize length,
            gpointer count)
{
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  volatile guint8 last;

  g_assert_cmpuint (offset, <, g_bytes_get_size (bytes));
  g_assert_cmpuint (length - 1, <, g_bytes_get_size (bytes) - offset);
  last = data[offset + length - 1];
  (void) last;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const FatiaWalkVisitor visitor = { .file = visit_file,
                                     .leaf = visit_leaf,
                                     .output_limit = OUTPUT };
  g_autoptr (GBytes) image = NULL;
  g_autoptr (GError) error = NULL;
  FatiaWalkSummary summary;
  guint files = 0;

  image = g_bytes_new_static (data, size);
  g_assert_true (fatia_walk (image, &visitor, &files, NULL, NULL, NULL, &summary, &error));
  g_assert_no_error (error);
  /* Each file costs its header. */
  g_assert_cmpuint (files, <=, (size + OUTPUT) / 24);
  g_assert_cmpuint (summary.output, <=, OUTPUT);
  return 0;
}
