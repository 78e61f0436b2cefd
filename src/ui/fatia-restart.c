/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-restart.h"

#include <glib/gi18n.h>

#include "setup/fatia-steps.h"
#include "ui/fatia-futures.h"

static FatiaBootStep *
get_boot_step (FatiaSetup *setup)
{
  return FATIA_BOOT_STEP (fatia_setup_get_step (setup, "boot"));
}

/* What has just been undone can't keep a computer from starting, so no way out is named. */
static char *
write_body (FatiaSetup *setup)
{
  g_autofree char *way_out = NULL;

  if (fatia_restart_ends_arguments (setup))
    return g_strdup (_ ("What is undone counts from the next start: until then the kernel runs "
                        "with the command line it was started with. Restart before you install "
                        "updates: a new kernel’s entry may be made with that line."));
  way_out = fatia_boot_step_get_emergency_exit (get_boot_step (setup));
  /* Translators: %s is a paragraph that says how to start the computer if it does not. */
  return g_strdup_printf (_ ("Save your work in other programs first. Fatia goes on from here "
                             "when you open it again.\n\n%s"),
                          way_out);
}

/**
 * fatia_restart_ends_arguments:
 * @setup: a setup, its facts read
 *
 * Returns: whether a kernel argument is in effect that the boot loader's configuration no longer
 *   has, so that only a restart ends it
 */
gboolean
fatia_restart_ends_arguments (FatiaSetup *setup)
{
  FatiaBootStep *boot = get_boot_step (setup);
  GPtrArray *arguments = fatia_boot_step_get_arguments (boot);
  const FatiaFacts *facts = fatia_setup_get_facts (setup);

  if (facts == NULL || arguments == NULL ||
      fatia_step_get_state (FATIA_STEP (boot)) == FATIA_STEP_DONE ||
      fatia_step_get_state (FATIA_STEP (boot)) == FATIA_STEP_RESTART)
    return FALSE;
  for (guint i = 0; i < arguments->len; i++)
    {
      const FatiaArgument *argument = g_ptr_array_index (arguments, i);

      if (fatia_facts_has_argument (facts, argument->argument))
        return TRUE;
    }
  return FALSE;
}

/**
 * fatia_restart_offer:
 * @parent: a widget of the window to ask in
 * @setup: the setup of the host that is to restart
 *
 * Where the host goes on running, as practice does, the setup has read its facts again.
 *
 * Returns: whether it was restarted
 */
gboolean
fatia_restart_offer (GtkWidget *parent, FatiaSetup *setup)
{
  FatiaHost *host = fatia_setup_get_host (setup);
  g_autofree char *body = write_body (setup);
  g_autoptr (GError) error = NULL;

  if (!fatia_confirm (parent, _ ("Restart Now?"), body, _ ("_Later"), _ ("_Restart"),
                      ADW_RESPONSE_SUGGESTED, NULL))
    return FALSE;
  if (!dex_await (fatia_host_restart (host), &error) ||
      !dex_await (fatia_setup_refresh (setup), &error))
    fatia_toast_error (parent, error);
  else if (fatia_host_get_kind (host) != FATIA_HOST_SYSTEM)
    fatia_toast (parent, _ ("The practice computer has restarted"));
  return error == NULL;
}
