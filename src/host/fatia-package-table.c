/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of distributions' package managers, and of what they call things. */
#include "host/fatia-package-table.h"

#include <string.h>

#include "host/fatia-tables.h"

#define FAMILY   "family "
#define SOFTWARE "software "

static gboolean
has_id (GKeyFile *table, const char *group, const char *id)
{
  g_auto (GStrv) ids = g_key_file_get_string_list (table, group, "Ids", NULL, NULL);

  return id && ids && g_strv_contains ((const char *const *) ids, id);
}

/* The row @group whose packages are like those of a distribution of this name. */
static gboolean
is_like (GKeyFile *table, const char *group, const char *id)
{
  g_autofree char *like = g_key_file_get_string (table, group, "Like", NULL);
  g_autofree char *other = like ? g_strconcat (FAMILY, like, NULL) : NULL;

  return has_id (table, group, id) || (other && has_id (table, other, id));
}

/* Whether the row asks for more than a name, and that is so. */
static gboolean
is_special (GKeyFile *table, const char *group, const FatiaFacts *facts)
{
  g_autofree char *kernel = g_key_file_get_string (table, group, "Kernel", NULL);

  if (kernel)
    return facts->kernel_release && g_pattern_match_simple (kernel, facts->kernel_release);
  return g_key_file_get_boolean (table, group, "Ostree", NULL) &&
         facts->boot_loader == FATIA_BOOT_LOADER_RPM_OSTREE;
}

static gboolean
asks_for_more (GKeyFile *table, const char *group)
{
  return g_key_file_has_key (table, group, "Kernel", NULL) ||
         g_key_file_has_key (table, group, "Ostree", NULL);
}

static char *
find_row (GKeyFile *table, const FatiaFacts *facts, const char *id, gboolean special)
{
  g_auto (GStrv) groups = g_key_file_get_groups (table, NULL);

  for (gsize i = 0; groups[i]; i++)
    if (g_str_has_prefix (groups[i], FAMILY) && asks_for_more (table, groups[i]) == special &&
        is_like (table, groups[i], id) && (!special || is_special (table, groups[i], facts)))
      return g_strdup (groups[i] + strlen (FAMILY));
  return NULL;
}

/**
 * fatia_package_family_find:
 *
 * The family this distribution belongs to, by its own name first, then by those it says it is
 * like.
 *
 * Returns: (transfer full) (nullable): "debian"
 */
char *
fatia_package_family_find (const FatiaFacts *facts)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("packages");
  gsize likes = facts->os_like ? g_strv_length (facts->os_like) : 0;

  for (gsize i = 0; i <= likes; i++)
    for (int special = TRUE; special >= FALSE; special--)
      {
        const char *id = i == 0 ? facts->os_id : facts->os_like[i - 1];
        char *family = find_row (table, facts, id, special);

        if (family)
          return family;
      }
  return NULL;
}

/* (transfer full) (nullable): the family that @family takes after */
static char *
get_like (const char *family)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("packages");
  g_autofree char *group = g_strconcat (FAMILY, family, NULL);

  return g_key_file_get_string (table, group, "Like", NULL);
}

/**
 * fatia_package_family_get:
 * @family: as of fatia_package_family_find()
 * @key: "Install"
 *
 * Returns: (transfer full) (nullable): what the table says of it
 */
char *
fatia_package_family_get (const char *family, const char *key)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("packages");
  g_autofree char *group = g_strconcat (FAMILY, family, NULL);
  g_autofree char *like = get_like (family);
  char *value = g_key_file_get_string (table, group, key, NULL);

  return value == NULL && like ? fatia_package_family_get (like, key) : value;
}

/**
 * fatia_package_family_get_list:
 *
 * Returns: (transfer full) (nullable): the same of a list of words
 */
GStrv
fatia_package_family_get_list (const char *family, const char *key)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("packages");
  g_autofree char *group = g_strconcat (FAMILY, family, NULL);
  g_autofree char *like = get_like (family);
  GStrv value = g_key_file_get_string_list (table, group, key, NULL, NULL);

  return value == NULL && like ? fatia_package_family_get_list (like, key) : value;
}

/**
 * fatia_package_software_is_known:
 *
 * Returns: whether @software ("qemu") is in the table
 */
gboolean
fatia_package_software_is_known (const char *software)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("packages");
  g_autofree char *group = g_strconcat (SOFTWARE, software, NULL);

  return g_key_file_has_group (table, group);
}

/**
 * fatia_package_software_get_title:
 *
 * Returns: (transfer full) (nullable): what people call it
 */
char *
fatia_package_software_get_title (const char *software)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("packages");
  g_autofree char *group = g_strconcat (SOFTWARE, software, NULL);

  return g_key_file_get_locale_string (table, group, "Title", NULL, NULL);
}

static char *
get_names (GKeyFile *table, const char *group, const char *family)
{
  g_autofree char *like = family ? get_like (family) : NULL;
  g_autofree char *key = family ? g_strdup_printf ("Package-%s", family) : NULL;
  char *names = key ? g_key_file_get_string (table, group, key, NULL) : NULL;

  return names == NULL && like ? get_names (table, group, like) : names;
}

/* What a package's name may have in it; nothing a package manager takes for an option or a path. */
static gboolean
is_name (const char *name)
{
  return g_regex_match_simple ("^[A-Za-z0-9][A-Za-z0-9.+_~-]*$", name, G_REGEX_DOLLAR_ENDONLY, 0);
}

/* FALSE: @names has a %c in it, and what stands for it is not known. */
static gboolean
put (GString *names, const char *what, const char *value)
{
  if (!strstr (names->str, what))
    return TRUE;
  if (value == NULL || !is_name (value))
    return FALSE;
  g_string_replace (names, what, value, 0);
  return TRUE;
}

/**
 * fatia_package_names:
 * @software: a row's name, "qemu"
 * @family: (nullable): as of fatia_package_family_find()
 *
 * Returns: (transfer full) (nullable): its packages with spaces between them; where the family is
 *   not known what the project calls it; %NULL where the table does not tell
 */
char *
fatia_package_names (const char *software, const char *family, const FatiaFacts *facts)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("packages");
  g_autofree char *group = g_strconcat (SOFTWARE, software, NULL);
  g_autofree char *found = get_names (table, group, family);
  g_autoptr (GString) names = NULL;

  if (found == NULL)
    return g_key_file_get_string (table, group, "Package", NULL);
  names = g_string_new (found);
  if (!put (names, "%k", facts->kernel_release) || !put (names, "%b", facts->kernel_base))
    return NULL;
  return g_string_free (g_steal_pointer (&names), FALSE);
}
