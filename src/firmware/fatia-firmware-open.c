/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A firmware file as bytes, without reading it into memory. */
#include "fatia-firmware.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

/* A file with more runs of data than this is mapped as if it had no holes. */
#define RUNS_LIMIT 64

typedef struct
{
  void *address;
  gsize size;
} Mapping;

static void
mapping_free (gpointer data)
{
  Mapping *mapping = data;

  munmap (mapping->address, mapping->size);
  g_free (mapping);
}

/* Lays the file's runs of data over zeros that take no memory. Holes mapped from the file would
 * be read page by page into the page cache. FALSE: some of it could not be done. */
static gboolean
map_runs (int fd, guint8 *zeros, gsize size)
{
  gsize page = sysconf (_SC_PAGESIZE);
  off_t data = 0;

  for (guint i = 0; i < RUNS_LIMIT; i++)
    {
      off_t hole;

      data = lseek (fd, data, SEEK_DATA);
      if (data < 0)
        return errno == ENXIO; /* no more data */
      if ((gsize) data >= size)
        return TRUE;
      hole = lseek (fd, data, SEEK_HOLE);
      if (hole <= data)
        return FALSE;
      hole = MIN (hole, (off_t) size);
      data -= data % page;
      if (mmap (zeros + data, hole - data, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, data) ==
          MAP_FAILED)
        return FALSE;
      data = hole;
    }
  return FALSE;
}

static void *
map_file (int fd, gsize size)
{
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void *address = mmap (NULL, size, PROT_READ, flags, -1, 0);

  if (address == MAP_FAILED)
    return MAP_FAILED;
  if (lseek (fd, 0, SEEK_HOLE) >= (off_t) size || !map_runs (fd, address, size))
    return mmap (address, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);
  return address;
}

static GBytes *
fail (GError **error, const char *path, int saved_errno)
{
  g_autofree char *name = g_filename_display_name (path);

  if (saved_errno == EISDIR)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                 _ ("“%s” is a folder. Choose the firmware file in it."), name);
  else if (saved_errno == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 _ ("“%s” is not a file that can be read from start to end. Choose the firmware "
                    "file itself."),
                 name);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                 _ ("“%s” can't be read: %s"), name, g_strerror (saved_errno));
  return NULL;
}

/**
 * fatia_firmware_open:
 * @path: a file
 * @error: return location for a #GError: %G_IO_ERROR for what can't be read and is no regular
 *   file, %FATIA_FIRMWARE_ERROR_EMPTY
 *
 * Maps @path. The bytes stay valid when the file is renamed or deleted.
 *
 * Returns: (transfer full) (nullable): the file's bytes
 */
GBytes *
fatia_firmware_open (const char *path, GError **error)
{
  g_autofd int fd = -1;
  struct stat info;
  Mapping *mapping;
  void *address;

  g_return_val_if_fail (path != NULL, NULL);

  /* O_NONBLOCK: a pipe must not hold us. */
  fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (fd < 0 || fstat (fd, &info) < 0)
    return fail (error, path, errno);
  if (S_ISDIR (info.st_mode))
    return fail (error, path, EISDIR);
  if (!S_ISREG (info.st_mode))
    return fail (error, path, 0);
  if (info.st_size == 0)
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_EMPTY,
                   _ ("“%s” is empty. Download it again."), name);
      return NULL;
    }
  address = map_file (fd, info.st_size);
  if (address == MAP_FAILED)
    return fail (error, path, errno);
  mapping = g_new (Mapping, 1);
  *mapping = (Mapping) { address, info.st_size };
  return g_bytes_new_with_free_func (address, info.st_size, mapping_free, mapping);
}
