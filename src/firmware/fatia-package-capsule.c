/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Capsules: UEFI specification 8.5.3 and 23.3 (firmware management), and the makers' forms of the
 * same header.
 */
#include "fatia-package-formats.h"

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"

/* EFI_CAPSULE_HEADER */
#define CAPSULE_HEADER_SIZE 16
#define CAPSULE_IMAGE_SIZE  24
#define CAPSULE_LEAST       28
#define TOSHIBA_IMAGE_SIZE  20 /* where the flags are in others */

/* EFI_FIRMWARE_MANAGEMENT_CAPSULE_HEADER */
#define FMP_N_DRIVERS   4
#define FMP_N_PAYLOADS  6
#define FMP_OFFSETS     8
#define FMP_LEAST       8
#define FMP_COUNT_LIMIT 256
/* EFI_FIRMWARE_MANAGEMENT_CAPSULE_IMAGE_HEADER; versions 2 and 3 end in a number more each */
#define PAYLOAD_SIZE   24
#define PAYLOAD_LEAST  32
#define PAYLOAD_NUMBER 8
/* EFI_FIRMWARE_IMAGE_AUTHENTICATION: a counter, then a certificate with its length */
#define AUTHENTICATION_LENGTH   8
#define AUTHENTICATION_REVISION 12
#define AUTHENTICATION_LEAST    32
#define CERTIFICATE             0x0EF10200u /* revision 2.0, a certificate with a GUID */
/* The header EDK II's FmpDevicePkg puts before what it updates */
#define FMP_DEVICE_MARK        "MSS1"
#define FMP_DEVICE_HEADER_SIZE 4
#define FMP_DEVICE_LEAST       16

typedef enum
{
  CAPSULE_UEFI,
  CAPSULE_FMP,
  CAPSULE_TOSHIBA,
} CapsuleKind;

typedef struct
{
  FatiaGuid guid;
  CapsuleKind kind;
} Capsule;

static const Capsule capsules[] = {
  /* The UEFI and framework specifications' */
  { FATIA_GUID (0x6DCBD5ED, 0xE82D, 0x4C44, 0xBD, 0xA1, 0x71, 0x94, 0x19, 0x9A, 0xD9, 0x2A),
    CAPSULE_FMP },
  { FATIA_GUID (0x3B6686BD, 0x0D76, 0x4030, 0xB7, 0x0E, 0xB5, 0x51, 0x9E, 0x2F, 0xC5, 0xA0),
    CAPSULE_UEFI },
  /* Intel's boards */
  { FATIA_GUID (0x539182B9, 0xABB5, 0x4391, 0xB6, 0x9A, 0xE3, 0xA9, 0x43, 0xF7, 0x2F, 0xCC),
    CAPSULE_UEFI },
  /* Lenovo, both */
  { FATIA_GUID (0xE20BAFD3, 0x9914, 0x4F4F, 0x95, 0x37, 0x31, 0x29, 0xE0, 0x90, 0xEB, 0x3C),
    CAPSULE_UEFI },
  { FATIA_GUID (0x25B5FE76, 0x8243, 0x4A5C, 0xA9, 0xBD, 0x7E, 0xE3, 0x24, 0x61, 0x98, 0xB5),
    CAPSULE_UEFI },
  /* AMI Aptio, signed and not; ASUS and others use it */
  { FATIA_GUID (0x4A3CA68B, 0x7723, 0x48FB, 0x80, 0x3D, 0x57, 0x8C, 0xC1, 0xFE, 0xC4, 0x4D),
    CAPSULE_UEFI },
  { FATIA_GUID (0x14EEBB90, 0x890A, 0x43DB, 0xAE, 0xD1, 0x5D, 0x3C, 0x45, 0x88, 0xA4, 0x18),
    CAPSULE_UEFI },
  { FATIA_GUID (0x3BE07062, 0x1D51, 0x45D2, 0x83, 0x2B, 0xF0, 0x93, 0x25, 0x7E, 0xD4, 0x61),
    CAPSULE_TOSHIBA },
};

static const Capsule *
find_capsule (const guint8 *data, gsize size)
{
  if (size < CAPSULE_LEAST)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (capsules); i++)
    if (fatia_guid_is (data, &capsules[i].guid))
      return &capsules[i];
  return NULL;
}

gboolean
fatia_capsule_begins (const guint8 *data, gsize size)
{
  return find_capsule (data, size) != NULL;
}

/* What stands before the image itself: a certificate, EDK II's own header. Both may be missing. */
static gsize
find_image (const guint8 *data, gsize size)
{
  gsize at = 0;

  if (size >= AUTHENTICATION_LEAST &&
      fatia_read_u32 (data + AUTHENTICATION_REVISION) == CERTIFICATE)
    {
      guint64 end = AUTHENTICATION_LENGTH + (guint64) fatia_read_u32 (data + AUTHENTICATION_LENGTH);

      if (end >= AUTHENTICATION_LEAST && end < size)
        at = end;
    }
  if (size - at >= FMP_DEVICE_LEAST && memcmp (data + at, FMP_DEVICE_MARK, 4) == 0)
    {
      gsize header = fatia_read_u32 (data + at + FMP_DEVICE_HEADER_SIZE);

      if (header >= FMP_DEVICE_LEAST && header < size - at)
        at += header;
    }
  return at;
}

/* The bytes of payload @index among @body, or FALSE where they don't stand there whole. */
static gboolean
read_payload (const guint8 *body, gsize size, guint index, gsize *at, gsize *length)
{
  guint n_drivers = fatia_read_u16 (body + FMP_N_DRIVERS);
  guint64 header = fatia_read_u64 (body + FMP_OFFSETS + 8 * (n_drivers + index));
  gsize header_size = PAYLOAD_LEAST;
  guint32 version;

  if (header > size || size - header < PAYLOAD_LEAST)
    return FALSE;
  version = fatia_read_u32 (body + header);
  header_size += PAYLOAD_NUMBER * (CLAMP (version, 1, 3) - 1);
  *length = fatia_read_u32 (body + header + PAYLOAD_SIZE);
  if (size - header < header_size || *length > size - header - header_size)
    return FALSE;
  *at = header + header_size;
  return TRUE;
}

/* Of several payloads the largest: the others are a controller's, say. */
static GBytes *
unpack_fmp (FatiaUnpacking *work, GBytes *package, gsize start, gsize end, GError **error)
{
  const guint8 *body = (const guint8 *) g_bytes_get_data (package, NULL) + start;
  gsize size = end - start, best_at = 0, best_length = 0;
  guint n_drivers, n_payloads;

  if (size < FMP_LEAST)
    {
      fatia_package_damaged (work, start, error, _ ("its header is cut off"));
      return NULL;
    }
  n_drivers = fatia_read_u16 (body + FMP_N_DRIVERS);
  n_payloads = fatia_read_u16 (body + FMP_N_PAYLOADS);
  if (n_payloads == 0 || n_drivers + n_payloads > FMP_COUNT_LIMIT ||
      size < FMP_OFFSETS + 8 * (n_drivers + n_payloads))
    {
      fatia_package_damaged (work, start, error, _ ("its list of parts is cut off"));
      return NULL;
    }
  for (guint i = 0; i < n_payloads; i++)
    {
      gsize at, length;

      if (!read_payload (body, size, i, &at, &length))
        {
          fatia_package_damaged (work, start, error, _ ("part %u is cut off"), i + 1);
          return NULL;
        }
      if (length > best_length)
        {
          best_at = at;
          best_length = length;
        }
    }
  if (best_length == 0)
    {
      fatia_package_damaged (work, start, error, _ ("it has nothing in it"));
      return NULL;
    }
  if (n_payloads > 1)
    work->note = g_strdup_printf (
      ngettext ("the largest of %u part", "the largest of %u parts", n_payloads), n_payloads);
  start += best_at;
  best_at = find_image (body + best_at, best_length);
  return fatia_package_slice (package, start + best_at, best_length - best_at);
}

GBytes *
fatia_capsule_unpack (FatiaUnpacking *work, GBytes *package, gsize at, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (package, &size);
  const Capsule *capsule = find_capsule (data, size);
  gsize header, whole;

  g_assert (at == 0 && capsule != NULL);
  header = fatia_read_u32 (data + CAPSULE_HEADER_SIZE);
  whole = fatia_read_u32 (
    data + (capsule->kind == CAPSULE_TOSHIBA ? TOSHIBA_IMAGE_SIZE : CAPSULE_IMAGE_SIZE));
  if (header < CAPSULE_LEAST - 4 || header >= size)
    {
      fatia_package_damaged (work, CAPSULE_HEADER_SIZE, error, _ ("its header claims %u bytes"),
                             (guint) header);
      return NULL;
    }
  if (whole > size)
    {
      fatia_package_damaged (work, size, error, _ ("it ends here and claims %u bytes"),
                             (guint) whole);
      return NULL;
    }
  /* The GUID of firmware management also stands before plain images, which begin with zeros. */
  if (capsule->kind == CAPSULE_FMP && (size - header < 4 || fatia_read_u32 (data + header) != 1))
    return fatia_package_slice (package, header, size - header);
  /* Some tools write the size of the image alone, or none; what follows it is then taken too. */
  if (capsule->kind == CAPSULE_FMP)
    return unpack_fmp (work, package, header, whole > header ? whole : size, error);
  return fatia_package_slice (package, header, size - header);
}
