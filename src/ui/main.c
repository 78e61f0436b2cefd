/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include <glib/gi18n.h>
#include <libdex.h>

#include "host/fatia-locale.h"
#include "ui/fatia-application.h"

/* What was asked on the command line decides which application this is, so it is read before
 * there is one. */
static gboolean
read_options (FatiaOptions *options, gboolean *version, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "practice", 'p', 0, G_OPTION_ARG_NONE, &options->practice,
      N_ ("Open a practice host: nothing on this computer changes"), NULL },
    { "tree", 0, 0, G_OPTION_ARG_STRING, &options->tree, N_ ("The computer to practise on"),
      N_ ("NAME") },
    { "practice-folder", 0, 0, G_OPTION_ARG_FILENAME, &options->practice_folder,
      N_ ("Keep the practice host in a folder, and go on where it was left"), N_ ("FOLDER") },
    { "host-root", 0, 0, G_OPTION_ARG_FILENAME, &options->host_root,
      N_ ("Work on the host in a folder instead of this computer"), N_ ("FOLDER") },
    { "version", 0, 0, G_OPTION_ARG_NONE, version, N_ ("Print the version"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("[FIRMWARE-FILE]"));

  g_option_context_set_summary (context, _ ("A slice of your Intel GPU for Windows, in a window."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 2 || (*argc == 2 && (*argv)[1][0] == '-'))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION,
                   _ ("“%s” is not understood; fatia --help lists what is"), (*argv)[*argc - 1]);
      return FALSE;
    }
  if (options->tree != NULL || options->practice_folder != NULL)
    options->practice = TRUE;
  if (options->practice && options->host_root != NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _ ("--host-root and practice exclude each other"));
      return FALSE;
    }
  return TRUE;
}

int
main (int argc, char *argv[])
{
  g_autoptr (FatiaApplication) application = NULL;
  g_auto (FatiaOptions) options = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean version = FALSE;

  fatia_locale_init ();
  if (!read_options (&options, &version, &argc, &argv, &error))
    {
      g_printerr ("fatia: %s\n", error->message);
      return 64;
    }
  if (version)
    {
      g_print ("fatia %s\n", FATIA_VERSION);
      return EXIT_SUCCESS;
    }

  dex_init ();
  application = fatia_application_new (&options);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
