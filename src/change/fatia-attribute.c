/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attributes below /sys: written in place in one write, and what the kernel's refusals mean. */
#include "change/fatia-attribute.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-change-private.h"
#include "host/fatia-fd.h"

#define ATTRIBUTE_LIMIT 4096
#define WAIT_STEP       (20 * 1000)
#define NUMVFS          "/sriov_numvfs"

typedef struct
{
  int error_number;
  const char *words;
} Refusal;

/* What the i915 and xe drivers and the PCI core mean by refusing sriov_numvfs. */
static const Refusal numvfs_refusals[] = {
  { ENOENT, N_ ("The loaded graphics driver can't make virtual functions. Install its SR-IOV "
                "module, renew the initramfs and restart.") },
  { ENOMEM, N_ ("The firmware left no address space for the virtual functions. Turn on “Above 4G "
                "decoding” and “Resizable BAR” in the firmware setup, or update the firmware.") },
  { EBUSY, N_ ("There are virtual functions already. Shut down the machines that use them and "
               "try again.") },
  { ERANGE, N_ ("The graphics driver does not allow that many virtual functions.") },
  { EINVAL, N_ ("The graphics driver does not allow that many virtual functions.") },
  { EPERM, N_ ("A virtual function is in use. Shut down the virtual machine that uses it and try "
               "again.") },
  { ENOSPC, N_ ("The graphics processor has no room for that many virtual functions. Ask for "
                "fewer.") },
  { EDQUOT, N_ ("The graphics processor has no room for that many virtual functions. Ask for "
                "fewer.") },
  { EIO, N_ ("The graphics driver could not change the virtual functions; the kernel's log "
             "(journalctl -k) says why.") },
};

static void
set_refusal (GError **error, const char *path, int error_number)
{
  if (g_str_has_suffix (path, NUMVFS))
    for (guint i = 0; i < G_N_ELEMENTS (numvfs_refusals); i++)
      if (numvfs_refusals[i].error_number == error_number)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (error_number), "%s (%s: %s)",
                       _ (numvfs_refusals[i].words), path, g_strerror (error_number));
          return;
        }
  fatia_change_set_errno (error, path, error_number);
}

/**
 * fatia_attribute_read:
 *
 * Returns: (transfer full) (nullable): what the attribute says to the byte, or %NULL where it
 *   is not there
 */
GBytes *
fatia_attribute_read (FatiaHostRoot *root, const char *path)
{
  gsize length;
  char *text = fatia_host_root_read (root, path, ATTRIBUTE_LIMIT, &length, NULL);

  return text ? g_bytes_new_take (text, length) : NULL;
}

/**
 * fatia_attribute_to_value:
 * @raw: what fatia_attribute_read() gave
 *
 * Returns: (transfer full): what would be written to have it say that: without white space at its
 *   ends; of an attribute that shows all there is to choose from, "low [normal] high", the chosen
 */
char *
fatia_attribute_to_value (GBytes *raw)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (raw, NULL), g_bytes_get_size (raw));
  const char *open = strchr (text, '[');
  const char *close = open ? strchr (open, ']') : NULL;

  return close ? g_strndup (open + 1, close - open - 1) : g_strdup (g_strstrip (text));
}

/* Whether @raw is @value but for white space at its ends. */
gboolean
fatia_attribute_says (GBytes *raw, const char *value)
{
  g_autofree char *text = NULL;

  if (raw == NULL || value == NULL)
    return raw == NULL && value == NULL;
  text = g_strndup (g_bytes_get_data (raw, NULL), g_bytes_get_size (raw));
  return g_str_equal (g_strstrip (text), value);
}

/* Functions that are to go are gone when the kernel's write returns; the one of practice takes a
 * moment, in which nothing must be said to those that go. */
static gboolean
settle_numvfs (
  FatiaHostRoot *root, const char *path, const char *data, gsize length, GError **error)
{
  g_autofree char *value = g_strndup (data, length);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *first = g_build_filename (folder, "virtfn0", NULL);
  gint64 deadline = g_get_monotonic_time () + FATIA_ATTRIBUTE_SECONDS * G_USEC_PER_SEC;

  if (!g_str_has_suffix (path, NUMVFS) || atoi (value) != 0)
    return TRUE;
  while (fatia_host_root_exists (root, first))
    {
      if (g_get_monotonic_time () >= deadline)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       _ ("The driver did not remove %s in time."), first);
          return FALSE;
        }
      g_usleep (WAIT_STEP);
    }
  return TRUE;
}

static gboolean
write_raw (FatiaHostRoot *root, const char *path, const char *data, gsize length, GError **error)
{
  fatia_autofd int fd = -1;
  g_autoptr (GError) local = NULL;
  gssize n;

  fd = fatia_host_root_open (root, path, O_WRONLY | O_TRUNC | O_NOFOLLOW, &local);
  if (fd < 0)
    {
      if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        set_refusal (error, path, ENOENT);
      else
        g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  /* One write: to an attribute each is a command of its own. */
  do
    n = write (fd, data, length);
  while (n < 0 && errno == EINTR);
  if (n < 0 || (gsize) n != length)
    {
      set_refusal (error, path, n < 0 ? errno : EIO);
      return FALSE;
    }
  return settle_numvfs (root, path, data, length, error);
}

/**
 * fatia_attribute_write:
 * @value: without a line feed
 *
 * Returns: whether the kernel took it; where not, the error says in words what it means
 */
gboolean
fatia_attribute_write (FatiaHostRoot *root, const char *path, const char *value, GError **error)
{
  g_autofree char *line = g_strconcat (value, "\n", NULL);

  return write_raw (root, path, line, strlen (line), error);
}

/**
 * fatia_attribute_restore:
 * @raw: what fatia_attribute_read() gave
 *
 * Writes an earlier value again. One that is not there any more has none to restore.
 */
gboolean
fatia_attribute_restore (FatiaHostRoot *root, const char *path, GBytes *raw, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (raw, &length);
  g_autofree char *value = NULL;

  if (!fatia_host_root_exists (root, path))
    return TRUE;
  /* How driver_override shows that it is not set, and how that is written. */
  if (fatia_attribute_says (raw, "(null)"))
    return write_raw (root, path, "\n", 1, error);
  if (memchr (data, '[', length))
    {
      value = fatia_attribute_to_value (raw);
      return fatia_attribute_write (root, path, value, error);
    }
  return write_raw (root, path, data, length, error);
}

/**
 * fatia_attribute_wait:
 * @path: an attribute
 * @deadline: monotonic time
 * @found: (out): whether the attribute is there
 *
 * Waits until the folder of @path is there.
 *
 * Returns: whether it came before @deadline, else %G_IO_ERROR_TIMED_OUT
 */
gboolean
fatia_attribute_wait (
  FatiaHostRoot *root, const char *path, gint64 deadline, gboolean *found, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  while (!fatia_host_root_exists (root, folder))
    {
      if (g_get_monotonic_time () >= deadline)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       _ ("The driver did not make %s in time."), folder);
          return FALSE;
        }
      g_usleep (WAIT_STEP);
    }
  *found = fatia_host_root_exists (root, path);
  return TRUE;
}
