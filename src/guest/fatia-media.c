/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a file is an installation image of Windows. Facts: ECMA-119 (ISO 9660) 8 and 9.1,
 * "El Torito" Bootable CD-ROM Format 2.0, ECMA-167 2/9 (the volume recognition sequence of UDF).
 * Windows images are UDF; their ISO 9660 side holds one README.TXT that says so.
 */
#include "guest/fatia-domain-spec.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#define SECTOR           2048
#define FIRST_DESCRIPTOR 16
/* Real images have four or five; the recognition sequence of UDF follows them. */
#define MAX_DESCRIPTORS 32
/* ECMA-167 3/8.4.2.1. */
#define UDF_ANCHOR 256
/* A root directory of 64 KiB holds some 1,500 names. */
#define MAX_ROOT_BYTES (64 * 1024)

typedef struct
{
  int fd;
  guint64 size;
  char label[33];
  gboolean iso9660;
  gboolean udf;
  gboolean bootable;
  guint64 sectors; /* the volume's size as it says itself */
  guint32 root_extent, root_length;
} Media;

static guint32
read_le32 (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (guint32) bytes[3] << 24;
}

static gboolean
read_at (Media *media, guint64 offset, guint8 *buffer, gsize length)
{
  while (length > 0)
    {
      gssize n = pread (media->fd, buffer, length, offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      buffer += n;
      offset += n;
      length -= n;
    }
  return TRUE;
}

static void
take_primary (Media *media, const guint8 *sector)
{
  media->iso9660 = TRUE;
  for (gsize i = 0; i < 32; i++)
    media->label[i] = g_ascii_isprint (sector[40 + i]) ? sector[40 + i] : ' ';
  g_strchomp (media->label);
  media->sectors = read_le32 (sector + 80);
  media->root_extent = read_le32 (sector + 156 + 2);
  media->root_length = read_le32 (sector + 156 + 10);
}

/* A descriptor of UDF: its tag's identifier (ECMA-167 3/7.2), 0 where the tag is not sound. */
static guint
udf_tag (const guint8 *sector)
{
  guint8 sum = 0;

  for (gsize i = 0; i < 16; i++)
    sum += i == 4 ? 0 : sector[i];
  return sum == sector[4] ? sector[0] | sector[1] << 8 : 0;
}

/* The UDF side is the larger one: its partition says how long the image must be. */
static void
read_partition (Media *media)
{
  guint8 sector[SECTOR];
  guint32 first;

  if (!read_at (media, UDF_ANCHOR * SECTOR, sector, SECTOR) || udf_tag (sector) != 2)
    return;
  first = read_le32 (sector + 20);
  for (guint i = 0; i < MAX_DESCRIPTORS; i++)
    {
      if (!read_at (media, ((guint64) first + i) * SECTOR, sector, SECTOR))
        return;
      if (udf_tag (sector) == 5)
        media->sectors =
          MAX (media->sectors, (guint64) read_le32 (sector + 188) + read_le32 (sector + 192));
    }
}

static void
read_descriptors (Media *media)
{
  guint8 sector[SECTOR];

  for (guint i = 0; i < MAX_DESCRIPTORS; i++)
    {
      if (!read_at (media, (guint64) (FIRST_DESCRIPTOR + i) * SECTOR, sector, SECTOR))
        return;
      if (memcmp (sector + 1, "CD001", 5) == 0)
        {
          if (sector[0] == 1 && !media->iso9660)
            take_primary (media, sector);
          else if (sector[0] == 0 && memcmp (sector + 7, "EL TORITO SPECIFICATION", 23) == 0)
            media->bootable = TRUE;
        }
      else if (memcmp (sector + 1, "NSR02", 5) == 0 || memcmp (sector + 1, "NSR03", 5) == 0)
        media->udf = TRUE;
      else if (memcmp (sector + 1, "BEA01", 5) != 0)
        return;
    }
}

/* How Microsoft labels its images: CCCOMA_X64FRE_EN-US_DV9, CPBA_X64FRE_…, J_CCSA_X64FRE_…,
 * ESD-ISO, GRMCULFRER_EN_DVD, SSS_X64FRE_…, and so on. */
static gboolean
is_windows_label (const char *label)
{
  static const char *const parts[] = { "CCCOMA", "CCSA_",   "CPBA_",  "CENA_", "SSS_X64",
                                       "X64FRE", "ESD-ISO", "GSP1RM", "GRMC" };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strstr (label, parts[i]) != NULL)
      return TRUE;
  return FALSE;
}

typedef enum
{
  ROOT_OTHER,
  ROOT_WINDOWS, /* bootmgr or sources is there */
  ROOT_README_ONLY,
} Root;

static Root
classify_names (const guint8 *bytes, gsize length)
{
  guint readme = 0, others = 0;

  for (gsize at = 0; at + 34 <= length;)
    {
      guint8 record = bytes[at];
      guint8 name_length = bytes[at + 32];
      const char *name = (const char *) bytes + at + 33;

      /* Records do not cross sectors; the rest of one is filled with zeros. */
      if (record == 0)
        {
          at = (at / SECTOR + 1) * SECTOR;
          continue;
        }
      if (record < 34 || at + record > length || 33 + name_length > record)
        break;
      /* 0 and 1 are the folder itself and its parent. */
      if (name_length == 1 && (*name == 0 || *name == 1))
        ;
      else if ((name_length >= 7 && g_ascii_strncasecmp (name, "BOOTMGR", 7) == 0) ||
               (name_length == 7 && g_ascii_strncasecmp (name, "SOURCES", 7) == 0))
        return ROOT_WINDOWS;
      else if (name_length >= 10 && g_ascii_strncasecmp (name, "README.TXT", 10) == 0)
        readme++;
      else
        others++;
      at += record;
    }
  return readme == 1 && others == 0 ? ROOT_README_ONLY : ROOT_OTHER;
}

static Root
read_root (Media *media)
{
  gsize length = MIN (media->root_length, MAX_ROOT_BYTES);
  guint64 offset = (guint64) media->root_extent * SECTOR;
  g_autofree guint8 *bytes = NULL;

  if (!media->iso9660 || length == 0 || offset + length > media->size)
    return ROOT_OTHER;
  bytes = g_malloc (length);
  return read_at (media, offset, bytes, length) ? classify_names (bytes, length) : ROOT_OTHER;
}

/* (nullable): what is wrong, where it is no image of a Windows that can use the GPU */
static const char *
find_fault (Media *media)
{
  Root root;

  if (!media->iso9660)
    return _ ("this is not a disc image. Choose the .iso file that Microsoft offers for download, "
              "not an archive or an installer.");
  if (media->sectors > media->size / SECTOR)
    return _ ("this image ends too early: its download was broken off. Download it again.");
  if (!media->bootable)
    return _ ("this image can't be booted from: it is no installation image.");
  if (strstr (media->label, "A64FRE") != NULL)
    return _ ("this is Windows for ARM processors. Choose the image for x64.");
  if (strstr (media->label, "X86FRE") != NULL)
    return _ ("this is Windows for 32 bits, for which Intel has no driver. Choose the image for "
              "x64.");
  root = read_root (media);
  if (root == ROOT_WINDOWS || is_windows_label (media->label) ||
      (media->udf && root == ROOT_README_ONLY))
    return NULL;
  return _ ("this image can be booted from, but it is not Windows.");
}

static gboolean
check (Media *media, const char *path, GError **error)
{
  const char *fault;

  read_descriptors (media);
  if (media->udf)
    read_partition (media);
  fault = find_fault (media);
  if (fault != NULL && *media->label)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s (“%s”): %s", path, media->label,
                 fault);
  else if (fault != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: %s", path, fault);
  return fault == NULL;
}

/**
 * fatia_media_check_windows:
 * @path: a file
 * @error: return location for a #GError in the domain %G_IO_ERROR: words for the person
 *
 * Reads the volume descriptors, and the root folder's names where the label says nothing; at
 * most some 200 KiB of the file.
 *
 * Returns: whether @path is a bootable image of Windows
 */
gboolean
fatia_media_check_windows (const char *path, GError **error)
{
  Media media = { .fd = -1 };
  gboolean good = FALSE;
  struct stat info;

  g_return_val_if_fail (path != NULL, FALSE);

  /* O_NONBLOCK: a pipe must not hold us. */
  media.fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (media.fd < 0 || fstat (media.fd, &info) < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s can't be opened: %s."),
                 path, g_strerror (errno));
  else if (!S_ISREG (info.st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 _ ("%s is not a file. Choose the .iso file itself."), path);
  else if (info.st_size == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 _ ("%s is empty. Was the download broken off?"), path);
  else
    {
      media.size = info.st_size;
      good = check (&media, path, error);
    }
  if (media.fd >= 0)
    close (media.fd);
  return good;
}
