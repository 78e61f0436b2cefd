/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which packages are there. What undo removes follows from it, so each answer is certain: the
 * package manager says that a package is there, or it says that it is not.
 */
#include "software/fatia-package-query.h"

#include <glib/gi18n-lib.h>

#include "change/fatia-change.h"
#include "change/fatia-command.h"
#include "host/fatia-package-table.h"

#define QUERY_SECONDS 60
/* A line for each package, some managers two; more is no answer to the question. */
#define LINES_LIMIT 1024

static void
take_line (const char *text, gpointer user_data)
{
  GPtrArray *lines = user_data;

  if (lines->len < LINES_LIMIT)
    g_ptr_array_add (lines, g_strdup (text));
}

/* Whether one of @lines is one of @patterns with @package for "%s". */
static gboolean
is_said (GPtrArray *lines, GStrv patterns, const char *package)
{
  for (gsize i = 0; patterns && patterns[i]; i++)
    {
      g_auto (GStrv) parts = g_strsplit (patterns[i], "%s", 2);
      g_autofree char *line = g_strjoinv (package, parts);

      if (g_ptr_array_find_with_equal_func (lines, line, g_str_equal, NULL))
        return TRUE;
    }
  return FALSE;
}

static GStrv
join (GStrv words, const char *const *packages)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_addv (builder, (const char **) words);
  g_strv_builder_addv (builder, (const char **) packages);
  return g_strv_builder_end (builder);
}

/* (transfer full) (nullable): the lines it answers with; that it ends badly where one is missing
 * is no failure */
static GPtrArray *
ask (FatiaHostRoot *root, const char *const *argv, GError **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  if (!fatia_command_is_there (root, argv[0], error))
    return NULL;
  fatia_command_run (root, argv, QUERY_SECONDS, take_line, lines, NULL);
  return g_steal_pointer (&lines);
}

/**
 * fatia_package_query_missing:
 * @family: a row of data/tables/packages.ini
 * @packages: names of packages
 *
 * Returns: (transfer full) (nullable): those of @packages that are not there, in their order;
 *   %NULL where it is not certain of each, %FATIA_CHANGE_ERROR_REFUSED
 */
GStrv
fatia_package_query_missing (FatiaHostRoot *root,
                             const char *family,
                             const char *const *packages,
                             GError **error)
{
  g_auto (GStrv) query = fatia_package_family_get_list (family, "Query");
  g_auto (GStrv) present = fatia_package_family_get_list (family, "Present");
  g_auto (GStrv) absent = fatia_package_family_get_list (family, "Absent");
  g_auto (GStrv) argv = join (query, packages);
  g_autoptr (GPtrArray) lines = ask (root, (const char *const *) argv, error);
  g_autoptr (GStrvBuilder) missing = g_strv_builder_new ();

  if (lines == NULL)
    return NULL;
  for (gsize i = 0; packages[i]; i++)
    {
      gboolean here = is_said (lines, present, packages[i]);

      if (here == is_said (lines, absent, packages[i]))
        {
          g_set_error (
            error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
            _ ("Whether the package %s is installed could not be learnt from %s. Nothing "
               "is installed, since it could not be taken back for certain."),
            packages[i], argv[0]);
          return NULL;
        }
      if (!here)
        g_strv_builder_add (missing, packages[i]);
    }
  return g_strv_builder_end (missing);
}
