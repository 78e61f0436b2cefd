/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"

#include <sys/stat.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

/**
 * ctl_write_output:
 * @path: (type filename): where to
 * @image: (type filename) (nullable): what @bytes came from, which is never written over
 * @bytes: the content
 *
 * Writes a file whole or not at all: beside its place, then renamed. What stands there is
 * replaced only where it is a regular file.
 *
 * Returns: whether it was written
 */
gboolean
ctl_write_output (const char *path, const char *image, GBytes *bytes, GError **error)
{
  g_autoptr (GError) local = NULL;
  struct stat there, input;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  if (g_lstat (path, &there) == 0)
    {
      if (image && g_stat (image, &input) == 0 && input.st_dev == there.st_dev &&
          input.st_ino == there.st_ino)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                       _ ("%s is the image itself: choose another name for the driver"), path);
          return FALSE;
        }
      if (!S_ISREG (there.st_mode))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                       _ ("%s is there and is no regular file: choose another name"), path);
          return FALSE;
        }
    }
  if (g_file_set_contents_full (path, data, (gssize) length,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666,
                                &local))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("%s could not be written: %s"), path,
               local->message);
  return FALSE;
}
