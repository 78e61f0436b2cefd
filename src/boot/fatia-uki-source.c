/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What makes a host's unified kernel images, from which files it takes their command line, and
 * whether it signs them: all as the configuration of mkinitcpio, kernel-install with ukify, and
 * dracut says (their manual pages).
 */
#include "boot/fatia-uki-source.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-boot-plans.h"
#include "boot/fatia-kernel-install.h"

#define CMDLINE        "/etc/kernel/cmdline"
#define CMDLINE_FOLDER "/etc/cmdline.d"
#define PRESETS        "/etc/mkinitcpio.d"
#define DRACUT         "/etc/dracut.conf"
#define DRACUT_FOLDER  "/etc/dracut.conf.d"

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
find_cmdline (FatiaHostRoot *root, FatiaUkiSource *source, GError **error)
{
  fatia_boot_files_add (source->files, root, CMDLINE);
  source->format = &fatia_cmdline_file_format;
  return TRUE;
}

/* mkinitcpio makes one line of all files in the folder. */
static gboolean
find_cmdline_folder (FatiaHostRoot *root, FatiaUkiSource *source, GError **error)
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
find_mkinitcpio (FatiaHostRoot *root, FatiaUkiSource *source, GError **error)
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
find_kernel_install (FatiaHostRoot *root, FatiaUkiSource *source, GError **error)
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
find_dracut (FatiaHostRoot *root, FatiaUkiSource *source, GError **error)
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
  gboolean (*find) (FatiaHostRoot *root, FatiaUkiSource *source, GError **error);
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

/*
 * fatia_uki_source_find:
 *
 * Returns: (transfer full) (nullable): what makes this host's images, and from what; else
 *   %FATIA_CHANGE_ERROR_REFUSED
 */
FatiaUkiSource *
fatia_uki_source_find (FatiaHostRoot *root, GError **error)
{
  g_autoptr (FatiaUkiSource) self = g_new0 (FatiaUkiSource, 1);
  int row = find_row (root);

  self->files = fatia_boot_files_new ();
  if (row < 0)
    fatia_boot_set_refused (error, _ ("what makes this computer's unified kernel images was not "
                                      "found (mkinitcpio, kernel-install, dracut)"));
  if (row < 0 || !makers[row].find (root, self, error))
    return NULL;
  self->tool = makers[row].tool;
  if (self->files->len > 0)
    return g_steal_pointer (&self);
  fatia_boot_set_refused (error, _ ("there is no file from which the unified kernel image gets "
                                    "its command line (/etc/kernel/cmdline, for instance)"));
  return NULL;
}

void
fatia_uki_source_free (FatiaUkiSource *self)
{
  g_ptr_array_unref (self->files);
  g_free (self->context);
  g_free (self);
}

/*
 * fatia_uki_source_get_format:
 * @file: the number of one of the files
 */
const FatiaBootFormat *
fatia_uki_source_get_format (const FatiaUkiSource *self, guint file)
{
  return self->context && file == self->files->len - 1 ? &self->rest_format : self->format;
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

/*
 * fatia_uki_has_key:
 *
 * Returns: whether new images get a signature
 */
gboolean
fatia_uki_has_key (FatiaHostRoot *root)
{
  return fatia_host_root_exists (root, "/var/lib/sbctl/keys") ||
         fatia_host_root_exists (root, "/usr/share/secureboot/keys") || ukify_signs (root) ||
         any_has (root, DRACUT, DRACUT_FOLDER, ".conf", "^uefi_secureboot_key=");
}
