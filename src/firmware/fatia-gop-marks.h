/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-pe.h"

G_BEGIN_DECLS

/* What tells Intel's GOP driver from other PE images. */
typedef enum
{
  FATIA_GOP_NAMED = 1 << 0, /* bears "Intel(R) GOP Driver" in UTF-16LE */
  FATIA_GOP_GRAPHICS_OUTPUT = 1 << 1,
  FATIA_GOP_DRIVER_BINDING = 1 << 2,
  FATIA_GOP_PLATFORM_POLICY = 1 << 3,
  FATIA_GOP_BOOT_DRIVER = 1 << 4, /* EFI subsystem 0x0B */
  FATIA_GOP_X64 = 1 << 5,
  FATIA_GOP_WHOLE = 1 << 6, /* no byte of it is missing */
} FatiaGopMarks;

#define FATIA_GOP_PROTOCOLS                                                                        \
  (FATIA_GOP_GRAPHICS_OUTPUT | FATIA_GOP_DRIVER_BINDING | FATIA_GOP_PLATFORM_POLICY)
#define FATIA_GOP_EVERY_MARK                                                                       \
  (FATIA_GOP_NAMED | FATIA_GOP_PROTOCOLS | FATIA_GOP_BOOT_DRIVER | FATIA_GOP_X64 | FATIA_GOP_WHOLE)
/* What a guest's firmware looks at before it runs one. */
#define FATIA_GOP_LOADABLE (FATIA_GOP_BOOT_DRIVER | FATIA_GOP_X64 | FATIA_GOP_WHOLE)
/* What it is: a driver of another generation may do without one of these. */
#define FATIA_GOP_IDENTITY (FATIA_GOP_NAMED | FATIA_GOP_PROTOCOLS)

FatiaGopMarks fatia_gop_marks_read (const guint8 *data, gsize size, const FatiaPe *pe);
gboolean fatia_gop_marks_notable (FatiaGopMarks marks);
gboolean fatia_gop_marks_usable (FatiaGopMarks marks);
int fatia_gop_marks_score (FatiaGopMarks marks);
char *fatia_gop_marks_explain (
  FatiaGopMarks marks, const FatiaPe *pe, gsize size, const char *file_guid, const char *file_name);

G_END_DECLS
