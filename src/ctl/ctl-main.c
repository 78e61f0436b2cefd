/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"

#include <errno.h>
#include <stdio.h>

#include <glib/gi18n.h>

#include "host/fatia-locale.h"

/* The command line: a verb, found wherever it stands, and its options. */

/**
 * ctl_usage:
 * @verb: (nullable): the verb that was called
 * @format: what is wrong with the command line
 *
 * Returns: the exit status for a command line that is none, once it is told
 */
int
ctl_usage (const CtlVerb *verb, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  ctl_error ("%s", text);
  g_printerr (_ ("“fatiactl help%s%s” tells how it is used.\n"), verb ? " " : "",
              verb ? verb->name : "");
  return CTL_USAGE;
}

static gboolean
parse_options (const CtlVerb *verb, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, ctl_common_options, GETTEXT_PACKAGE);
  if (verb && verb->options)
    g_option_context_add_main_entries (context, verb->options, GETTEXT_PACKAGE);
  return g_option_context_parse_strv (context, argv, error);
}

static int
run_verb (const CtlVerb *verb, char **args, char **argv)
{
  guint count = g_strv_length (args);

  if (ctl_options.help)
    {
      ctl_print_verb_help (verb);
      return CTL_OK;
    }
  if (count < verb->min_arguments)
    return ctl_usage (verb, _ ("%s what? It needs %s."), verb->name, verb->arguments);
  if (count > verb->max_arguments)
    return ctl_usage (verb, _ ("“%s” is one argument too many"), args[verb->max_arguments]);
  if (g_str_equal (verb->name, "help"))
    return ctl_help (args);
  return ctl_run_verb (verb, args, argv);
}

static int
run_without_verb (void)
{
  if (ctl_options.help)
    {
      ctl_print_help ();
      return CTL_OK;
    }
  if (ctl_options.version)
    {
      g_print ("fatiactl %s\n", FATIA_VERSION);
      return CTL_OK;
    }
  return ctl_usage (NULL, _ ("a verb is missing"));
}

static int
run (int argc, char **argv)
{
  g_auto (GStrv) words = g_strdupv (argv);
  g_autofree char *unknown = NULL;
  g_autoptr (GError) error = NULL;
  const CtlVerb *verb;

  verb = ctl_find_verb (&argc, words, &unknown);
  if (g_strcmp0 (unknown, "vm") == 0)
    return ctl_usage (NULL, _ ("vm what? xml, create, list, start, stop or delete."));
  if (unknown)
    return ctl_usage (NULL, _ ("there is no verb “%s”"), unknown);
  if (!parse_options (verb, &words, &error))
    return ctl_usage (verb, "%s", error->message);
  return verb && !ctl_options.version ? run_verb (verb, words + 1, argv) : run_without_verb ();
}

int
main (int argc, char **argv)
{
  int status;

  fatia_locale_init ();
  g_set_prgname ("fatiactl");

  status = run (argc, argv);
  ctl_progress_end ();
  /* Half an answer is none: a full disk behind the pipe must be noticed. */
  if (fflush (stdout) != 0 || ferror (stdout))
    {
      /* Who closed the pipe knows. */
      if (errno == EPIPE)
        return CTL_ERROR;
      ctl_error (_ ("the answer could not be written: %s"), g_strerror (errno));
      return CTL_ERROR;
    }
  return status;
}
