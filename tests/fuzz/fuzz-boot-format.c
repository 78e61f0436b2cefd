/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The edit of one kind of boot loader's file, FUZZ_FORMAT. */
#include "fuzz.h"

#include <string.h>

#include "../unit/boot/boot-cases.h"
#include "boot/fatia-kernel-arguments.h"

static gboolean
is_kernel_cmdline (const char *name)
{
  return g_str_equal (name, "kernel_cmdline");
}

static const FatiaAssignments dracut = { is_kernel_cmdline, "kernel_cmdline", NULL, NULL };
static const FatiaBootFormat dracut_format = { fatia_assignments_find, &dracut,
                                               FATIA_QUOTING_KERNEL };

/* Kinds of file that no host of the cases has. */
static const struct
{
  const char *name;
  const FatiaBootFormat *format;
} more[] = {
  { "grub-entry", &fatia_grub_entry_format },
  { "cmdline-line", &fatia_cmdline_line_format },
  { "dracut", &dracut_format },
};

/* Whose arguments are as they are on the kernel's command line, without quotes around all. */
static gboolean
is_bare (const char *name)
{
  static const char *const bare[] = { "cmdline-file", "cmdline-line", "entry",
                                      "limine",       "limine-old",   NULL };

  return g_strv_contains (bare, name);
}

static const FatiaBootFormat *
find_format (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (more); i++)
    if (g_str_equal (more[i].name, name))
      return more[i].format;
  for (gsize i = 0; i < n_boot_kinds; i++)
    if (g_str_equal (boot_kinds[i].name, name))
      return boot_kinds[i].format;
  g_error ("there is no format %s", name);
}

static char *
edit (const FatiaBootFormat *format, const char *text, gsize length, const char *const *wanted)
{
  g_autoptr (GError) error = NULL;
  char *after = fatia_boot_format_edit (format, "file", text, length, wanted, &error);

  if (after == NULL)
    fuzz_assert_refused (error);
  return after;
}

/* What was accepted reads as what was asked for. (transfer full) */
static GPtrArray *
read_wanted (const FatiaBootFormat *format, const char *text, const char *const *wanted)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *lines = fatia_boot_format_read (format, "file", text, strlen (text), &error);

  g_assert_no_error (error);
  for (guint i = 0; i < lines->len; i++)
    g_assert_true (fatia_kernel_arguments_cover (g_ptr_array_index (lines, i), wanted));
  return lines;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const FatiaBootFormat *format;
  const char *const *wanted = fuzz_wanted (size);
  g_autofree char *before = fuzz_text (data, size);
  g_autofree char *after = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GPtrArray) lines = NULL;

  if (format == NULL)
    format = find_format (FUZZ_FORMAT);
  after = edit (format, before, size, wanted);
  if (after == NULL)
    return 0;
  lines = read_wanted (format, after, wanted);
  again = edit (format, after, strlen (after), wanted);
  g_assert_cmpstr (again, ==, after);
  fuzz_assert_rest (before, after, wanted, lines->len, is_bare (FUZZ_FORMAT));
  return 0;
}
