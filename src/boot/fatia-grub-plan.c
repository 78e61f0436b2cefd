/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-grub.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-boot-plans.h"
#include "boot/fatia-boot-settled.h"
#include "boot/fatia-grub-edit.h"
#include "boot/fatia-kernel-arguments.h"
#include "boot/fatia-kernel-words.h"
#include "host/fatia-boot-loader-kind.h"

#define DEFAULTS "/etc/default/grub"
#define FOLDER   "/etc/default/grub.d"
/* One menu of a computer with many kernels has some 100 KiB. */
#define MENU_LIMIT (4 * 1024 * 1024)
/* A folder with more files than this is none that people keep. */
#define MAX_FILES 128

/* Only Debian's grub-mkconfig and its kin read the folder; elsewhere it may be there and mean
 * nothing. Where the script can't be read, the folder is taken at its word. */
static gboolean
reads_folder (FatiaHostRoot *root)
{
  g_autofree char *path = fatia_boot_find_program (root, "grub-mkconfig");
  g_autofree char *script = NULL;

  if (path == NULL)
    path = fatia_boot_find_program (root, "grub2-mkconfig");
  if (path != NULL)
    script = fatia_host_root_read (root, path, FATIA_GRUB_FILE_LIMIT, NULL, NULL);
  return script == NULL || strstr (script, "default/grub.d") != NULL;
}

static gboolean
add_file (FatiaGrubReading *reading, FatiaHostRoot *root, const char *path, GError **error)
{
  gsize length;
  g_autofree char *text = fatia_host_root_read (root, path, FATIA_GRUB_FILE_LIMIT, &length, error);

  return text != NULL && fatia_grub_reading_add (reading, path, text, length, error);
}

static gboolean
add_folder (FatiaGrubReading *reading, FatiaHostRoot *root, GError **error)
{
  g_auto (GStrv) names = NULL;
  guint n = 0;

  if (!fatia_host_root_exists (root, FOLDER) || !reads_folder (root))
    return TRUE;
  /* Sorted by byte, as the shell sorts what FOLDER/ *.cfg gives. */
  names = fatia_host_root_list (root, FOLDER, error);
  if (names == NULL)
    return FALSE;
  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (FOLDER, names[i], NULL);

      /* A link to nowhere is passed over there as well. */
      if (names[i][0] == '.' || !g_str_has_suffix (names[i], ".cfg") ||
          !fatia_host_root_exists (root, path))
        continue;
      if (++n > MAX_FILES)
        {
          g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                       _ ("%s has more than %d files"), FOLDER, MAX_FILES);
          return FALSE;
        }
      if (!add_file (reading, root, path, error))
        return FALSE;
    }
  return TRUE;
}

/* All that grub-mkconfig reads, in its order. */
static FatiaGrubReading *
read_files (FatiaHostRoot *root, GError **error)
{
  g_autoptr (FatiaGrubReading) reading = fatia_grub_reading_new ();

  if (!add_file (reading, root, DEFAULTS, error) || !add_folder (reading, root, error))
    return NULL;
  return g_steal_pointer (&reading);
}

/**
 * fatia_grub_read_arguments:
 * @root: the host
 *
 * What the next boot's command line will have by /etc/default/grub and /etc/default/grub.d, once
 * the boot loader's update tool has run: GRUB_CMDLINE_LINUX, then GRUB_CMDLINE_LINUX_DEFAULT, as
 * grub.d/10_linux puts them together.
 *
 * Returns: (transfer full) (nullable): the arguments, in their order, or %NULL: %G_IO_ERROR where
 *   the files can't be read, %FATIA_CHANGE_ERROR_REFUSED where they can't be understood with
 *   certainty
 */
GStrv
fatia_grub_read_arguments (FatiaHostRoot *root, GError **error)
{
  g_autoptr (FatiaGrubReading) reading = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GPtrArray) words = NULL;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), NULL);

  reading = read_files (root, error);
  if (reading != NULL)
    line = fatia_grub_reading_get_line (reading, error);
  if (line == NULL)
    return NULL;
  words = fatia_kernel_words_new (line, FATIA_QUOTING_GRUB, NULL);
  return fatia_kernel_words_to_strv (words);
}

/* How a distribution writes the boot loader's configuration anew. */
static const struct
{
  const char *program;
  const char *output;    /* what it writes */
  gboolean names_output; /* with -o */
} tools[] = {
  { "update-grub", "/boot/grub/grub.cfg", FALSE },    /* Debian, Ubuntu, Manjaro */
  { "grub2-mkconfig", "/boot/grub2/grub.cfg", TRUE }, /* Fedora, openSUSE */
  { "grub-mkconfig", "/boot/grub/grub.cfg", TRUE },   /* Arch, Gentoo */
};

/* Runs update-grub for each of its partitions. */
static const char *const proxmox_tool[] = { "proxmox-boot-tool", "refresh", NULL };

/* Whether one of the menu's kernels, @line, is started with @wanted. */
static gboolean
starts_with_wanted (const char *line, const char *const *wanted)
{
  g_autoptr (GPtrArray) words = fatia_kernel_words_new (line, FATIA_QUOTING_GRUB, NULL);
  g_autoptr (GPtrArray) edits = fatia_kernel_words_merge (words, wanted, NULL, NULL);

  return edits->len == 0;
}

/* Of menus on partitions that are not mounted: what the running kernel got from them. */
static gboolean
is_hidden_menu_stale (FatiaHostRoot *root, const char *const *tool, const char *const *wanted)
{
  g_auto (GStrv) settled = fatia_boot_settled_arguments (root, DEFAULTS, tool);

  return settled && !fatia_kernel_arguments_cover ((const char *const *) settled, wanted);
}

/* Whether the menu was written before @wanted were set: someone edited the file, but ran no tool.
 * A menu that can't be read, or starts no kernel by itself, tells nothing. */
static gboolean
is_menu_stale (FatiaHostRoot *root, const char *output, const char *const *wanted)
{
  g_autofree char *menu = fatia_host_root_read (root, output, MENU_LIMIT, NULL, NULL);
  g_auto (GStrv) lines = menu ? g_strsplit (menu, "\n", -1) : NULL;
  gboolean starts_kernel = FALSE;

  for (gsize i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      const char *line = lines[i] + strspn (lines[i], " \t");

      if (!g_str_has_prefix (line, "linux") || strcspn (line, " \t") > strlen ("linuxefi"))
        continue;
      starts_kernel = TRUE;
      if (starts_with_wanted (line, wanted))
        return FALSE;
    }
  return starts_kernel;
}

static gboolean
is_stale (FatiaHostRoot *root,
          const char *const *tool,
          const char *output,
          const char *const *wanted)
{
  return output ? is_menu_stale (root, output, wanted) : is_hidden_menu_stale (root, tool, wanted);
}

/* The update tool this host has, as (transfer full) words to run, and what it writes, NULL: where
 * it is not seen. */
static GStrv
find_tool (FatiaHostRoot *root, const char **output, GError **error)
{
  *output = NULL;
  if (fatia_boot_loader_reads_proxmox_menu (root))
    return g_strdupv ((char **) proxmox_tool);
  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    {
      g_autofree char *path = fatia_boot_find_program (root, tools[i].program);
      g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

      if (path == NULL)
        continue;
      /* Not there: /boot is not mounted, say. The tool would write where nothing reads. */
      if (!fatia_host_root_exists (root, tools[i].output))
        {
          g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                       _ ("%s is there, but not %s, which it would write; is /boot mounted?"), path,
                       tools[i].output);
          return NULL;
        }
      *output = tools[i].output;
      g_strv_builder_add (words, path);
      if (tools[i].names_output)
        g_strv_builder_add_many (words, "-o", tools[i].output, NULL);
      return g_strv_builder_end (words);
    }
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                       _ ("none of GRUB's update tools is there (update-grub, grub2-mkconfig, "
                          "grub-mkconfig)"));
  return NULL;
}

/*
 * fatia_grub_plan:
 *
 * Adds to @set the edit of the one file that is to change and the run of the update tool this
 * host has; the run alone where the file has @wanted already but GRUB's menu does not, and nothing
 * where both do.
 *
 * Returns: whether it can be done
 */
gboolean
fatia_grub_plan (FatiaHostRoot *root,
                 const char *const *wanted,
                 FatiaChangeSet *set,
                 GError **error)
{
  g_autoptr (FatiaGrubReading) reading = read_files (root, error);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  g_auto (GStrv) tool = NULL;
  const FatiaGrubFile *file;
  g_autofree char *text = NULL;
  const char *output;
  gboolean is_set;
  guint which;

  if (reading != NULL)
    text = fatia_grub_reading_edit (reading, wanted, &which, error);
  if (text == NULL)
    return FALSE;
  file = fatia_grub_reading_get_file (reading, which);
  is_set = g_str_equal (text, file->text);
  tool = find_tool (root, &output, is_set ? NULL : error);
  if (is_set && (tool == NULL || !is_stale (root, (const char *const *) tool, output, wanted)))
    return TRUE;
  if (tool == NULL)
    return FALSE;
  before = g_bytes_new (file->text, file->length);
  after = g_bytes_new (text, strlen (text));
  fatia_change_set_add_file (set, file->name, before, after, 0644);
  fatia_change_set_add_command (set, (const char *const *) tool,
                                _ ("Writes GRUB's menu anew, so that the next start uses the new "
                                   "kernel command line."));
  return TRUE;
}

/*
 * fatia_grub_uses_entries:
 *
 * Returns: whether GRUB's menu on this host is made of boot loader entries (Fedora and its kin)
 */
gboolean
fatia_grub_uses_entries (FatiaHostRoot *root)
{
  g_autoptr (FatiaGrubReading) reading = read_files (root, NULL);

  return reading != NULL && fatia_grub_reading_uses_entries (reading);
}

/*
 * fatia_grub_edit_defaults:
 *
 * Adds to @edits the change of the one file of /etc/default that gives GRUB's entries their
 * arguments when they are made anew.
 *
 * Returns: whether the files are understood
 */
gboolean
fatia_grub_edit_defaults (FatiaHostRoot *root,
                          const char *const *wanted,
                          FatiaBootEdits *edits,
                          GError **error)
{
  g_autoptr (FatiaGrubReading) reading = read_files (root, error);
  g_autofree char *text = NULL;
  const FatiaGrubFile *file;
  guint which;

  if (reading != NULL)
    text = fatia_grub_reading_edit_defaults (reading, wanted, &which, error);
  if (text == NULL)
    return FALSE;
  file = fatia_grub_reading_get_file (reading, which);
  return fatia_boot_edits_take (edits, file->name, file->text, file->length, text);
}
