/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks: what the running kernel was started with. */
#include "host/fatia-checks-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "host/fatia-advice.h"
#include "host/fatia-platform.h"

/* Whether modprobe.blacklist= names @driver. It counts each time it is there; module_blacklist=,
 * the kernel's own, the last time only, as fatia_facts_has_argument() does. */
static gboolean
modprobe_refuses (const FatiaFacts *facts, const char *driver)
{
  const char *key = "modprobe.blacklist=";

  for (guint i = 0; facts->kernel_arguments[i]; i++)
    if (g_str_has_prefix (facts->kernel_arguments[i], key))
      {
        g_auto (GStrv) modules = g_strsplit (facts->kernel_arguments[i] + strlen (key), ",", -1);

        if (g_strv_contains ((const char *const *) modules, driver))
          return TRUE;
      }
  return FALSE;
}

static void
add_name (GString *names, const char *argument)
{
  g_string_append_printf (names, "%s%s", names->len ? " " : "", argument);
}

/* What keeps the driver that is to make virtual functions from working. The setup takes away
 * nothing that it did not put there. */
static void
find_driver_hindrances (const FatiaFacts *facts, GString *names, FatiaVerdict *verdict)
{
  const char *driver = fatia_slicer_for (facts) == FATIA_SLICER_XE ? "xe" : "i915";
  char *arguments[] = {
    g_strdup ("nomodeset"),
    g_strdup_printf ("%s.modeset=0", driver),
    g_strdup_printf ("module_blacklist=%s", driver),
    g_strdup_printf ("modprobe.blacklist=%s", driver),
  };

  for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      if (g_str_has_prefix (arguments[i], "modprobe.")
            ? modprobe_refuses (facts, driver)
            : fatia_facts_has_argument (facts, arguments[i]))
        {
          add_name (names, arguments[i]);
          /* Translators: a kernel argument and a driver */
          fatia_verdict_advise (verdict,
                                _ ("Take “%s” out of the boot loader’s configuration (GRUB: "
                                   "/etc/default/grub) and renew it, then restart: it keeps the "
                                   "graphics driver %s from working."),
                                arguments[i], driver);
        }
      g_free (arguments[i]);
    }
}

/* The setup puts its own value in the place of these. */
static void
find_iommu_hindrances (const FatiaFacts *facts, GString *names, FatiaVerdict *verdict)
{
  static const char *const arguments[] = { "intel_iommu=off", "iommu=off" };

  for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
    if (fatia_facts_has_argument (facts, arguments[i]))
      {
        add_name (names, arguments[i]);
        fatia_verdict_advise (verdict,
                              _ ("Let the setup set the kernel arguments in place of “%s”, which "
                                 "switches the IOMMU off, then restart."),
                              arguments[i]);
      }
}

/* Whether arguments are there with which ours are of no use: says so. */
static gboolean
say_hindrances (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  g_autoptr (GString) names = g_string_new (NULL);

  find_driver_hindrances (facts, names, verdict);
  find_iommu_hindrances (facts, names, verdict);
  if (names->len == 0)
    return FALSE;
  fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                     _ ("The kernel was started with what keeps the graphics from being divided: "
                        "%s"),
                     names->str);
  return TRUE;
}

void
fatia_check_kernel_arguments (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  g_autoptr (GPtrArray) arguments = NULL;
  g_autoptr (GString) missing = g_string_new (NULL);

  if (fatia_verdict_needs_pf (verdict, facts))
    return;
  if (facts->kernel_arguments == NULL)
    {
      fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                         _ ("The kernel’s command line could not be read."));
      return;
    }
  if (say_hindrances (facts, verdict))
    return;
  arguments = fatia_advice_arguments (facts);
  if (arguments->len == 0)
    {
      fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                         _ ("Which arguments these graphics need is not known."));
      return;
    }
  for (guint i = 0; i < arguments->len; i++)
    {
      const FatiaArgument *argument = g_ptr_array_index (arguments, i);

      if (!fatia_facts_has_argument (facts, argument->argument))
        g_string_append_printf (missing, "%s%s", missing->len ? " " : "", argument->argument);
    }
  if (missing->len == 0)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("The kernel was started with every argument that is needed."));
  else
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING, _ ("The kernel was started without: %s"),
                         missing->str);
      fatia_verdict_advise (verdict, _ ("Let the setup set the kernel arguments, then restart."));
    }
}
