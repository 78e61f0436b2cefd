/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-light.h"

#include <glib/gi18n.h>

#include "host/fatia-checks.h"

/* The verbs check and report. */

/**
 * ctl_read_facts:
 *
 * Returns: (transfer full) (nullable): the facts of the host the command line names
 */
FatiaFacts *
ctl_read_facts (GError **error)
{
  g_autoptr (FatiaHostRoot) root = NULL;

  root = fatia_host_root_new (ctl_options.host_root ? ctl_options.host_root : "/", error);
  return root ? fatia_facts_read (root) : NULL;
}

static const char *
word_for (FatiaState state)
{
  switch (state)
    {
    case FATIA_STATE_PASSED:
      return _ ("passed");
    case FATIA_STATE_WARNING:
      return _ ("warning");
    case FATIA_STATE_FAILED:
      return _ ("failed");
    case FATIA_STATE_UNKNOWN:
    default:
      return _ ("unknown");
    }
}

/* Select Graphic Rendition of ECMA-48: green, yellow, red, blue. */
static const char *
colour_for (FatiaState state)
{
  static const char *const colours[] = { "\033[32m", "\033[33m", "\033[31m", "\033[34m" };

  return ctl_has_colour () && (guint) state < G_N_ELEMENTS (colours) ? colours[state] : "";
}

static void
print_finding (FatiaFinding *finding)
{
  FatiaState state = fatia_finding_get_state (finding);
  const char *const *remedy = fatia_finding_get_remedy (finding);
  const char *colour = colour_for (state);
  int width = 9 - (int) g_utf8_strlen (word_for (state), -1);

  g_print ("%s%s%s%*s%s\n", colour, word_for (state), *colour ? "\033[0m" : "", MAX (width, 1), "",
           fatia_finding_get_title (finding));
  g_print ("%9s", "");
  ctl_print_wrapped (fatia_finding_get_meaning (finding), 9);
  for (guint i = 0; remedy && remedy[i]; i++)
    {
      g_print ("%9s%u. ", "", i + 1);
      ctl_print_wrapped (remedy[i], 12);
    }
}

static void
add_finding (JsonBuilder *builder, FatiaFinding *finding)
{
  const char *const *remedy = fatia_finding_get_remedy (finding);

  json_builder_begin_object (builder);
  ctl_json_add (builder, "id", fatia_finding_get_id (finding));
  ctl_json_add (builder, "state", fatia_state_to_string (fatia_finding_get_state (finding)));
  ctl_json_add (builder, "title", fatia_finding_get_title (finding));
  ctl_json_add (builder, "meaning", fatia_finding_get_meaning (finding));
  json_builder_set_member_name (builder, "remedy");
  json_builder_begin_array (builder);
  for (guint i = 0; remedy && remedy[i]; i++)
    json_builder_add_string_value (builder, remedy[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
print_json_findings (GPtrArray *findings)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "findings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < findings->len; i++)
    add_finding (builder, g_ptr_array_index (findings, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ctl_print_json (builder);
}

static int
list_findings (GPtrArray *findings)
{
  if (ctl_options.json)
    {
      print_json_findings (findings);
      return CTL_OK;
    }
  for (guint i = 0; i < findings->len; i++)
    {
      FatiaFinding *finding = g_ptr_array_index (findings, i);

      g_print ("%-24s %s\n", fatia_finding_get_id (finding), fatia_finding_get_title (finding));
    }
  return CTL_OK;
}

/**
 * ctl_check:
 *
 * The verb "check".
 *
 * Returns: the exit status: %CTL_NOTHING where a finding failed
 */
int
ctl_check (char **args)
{
  g_autoptr (FatiaFacts) facts = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;

  if (ctl_options.list)
    {
      findings = fatia_checks_list ();
      return list_findings (findings);
    }
  facts = ctl_read_facts (&error);
  if (!facts)
    return ctl_fail (error);
  findings = fatia_checks_run (facts);
  if (ctl_options.json)
    print_json_findings (findings);
  else
    for (guint i = 0; i < findings->len; i++)
      print_finding (g_ptr_array_index (findings, i));
  return fatia_checks_worst (findings) == FATIA_STATE_FAILED ? CTL_NOTHING : CTL_OK;
}

/**
 * ctl_report:
 *
 * The verb "report".
 *
 * Returns: the exit status
 */
int
ctl_report (char **args)
{
  g_autoptr (FatiaFacts) facts = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *report = NULL;

  facts = ctl_read_facts (&error);
  if (!facts)
    return ctl_fail (error);
  findings = fatia_checks_run (facts);
  report = fatia_report (facts, findings);
  if (!ctl_options.json)
    {
      g_print ("%s", report);
      return CTL_OK;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  ctl_json_add (builder, "report", report);
  json_builder_end_object (builder);
  ctl_print_json (builder);
  return CTL_OK;
}
