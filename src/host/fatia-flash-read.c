/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the firmware's chip, parts of which the chipset keeps to itself (the management
 * engine's): what can't be read is told and left out. */
#include "host/fatia-flash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "host/fatia-fd.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)
/* Where a chunk can't be read, each of its blocks is tried: regions begin and end at one. */
#define CHUNK (64u * 1024)
#define BLOCK 4096u
/* A whole chip takes some ten seconds; one read that the chipset leaves without an answer takes
 * five (the driver's INTEL_SPI_TIMEOUT). */
#define READ_SECONDS 180

typedef struct
{
  int chip;
  int memory;
  guint64 size;
  GArray *gaps; /* (element-type FatiaFlashGap) */
  int last_errno;
  gint64 deadline;
  GCancellable *cancellable;
} Reading;

static gboolean
fail_errno (GError **error, int number)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
               _ ("The firmware’s chip could not be read: %s."), g_strerror (number));
  return FALSE;
}

static gboolean
may_go_on (Reading *reading, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (reading->cancellable, error))
    return FALSE;
  if (g_get_monotonic_time () < reading->deadline)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
               _ ("The firmware’s chip answers too slowly: reading was given up after %u seconds."),
               READ_SECONDS);
  return FALSE;
}

static void
add_gap (Reading *reading, guint64 offset, guint64 length)
{
  FatiaFlashGap gap = { offset, length };

  if (reading->gaps->len > 0)
    {
      FatiaFlashGap *last = &g_array_index (reading->gaps, FatiaFlashGap, reading->gaps->len - 1);

      if (last->offset + last->length == offset)
        {
          last->length += length;
          return;
        }
    }
  g_array_append_val (reading->gaps, gap);
}

/* What can be read in one go, from @offset on; 0: the chip ends there; -1: see errno. */
static gssize
read_some (Reading *reading, guint8 *data, gsize length, guint64 offset)
{
  gssize n;

  do
    n = pread (reading->chip, data, length, (off_t) offset);
  while (n < 0 && errno == EINTR);
  return n;
}

static gboolean
is_gone (int number)
{
  return number == ENODEV || number == ENXIO || number == EBADF;
}

/* Fills @data, all or nothing. */
static gboolean
read_exactly (Reading *reading, guint8 *data, gsize length, guint64 offset)
{
  gsize done = 0;

  while (done < length)
    {
      gssize n = read_some (reading, data + done, length - done, offset + done);

      if (n <= 0)
        {
          reading->last_errno = n < 0 ? errno : ENODATA;
          return FALSE;
        }
      done += (gsize) n;
    }
  return TRUE;
}

static gboolean
read_chunk (Reading *reading, guint8 *data, gsize length, guint64 offset, GError **error)
{
  if (read_exactly (reading, data, length, offset))
    return TRUE;
  for (gsize done = 0; done < length; done += BLOCK)
    {
      gsize block = MIN (BLOCK, length - done);

      if (!may_go_on (reading, error))
        return FALSE;
      if (read_exactly (reading, data + done, block, offset + done))
        continue;
      if (is_gone (reading->last_errno))
        return fail_errno (error, reading->last_errno);
      memset (data + done, 0xff, block);
      add_gap (reading, offset + done, block);
    }
  return TRUE;
}

static gboolean
write_all (int fd, const guint8 *data, gsize length, GError **error)
{
  while (length > 0)
    {
      gssize n = write (fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return fail_errno (error, n < 0 ? errno : ENOSPC);
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gboolean
copy (Reading *reading, FatiaFlashProgress progress, gpointer user_data, GError **error)
{
  g_autofree guint8 *data = g_malloc (CHUNK);

  for (guint64 offset = 0; offset < reading->size; offset += CHUNK)
    {
      gsize length = MIN (CHUNK, reading->size - offset);

      if (!may_go_on (reading, error) || !read_chunk (reading, data, length, offset, error) ||
          !write_all (reading->memory, data, length, error))
        return FALSE;
      if (progress)
        progress (offset + length, reading->size, user_data);
    }
  if (reading->gaps->len == 1 &&
      g_array_index (reading->gaps, FatiaFlashGap, 0).length == reading->size)
    return fail_errno (error, reading->last_errno);
  return TRUE;
}

/**
 * fatia_flash_read:
 * @chip: of fatia_flash_open(); its position does not count
 * @size: bytes, at most %FATIA_FLASH_LIMIT
 * @gaps: (element-type FatiaFlashGap): gets what could not be read, in order
 * @progress: (nullable): told how far it is
 * @cancellable: (nullable): ends it
 *
 * Copies the chip into memory that can't change any more. Blocks for up to three minutes.
 *
 * Returns: a sealed memfd the caller owns, at its end; -1 where nothing at all could be read,
 *   the chip went away or the time was up
 */
int
fatia_flash_read (int chip,
                  guint size,
                  GArray *gaps,
                  FatiaFlashProgress progress,
                  gpointer user_data,
                  GCancellable *cancellable,
                  GError **error)
{
  fatia_autofd int memory = -1;
  Reading reading = {
    .chip = chip,
    .size = size,
    .gaps = gaps,
    .deadline = g_get_monotonic_time () + READ_SECONDS * G_USEC_PER_SEC,
    .cancellable = cancellable,
  };

  g_return_val_if_fail (size > 0 && size <= FATIA_FLASH_LIMIT, -1);

  memory = memfd_create ("fatia-firmware", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0)
    {
      fail_errno (error, errno);
      return -1;
    }
  reading.memory = memory;
  if (!copy (&reading, progress, user_data, error))
    return -1;
  if (fcntl (memory, F_ADD_SEALS, SEALS) < 0)
    {
      fail_errno (error, errno);
      return -1;
    }
  return fatia_steal_fd (&memory);
}
