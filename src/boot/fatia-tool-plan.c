/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Menus that a tool writes from a file with the arguments: the file is edited, the tool is run,
 * and run again after undo. The menu itself is only looked at: where it is older than the file,
 * the tool alone is to be run.
 */
#include "boot/fatia-boot-plans.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-boot-settled.h"

#define SDBOOT_MANAGE "/etc/sdboot-manage.conf"
#define KERNELSTUB    "/etc/kernelstub/configuration"
#define CMDLINE       "/etc/kernel/cmdline"

static const char *const sdboot_tool[] = { "sdboot-manage", "gen", NULL };
static const char *const kernelstub_tool[] = { "kernelstub", NULL };
/* Its boot partitions are most often mounted only while it works. */
static const char *const proxmox_tool[] = { "proxmox-boot-tool", "refresh", NULL };

/* (transfer full) (element-type GStrv): what the tool made of @path, as far as it can be known */
static GPtrArray *
read_menu (FatiaHostRoot *root, const char *path, const char *const *tool)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();
  GStrv settled;

  if (fatia_entries_add (files, root, NULL))
    for (guint i = 0; i < files->len; i++)
      fatia_boot_reading_add (lines, root, &fatia_entry_format, g_ptr_array_index (files, i), NULL);
  if (lines->len == 0 && tool == proxmox_tool &&
      (settled = fatia_boot_settled_arguments (root, path, tool)) != NULL)
    g_ptr_array_add (lines, settled);
  return g_steal_pointer (&lines);
}

static gboolean
is_menu_stale (FatiaHostRoot *root,
               const char *path,
               const char *const *tool,
               const char *const *wanted)
{
  g_autoptr (GPtrArray) lines = read_menu (root, path, tool);

  return lines->len > 0 && !fatia_boot_reading_covers (lines, wanted);
}

/*
 * fatia_boot_edits_commit_with_tool:
 * @tool: the words to run
 * @stale: whether the tool is to run although no file changes
 *
 * Adds the files' changes and the tool's run to @set, nothing where neither is needed.
 *
 * Returns: whether the tool is there
 */
gboolean
fatia_boot_edits_commit_with_tool (FatiaBootEdits *edits,
                                   FatiaHostRoot *root,
                                   const char *const *tool,
                                   gboolean stale,
                                   FatiaChangeSet *set,
                                   GError **error)
{
  g_autofree char *program = fatia_boot_find_program (root, tool[0]);

  if (!stale && !fatia_boot_edits_change (edits))
    return TRUE;
  if (program == NULL)
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED, _ ("%s is not installed"),
                   tool[0]);
      return FALSE;
    }
  fatia_boot_edits_commit (edits, set);
  fatia_change_set_add_command (set, tool,
                                _ ("Writes the boot loader's menu anew, so that the next start "
                                   "uses the new kernel command line."));
  return TRUE;
}

static GStrv
read_file (FatiaHostRoot *root,
           const FatiaBootFormat *format,
           const char *path,
           const char *const *tool,
           GError **error)
{
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();
  g_autoptr (GPtrArray) menu = NULL;

  if (!fatia_boot_reading_add (lines, root, format, path, error))
    return NULL;
  menu = read_menu (root, path, tool);
  for (guint i = 0; i < menu->len; i++)
    g_ptr_array_add (lines, g_strdupv (g_ptr_array_index (menu, i)));
  return fatia_boot_reading_end (lines, error);
}

static gboolean
plan_file (FatiaHostRoot *root,
           const FatiaBootFormat *format,
           const char *path,
           const char *const *tool,
           const char *const *wanted,
           FatiaChangeSet *set,
           GError **error)
{
  g_autoptr (FatiaBootEdits) edits = fatia_boot_edits_new (root, wanted);

  return fatia_boot_edits_add (edits, format, path, error) &&
         fatia_boot_edits_commit_with_tool (edits, root, tool,
                                            is_menu_stale (root, path, tool, wanted), set, error);
}

/* sdboot-manage of CachyOS and EndeavourOS: what it puts behind the arguments it finds itself. */

static gboolean
is_linux_options (const char *name)
{
  return g_str_equal (name, "LINUX_OPTIONS");
}

static const FatiaAssignments sdboot_assignments = { is_linux_options, "LINUX_OPTIONS",
                                                     "LINUX_OPTIONS=\"", NULL };
static const FatiaBootFormat sdboot_format = { fatia_assignments_find, &sdboot_assignments,
                                               FATIA_QUOTING_KERNEL };

gboolean
fatia_sdboot_manage_is_used (FatiaHostRoot *root)
{
  g_autofree char *program = fatia_boot_find_program (root, "sdboot-manage");

  return program && fatia_host_root_exists (root, SDBOOT_MANAGE);
}

/* Its defaults are REMOVE_EXISTING=yes and OVERWRITE_EXISTING=no. */
static gboolean
sdboot_manage_writes_entries (FatiaHostRoot *root)
{
  gsize length = 0;
  g_autofree char *text =
    fatia_host_root_read (root, SDBOOT_MANAGE, FATIA_BOOT_FILE_LIMIT, &length, NULL);
  g_autofree char *remove = text ? fatia_assignments_get (text, length, "REMOVE_EXISTING") : NULL;
  g_autofree char *overwrite =
    text ? fatia_assignments_get (text, length, "OVERWRITE_EXISTING") : NULL;

  return remove == NULL || g_str_equal (remove, "yes") || g_strcmp0 (overwrite, "yes") == 0;
}

gboolean
fatia_sdboot_manage_plan (FatiaHostRoot *root,
                          const char *const *wanted,
                          FatiaChangeSet *set,
                          GError **error)
{
  if (!sdboot_manage_writes_entries (root))
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                   _ ("%s keeps sdboot-manage from writing entries that are there already"),
                   SDBOOT_MANAGE);
      return FALSE;
    }
  return plan_file (root, &sdboot_format, SDBOOT_MANAGE, sdboot_tool, wanted, set, error);
}

GStrv
fatia_sdboot_manage_read (FatiaHostRoot *root, GError **error)
{
  return read_file (root, &sdboot_format, SDBOOT_MANAGE, sdboot_tool, error);
}

gboolean
fatia_kernelstub_plan (FatiaHostRoot *root,
                       const char *const *wanted,
                       FatiaChangeSet *set,
                       GError **error)
{
  return plan_file (root, &fatia_kernelstub_format, KERNELSTUB, kernelstub_tool, wanted, set,
                    error);
}

GStrv
fatia_kernelstub_read (FatiaHostRoot *root, GError **error)
{
  return read_file (root, &fatia_kernelstub_format, KERNELSTUB, kernelstub_tool, error);
}

gboolean
fatia_proxmox_plan (FatiaHostRoot *root,
                    const char *const *wanted,
                    FatiaChangeSet *set,
                    GError **error)
{
  return plan_file (root, &fatia_cmdline_line_format, CMDLINE, proxmox_tool, wanted, set, error);
}

GStrv
fatia_proxmox_read (FatiaHostRoot *root, GError **error)
{
  return read_file (root, &fatia_cmdline_line_format, CMDLINE, proxmox_tool, error);
}
