/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limine-entry-tool, with limine-mkinitcpio-hook or limine-dracut-support (CachyOS, Omarchy): its
 * settings are read in layers, /etc/default/limine last. KERNEL_CMDLINE[default] is of all
 * kernels, others are of one. Where none sets it, the tool takes /etc/kernel/cmdline.
 */
#include "boot/fatia-boot-plans.h"

#include <string.h>

#include "boot/fatia-kernel-arguments.h"
#include "boot/fatia-limine-checksum.h"

#define VENDOR_FOLDER "/usr/share/limine-entry-tool.d"
#define MAIN          "/etc/limine-entry-tool.conf"
#define FOLDER        "/etc/limine-entry-tool.d"
#define LAST          "/etc/default/limine"
#define CMDLINE       "/etc/kernel/cmdline"

#define VARIABLE "KERNEL_CMDLINE[default]"

/* Where the arguments are to be edited. */
typedef struct
{
  char *context; /* what the layers before the last have given the line */
  FatiaAssignments assignments;
  FatiaBootFormat format;
  const char *path;
} Source;

static void
source_clear (Source *self)
{
  g_free (self->context);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Source, source_clear)

static gboolean
is_cmdline (const char *name)
{
  return g_str_has_prefix (name, "KERNEL_CMDLINE[") && !fatia_text_is_way_out (name);
}

/*
 * fatia_limine_tool_find:
 *
 * Returns: (transfer none) (nullable): the words to run, which also make the initramfs anew
 */
const char *const *
fatia_limine_tool_find (FatiaHostRoot *root)
{
  static const char *const tools[][2] = {
    { "limine-update", NULL },
    { "limine-mkinitcpio", NULL },
    { "limine-dracut", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    {
      g_autofree char *program = fatia_boot_find_program (root, tools[i][0]);

      if (program != NULL)
        return tools[i];
    }
  return NULL;
}

/* The layers before the last, in their order. (transfer full) (nullable) */
static GPtrArray *
find_layers (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();

  if (!fatia_boot_files_add_folder (files, root, VENDOR_FOLDER, ".conf", error))
    return NULL;
  fatia_boot_files_add (files, root, MAIN);
  if (!fatia_boot_files_add_folder (files, root, FOLDER, ".conf", error))
    return NULL;
  return g_steal_pointer (&files);
}

gboolean
fatia_limine_tool_is_used (FatiaHostRoot *root)
{
  g_autoptr (GPtrArray) layers = find_layers (root, NULL);

  return fatia_limine_tool_find (root) &&
         (fatia_host_root_exists (root, LAST) || (layers != NULL && layers->len > 0));
}

/* (transfer full) (nullable): the line after one more layer */
static char *
add_layer (FatiaHostRoot *root, const char *path, const char *context, GError **error)
{
  /* A layer that does not set the line is as well. */
  const FatiaAssignments what = { is_cmdline, VARIABLE, VARIABLE "+=\"", context };
  gsize length;
  g_autofree char *text = fatia_host_root_read (root, path, FATIA_BOOT_FILE_LIMIT, &length, error);
  g_autoptr (GPtrArray) lines =
    text ? fatia_assignments_find (path, text, length, &what, error) : NULL;

  return lines ? g_strdup (((FatiaBootLine *) g_ptr_array_index (lines, 0))->text->str) : NULL;
}

static char *
read_layers (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) layers = find_layers (root, error);
  char *context = g_strdup ("");

  for (guint i = 0; context != NULL && layers != NULL && i < layers->len; i++)
    {
      g_autofree char *before = context;

      context = add_layer (root, g_ptr_array_index (layers, i), before, error);
    }
  if (layers == NULL)
    g_clear_pointer (&context, g_free);
  return context;
}

/* Whether the last layer sets some line. */
static gboolean
last_sets_line (FatiaHostRoot *root)
{
  gsize length = 0;
  g_autofree char *text = fatia_host_root_read (root, LAST, FATIA_BOOT_FILE_LIMIT, &length, NULL);
  g_autofree char *value = text ? fatia_assignments_get (text, length, VARIABLE) : NULL;
  g_autofree char *all = text ? fatia_assignments_get (text, length, "KERNEL_CMDLINE") : NULL;

  return (value != NULL && *value != '\0') || all != NULL;
}

/* FALSE: the layers are not understood. */
static gboolean
source_init (Source *self, FatiaHostRoot *root, GError **error)
{
  self->context = read_layers (root, error);
  if (self->context == NULL)
    return FALSE;
  self->assignments =
    (FatiaAssignments) { is_cmdline, VARIABLE, *self->context ? VARIABLE "+=\" " : NULL,
                         self->context };
  self->format =
    (FatiaBootFormat) { fatia_assignments_find, &self->assignments, FATIA_QUOTING_KERNEL };
  self->path = LAST;
  if (*self->context == '\0' && !last_sets_line (root) && fatia_host_root_exists (root, CMDLINE))
    {
      self->format = fatia_cmdline_file_format;
      self->path = CMDLINE;
    }
  return TRUE;
}

/* Whether the menu, as far as it can be read, goes without @wanted. */
static gboolean
is_menu_stale (FatiaHostRoot *root, const char *const *wanted)
{
  g_auto (GStrv) menu = fatia_limine_read (root, NULL);

  return menu && !fatia_kernel_arguments_cover ((const char *const *) menu, wanted);
}

gboolean
fatia_limine_tool_plan (FatiaHostRoot *root,
                        const char *const *wanted,
                        FatiaChangeSet *set,
                        GError **error)
{
  g_autoptr (FatiaBootEdits) edits = fatia_boot_edits_new (root, wanted);
  g_auto (Source) source = { 0 };
  gboolean stale;

  if (!source_init (&source, root, error) ||
      !fatia_boot_edits_add_or_make (edits, &source.format, source.path, error))
    return FALSE;
  stale = is_menu_stale (root, wanted);
  /* A checksum that the tool was not told to enroll anew would not fit what it writes. */
  if ((stale || fatia_boot_edits_change (edits)) && !fatia_limine_enrolls (root) &&
      !fatia_limine_check_checksum (root, error))
    return FALSE;
  return fatia_boot_edits_commit_with_tool (edits, root, fatia_limine_tool_find (root), stale, set,
                                            error);
}

GStrv
fatia_limine_tool_read (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();
  g_auto (Source) source = { 0 };

  if (!source_init (&source, root, error))
    return NULL;
  /* The layers before it are all there is. */
  if (!fatia_host_root_exists (root, source.path))
    return fatia_kernel_arguments_split (source.context);
  if (!fatia_boot_reading_add (lines, root, &source.format, source.path, error))
    return NULL;
  return fatia_boot_reading_end (lines, error);
}
