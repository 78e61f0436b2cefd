/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a virtual machine has a virtual function. Where one does, taking it away would hang:
 * vfio waits for the machine to let go of it. A VFIO group opens for one at a time (the kernel's
 * Documentation/driver-api/vfio.rst), so a second open() tells.
 */
#include "gpu/fatia-virtual-functions-private.h"

#include <fcntl.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-change-private.h"
#include "host/fatia-fd.h"

#define NUMVFS "/sriov_numvfs"

static gboolean
is_in_use (FatiaHostRoot *root, const char *device, guint i)
{
  g_autofree char *link = g_strdup_printf ("%s/virtfn%u/iommu_group", device, i);
  g_autofree char *target = fatia_host_root_read_link (root, link);
  g_autofree char *group = target ? g_path_get_basename (target) : NULL;
  g_autofree char *path = group ? g_build_filename ("/dev/vfio", group, NULL) : NULL;
  g_autoptr (GError) error = NULL;
  fatia_autofd int fd = -1;

  if (path)
    fd = fatia_host_root_open (root, path, O_RDWR | O_NONBLOCK, &error);
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY);
}

/* @number: (out): which, counted from 1 */
gboolean
fatia_virtual_functions_is_in_use (FatiaHostRoot *root, const char *numvfs, guint *number)
{
  g_autofree char *device = g_path_get_dirname (numvfs);
  g_autofree char *text = fatia_host_root_read_line (root, numvfs);
  guint64 count = 0;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, 256, &count, NULL))
    return FALSE;
  for (*number = 1; *number <= count; (*number)++)
    if (is_in_use (root, device, *number - 1))
      return TRUE;
  return FALSE;
}

static gboolean
check_device (FatiaHostRoot *root, const char *numvfs, GError **error)
{
  guint number;

  if (!fatia_virtual_functions_is_in_use (root, numvfs, &number))
    return TRUE;
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
               _ ("A virtual machine is using virtual function %u. Shut the machine down and "
                  "try again."),
               number);
  return FALSE;
}

/**
 * fatia_virtual_functions_check_free:
 * @set: what is to be done, or undone
 *
 * Returns: whether no virtual machine has a virtual function that @set would take away, else
 *   %FATIA_CHANGE_ERROR_REFUSED
 */
gboolean
fatia_virtual_functions_check_free (FatiaHostRoot *root, FatiaChangeSet *set, GError **error)
{
  GPtrArray *changes = fatia_change_set_get_changes (set);

  for (guint i = 0; i < changes->len; i++)
    {
      const FatiaChange *change = g_ptr_array_index (changes, i);

      if (change->kind == FATIA_CHANGE_ATTRIBUTE && g_str_has_suffix (change->path, NUMVFS) &&
          !check_device (root, change->path, error))
        return FALSE;
    }
  return TRUE;
}
