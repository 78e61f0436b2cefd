/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Menus made of boot entries: systemd-boot's, and GRUB's on Fedora and its kin. Every entry of
 * this system that is not a way out gets ours, and so do the files from which entries of kernels
 * to come are made: kernel-install takes /etc/kernel/cmdline, else the running kernel's line.
 */
#include "boot/fatia-boot-plans.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define CMDLINE        "/etc/kernel/cmdline"
#define VENDOR_CMDLINE "/usr/lib/kernel/cmdline"

static const char *const folders[] = { "/boot/loader/entries", "/efi/loader/entries",
                                       "/boot/efi/loader/entries" };

/*
 * fatia_entry_get:
 * @path: an entry
 *
 * Returns: (transfer full) (nullable): the value of a key of it
 */
char *
fatia_entry_get (FatiaHostRoot *root, const char *path, const char *key)
{
  gsize length = 0;
  g_autofree char *text = fatia_host_root_read (root, path, FATIA_BOOT_FILE_LIMIT, &length, NULL);
  FatiaTextLine at = { 0 };

  while (text != NULL && fatia_text_line_next (text, length, &at))
    {
      gsize start = fatia_text_skip_blanks (text, at.start, at.end);
      gsize end = fatia_text_skip_word (text, start, at.end);
      gsize value = fatia_text_skip_blanks (text, end, at.end);

      if (end - start == strlen (key) && strncmp (text + start, key, end - start) == 0)
        return g_strndup (text + value, at.end - value);
    }
  return NULL;
}

/* One boot partition may have the entries of several systems; kernel-install says whose each is.
 */
static gboolean
is_of_other_system (FatiaHostRoot *root, const char *path)
{
  g_autofree char *ours = fatia_host_root_read_line (root, "/etc/machine-id");
  g_autofree char *machine = fatia_entry_get (root, path, "machine-id");

  return ours && machine && *ours != '\0' && !g_str_equal (g_strstrip (machine), ours);
}

/*
 * fatia_entries_add:
 * @files: gets the paths of this system's entries, without those that are a way out
 *
 * Returns: whether the folders could be read
 */
gboolean
fatia_entries_add (GPtrArray *files, FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) found = fatia_boot_files_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    if (!fatia_boot_files_add_folder (found, root, folders[i], ".conf", error))
      return FALSE;
  for (guint i = 0; i < found->len; i++)
    {
      const char *path = g_ptr_array_index (found, i);
      const char *name = strrchr (path, '/') + 1;

      if (!fatia_text_is_way_out (name) && !is_of_other_system (root, path))
        g_ptr_array_add (files, g_strdup (path));
    }
  return TRUE;
}

/* A file that kernel-install would take its arguments from but for which there is none in /etc
 * gets one there. */
static gboolean
add_cmdline (FatiaBootEdits *edits, FatiaHostRoot *root, GError **error)
{
  if (fatia_host_root_exists (root, CMDLINE))
    return fatia_boot_edits_add (edits, &fatia_cmdline_file_format, CMDLINE, error);
  if (fatia_host_root_exists (root, VENDOR_CMDLINE))
    return fatia_boot_edits_add_copy (edits, &fatia_cmdline_file_format, VENDOR_CMDLINE, CMDLINE,
                                      error);
  return TRUE;
}

static gboolean
plan_entries (FatiaHostRoot *root,
              FatiaBootEdits *edits,
              const FatiaBootFormat *format,
              GError **error)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();

  if (!fatia_entries_add (files, root, error))
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    if (!fatia_boot_edits_add (edits, format, g_ptr_array_index (files, i), error))
      return FALSE;
  if (fatia_boot_edits_count_lines (edits) == 0)
    {
      fatia_boot_set_refused (
        error, _ ("none of the boot loader's entries starts this system; is /boot mounted?"));
      return FALSE;
    }
  return add_cmdline (edits, root, error);
}

gboolean
fatia_entries_plan (FatiaHostRoot *root,
                    const char *const *wanted,
                    FatiaChangeSet *set,
                    GError **error)
{
  g_autoptr (FatiaBootEdits) edits = fatia_boot_edits_new (root, wanted);

  if (!plan_entries (root, edits, &fatia_entry_format, error))
    return FALSE;
  fatia_boot_edits_commit (edits, set);
  return TRUE;
}

/* As `grubby --update-kernel=ALL` does, but with a diff to be seen and an exact way back. */
gboolean
fatia_grub_entries_plan (FatiaHostRoot *root,
                         const char *const *wanted,
                         FatiaChangeSet *set,
                         GError **error)
{
  g_autoptr (FatiaBootEdits) edits = fatia_boot_edits_new (root, wanted);

  if (!plan_entries (root, edits, &fatia_grub_entry_format, error) ||
      !fatia_grub_edit_defaults (root, wanted, edits, error))
    return FALSE;
  fatia_boot_edits_commit (edits, set);
  return TRUE;
}

static GStrv
read_entries (FatiaHostRoot *root, const FatiaBootFormat *format, GError **error)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();

  if (!fatia_entries_add (files, root, error))
    return NULL;
  for (guint i = 0; i < files->len; i++)
    if (!fatia_boot_reading_add (lines, root, format, g_ptr_array_index (files, i), error))
      return NULL;
  return fatia_boot_reading_end (lines, error);
}

GStrv
fatia_entries_read (FatiaHostRoot *root, GError **error)
{
  return read_entries (root, &fatia_entry_format, error);
}

GStrv
fatia_grub_entries_read (FatiaHostRoot *root, GError **error)
{
  return read_entries (root, &fatia_grub_entry_format, error);
}
