/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unified kernel images: the command line is inside, so an image is made anew once the file that
 * it came from is edited. Which file and which tool that is, the tools' own configuration tells.
 */
#include "boot/fatia-boot-plans.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-boot-settled.h"
#include "boot/fatia-kernel-arguments.h"
#include "boot/fatia-kernel-install.h"
#include "boot/fatia-uki-image.h"
#include "host/fatia-efi-variable.h"

#define CMDLINE        "/etc/kernel/cmdline"
#define CMDLINE_FOLDER "/etc/cmdline.d"
#define PRESETS        "/etc/mkinitcpio.d"
#define DRACUT         "/etc/dracut.conf"
#define DRACUT_FOLDER  "/etc/dracut.conf.d"

/* What an image's command line comes from. */
typedef struct
{
  GPtrArray *files; /* all are edited: which one is read depends on the tool's version */
  const FatiaBootFormat *format;
  /* Several files that are one line together: the last one is edited, next to what comes before. */
  char *context; /* (nullable): there are none */
  FatiaCmdlineFile rest;
  FatiaBootFormat rest_format; /* of the last file */
} Source;

static void
source_clear (Source *self)
{
  g_ptr_array_unref (self->files);
  g_free (self->context);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Source, source_clear)

static const FatiaBootFormat *
source_get_format (const Source *self, guint file)
{
  return self->context && file == self->files->len - 1 ? &self->rest_format : self->format;
}

/* (transfer full): a text without its lines of comment, "" where the file can't be read */
static char *
read_plain (FatiaHostRoot *root, const char *path)
{
  g_autofree char *text = fatia_host_root_read (root, path, FATIA_BOOT_FILE_LIMIT, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", -1);
  GString *plain = g_string_new (NULL);

  for (gsize i = 0; lines[i] != NULL; i++)
    if (*g_strstrip (lines[i]) != '#')
      g_string_append_printf (plain, "%s\n", lines[i]);
  return g_string_free (plain, FALSE);
}

/* Whether some file of @folder, or @file, has @pattern. */
static gboolean
any_has (FatiaHostRoot *root,
         const char *file,
         const char *folder,
         const char *suffix,
         const char *pattern)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();

  if (file)
    fatia_boot_files_add (files, root, file);
  if (folder)
    fatia_boot_files_add_folder (files, root, folder, suffix, NULL);
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *text = read_plain (root, g_ptr_array_index (files, i));

      if (g_regex_match_simple (pattern, text, G_REGEX_MULTILINE | G_REGEX_RAW, 0))
        return TRUE;
    }
  return FALSE;
}

static gboolean
mkinitcpio_makes_images (FatiaHostRoot *root)
{
  return any_has (root, NULL, PRESETS, ".preset", "^[A-Za-z0-9_]+_(uki|efi_image)=");
}

static gboolean
kernel_install_makes_images (FatiaHostRoot *root)
{
  g_autofree char *layout = fatia_kernel_install_get (root, "install.conf", "layout");

  return g_strcmp0 (layout, "uki") == 0;
}

static gboolean
dracut_makes_images (FatiaHostRoot *root)
{
  return any_has (root, DRACUT, DRACUT_FOLDER, ".conf", "^uefi=[\"']?yes");
}

static gboolean
find_cmdline (FatiaHostRoot *root, Source *source, GError **error)
{
  fatia_boot_files_add (source->files, root, CMDLINE);
  source->format = &fatia_cmdline_file_format;
  return TRUE;
}

/* mkinitcpio makes one line of all files in the folder. */
static gboolean
find_cmdline_folder (FatiaHostRoot *root, Source *source, GError **error)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();
  g_autoptr (GString) context = g_string_new (NULL);

  if (!fatia_boot_files_add_folder (files, root, CMDLINE_FOLDER, ".conf", error))
    return FALSE;
  if (files->len == 0)
    return TRUE;
  for (guint i = 0; i + 1 < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);
      gsize length;
      g_autofree char *text =
        fatia_host_root_read (root, path, FATIA_BOOT_FILE_LIMIT, &length, error);
      g_autoptr (GPtrArray) lines =
        text ? fatia_cmdline_file_find (path, text, length, NULL, error) : NULL;

      if (lines == NULL)
        return FALSE;
      g_string_append (context, ((FatiaBootLine *) g_ptr_array_index (lines, 0))->text->str);
    }
  source->context = g_string_free (g_steal_pointer (&context), FALSE);
  source->rest = (FatiaCmdlineFile) { FALSE, source->context };
  source->rest_format = fatia_cmdline_file_format;
  source->rest_format.data = &source->rest;
  g_ptr_array_add (source->files, g_strdup (g_ptr_array_index (files, files->len - 1)));
  return TRUE;
}

/* A preset may name a file of its own; mkinitcpio reads /etc/kernel/cmdline or the folder. */
static gboolean
find_mkinitcpio (FatiaHostRoot *root, Source *source, GError **error)
{
  if (any_has (root, NULL, PRESETS, ".preset",
               "--cmdline[ =]+(?!/etc/kernel/cmdline[\"' ]|/etc/kernel/cmdline$)"))
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                   _ ("a preset in %s takes the kernel command line from a file of its own"),
                   PRESETS);
      return FALSE;
    }
  return find_cmdline (root, source, error) && find_cmdline_folder (root, source, error);
}

static gboolean
find_kernel_install (FatiaHostRoot *root, Source *source, GError **error)
{
  g_autoptr (GPtrArray) files = fatia_kernel_install_list (root, "uki.conf");

  for (guint i = 0; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);

      if (!any_has (root, path, NULL, NULL, "^Cmdline[ \t]*[=:][ \t]*(?!@/etc/kernel/cmdline$)"))
        continue;
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                   _ ("%s has the kernel command line, which Fatia does not change there"), path);
      return FALSE;
    }
  return find_cmdline (root, source, error);
}

static gboolean
is_kernel_cmdline (const char *name)
{
  return g_str_equal (name, "kernel_cmdline");
}

/* Only where it is set already: else dracut finds out the root file system by itself. */
static gboolean
find_dracut (FatiaHostRoot *root, Source *source, GError **error)
{
  static const FatiaAssignments what = { is_kernel_cmdline, "kernel_cmdline", NULL, NULL };
  static const FatiaBootFormat format = { fatia_assignments_find, &what, FATIA_QUOTING_KERNEL };
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();

  fatia_boot_files_add (files, root, DRACUT);
  if (!fatia_boot_files_add_folder (files, root, DRACUT_FOLDER, ".conf", error))
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);

      if (any_has (root, path, NULL, NULL, "^kernel_cmdline\\+?="))
        g_ptr_array_add (source->files, g_strdup (path));
    }
  if (source->files->len > 1)
    {
      fatia_boot_set_refused (error, _ ("more than one of dracut's files sets kernel_cmdline"));
      return FALSE;
    }
  source->format = &format;
  return TRUE;
}

static const struct
{
  gboolean (*makes_images) (FatiaHostRoot *root);
  gboolean (*find) (FatiaHostRoot *root, Source *source, GError **error);
  const char *const tool[4];
} makers[] = {
  { mkinitcpio_makes_images, find_mkinitcpio, { "mkinitcpio", "-P" } },
  { kernel_install_makes_images, find_kernel_install, { "kernel-install", "add-all" } },
  { dracut_makes_images, find_dracut, { "dracut", "--regenerate-all", "--force" } },
};

static int
find_row (FatiaHostRoot *root)
{
  for (gsize i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      g_autofree char *program = fatia_boot_find_program (root, makers[i].tool[0]);

      if (program != NULL && makers[i].makes_images (root))
        return i;
    }
  return -1;
}

/*
 * fatia_uki_find_tool:
 *
 * Returns: (transfer none) (nullable): the words that make this host's unified kernel images anew,
 *   the initramfs in them too; %NULL: it has none such
 */
const char *const *
fatia_uki_find_tool (FatiaHostRoot *root)
{
  int row = find_row (root);

  return row < 0 ? NULL : makers[row].tool;
}

/* What makes this host's images, and from what; -1 with %FATIA_CHANGE_ERROR_REFUSED. */
static int
find_maker (FatiaHostRoot *root, Source *source, GError **error)
{
  int row = find_row (root);

  if (row < 0)
    fatia_boot_set_refused (error, _ ("what makes this computer's unified kernel images was not "
                                      "found (mkinitcpio, kernel-install, dracut)"));
  if (row < 0 || !makers[row].find (root, source, error))
    return -1;
  if (source->files->len > 0)
    return row;
  fatia_boot_set_refused (error, _ ("there is no file from which the unified kernel image gets "
                                    "its command line (/etc/kernel/cmdline, for instance)"));
  return -1;
}

static gboolean
ukify_signs (FatiaHostRoot *root)
{
  g_autoptr (GPtrArray) files = fatia_kernel_install_list (root, "uki.conf");

  for (guint i = 0; i < files->len; i++)
    if (any_has (root, g_ptr_array_index (files, i), NULL, NULL, "^SecureBootPrivateKey[ \t]*[=:]"))
      return TRUE;
  return FALSE;
}

/* Under Secure Boot an image that nothing signs would not start. */
static gboolean
check_signature (FatiaHostRoot *root, GError **error)
{
  if (!fatia_efi_secure_boot_is_on (root) || fatia_host_root_exists (root, "/var/lib/sbctl/keys") ||
      fatia_host_root_exists (root, "/usr/share/secureboot/keys") || ukify_signs (root) ||
      any_has (root, DRACUT, DRACUT_FOLDER, ".conf", "^uefi_secureboot_key="))
    return TRUE;
  fatia_boot_set_refused (error, _ ("Secure Boot is on, and no key was found with which a new "
                                    "unified kernel image would be signed"));
  return FALSE;
}

/* Whether the images were made before @wanted were set: someone edited the file, but ran no tool.
 */
static gboolean
is_stale (FatiaHostRoot *root, const char *file, const char *const *tool, const char *const *wanted)
{
  g_autoptr (GPtrArray) images = fatia_uki_images_read (root);
  g_auto (GStrv) settled = NULL;

  if (images->len > 0)
    return fatia_uki_images_go_without (images, wanted) && !fatia_boot_was_run (root, tool);
  settled = fatia_boot_settled_arguments (root, file, tool);
  return settled && !fatia_kernel_arguments_cover ((const char *const *) settled, wanted);
}

gboolean
fatia_uki_plan (FatiaHostRoot *root, const char *const *wanted, FatiaChangeSet *set, GError **error)
{
  g_autoptr (FatiaBootEdits) edits = fatia_boot_edits_new (root, wanted);
  g_auto (Source) source = { .files = fatia_boot_files_new () };
  GPtrArray *files = source.files;
  int maker = find_maker (root, &source, error);

  if (maker < 0)
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    if (!fatia_boot_edits_add (edits, source_get_format (&source, i), g_ptr_array_index (files, i),
                               error))
      return FALSE;
  if (!fatia_boot_edits_change (edits) &&
      !is_stale (root, g_ptr_array_index (files, 0), makers[maker].tool, wanted))
    return TRUE;
  if (!check_signature (root, error))
    return FALSE;
  fatia_boot_edits_commit (edits, set);
  fatia_change_set_add_command (set, makers[maker].tool,
                                _ ("Makes the unified kernel images anew, a fallback image too, so "
                                   "that the next start uses the new kernel command line."));
  return TRUE;
}

/* What the images have counts where they are older than the file. */
static void
add_images (GPtrArray *lines, FatiaHostRoot *root, const char *file, const char *const *tool)
{
  g_auto (GStrv) have = fatia_boot_reading_end (lines, NULL);
  g_autoptr (GPtrArray) images = fatia_uki_images_read (root);
  GStrv settled;

  if (images->len == 0 && (settled = fatia_boot_settled_arguments (root, file, tool)) != NULL)
    g_ptr_array_add (images, settled);
  if (have == NULL || !fatia_uki_images_go_without (images, (const char *const *) have))
    return;
  for (guint i = 0; i < images->len; i++)
    g_ptr_array_add (lines, g_strdupv (g_ptr_array_index (images, i)));
}

GStrv
fatia_uki_read (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();
  g_auto (Source) source = { .files = fatia_boot_files_new () };
  GPtrArray *files = source.files;
  int maker = find_maker (root, &source, error);

  if (maker < 0)
    return NULL;
  for (guint i = 0; i < files->len; i++)
    if (!fatia_boot_reading_add (lines, root, source_get_format (&source, i),
                                 g_ptr_array_index (files, i), error))
      return NULL;
  add_images (lines, root, g_ptr_array_index (files, 0), makers[maker].tool);
  return fatia_boot_reading_end (lines, error);
}
