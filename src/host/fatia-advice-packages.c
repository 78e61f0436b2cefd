/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Advice: which packages bring what is missing here (data/tables/packages.ini). */
#include "host/fatia-advice.h"

#include <string.h>

#include "host/fatia-tables.h"

static void
fatia_package_free (FatiaPackage *package)
{
  g_free (package->title);
  g_free (package->package);
  g_free (package);
}

static gboolean
family_has (GKeyFile *table, const char *group, const char *id)
{
  g_auto (GStrv) ids = g_key_file_get_string_list (table, group, "Ids", NULL, NULL);

  return id && ids && g_strv_contains ((const char *const *) ids, id);
}

/* The family this distribution belongs to, by its own name first, then by those it says it is
 * like. (transfer full) (nullable): "debian" */
static char *
find_family (GKeyFile *table, const FatiaFacts *facts)
{
  g_auto (GStrv) groups = g_key_file_get_groups (table, NULL);
  gsize likes = facts->os_like ? g_strv_length (facts->os_like) : 0;

  for (gsize i = 0; i <= likes; i++)
    {
      const char *id = i == 0 ? facts->os_id : facts->os_like[i - 1];

      for (gsize j = 0; groups[j]; j++)
        {
          if (g_str_has_prefix (groups[j], "family ") && family_has (table, groups[j], id))
            return g_strdup (groups[j] + strlen ("family "));
        }
    }
  return NULL;
}

static void
add_missing (
  GPtrArray *packages, GKeyFile *table, const char *family, const char *software, FatiaTruth truth)
{
  g_autofree char *group = g_strdup_printf ("software %s", software);
  g_autofree char *key = family ? g_strdup_printf ("Package-%s", family) : NULL;
  FatiaPackage *package;

  if (truth != FATIA_NO)
    return;
  package = g_new0 (FatiaPackage, 1);
  package->title = g_key_file_get_locale_string (table, group, "Title", NULL, NULL);
  if (key)
    package->package = g_key_file_get_string (table, group, key, NULL);
  if (package->package == NULL)
    package->package = g_key_file_get_string (table, group, "Package", NULL);
  g_ptr_array_add (packages, package);
}

/**
 * fatia_advice_missing_packages:
 *
 * What a virtual machine needs and this host certainly lacks.
 *
 * Returns: (transfer full) (element-type FatiaPackage): package is what the distribution calls
 *   it (several names with spaces between them), or where the distribution is not in the table
 *   what the project calls itself
 */
GPtrArray *
fatia_advice_missing_packages (const FatiaFacts *facts)
{
  g_autoptr (GPtrArray) packages =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_package_free);
  g_autoptr (GKeyFile) table = fatia_tables_get ("packages");
  g_autofree char *family = NULL;

  g_return_val_if_fail (facts != NULL, NULL);

  family = find_family (table, facts);
  add_missing (packages, table, family, "libvirt", facts->libvirt);
  add_missing (packages, table, family, "qemu", facts->qemu);
  add_missing (packages, table, family, "ovmf", facts->ovmf);
  add_missing (packages, table, family, "swtpm", facts->swtpm);
  return g_steal_pointer (&packages);
}

/**
 * fatia_advice_install_command:
 *
 * Returns: (transfer full) (nullable): the command line that installs what is missing, for a
 *   person to run; %NULL where nothing is, or the distribution is not in the table
 */
char *
fatia_advice_install_command (const FatiaFacts *facts)
{
  g_autoptr (GPtrArray) packages = fatia_advice_missing_packages (facts);
  g_autoptr (GKeyFile) table = fatia_tables_get ("packages");
  g_autofree char *family = find_family (table, facts);
  g_autofree char *group = family ? g_strdup_printf ("family %s", family) : NULL;
  g_autofree char *install = group ? g_key_file_get_string (table, group, "Install", NULL) : NULL;
  g_autoptr (GString) command = NULL;

  if (install == NULL || packages->len == 0)
    return NULL;
  command = g_string_new (install);
  for (guint i = 0; i < packages->len; i++)
    {
      const FatiaPackage *package = g_ptr_array_index (packages, i);

      g_string_append_printf (command, " %s", package->package);
    }
  return g_string_free (g_steal_pointer (&command), FALSE);
}
