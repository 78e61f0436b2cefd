/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Menus that a tool writes from a file with the arguments: the file is edited, the tool is run,
 * and run again after undo. The menu itself is only looked at: where it is older than the file,
 * the tool alone is to be run.
 */
#include "boot/fatia-boot-plans.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-kernel-arguments.h"

#define SDBOOT_MANAGE "/etc/sdboot-manage.conf"
#define KERNELSTUB    "/etc/kernelstub/configuration"
#define CMDLINE       "/etc/kernel/cmdline"
#define LIMINE        "/etc/default/limine"
#define LIMINE_FOLDER "/etc/limine-entry-tool.d"

/* Whether the menu, as far as it can be read, goes without @wanted. */
static gboolean
is_menu_stale (FatiaHostRoot *root, const char *const *wanted)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();

  if (!fatia_entries_add (files, root, NULL))
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    if (!fatia_boot_reading_add (lines, root, &fatia_entry_format, g_ptr_array_index (files, i),
                                 NULL))
      return FALSE;
  return lines->len > 0 && !fatia_boot_reading_covers (lines, wanted);
}

static gboolean
commit (FatiaHostRoot *root,
        FatiaBootEdits *edits,
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
           gboolean with_entries,
           GError **error)
{
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();

  if (!fatia_boot_reading_add (lines, root, format, path, error))
    return NULL;
  /* Not everybody may read them; then the file has to do. */
  if (with_entries && fatia_entries_add (files, root, NULL))
    for (guint i = 0; i < files->len; i++)
      fatia_boot_reading_add (lines, root, &fatia_entry_format, g_ptr_array_index (files, i), NULL);
  return fatia_boot_reading_end (lines, error);
}

static gboolean
plan_file (FatiaHostRoot *root,
           const FatiaBootFormat *format,
           const char *path,
           const char *const *tool,
           gboolean with_entries,
           const char *const *wanted,
           FatiaChangeSet *set,
           GError **error)
{
  g_autoptr (FatiaBootEdits) edits = fatia_boot_edits_new (root, wanted);

  return fatia_boot_edits_add (edits, format, path, error) &&
         commit (root, edits, tool, with_entries && is_menu_stale (root, wanted), set, error);
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
  static const char *const tool[] = { "sdboot-manage", "gen", NULL };

  if (!sdboot_manage_writes_entries (root))
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                   _ ("%s keeps sdboot-manage from writing entries that are there already"),
                   SDBOOT_MANAGE);
      return FALSE;
    }
  return plan_file (root, &sdboot_format, SDBOOT_MANAGE, tool, TRUE, wanted, set, error);
}

GStrv
fatia_sdboot_manage_read (FatiaHostRoot *root, GError **error)
{
  return read_file (root, &sdboot_format, SDBOOT_MANAGE, TRUE, error);
}

gboolean
fatia_kernelstub_plan (FatiaHostRoot *root,
                       const char *const *wanted,
                       FatiaChangeSet *set,
                       GError **error)
{
  static const char *const tool[] = { "kernelstub", NULL };

  return plan_file (root, &fatia_kernelstub_format, KERNELSTUB, tool, TRUE, wanted, set, error);
}

GStrv
fatia_kernelstub_read (FatiaHostRoot *root, GError **error)
{
  return read_file (root, &fatia_kernelstub_format, KERNELSTUB, TRUE, error);
}

/* Its boot partitions are mounted only while its tool works. */
gboolean
fatia_proxmox_plan (FatiaHostRoot *root,
                    const char *const *wanted,
                    FatiaChangeSet *set,
                    GError **error)
{
  static const char *const tool[] = { "proxmox-boot-tool", "refresh", NULL };

  return plan_file (root, &fatia_cmdline_line_format, CMDLINE, tool, FALSE, wanted, set, error);
}

GStrv
fatia_proxmox_read (FatiaHostRoot *root, GError **error)
{
  return read_file (root, &fatia_cmdline_line_format, CMDLINE, FALSE, error);
}

/*
 * limine-entry-tool, with limine-mkinitcpio-hook or limine-dracut-support: /etc/default/limine is
 * read last, after the files of a folder. KERNEL_CMDLINE[default] is of all kernels, others are of
 * one. Where none sets it, the tool takes /etc/kernel/cmdline.
 */

static gboolean
is_limine_cmdline (const char *name)
{
  return g_str_has_prefix (name, "KERNEL_CMDLINE[") && !fatia_text_is_way_out (name);
}

static gboolean
find_limine_tool (FatiaHostRoot *root, const char *const **tool)
{
  static const char *const tools[][2] = {
    { "limine-update", NULL },
    { "limine-mkinitcpio", NULL },
    { "limine-dracut", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    {
      g_autofree char *program = fatia_boot_find_program (root, tools[i][0]);

      *tool = tools[i];
      if (program != NULL)
        return TRUE;
    }
  return FALSE;
}

gboolean
fatia_limine_tool_is_used (FatiaHostRoot *root)
{
  const char *const *tool;

  return find_limine_tool (root, &tool) && fatia_host_root_exists (root, LIMINE);
}

/* What the folder's files set, as one text of assignments. (transfer full) (nullable) */
static char *
read_limine_folder (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();
  g_autoptr (GString) context = g_string_new (NULL);

  if (!fatia_boot_files_add_folder (files, root, LIMINE_FOLDER, ".conf", error))
    return NULL;
  for (guint i = 0; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);
      const FatiaAssignments what = { is_limine_cmdline, "KERNEL_CMDLINE[default]", "x",
                                      context->str };
      gsize length;
      g_autofree char *text =
        fatia_host_root_read (root, path, FATIA_BOOT_FILE_LIMIT, &length, error);
      g_autoptr (GPtrArray) lines =
        text ? fatia_assignments_find (path, text, length, &what, error) : NULL;

      if (lines == NULL)
        return NULL;
      g_string_assign (context, ((FatiaBootLine *) g_ptr_array_index (lines, 0))->text->str);
    }
  return g_string_free (g_steal_pointer (&context), FALSE);
}

/* Whether /etc/default/limine itself or a file before it sets the line. */
static gboolean
limine_sets_line (FatiaHostRoot *root, const char *context)
{
  gsize length = 0;
  g_autofree char *text = fatia_host_root_read (root, LIMINE, FATIA_BOOT_FILE_LIMIT, &length, NULL);
  g_autofree char *value =
    text ? fatia_assignments_get (text, length, "KERNEL_CMDLINE[default]") : NULL;

  return *context != '\0' || (value != NULL && *value != '\0');
}

typedef struct
{
  char *context;
  FatiaAssignments assignments;
  FatiaBootFormat format;
  const char *path;
} LimineSource;

/* FALSE: the folder's files are not understood. */
static gboolean
limine_source_init (LimineSource *self, FatiaHostRoot *root, GError **error)
{
  self->context = read_limine_folder (root, error);
  if (self->context == NULL)
    return FALSE;
  self->assignments =
    (FatiaAssignments) { is_limine_cmdline, "KERNEL_CMDLINE[default]",
                         *self->context ? "KERNEL_CMDLINE[default]+=\" " : NULL, self->context };
  self->format =
    (FatiaBootFormat) { fatia_assignments_find, &self->assignments, FATIA_QUOTING_KERNEL };
  self->path = LIMINE;
  if (!limine_sets_line (root, self->context) && fatia_host_root_exists (root, CMDLINE))
    {
      self->format = fatia_cmdline_file_format;
      self->path = CMDLINE;
    }
  return TRUE;
}

gboolean
fatia_limine_tool_plan (FatiaHostRoot *root,
                        const char *const *wanted,
                        FatiaChangeSet *set,
                        GError **error)
{
  g_autoptr (FatiaBootEdits) edits = fatia_boot_edits_new (root, wanted);
  LimineSource source = { 0 };
  g_autofree char *context = NULL;
  g_auto (GStrv) menu = NULL;
  const char *const *tool;
  gboolean stale;

  find_limine_tool (root, &tool);
  if (!limine_source_init (&source, root, error))
    return FALSE;
  context = source.context;
  menu = fatia_limine_read (root, NULL);
  stale = menu && !fatia_kernel_arguments_cover ((const char *const *) menu, wanted);
  return fatia_boot_edits_add (edits, &source.format, source.path, error) &&
         commit (root, edits, tool, stale, set, error);
}

GStrv
fatia_limine_tool_read (FatiaHostRoot *root, GError **error)
{
  LimineSource source = { 0 };
  g_autofree char *context = NULL;

  if (!limine_source_init (&source, root, error))
    return NULL;
  context = source.context;
  return read_file (root, &source.format, source.path, FALSE, error);
}
