/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of platforms and module releases, and the choice of a driver they lead to. */
#include "host/fatia-platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/fatia-tables.h"

typedef struct
{
  guint16 first;
  guint16 last;
  FatiaPlatform *platform;
} DeviceRange;

/* Our own tables are part of the program: a mistake in one is a bug to be stopped at. */
static guint
parse_table_number (const char *table, const char *text, guint base)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, base, 0, G_MAXUINT16, &number, NULL))
    g_error ("data/tables/%s.ini: \"%s\" is no number", table, text);
  return (guint) number;
}

static void
parse_kernel (const char *table, const char *text, guint *major, guint *minor)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", 2);

  if (g_strv_length (parts) != 2)
    g_error ("data/tables/%s.ini: \"%s\" is no kernel version", table, text);
  *major = parse_table_number (table, parts[0], 10);
  *minor = parse_table_number (table, parts[1], 10);
}

static FatiaPlatform *
load_platform (GKeyFile *table, const char *id)
{
  FatiaPlatform *platform = g_new0 (FatiaPlatform, 1);
  g_autofree char *xe = g_key_file_get_string (table, id, "Xe", NULL);

  platform->id = g_strdup (id);
  platform->name = g_key_file_get_string (table, id, "Name", NULL);
  platform->i915 = g_key_file_get_boolean (table, id, "I915", NULL);
  platform->xe_needs_force_probe = g_key_file_get_boolean (table, id, "ForceProbe", NULL);
  if (xe)
    parse_kernel ("platforms", xe, &platform->xe_major, &platform->xe_minor);
  return platform;
}

static GArray *
load_ranges (void)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (DeviceRange));
  g_autoptr (GKeyFile) table = fatia_tables_get ("platforms");
  g_auto (GStrv) ids = g_key_file_get_groups (table, NULL);

  for (gsize i = 0; ids[i]; i++)
    {
      FatiaPlatform *platform = load_platform (table, ids[i]);
      g_auto (GStrv) devices = g_key_file_get_string_list (table, ids[i], "Devices", NULL, NULL);

      for (gsize j = 0; devices && devices[j]; j++)
        {
          g_auto (GStrv) ends = g_strsplit (devices[j], "-", 2);
          DeviceRange range = { .platform = platform };

          range.first = parse_table_number ("platforms", ends[0], 16);
          range.last = ends[1] ? parse_table_number ("platforms", ends[1], 16) : range.first;
          g_array_append_val (ranges, range);
        }
    }
  return ranges;
}

/**
 * fatia_platform_find:
 * @device: a PCI device id of vendor 8086
 *
 * Returns: (transfer none) (nullable): its row in data/tables/platforms.ini, or %NULL where the
 *   device is not in it
 */
const FatiaPlatform *
fatia_platform_find (guint16 device)
{
  static GArray *ranges;

  if (g_once_init_enter (&ranges))
    g_once_init_leave (&ranges, load_ranges ());
  for (guint i = 0; i < ranges->len; i++)
    {
      const DeviceRange *range = &g_array_index (ranges, DeviceRange, i);

      if (device >= range->first && device <= range->last)
        return range->platform;
    }
  return NULL;
}

static GArray *
load_releases (void)
{
  GArray *releases = g_array_new (FALSE, FALSE, sizeof (FatiaModuleRelease));
  g_autoptr (GKeyFile) table = fatia_tables_get ("module-releases");
  g_auto (GStrv) names = g_key_file_get_groups (table, NULL);

  for (gsize i = 0; names[i]; i++)
    {
      g_autofree char *min = g_key_file_get_string (table, names[i], "KernelMin", NULL);
      g_autofree char *max = g_key_file_get_string (table, names[i], "KernelMax", NULL);
      FatiaModuleRelease release = {
        .name = g_strdup (names[i]),
        .page = g_key_file_get_string (table, names[i], "Page", NULL),
        .deb = g_key_file_get_string (table, names[i], "Deb", NULL),
        .source = g_key_file_get_string (table, names[i], "Source", NULL),
      };

      parse_kernel ("module-releases", min, &release.min_major, &release.min_minor);
      parse_kernel ("module-releases", max, &release.max_major, &release.max_minor);
      g_array_append_val (releases, release);
    }
  return releases;
}

static const GArray *
get_releases (void)
{
  static GArray *releases;

  if (g_once_init_enter (&releases))
    g_once_init_leave (&releases, load_releases ());
  return releases;
}

/**
 * fatia_kernel_at_least:
 *
 * Returns: whether kernel @major.@minor is @want_major.@want_minor or newer
 */
gboolean
fatia_kernel_at_least (guint major, guint minor, guint want_major, guint want_minor)
{
  return major > want_major || (major == want_major && minor >= want_minor);
}

/**
 * fatia_module_release_fits:
 *
 * Returns: whether @release is made for kernel @major.@minor
 */
gboolean
fatia_module_release_fits (const FatiaModuleRelease *release, guint major, guint minor)
{
  return fatia_kernel_at_least (major, minor, release->min_major, release->min_minor) &&
         fatia_kernel_at_least (release->max_major, release->max_minor, major, minor);
}

/**
 * fatia_module_release_for_kernel:
 *
 * Returns: (transfer none) (nullable): the newest release of i915-sriov-dkms for this kernel
 */
const FatiaModuleRelease *
fatia_module_release_for_kernel (guint major, guint minor)
{
  const GArray *releases = get_releases ();

  for (guint i = 0; i < releases->len; i++)
    {
      const FatiaModuleRelease *release = &g_array_index (releases, FatiaModuleRelease, i);

      if (fatia_module_release_fits (release, major, minor))
        return release;
    }
  return NULL;
}

/* "6.12.48+deb13-amd64"; FALSE: no such name. */
static gboolean
parse_release (const char *release, guint *major, guint *minor)
{
  return sscanf (release, "%4u.%4u", major, minor) == 2;
}

/**
 * fatia_module_release_fits_host:
 *
 * Returns: whether @release is made for the running kernel and for each newer one that is
 *   installed: one of them starts next
 */
gboolean
fatia_module_release_fits_host (const FatiaModuleRelease *release, const FatiaFacts *facts)
{
  g_return_val_if_fail (release != NULL && facts != NULL, FALSE);

  if (!fatia_module_release_fits (release, facts->kernel_major, facts->kernel_minor))
    return FALSE;
  for (gsize i = 0; facts->newer_kernels && facts->newer_kernels[i]; i++)
    {
      guint major, minor;

      if (!parse_release (facts->newer_kernels[i], &major, &minor) ||
          !fatia_module_release_fits (release, major, minor))
        return FALSE;
    }
  return TRUE;
}

/**
 * fatia_module_release_for_host:
 *
 * Returns: (transfer none) (nullable): the newest release that fits the host, see
 *   fatia_module_release_fits_host()
 */
const FatiaModuleRelease *
fatia_module_release_for_host (const FatiaFacts *facts)
{
  const GArray *releases = get_releases ();

  g_return_val_if_fail (facts != NULL, NULL);

  for (guint i = 0; i < releases->len; i++)
    {
      const FatiaModuleRelease *release = &g_array_index (releases, FatiaModuleRelease, i);

      if (fatia_module_release_fits_host (release, facts))
        return release;
    }
  return NULL;
}

/**
 * fatia_module_release_find:
 * @version: (nullable): what /sys/module/i915/version says
 *
 * Returns: (transfer none) (nullable): the release that calls itself so
 */
const FatiaModuleRelease *
fatia_module_release_find (const char *version)
{
  const GArray *releases = get_releases ();

  for (guint i = 0; version && i < releases->len; i++)
    {
      const FatiaModuleRelease *release = &g_array_index (releases, FatiaModuleRelease, i);

      if (g_str_equal (release->name, version))
        return release;
    }
  return NULL;
}

/**
 * fatia_module_release_newest:
 *
 * Returns: (transfer none): the newest release of i915-sriov-dkms in the table
 */
const FatiaModuleRelease *
fatia_module_release_newest (void)
{
  return &g_array_index (get_releases (), FatiaModuleRelease, 0);
}

/**
 * fatia_slicer_for:
 *
 * Which driver makes the virtual functions here: the one that is loaded and can; else
 * i915-sriov-dkms where there is a release for the kernel, because it is the better proven with
 * Windows guests on these processors; else the kernel's own xe where it can; else the one that
 * could after a change of kernel.
 */
FatiaSlicer
fatia_slicer_for (const FatiaFacts *facts)
{
  const FatiaPlatform *platform = facts->platform;
  const char *driver = facts->pf ? facts->pf->driver : NULL;
  guint major = facts->kernel_major, minor = facts->kernel_minor;

  if (facts->pf == NULL)
    return FATIA_SLICER_NONE;
  if (facts->driver_sriov == FATIA_YES && g_strcmp0 (driver, "i915") == 0)
    return FATIA_SLICER_I915;
  if (facts->driver_sriov == FATIA_YES && g_strcmp0 (driver, "xe") == 0)
    return FATIA_SLICER_XE;
  if (platform == NULL)
    return g_strcmp0 (driver, "xe") == 0 ? FATIA_SLICER_XE : FATIA_SLICER_NONE;
  if (platform->i915 && (major == 0 || fatia_module_release_for_kernel (major, minor)))
    return FATIA_SLICER_I915;
  if (platform->xe_major != 0 &&
      fatia_kernel_at_least (major, minor, platform->xe_major, platform->xe_minor))
    return FATIA_SLICER_XE;
  if (platform->i915)
    return FATIA_SLICER_I915;
  return platform->xe_major != 0 ? FATIA_SLICER_XE : FATIA_SLICER_NONE;
}
