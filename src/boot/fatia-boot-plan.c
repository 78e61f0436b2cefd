/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the plans of all boot loaders share. */
#include "boot/fatia-boot-plan.h"

#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-kernel-arguments.h"
#include "host/fatia-fd.h"

/* Where distributions keep the tools of the administrator. */
static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };

/*
 * fatia_boot_find_program:
 *
 * Returns: (transfer full) (nullable): the path of the host's program @name
 */
char *
fatia_boot_find_program (FatiaHostRoot *root, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);
      fatia_autofd int fd = fatia_host_root_open (root, path, O_PATH, NULL);
      struct stat info;

      if (fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && (info.st_mode & 0111))
        return g_steal_pointer (&path);
    }
  return NULL;
}

void
fatia_boot_set_refused (GError **error, const char *what)
{
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED, what);
}

/*
 * fatia_boot_add_advice:
 * @error: (nullable): what went wrong
 *
 * Adds to a refusal what a person can do instead.
 */
void
fatia_boot_add_advice (GError *error, const char *const *wanted)
{
  g_autofree char *line = g_strjoinv (" ", (char **) wanted);
  char *message;

  if (!g_error_matches (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED))
    return;
  message = g_strdup_printf (
    _ ("%s. Nothing was changed. Add these to the kernel command line by hand, then run the boot "
       "loader's update tool: %s"),
    error->message, line);

  g_free (error->message);
  error->message = message;
}

/*
 * fatia_boot_plan_checked:
 * @plan: of a boot loader; where it fails it has added nothing to @set, and says what is odd, not
 *   what to do
 *
 * Runs @plan for arguments that Fatia knows, and adds to a refusal what to do by hand.
 *
 * Returns: whether it can be done, else %FATIA_CHANGE_ERROR_REFUSED with what to do by hand, or
 *   %FATIA_CHANGE_ERROR_INVALID for an argument Fatia does not know
 */
gboolean
fatia_boot_plan_checked (FatiaBootPlanFunc plan,
                         FatiaHostRoot *root,
                         const char *const *wanted,
                         FatiaChangeSet *set,
                         GError **error)
{
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);
  g_return_val_if_fail (wanted != NULL && FATIA_IS_CHANGE_SET (set), FALSE);

  for (gsize i = 0; wanted[i] != NULL; i++)
    if (!fatia_kernel_argument_is_known (wanted[i]))
      {
        g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                     _ ("“%s” is no kernel argument that Fatia sets"), wanted[i]);
        return FALSE;
      }
  if (plan (root, wanted, set, &local))
    return TRUE;
  /* A file that can't be read is as good as one not understood. */
  if (local->domain == G_IO_ERROR)
    {
      local->domain = FATIA_CHANGE_ERROR;
      local->code = FATIA_CHANGE_ERROR_REFUSED;
    }
  fatia_boot_add_advice (local, wanted);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
