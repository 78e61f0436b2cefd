/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Installing i915-sriov-dkms: the release's file, which the person got from its publisher, is put
 * below /var/lib/fatia and handed to the package manager (deb) or to DKMS (source); DKMS compiles
 * it for the running kernel and for one that starts next. Sources: dkms(8), dpkg(1).
 */
#include "software/fatia-module.h"

#include <glib/gi18n-lib.h>

#include "boot/fatia-initramfs.h"
#include "change/fatia-atomic.h"
#include "change/fatia-command.h"
#include "host/fatia-package-table.h"
#include "host/fatia-platform.h"
#include "software/fatia-install-errors.h"
#include "software/fatia-module-private.h"

#define FOLDER      "/var/lib/fatia/software"
#define SOURCE_TREE "/usr/src"

typedef struct
{
  FatiaHostRoot *root;
  const FatiaFacts *facts;
  const FatiaModuleRelease *release;
  FatiaChangeSet *set;
  gboolean deb;
  char *path; /* of the release's file */
  char *name; /* "i915-sriov-dkms/2026.05.06", as DKMS has it */
} Plan;

static gboolean
refuse (GError **error, char *message)
{
  g_autofree char *words = message;

  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED, words);
  return FALSE;
}

/**
 * fatia_module_takes_deb:
 *
 * Returns: whether this distribution installs the Debian package, else the source by DKMS itself
 */
gboolean
fatia_module_takes_deb (const FatiaFacts *facts)
{
  g_autofree char *family = fatia_package_family_find (facts);
  g_autofree char *kind = family ? fatia_package_family_get (family, "Module") : NULL;

  return g_strcmp0 (kind, "deb") == 0;
}

/* "6.12.48+deb13-amd64, 6.12.63+deb13-amd64": every kernel it is built for */
static char *
name_kernels (const FatiaFacts *facts)
{
  g_autofree char *newer = g_strjoinv (", ", facts->newer_kernels);

  return *newer ? g_strdup_printf ("%s, %s", facts->kernel_release, newer)
                : g_strdup (facts->kernel_release);
}

static gboolean
check_release (Plan *plan, GError **error)
{
  const char *release = plan->release->name;
  g_autofree char *kernels = name_kernels (plan->facts);

  if (!fatia_module_release_fits_host (plan->release, plan->facts))
    return refuse (error, g_strdup_printf (
                            _ ("i915-sriov-dkms %s is made for the kernels %u.%u to %u.%u, not for "
                               "each of %s, of which one starts next."),
                            release, plan->release->min_major, plan->release->min_minor,
                            plan->release->max_major, plan->release->max_minor, kernels));
  if ((plan->deb ? plan->release->deb : plan->release->source) == NULL)
    return refuse (
      error, g_strdup_printf (_ ("There is no file of i915-sriov-dkms %s that Fatia could install. "
                                 "Install a kernel that a newer release is made for."),
                              release));
  return TRUE;
}

/* What only this host can tell. */
static gboolean
check_host (Plan *plan, GError **error)
{
  const FatiaFacts *facts = plan->facts;

  if (facts->kernel_release == NULL || fatia_slicer_for (facts) != FATIA_SLICER_I915)
    {
      g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                           _ ("There are no graphics in this computer that i915-sriov-dkms is "
                              "for."));
      return FALSE;
    }
  if (!fatia_command_is_there (plan->root, "dkms", NULL))
    return refuse (error, g_strdup (_ ("DKMS, which compiles the driver, is not installed. Install "
                                       "the missing software first.")));
  if (facts->module_present && !g_str_equal (facts->module_present, plan->release->name))
    return refuse (error, g_strdup_printf (
                            _ ("DKMS has i915-sriov-dkms %s already. Undo its installation first, "
                               "or remove it by hand where Fatia did not install it."),
                            facts->module_present));
  return TRUE;
}

static gboolean
check_headers (Plan *plan, const char *kernel, GError **error)
{
  g_autofree char *build = g_build_filename ("/lib/modules", kernel, "build", NULL);

  if (fatia_host_root_exists (plan->root, build))
    return TRUE;
  return refuse (error,
                 g_strdup_printf (_ ("The headers of the kernel %s, against which the driver is "
                                     "compiled, are not installed. Install the missing software "
                                     "first; after a kernel update, restart first."),
                                  kernel));
}

static gboolean
is_built (Plan *plan, const char *kernel)
{
  g_autofree char *folder = g_build_filename ("/var/lib/dkms", plan->name, kernel, NULL);

  return fatia_host_root_exists (plan->root, folder);
}

/* DKMS has the source, and what is to be taken back is all of it. */
static void
add_package (Plan *plan)
{
  const char *install[] = { "dpkg", "--install", plan->path, NULL };
  const char *purge[] = { "dpkg", "--purge", FATIA_MODULE_NAME, NULL };
  const char *load[] = { "dkms", "ldtarball", plan->path, NULL };
  const char *remove[] = { "dkms", "remove", plan->name, "--all", NULL };
  const char *why = _ ("Install the driver's package. It compiles for some minutes.");

  if (plan->deb)
    fatia_change_set_add_command_pair (plan->set, install, purge, why);
  else
    fatia_change_set_add_command_pair (plan->set, load, remove,
                                       _ ("Give DKMS the driver's source"));
  fatia_change_set_allow_command (plan->set, FATIA_COMMAND_LONG_SECONDS, FALSE);
}

/* DKMS keeps the source when it removes a module: of a package the package manager takes it. */
static void
add_source_removal (Plan *plan)
{
  g_autofree char *source =
    g_strdup_printf (SOURCE_TREE "/" FATIA_MODULE_NAME "-%s", plan->release->name);
  const char *look[] = { "test", "-f", NULL, NULL };
  const char *remove[] = { "rm", "--recursive", "--force", "--one-file-system", source, NULL };
  g_autofree char *conf = g_build_filename (source, "dkms.conf", NULL);

  if (plan->deb)
    return;
  look[2] = conf;
  fatia_change_set_add_command_pair (plan->set, look, remove,
                                     _ ("See that the source is where it belongs"));
}

static void
add_build (Plan *plan, const char *kernel, gboolean alone)
{
  const char *install[] = { "dkms", "install", plan->name, "-k", kernel, NULL };
  const char *remove[] = { "dkms", "remove", plan->name, "-k", kernel, NULL };
  g_autofree char *why =
    /* Translators: a kernel's release */
    g_strdup_printf (_ ("Compile and install the driver for the kernel %s"), kernel);

  if (alone)
    fatia_change_set_add_command_pair (plan->set, install, remove, why);
  else
    fatia_change_set_add_command_once (plan->set, install, why);
  fatia_change_set_allow_command (plan->set, FATIA_COMMAND_LONG_SECONDS, FALSE);
}

static gboolean
add_builds (Plan *plan, gboolean alone, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) kernels = NULL;

  g_strv_builder_add (builder, plan->facts->kernel_release);
  g_strv_builder_addv (builder, (const char **) plan->facts->newer_kernels);
  kernels = g_strv_builder_end (builder);
  for (gsize i = 0; kernels[i]; i++)
    {
      if (is_built (plan, kernels[i]))
        continue;
      if (!check_headers (plan, kernels[i], error))
        return FALSE;
      add_build (plan, kernels[i], alone);
    }
  return TRUE;
}

static gboolean
make_plan (Plan *plan, GBytes *file, GError **error)
{
  gboolean alone = plan->facts->module_present != NULL;
  g_autoptr (FatiaFile) present = NULL;

  if (!alone)
    {
      present = fatia_file_read (plan->root, plan->path, error);
      if (present == NULL)
        return FALSE;
      fatia_change_set_add_file (plan->set, plan->path, present->bytes, file, 0644);
      add_package (plan);
    }
  if (!add_builds (plan, alone, error))
    return FALSE;
  if (!alone)
    add_source_removal (plan);
  fatia_install_errors_explain_set (plan->set, plan->release->name);
  return fatia_change_set_is_empty (plan->set) ||
         fatia_initramfs_plan (plan->root, plan->set, error);
}

/**
 * fatia_module_plan:
 * @release: a row of data/tables/module-releases.ini
 * @file: the release's file as the person got it: at most %FATIA_FILE_LIMIT bytes
 * @set: gets the file and the commands; none where the driver is built for each kernel that counts
 *
 * What is in @file is not looked at: fatia_module_check_file() has it looked at.
 *
 * Returns: whether it can be planned: %FATIA_CHANGE_ERROR_INVALID for a release that is in no row,
 *   %FATIA_CHANGE_ERROR_UNSUPPORTED for a computer it is not for, %FATIA_CHANGE_ERROR_REFUSED in
 *   words where it does not fit the kernels or something is missing
 */
gboolean
fatia_module_plan (
  FatiaHostRoot *root, const char *release, GBytes *file, FatiaChangeSet *set, GError **error)
{
  Plan plan = { .root = root, .set = set, .release = fatia_module_release_find (release) };
  g_autoptr (FatiaFacts) facts = NULL;
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);
  g_return_val_if_fail (file != NULL, FALSE);
  g_return_val_if_fail (FATIA_IS_CHANGE_SET (set), FALSE);

  if (plan.release == NULL)
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                   _ ("“%.64s” is no release of i915-sriov-dkms that Fatia knows."), release);
      return FALSE;
    }
  plan.facts = facts = fatia_facts_read (root);
  plan.deb = fatia_module_takes_deb (facts);
  if (!check_host (&plan, error) || !check_release (&plan, error))
    return FALSE;
  plan.path = path =
    g_strdup_printf (FOLDER "/" FATIA_MODULE_NAME "-%s%s", release, plan.deb ? ".deb" : ".tar.gz");
  plan.name = name = g_strdup_printf (FATIA_MODULE_NAME "/%s", release);
  return make_plan (&plan, file, error);
}
