/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/fatia-advice.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "host/fatia-platform.h"
#include "host/fatia-tables.h"

/* The table's row for boards it does not know: how firmware's menus usually are. */
#define GENERIC "generic"
/* What every one of these GPUs offers, for where sriov_totalvfs is 0 because the driver was not
 * given leave yet. */
#define USUAL_VFS 7
/* The helper takes no more, and no GPU in the table has more. */
#define MOST_VFS 63

static void
fatia_argument_free (FatiaArgument *argument)
{
  g_free (argument->argument);
  g_free (argument->why);
  g_free (argument);
}

static void add_argument (GPtrArray *arguments, const char *why, const char *format, ...)
  G_GNUC_PRINTF (3, 4);

static void
add_argument (GPtrArray *arguments, const char *why, const char *format, ...)
{
  FatiaArgument *argument = g_new0 (FatiaArgument, 1);
  va_list args;

  va_start (args, format);
  argument->argument = g_strdup_vprintf (format, args);
  argument->why = g_strdup (why);
  va_end (args);
  g_ptr_array_add (arguments, argument);
}

/**
 * fatia_advice_arguments:
 *
 * The kernel arguments this computer needs, whether they are set already or not. Source: the
 * documentation of i915-sriov-dkms and of the kernel's xe driver.
 *
 * Returns: (transfer full) (element-type FatiaArgument): the arguments, in the order to write
 *   them; empty where there is nothing to slice
 */
GPtrArray *
fatia_advice_arguments (const FatiaFacts *facts)
{
  g_autoptr (GPtrArray) arguments =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_argument_free);
  FatiaSlicer slicer;
  int vfs;

  g_return_val_if_fail (facts != NULL, NULL);

  slicer = fatia_slicer_for (facts);
  if (slicer == FATIA_SLICER_NONE)
    return g_steal_pointer (&arguments);
  vfs = facts->pf->sriov_totalvfs > 0 ? MIN (facts->pf->sriov_totalvfs, MOST_VFS) : USUAL_VFS;
  add_argument (arguments,
                _ ("Switches the IOMMU on, which keeps what Windows does inside its own memory."),
                "intel_iommu=on");
  add_argument (arguments, _ ("Keeps this computer’s own devices as fast as before."), "iommu=pt");
  if (slicer == FATIA_SLICER_I915)
    {
      add_argument (arguments,
                    _ ("Starts the graphics’ own firmware (GuC), which divides its time."),
                    "i915.enable_guc=3");
      add_argument (arguments, _ ("Lets the driver make this many virtual functions."),
                    "i915.max_vfs=%d", vfs);
      add_argument (arguments, _ ("Keeps the other Intel driver from taking the graphics first."),
                    "module_blacklist=xe");
      return g_steal_pointer (&arguments);
    }
  add_argument (arguments, _ ("Lets the driver make this many virtual functions."), "xe.max_vfs=%d",
                vfs);
  if (facts->platform && facts->platform->xe_needs_force_probe)
    add_argument (arguments,
                  _ ("Makes the driver xe take these graphics, which it leaves to i915 otherwise."),
                  "xe.force_probe=%04x", facts->pf->device);
  add_argument (arguments, _ ("Keeps the other Intel driver from taking the graphics first."),
                "module_blacklist=i915");
  return g_steal_pointer (&arguments);
}

void
fatia_board_free (FatiaBoard *board)
{
  g_free (board->name);
  g_strfreev (board->bios_steps);
  g_free (board->firmware_page);
  g_free (board->firmware_hint);
  g_free (board);
}

static gboolean
matches (const char *pattern, const char *vendor, const char *name)
{
  g_autofree char *words = g_strdup_printf ("%s %s", vendor ? vendor : "", name ? name : "");
  g_autofree char *folded = g_utf8_strdown (words, -1);

  return g_pattern_match_simple (pattern, folded);
}

/**
 * fatia_advice_board:
 *
 * Returns: (transfer full): what the maker of this board calls things, or how boards usually
 *   call them
 */
FatiaBoard *
fatia_advice_board (const FatiaFacts *facts)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("boards");
  g_auto (GStrv) ids = g_key_file_get_groups (table, NULL);
  FatiaBoard *board = g_new0 (FatiaBoard, 1);
  const char *id = NULL;

  for (gsize i = 0; ids[i] && id == NULL; i++)
    {
      g_autofree char *pattern = g_key_file_get_string (table, ids[i], "Match", NULL);

      if (matches (pattern, facts->sys_vendor, facts->product_name) ||
          matches (pattern, facts->board_vendor, facts->board_name))
        id = ids[i];
    }
  /* The table's last group fits every board. */
  g_assert (id != NULL);
  board->name = g_key_file_get_locale_string (table, id, "Name", NULL, NULL);
  board->bios_steps = g_key_file_get_locale_string_list (
    table, g_key_file_has_key (table, id, "BiosSteps", NULL) ? id : GENERIC, "BiosSteps", NULL,
    NULL, NULL);
  board->firmware_page = g_key_file_get_string (table, id, "FirmwarePage", NULL);
  board->firmware_hint = g_key_file_get_locale_string (table, id, "FirmwareHint", NULL, NULL);
  return board;
}

/**
 * fatia_advice_emergency_exit:
 *
 * What to do where the computer shows nothing after the restart. To be shown before it.
 *
 * Returns: (transfer full): one sentence or more for each line
 */
char *
fatia_advice_emergency_exit (const FatiaFacts *facts)
{
  g_return_val_if_fail (facts != NULL, NULL);

  /* The stub takes another line than its image's only without Secure Boot. */
  if (facts->boot_loader == FATIA_BOOT_LOADER_UKI && facts->secure_boot != FATIA_NO)
    return g_strdup (_ ("This computer starts a unified kernel image, whose kernel arguments can’t "
                        "be edited at the start while Secure Boot is on.\n"
                        "If the screen stays dark after the restart, switch Secure Boot off in the "
                        "firmware’s setup, and edit the entry in the boot loader’s menu (often "
                        "with the key E).\n"
                        "Write module_blacklist=i915,xe at the end of the line and start it.\n"
                        "The computer then starts without the graphics driver, this once: open "
                        "Fatia and undo the change, then switch Secure Boot on again."));
  if (facts->boot_loader == FATIA_BOOT_LOADER_SYSTEMD_BOOT ||
      facts->boot_loader == FATIA_BOOT_LOADER_KERNELSTUB ||
      facts->boot_loader == FATIA_BOOT_LOADER_PROXMOX)
    return g_strdup (_ ("If the screen stays dark after the restart, restart once more and hold "
                        "the space bar until a menu appears.\n"
                        "Press E, write module_blacklist=i915,xe at the end of the line, and "
                        "press Enter.\n"
                        "The computer then starts without the graphics driver, this once: open "
                        "Fatia and undo the change."));
  if (facts->boot_loader == FATIA_BOOT_LOADER_GRUB)
    return g_strdup (_ ("If the screen stays dark after the restart, restart once more and press "
                        "Esc, or hold Shift, until GRUB’s menu appears.\n"
                        "Press E, go to the line that begins with “linux”, write "
                        "module_blacklist=i915,xe at its end, and press F10 or Ctrl+X.\n"
                        "The computer then starts without the graphics driver, this once: open "
                        "Fatia and undo the change."));
  return g_strdup (_ ("If the screen stays dark after the restart, restart once more and edit the "
                      "entry in the boot loader’s menu (often with the key E).\n"
                      "Write module_blacklist=i915,xe at the end of the kernel’s line and "
                      "start it.\n"
                      "The computer then starts without the graphics driver, this once: open "
                      "Fatia and undo the change."));
}
