/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/fatia-kernel-module.h"

#include <string.h>

/* depmod's list names every module of a kernel; that of a distribution has 0.7 MiB. */
#define LIMIT (8 * 1024 * 1024)

/* "kernel/drivers/misc/kvmfr.ko.zst: …", a line each, the module before its colon. */
static gboolean
is_listed (const char *list, const char *name)
{
  g_autofree char *file = g_strdup_printf ("/%s.ko", name);

  for (const char *at = strstr (list, file); at; at = strstr (at + 1, file))
    {
      const char *rest = at + strlen (file);
      const char *line = at;

      rest += strcspn (rest, ": \n");
      while (line > list && line[-1] != '\n' && *line != ':')
        line--;
      if (*rest == ':' && *line != ':' && (at[strlen (file)] == ':' || at[strlen (file)] == '.'))
        return TRUE;
    }
  return FALSE;
}

/**
 * fatia_kernel_module_look:
 * @name: a module's, without "-"
 *
 * Returns: whether the running kernel has the module, loaded or to be loaded
 */
FatiaTruth
fatia_kernel_module_look (FatiaHostRoot *root, const char *name)
{
  static const char *const folders[] = { "/lib/modules", "/usr/lib/modules" };
  g_autofree char *loaded = g_build_filename ("/sys/module", name, NULL);
  g_autofree char *release = fatia_host_root_read_line (root, "/proc/sys/kernel/osrelease");

  if (fatia_host_root_exists (root, loaded))
    return FATIA_YES;
  if (release == NULL || strchr (release, '/'))
    return FATIA_UNKNOWN;
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (folders[i], release, "modules.dep", NULL);
      g_autofree char *list = fatia_host_root_read (root, path, LIMIT, NULL, NULL);

      if (list)
        return is_listed (list, name) ? FATIA_YES : FATIA_NO;
    }
  return FATIA_UNKNOWN;
}
