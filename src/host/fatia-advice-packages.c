/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Advice: which packages bring what is missing here (data/tables/packages.ini). */
#include "host/fatia-advice.h"

#include "host/fatia-package-table.h"
#include "host/fatia-platform.h"

static void
fatia_package_free (FatiaPackage *package)
{
  g_free (package->id);
  g_free (package->title);
  g_free (package->package);
  g_free (package);
}

static void
add_missing (GPtrArray *packages,
             const FatiaFacts *facts,
             const char *family,
             const char *software,
             FatiaTruth truth)
{
  FatiaPackage *package;

  if (truth != FATIA_NO)
    return;
  package = g_new0 (FatiaPackage, 1);
  package->id = g_strdup (software);
  package->title = fatia_package_software_get_title (software);
  package->package = fatia_package_names (software, family, facts);
  g_ptr_array_add (packages, package);
}

/**
 * fatia_advice_needs_module:
 *
 * Returns: whether the graphics are to be sliced by i915-sriov-dkms, and the loaded driver is
 *   another
 */
gboolean
fatia_advice_needs_module (const FatiaFacts *facts)
{
  g_return_val_if_fail (facts != NULL, FALSE);

  return fatia_slicer_for (facts) == FATIA_SLICER_I915 && facts->driver_sriov != FATIA_YES;
}

/**
 * fatia_advice_missing_packages:
 *
 * What a virtual machine, and the graphics driver that makes slices, need and this host certainly
 * lacks.
 *
 * Returns: (transfer full) (element-type FatiaPackage): package is what the distribution calls
 *   it (several names with spaces between them, %NULL where that is not known), or where the
 * distribution is not in the table what the project calls itself
 */
GPtrArray *
fatia_advice_missing_packages (const FatiaFacts *facts)
{
  g_autoptr (GPtrArray) packages =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_package_free);
  g_autofree char *family = NULL;

  g_return_val_if_fail (facts != NULL, NULL);

  family = fatia_package_family_find (facts);
  add_missing (packages, facts, family, "libvirt", facts->libvirt);
  add_missing (packages, facts, family, "qemu", facts->qemu);
  add_missing (packages, facts, family, "ovmf", facts->ovmf);
  add_missing (packages, facts, family, "swtpm", facts->swtpm);
  if (!fatia_advice_needs_module (facts))
    return g_steal_pointer (&packages);
  add_missing (packages, facts, family, "dkms", facts->dkms);
  add_missing (packages, facts, family, "headers", facts->headers);
  if (facts->secure_boot == FATIA_YES)
    add_missing (packages, facts, family, "mokutil", facts->mokutil);
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
  g_autofree char *family = fatia_package_family_find (facts);
  g_autofree char *install = family ? fatia_package_family_get (family, "Install") : NULL;
  g_autoptr (GString) command = NULL;

  if (install == NULL || packages->len == 0)
    return NULL;
  command = g_string_new (install);
  for (guint i = 0; i < packages->len; i++)
    {
      const FatiaPackage *package = g_ptr_array_index (packages, i);

      if (package->package)
        g_string_append_printf (command, " %s", package->package);
    }
  return g_string_free (g_steal_pointer (&command), FALSE);
}
