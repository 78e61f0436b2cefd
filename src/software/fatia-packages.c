/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Installing what is missing, by the host's own package manager: what is needed is a row of
 * data/tables/packages.ini, which says what it is called here. Undo removes the packages that
 * were not there before, by their names; what came with them stays as the package manager's own
 * "not needed any more", and where others came to need one of them it refuses.
 */
#include "software/fatia-packages.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-command.h"
#include "host/fatia-facts.h"
#include "host/fatia-package-table.h"
#include "software/fatia-install-errors.h"
#include "software/fatia-package-query.h"

static void
refuse (GError **error, int code, const char *message)
{
  g_set_error_literal (error, FATIA_CHANGE_ERROR, code, message);
}

static gboolean
check_needs (const char *const *needs, GError **error)
{
  for (gsize i = 0; needs[i]; i++)
    if (strlen (needs[i]) > 64 || !fatia_package_software_is_known (needs[i]))
      {
        g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                     _ ("“%.64s” is no software that Fatia installs."), needs[i]);
        return FALSE;
      }
  return TRUE;
}

/* (transfer full) (nullable): every package of all @needs */
static GStrv
name_packages (const char *family,
               const FatiaFacts *facts,
               const char *const *needs,
               GError **error)
{
  g_autoptr (GStrvBuilder) packages = g_strv_builder_new ();

  for (gsize i = 0; needs[i]; i++)
    {
      g_autofree char *names = NULL;
      g_auto (GStrv) words = NULL;

      names = fatia_package_names (needs[i], family, facts);
      if (names == NULL)
        {
          g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                       _ ("What this distribution calls the package for “%s” is not known here."),
                       needs[i]);
          return NULL;
        }
      words = g_strsplit (names, " ", -1);
      g_strv_builder_addv (packages, (const char **) words);
    }
  return g_strv_builder_end (packages);
}

/* The words of the table's @key with @packages behind them. */
static GStrv
make_argv (const char *family, const char *key, GStrv packages)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = fatia_package_family_get_list (family, key);

  g_strv_builder_addv (builder, (const char **) words);
  g_strv_builder_addv (builder, (const char **) packages);
  return g_strv_builder_end (builder);
}

static void
add_commands (const char *family, GStrv missing, FatiaChangeSet *set)
{
  g_auto (GStrv) refresh = fatia_package_family_get_list (family, "Refresh");
  g_auto (GStrv) add = make_argv (family, "Add", missing);
  g_auto (GStrv) remove = make_argv (family, "Remove", missing);
  g_autofree char *names = g_strjoinv (", ", missing);
  g_autofree char *why =
    /* Translators: names of packages */
    g_strdup_printf (_ ("Install %s, with what they need. Undo removes these again, and leaves "
                        "what came with them to “not needed any more”."),
                     names);

  if (refresh)
    {
      fatia_change_set_add_command_once (set, (const char *const *) refresh,
                                         _ ("Learn which packages there are"));
      fatia_change_set_allow_command (set, FATIA_COMMAND_LONG_SECONDS, TRUE);
    }
  fatia_change_set_add_command_pair (set, (const char *const *) add, (const char *const *) remove,
                                     why);
  fatia_change_set_allow_command (set, FATIA_COMMAND_LONG_SECONDS, TRUE);
}

/**
 * fatia_packages_plan:
 * @needs: rows of data/tables/packages.ini ("qemu"); nothing else comes from a caller
 * @set: gets the package manager's commands; none where all is there
 *
 * Returns: whether it can be planned: %FATIA_CHANGE_ERROR_INVALID for what is in no row,
 *   %FATIA_CHANGE_ERROR_UNSUPPORTED where the distribution is in none, %FATIA_CHANGE_ERROR_REFUSED
 *   where what is there is not certain
 */
gboolean
fatia_packages_plan (FatiaHostRoot *root,
                     const char *const *needs,
                     FatiaChangeSet *set,
                     GError **error)
{
  g_autoptr (FatiaFacts) facts = NULL;
  g_autofree char *family = NULL;
  g_auto (GStrv) packages = NULL;
  g_auto (GStrv) missing = NULL;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);
  g_return_val_if_fail (FATIA_IS_CHANGE_SET (set), FALSE);

  if (!check_needs (needs, error))
    return FALSE;
  facts = fatia_facts_read (root);
  family = fatia_package_family_find (facts);
  packages = name_packages (family, facts, needs, error);
  if (packages == NULL)
    return FALSE;
  if (family == NULL)
    {
      refuse (error, FATIA_CHANGE_ERROR_UNSUPPORTED,
              _ ("Fatia does not know this distribution's package manager. Install what is missing "
                 "with it yourself."));
      return FALSE;
    }
  missing = fatia_package_query_missing (root, family, (const char *const *) packages, error);
  if (missing == NULL)
    return FALSE;
  if (missing[0])
    add_commands (family, missing, set);
  fatia_install_errors_explain_set (set, NULL);
  return TRUE;
}
