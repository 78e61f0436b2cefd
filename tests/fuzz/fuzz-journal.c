/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record of the journal, as a dying disk might give it back. */
#include "fuzz.h"

#include <string.h>

#include "change/fatia-journal.h"

/* (transfer full) (nullable): what @text is, written again */
static char *
write_again (const char *text, gsize length)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autoptr (GKeyFile) written = NULL;
  g_autoptr (FatiaRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_key_file_load_from_data (keys, text, length, G_KEY_FILE_NONE, NULL))
    return NULL;
  record = fatia_record_from_key_file (keys, &error);
  g_assert_true ((record == NULL) == (error != NULL));
  if (record == NULL)
    return NULL;
  written = fatia_record_to_key_file (record);
  return g_key_file_to_data (written, NULL, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autofree char *once = write_again (text, size);
  g_autofree char *twice = once ? write_again (once, strlen (once)) : NULL;

  g_assert_cmpstr (once, ==, twice);
  return 0;
}
