/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A kernel command line as /proc has it, and one argument as a caller of the helper sends it. */
#include "fuzz.h"

#include <string.h>

#include "boot/fatia-kernel-arguments.h"
#include "boot/fatia-kernel-words.h"

/* What is in effect once, is not to be merged. */
static void
check_line (const char *line, const char *const *wanted)
{
  g_autoptr (GPtrArray) words = fatia_kernel_words_new (line, FATIA_QUOTING_KERNEL, NULL);
  g_autoptr (GPtrArray) edits = fatia_kernel_words_merge (words, wanted, NULL, NULL);
  g_auto (GStrv) have = fatia_kernel_arguments_split (line);

  g_assert_cmpuint (g_strv_length (have), ==, words->len);
  g_assert_true (fatia_kernel_arguments_cover ((const char *const *) have, wanted) ==
                 (edits->len == 0));
}

/* What passes may go into any file: it is one word, without anything that a shell or GRUB takes
 * for its own. */
static void
check_known (const char *argument)
{
  if (fatia_kernel_argument_is_known (argument))
    g_assert_cmpuint (strcspn (argument, " \t\r\n\"'\\$`;&|<>(){}[]#~"), ==, strlen (argument));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *line = fuzz_text (data, size);

  check_line (line, fuzz_wanted (size));
  check_known (line);
  return 0;
}
