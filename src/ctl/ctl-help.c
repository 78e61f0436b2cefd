/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"

#include <glib/gi18n.h>

/* Help, for people and as JSON. */

/**
 * ctl_print_help:
 *
 * Prints every verb with what it does.
 */
void
ctl_print_help (void)
{
  g_print ("%s\n\n", _ ("fatiactl VERB [OPTION…]: Fatia on the command line"));
  for (guint i = 0; ctl_verbs[i].name; i++)
    {
      g_autofree char *form = g_strdup_printf ("%s %s", ctl_verbs[i].name, ctl_verbs[i].arguments);

      g_print ("  %-18s ", form);
      ctl_print_wrapped (_ (ctl_verbs[i].summary), 21);
    }
  g_print ("\n");
  ctl_print_wrapped (_ ("Every verb takes --json, and --host-root DIR to work on the host in a "
                        "folder. “fatiactl help VERB” lists a verb's own options."),
                     0);
  ctl_print_wrapped (_ ("Exit status: 0 fine, 1 a finding failed or nothing was found, 2 an error, "
                        "3 not authorised, 64 not a valid command line."),
                     0);
}

/**
 * ctl_print_verb_help:
 *
 * Prints how one verb is used.
 */
void
ctl_print_verb_help (const CtlVerb *verb)
{
  g_autoptr (GOptionContext) context = g_option_context_new (verb->arguments);
  g_autofree char *help = NULL;
  g_autofree char *program = g_strdup_printf ("fatiactl %s", verb->name);

  g_set_prgname (program);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, _ (verb->summary));
  if (verb->details)
    g_option_context_set_description (context, _ (verb->details));
  if (verb->options)
    g_option_context_add_main_entries (context, verb->options, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, ctl_common_options, GETTEXT_PACKAGE);
  help = g_option_context_get_help (context, TRUE, NULL);
  g_print ("%s", help);
}

static void
print_json_help (void)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "verbs");
  json_builder_begin_array (builder);
  for (guint i = 0; ctl_verbs[i].name; i++)
    {
      json_builder_begin_object (builder);
      ctl_json_add (builder, "name", ctl_verbs[i].name);
      ctl_json_add (builder, "arguments", ctl_verbs[i].arguments);
      ctl_json_add (builder, "summary", _ (ctl_verbs[i].summary));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ctl_print_json (builder);
}

/**
 * ctl_help:
 * @args: nothing, or a verb's words
 *
 * The verb "help".
 *
 * Returns: the exit status
 */
int
ctl_help (char **args)
{
  g_autofree char *name = g_strjoinv (" ", args);
  gboolean found = FALSE;

  if (ctl_options.json && !*name)
    {
      print_json_help ();
      return CTL_OK;
    }
  if (!*name)
    {
      ctl_print_help ();
      return CTL_OK;
    }
  for (guint i = 0; ctl_verbs[i].name; i++)
    if (g_str_equal (ctl_verbs[i].name, name) ||
        (g_str_equal (name, "vm") && g_str_has_prefix (ctl_verbs[i].name, "vm ")))
      {
        if (found)
          g_print ("\n");
        ctl_print_verb_help (&ctl_verbs[i]);
        found = TRUE;
      }
  if (found)
    return CTL_OK;
  ctl_error (_ ("there is no verb “%s”; “fatiactl help” lists them all"), name);
  return CTL_USAGE;
}
