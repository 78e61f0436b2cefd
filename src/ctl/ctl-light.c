/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-light.h"

#include <errno.h>
#include <unistd.h>

#include <glib/gi18n.h>

/* fatiactl's own verbs; the others are fatiactl-setup's, so that `fatiactl check` does not wait
 * for libvirt's libraries to load. */

static const struct
{
  const char *name;
  int (*run) (char **args);
} runs[] = {
  { "check", ctl_check },
  { "report", ctl_report },
  { "gop", ctl_gop },
  { "firmware", ctl_firmware },
};

/* (transfer full): beside this program in a build folder, else where it is installed */
static char *
setup_program (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self ? g_path_get_dirname (self) : NULL;
  g_autofree char *sibling = folder ? g_build_filename (folder, "fatiactl-setup", NULL) : NULL;

  if (sibling && g_file_test (sibling, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&sibling);
  return g_build_filename (FATIA_LIBEXECDIR, "fatiactl-setup", NULL);
}

/**
 * ctl_run_verb:
 *
 * Runs one of fatiactl's own verbs, or becomes fatiactl-setup.
 *
 * Returns: the exit status
 */
int
ctl_run_verb (const CtlVerb *verb, char **args, char **argv)
{
  g_autofree char *program = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    if (g_str_equal (runs[i].name, verb->name))
      return runs[i].run (args);

  program = setup_program ();
  execv (program, argv);
  ctl_error (_ ("%s could not be started: %s. Is Fatia installed completely?"), program,
             g_strerror (errno));
  return CTL_ERROR;
}
