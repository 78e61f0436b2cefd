/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PCI core with virtual functions (the kernel's Documentation/ABI/testing/sysfs-bus-pci): they
 * come and go with sriov_numvfs, and drivers_probe gives one to the driver that its
 * driver_override names. */
#include "sys.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define MAX_FUNCTIONS 7

static void
put (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
make_function (const char *device, const char *function, const char *link)
{
  const char *name = strrchr (function, '/') + 1;
  g_autofree char *target = g_strconcat ("../", name, NULL);

  if (g_mkdir (function, 0755) == 0)
    put (function, "driver_override", "(null)\n");
  g_assert_true (symlink (target, link) == 0 || g_file_test (link, G_FILE_TEST_IS_SYMLINK));
}

static void
remove_function (const char *function, const char *link)
{
  g_autofree char *driver_override = g_build_filename (function, "driver_override", NULL);
  g_autofree char *driver = g_build_filename (function, "driver", NULL);

  g_unlink (link);
  g_unlink (driver_override);
  g_unlink (driver);
  g_rmdir (function);
}

static void
count_written (const char *path)
{
  g_autofree char *device = g_path_get_dirname (path);
  g_autofree char *text = NULL;
  guint n;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  n = strtoul (text, NULL, 10);
  for (guint i = 0; i < MAX_FUNCTIONS; i++)
    {
      g_autofree char *function =
        g_strdup_printf ("%.*s%u", (int) strlen (device) - 1, device, i + 1);
      g_autofree char *link = g_strdup_printf ("%s/virtfn%u", device, i);

      if (i < n)
        make_function (device, function, link);
      else
        remove_function (function, link);
    }
}

/* What was written can't be read again. */
static void
probe_written (const char *path)
{
  g_autofree char *pci = g_path_get_dirname (path);
  g_autofree char *address = NULL;
  g_autofree char *name = NULL;
  g_autofree char *function = NULL;
  g_autofree char *driver_override = NULL;
  g_autofree char *link = NULL;
  g_autofree char *target = NULL;

  g_assert_true (g_file_get_contents (path, &address, NULL, NULL));
  function = g_build_filename (pci, "devices", g_strstrip (address), NULL);
  driver_override = g_build_filename (function, "driver_override", NULL);
  if (*address != '\0' && g_file_get_contents (driver_override, &name, NULL, NULL))
    {
      link = g_build_filename (function, "driver", NULL);
      target = g_strconcat ("../../drivers/", g_strstrip (name), NULL);
      g_assert_true (symlink (target, link) == 0 || g_file_test (link, G_FILE_TEST_IS_SYMLINK));
    }
  g_assert_cmpint (truncate (path, 0), ==, 0);
}

void
sys_written (const char *path)
{
  if (g_str_has_suffix (path, "/sriov_numvfs"))
    count_written (path);
  else if (g_str_has_suffix (path, "/drivers_probe"))
    probe_written (path);
}
