/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-light.h"

#include <stdlib.h>

#include <glib/gi18n.h>

#include "firmware/fatia-firmware.h"
#include "host/fatia-tables.h"

/* The verb gop: the graphics driver in a firmware image. */

typedef struct
{
  guint16 vendor, device;
} Device;

/* "8086:46d1" */
static gboolean
parse_device (const char *text, Device *device)
{
  g_autoptr (GRegex) form = g_regex_new ("^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$", 0, 0, NULL);

  if (!g_regex_match (form, text, 0, NULL))
    return FALSE;
  device->vendor = (guint16) strtoul (text, NULL, 16);
  device->device = (guint16) strtoul (text + 5, NULL, 16);
  return TRUE;
}

/* The device the command line names, else this host's own. */
static int
find_device (Device *device)
{
  g_autoptr (FatiaFacts) facts = NULL;
  g_autoptr (GError) error = NULL;

  if (ctl_options.device)
    {
      if (parse_device (ctl_options.device, device))
        return CTL_OK;
      return ctl_usage (NULL, _ ("“%s” is no PCI device: give it as 8086:46d1"),
                        ctl_options.device);
    }
  facts = ctl_read_facts (&error);
  if (!facts)
    return ctl_fail (error);
  if (!facts->pf)
    return ctl_usage (NULL, _ ("which device is the option ROM for? Give it as --device "
                               "8086:46d1; there is none of the kind in this computer."));
  device->vendor = facts->pf->vendor;
  device->device = facts->pf->device;
  return CTL_OK;
}

static void
add_candidate (JsonBuilder *builder, const FatiaGopCandidate *candidate)
{
  json_builder_begin_object (builder);
  ctl_json_add (builder, "guid", candidate->guid);
  ctl_json_add (builder, "name", candidate->name);
  ctl_json_add (builder, "machine", candidate->machine);
  json_builder_set_member_name (builder, "size");
  json_builder_add_int_value (builder, (gint64) candidate->size);
  ctl_json_add (builder, "sha256", candidate->sha256);
  ctl_json_add (builder, "path", candidate->path);
  ctl_json_add (builder, "known", candidate->known);
  ctl_json_add (builder, "why", candidate->why);
  json_builder_set_member_name (builder, "driver");
  json_builder_add_boolean_value (builder, candidate->driver);
  json_builder_set_member_name (builder, "chosen");
  json_builder_add_boolean_value (builder, candidate->chosen);
  json_builder_end_object (builder);
}

static void
print_json_candidates (GPtrArray *candidates)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "candidates");
  json_builder_begin_array (builder);
  for (guint i = 0; i < candidates->len; i++)
    add_candidate (builder, g_ptr_array_index (candidates, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ctl_print_json (builder);
}

static void
print_candidates (GPtrArray *candidates)
{
  for (guint i = 0; i < candidates->len; i++)
    {
      const FatiaGopCandidate *candidate = g_ptr_array_index (candidates, i);

      g_print ("%u. %s  %s%s\n", i + 1, candidate->guid, candidate->name ? candidate->name : "",
               candidate->chosen ? _ ("  (chosen)") : "");
      /* TRANSLATORS: the processor a driver is for ("x64") and its size in bytes */
      g_print (_ ("   %s, %lu bytes\n"), candidate->machine, (gulong) candidate->size);
      g_print ("   sha256 %s\n", candidate->sha256);
      if (candidate->known)
        g_print ("   %s\n", candidate->known);
      g_print ("   ");
      ctl_print_wrapped (candidate->why, 3);
      g_print ("   %s\n", candidate->path);
    }
}

/* Marks what --choose says. */
static int
choose (GPtrArray *candidates)
{
  if (ctl_options.choose == 0)
    return CTL_OK;
  if (ctl_options.choose < 0 || (guint) ctl_options.choose > candidates->len)
    return ctl_usage (NULL, _ ("--choose %d: there are %u candidates"), ctl_options.choose,
                      candidates->len);
  for (guint i = 0; i < candidates->len; i++)
    ((FatiaGopCandidate *) g_ptr_array_index (candidates, i))->chosen =
      i + 1 == (guint) ctl_options.choose;
  return CTL_OK;
}

static const FatiaGopCandidate *
chosen_of (GPtrArray *candidates)
{
  for (guint i = 0; i < candidates->len; i++)
    {
      const FatiaGopCandidate *candidate = g_ptr_array_index (candidates, i);

      if (candidate->chosen)
        return candidate;
    }
  return NULL;
}

static gboolean
has_driver (GPtrArray *candidates)
{
  for (guint i = 0; i < candidates->len; i++)
    if (((const FatiaGopCandidate *) g_ptr_array_index (candidates, i))->driver)
      return TRUE;
  return FALSE;
}

static int
write_files (GPtrArray *candidates, const char *image, const Device *device)
{
  const FatiaGopCandidate *chosen = chosen_of (candidates);
  g_autoptr (GBytes) rom = NULL;
  g_autoptr (GError) error = NULL;

  if (!chosen)
    {
      ctl_error (_ ("several drivers were found and none stands out: say which with --choose N"));
      return CTL_ERROR;
    }
  if (ctl_options.rom)
    {
      rom = fatia_option_rom_build (chosen->pe, device->vendor, device->device, &error);
      if (!rom)
        return ctl_fail (error);
    }
  if (ctl_options.output && !ctl_write_output (ctl_options.output, image, chosen->pe, &error))
    return ctl_fail (error);
  if (rom && !ctl_write_output (ctl_options.rom, image, rom, &error))
    return ctl_fail (error);
  return CTL_OK;
}

static GPtrArray *
read_candidates (const char *path, GError **error)
{
  g_autoptr (GHashTable) known = fatia_tables_get_gop_drivers ();
  g_autoptr (GBytes) image = fatia_firmware_open (path, error);
  GPtrArray *candidates = NULL;

  if (image)
    candidates = fatia_gop_find (image, known, ctl_walk_progress, NULL, NULL, error);
  ctl_progress_end ();
  return candidates;
}

/**
 * ctl_gop:
 * @args: the image's path
 *
 * The verb "gop".
 *
 * Returns: the exit status: %CTL_NOTHING where the image holds no driver
 */
int
ctl_gop (char **args)
{
  g_autoptr (GPtrArray) candidates = NULL;
  g_autoptr (GError) error = NULL;
  Device device = { 0 };
  int status;

  if (ctl_options.output && g_strcmp0 (ctl_options.output, ctl_options.rom) == 0)
    return ctl_usage (NULL, _ ("--output and --rom name the same file"));
  if (ctl_options.rom && (status = find_device (&device)) != CTL_OK)
    return status;
  candidates = read_candidates (args[0], &error);
  if (!candidates)
    return ctl_fail (error);
  if (!has_driver (candidates))
    {
      if (ctl_options.json)
        print_json_candidates (candidates);
      else
        print_candidates (candidates);
      ctl_error (_ ("%s holds no Intel graphics driver. Is it the whole firmware of a computer "
                    "with Intel graphics?"),
                 args[0]);
      return CTL_NOTHING;
    }
  if ((status = choose (candidates)) != CTL_OK)
    return status;
  if ((ctl_options.output || ctl_options.rom) &&
      (status = write_files (candidates, args[0], &device)) != CTL_OK)
    return status;
  if (ctl_options.json)
    print_json_candidates (candidates);
  else
    print_candidates (candidates);
  return CTL_OK;
}
