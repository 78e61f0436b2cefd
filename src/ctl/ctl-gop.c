/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-gop.h"

#include <stdlib.h>

#include <glib/gi18n.h>

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

static gboolean
write_vbts (GPtrArray *vbts, const char *image, const char *folder, GError **error)
{
  for (guint i = 0; i < vbts->len; i++)
    {
      const FatiaVbt *vbt = g_ptr_array_index (vbts, i);
      g_autofree char *name = fatia_vbt_file_name (vbt, i + 1);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!ctl_write_output (path, image, vbt->bytes, error))
        return FALSE;
    }
  return TRUE;
}

static int
write_driver (FatiaGopFindings *findings, const char *image, const Device *device)
{
  const FatiaGopCandidate *chosen = chosen_of (findings->candidates);
  g_autoptr (GBytes) rom = NULL;
  g_autoptr (GError) error = NULL;

  if (!chosen)
    {
      ctl_error (_ ("several drivers were found and none stands out: say which with --choose N"));
      return CTL_ERROR;
    }
  if (!chosen->usable)
    {
      ctl_error ("%s", chosen->why);
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

static int
write_files (FatiaGopFindings *findings, const char *image, const Device *device)
{
  g_autoptr (GError) error = NULL;
  int status;

  if ((ctl_options.output || ctl_options.rom) &&
      (status = write_driver (findings, image, device)) != CTL_OK)
    return status;
  if (ctl_options.vbts && !write_vbts (findings->vbts, image, ctl_options.vbts, &error))
    return ctl_fail (error);
  return CTL_OK;
}

static FatiaGopFindings *
search (const char *path, GError **error)
{
  g_autoptr (GHashTable) known = fatia_tables_get_gop_drivers ();
  FatiaFirmwareSource *source =
    fatia_firmware_source_open (path, ctl_options.member, ctl_walk_progress, NULL, NULL, error);
  FatiaGopFindings *findings = NULL;

  if (source)
    findings = fatia_gop_search_source (source, known, ctl_walk_progress, NULL, NULL, error);
  ctl_progress_end ();
  return findings;
}

/* What DMI says of this computer, for images that say something. */
static FatiaBoardsVerdict
compare_boards (FatiaGopFindings *findings)
{
  g_autoptr (FatiaHostRoot) root = NULL;
  g_autofree char *product = NULL;
  g_autofree char *board = NULL;
  g_autofree char *bios = NULL;

  if (findings->boards->len == 0)
    return FATIA_BOARDS_UNKNOWN;
  root = fatia_host_root_new (ctl_options.host_root ? ctl_options.host_root : "/", NULL);
  if (!root)
    return FATIA_BOARDS_UNKNOWN;
  product = fatia_host_root_read_line (root, "/sys/class/dmi/id/product_name");
  board = fatia_host_root_read_line (root, "/sys/class/dmi/id/board_name");
  bios = fatia_host_root_read_line (root, "/sys/class/dmi/id/bios_version");
  return fatia_board_of_image_compare (findings->boards,
                                       &(FatiaBoardOfComputer) { product, board, bios });
}

static void
print (FatiaGopFindings *findings)
{
  FatiaBoardsVerdict verdict = compare_boards (findings);

  if (ctl_options.json)
    ctl_gop_print_json (findings, verdict);
  else
    ctl_gop_print (findings, verdict);
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
  g_autoptr (FatiaGopFindings) findings = NULL;
  g_autoptr (GError) error = NULL;
  Device device = { 0 };
  int status;

  if (ctl_options.output && g_strcmp0 (ctl_options.output, ctl_options.rom) == 0)
    return ctl_usage (NULL, _ ("--output and --rom name the same file"));
  if (ctl_options.rom && (status = find_device (&device)) != CTL_OK)
    return status;
  findings = search (args[0], &error);
  if (!findings)
    return ctl_fail (error);
  if (!has_driver (findings->candidates))
    {
      print (findings);
      ctl_error (_ ("%s holds no Intel graphics driver. Is it the whole firmware of a computer "
                    "with Intel graphics?"),
                 args[0]);
      return CTL_NOTHING;
    }
  if ((status = choose (findings->candidates)) != CTL_OK ||
      (status = write_files (findings, args[0], &device)) != CTL_OK)
    return status;
  print (findings);
  return CTL_OK;
}
