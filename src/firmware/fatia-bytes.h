/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

/* Little-endian numbers at any address; the caller has checked that they are there. */

static inline guint16
fatia_read_u16 (const guint8 *p)
{
  return p[0] | p[1] << 8;
}

static inline guint32
fatia_read_u24 (const guint8 *p)
{
  return p[0] | p[1] << 8 | p[2] << 16;
}

static inline guint32
fatia_read_u32 (const guint8 *p)
{
  return fatia_read_u16 (p) | (guint32) fatia_read_u16 (p + 2) << 16;
}

static inline guint64
fatia_read_u64 (const guint8 *p)
{
  return fatia_read_u32 (p) | (guint64) fatia_read_u32 (p + 4) << 32;
}

static inline void
fatia_write_u16 (guint8 *p, guint16 value)
{
  p[0] = value;
  p[1] = value >> 8;
}

static inline void
fatia_write_u32 (guint8 *p, guint32 value)
{
  fatia_write_u16 (p, value);
  fatia_write_u16 (p + 2, value >> 16);
}

/*
 * An EFI GUID as it stands in memory: three little-endian numbers, then eight bytes. Written
 * here as in the specifications: FATIA_GUID (0x9042A9DE, 0x23DC, 0x4A38, 0x96, 0xFB, …).
 */
typedef struct
{
  guint8 bytes[16];
} FatiaGuid;

#define FATIA_GUID(a, b, c, ...)                                                                   \
  {                                                                                                \
    {                                                                                              \
      (a) & 0xFF, (a) >> 8 & 0xFF, (a) >> 16 & 0xFF, (a) >> 24 & 0xFF, (b) & 0xFF, (b) >> 8,       \
        (c) & 0xFF, (c) >> 8, __VA_ARGS__                                                          \
    }                                                                                              \
  }

#define FATIA_GUID_TEXT_SIZE 37

static inline gboolean
fatia_guid_is (const guint8 *p, const FatiaGuid *guid)
{
  return memcmp (p, guid->bytes, sizeof guid->bytes) == 0;
}

/* Upper case, as firmware tools print it. */
static inline void
fatia_guid_format (const guint8 *p, char text[FATIA_GUID_TEXT_SIZE])
{
  g_snprintf (text, FATIA_GUID_TEXT_SIZE, "%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X",
              fatia_read_u32 (p), fatia_read_u16 (p + 4), fatia_read_u16 (p + 6), p[8], p[9], p[10],
              p[11], p[12], p[13], p[14], p[15]);
}

G_END_DECLS
