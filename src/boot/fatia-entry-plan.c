/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Menus made of boot entries: systemd-boot's, and GRUB's on Fedora and its kin. Every entry of
 * this system that is not a way out gets ours, and so do the files from which entries of kernels
 * to come are made: kernel-install takes /etc/kernel/cmdline, else the running kernel's line.
 */
#include "boot/fatia-boot-plans.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-own-root.h"

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

/* By its kernel command line. An entry that is not understood is not another's for that. */
static gboolean
has_other_root (FatiaHostRoot *root, const char *path)
{
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();
  g_autoptr (GPtrArray) words = NULL;

  if (!fatia_boot_reading_add (lines, root, &fatia_entry_format, path, NULL) || lines->len == 0)
    return FALSE;
  words = fatia_kernel_words_from_strv (g_ptr_array_index (lines, 0));
  return fatia_own_root_is_other (root, words);
}

/* One boot partition may have the entries of several systems. kernel-install says whose each is, by
 * a key or by the file's name; those that people write don't. */
static gboolean
is_of_other_system (FatiaHostRoot *root, const char *path)
{
  g_autofree char *ours = fatia_host_root_read_line (root, "/etc/machine-id");
  g_autofree char *machine = fatia_entry_get (root, path, "machine-id");
  const char *name = strrchr (path, '/') + 1;

  if (ours && machine && *ours != '\0')
    return !g_str_equal (g_strstrip (machine), ours);
  if (ours && *ours != '\0' && g_str_has_prefix (name, ours) && name[strlen (ours)] == '-')
    return FALSE;
  return has_other_root (root, path);
}

/* (transfer full) (nullable): all entries but those that are a way out */
static GPtrArray *
find_entries (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) found = fatia_boot_files_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    if (!fatia_boot_files_add_folder (found, root, folders[i], ".conf", error))
      return NULL;
  for (guint i = found->len; i > 0; i--)
    if (fatia_text_is_way_out (strrchr (g_ptr_array_index (found, i - 1), '/') + 1))
      g_ptr_array_remove_index (found, i - 1);
  return g_steal_pointer (&found);
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
  g_autoptr (GPtrArray) found = find_entries (root, error);

  for (guint i = 0; found != NULL && i < found->len; i++)
    if (!is_of_other_system (root, g_ptr_array_index (found, i)))
      g_ptr_array_add (files, g_strdup (g_ptr_array_index (found, i)));
  return found != NULL;
}

/* The entries that were left out. */
void
fatia_entries_find_others (FatiaHostRoot *root, GPtrArray *paths)
{
  g_autoptr (GPtrArray) found = find_entries (root, NULL);

  for (guint i = 0; found != NULL && i < found->len; i++)
    if (is_of_other_system (root, g_ptr_array_index (found, i)))
      g_ptr_array_add (paths, g_strdup (g_ptr_array_index (found, i)));
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
