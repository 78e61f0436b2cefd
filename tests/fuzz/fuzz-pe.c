/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A PE image's headers, and the marks of the driver. */
#include "fuzz.h"

#include "firmware/fatia-gop-marks.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FatiaPe pe = { 0 };
  FatiaGopMarks marks;
  g_autofree char *why = NULL;

  if (!fatia_pe_read (data, size, &pe))
    return 0;
  g_assert_cmpuint (size, >=, 64);
  g_assert_nonnull (fatia_pe_machine_name (pe.machine));
  marks = fatia_gop_marks_read (data, size, &pe);
  g_assert_true (!(marks & FATIA_GOP_WHOLE) == (pe.size > size));
  g_assert_true ((marks == FATIA_GOP_EVERY_MARK) <= fatia_pe_is_efi (&pe));
  why = fatia_gop_marks_explain (marks, &pe, size, "", NULL);
  g_assert_true (g_utf8_validate (why, -1, NULL));
  fatia_gop_marks_notable (marks);
  return 0;
}
