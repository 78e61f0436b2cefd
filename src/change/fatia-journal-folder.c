/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journal's own folder comes and goes in one piece: it is built, with a note of which folders
 * above it were made, beside its place and renamed there; and renamed away before it is taken
 * apart. So the note is never missing, and undoing everything can leave nothing.
 */
#include "change/fatia-journal.h"

#include <string.h>

#define NOTE ".made"

static const char *
topmost (GPtrArray *folders)
{
  return g_ptr_array_index (folders, 0);
}

/* Where @folder, which is @top or below it, is while @top stands at @staging. */
static char *
staged (const char *staging, const char *top, const char *folder)
{
  return g_strconcat (staging, folder + strlen (top), NULL);
}

/* Removes what stands at @staging: @folders, outermost first, and the note. */
static void
remove_staged (FatiaHostRoot *root, const char *staging, GPtrArray *folders)
{
  const char *top = topmost (folders);
  g_autofree char *journal = staged (staging, top, FATIA_JOURNAL_FOLDER);
  g_autofree char *note = g_build_filename (journal, NOTE, NULL);

  if (!fatia_host_root_exists (root, staging))
    return;
  fatia_file_discard (root, note, NULL);
  fatia_file_remove (root, note, NULL);
  for (guint i = folders->len; i-- > 0;)
    {
      g_autofree char *folder = staged (staging, top, g_ptr_array_index (folders, i));

      fatia_folder_remove (root, folder);
    }
}

static gboolean
write_note (FatiaHostRoot *root, const char *journal, GPtrArray *folders, GError **error)
{
  g_autofree char *path = g_build_filename (journal, NOTE, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FatiaFile) file = NULL;

  for (guint i = 0; i < folders->len; i++)
    g_string_append_printf (text, "%s\n", (char *) g_ptr_array_index (folders, i));
  bytes = g_bytes_new (text->str, text->len);
  file = fatia_file_new (bytes, 0600);
  return fatia_file_write (root, path, file, error);
}

static gboolean
build (FatiaHostRoot *root, const char *staging, GPtrArray *folders, GError **error)
{
  const char *top = topmost (folders);
  g_autofree char *journal = staged (staging, top, FATIA_JOURNAL_FOLDER);

  for (guint i = 0; i < folders->len; i++)
    {
      const char *folder = g_ptr_array_index (folders, i);
      g_autofree char *path = staged (staging, top, folder);
      guint mode = g_str_equal (folder, FATIA_JOURNAL_FOLDER) ? 0700 : 0755;

      if (!fatia_folder_make (root, path, mode, error))
        return FALSE;
    }
  return write_note (root, journal, folders, error) && fatia_rename (root, staging, top, error);
}

/* Makes the journal's folder and those above it that are missing. */
gboolean
fatia_journal_folder_make (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *staging = NULL;

  if (!fatia_folders_missing (root, FATIA_JOURNAL_FOLDER "/" NOTE, folders, error))
    return FALSE;
  if (folders->len == 0)
    return TRUE;
  staging = fatia_staging_path (topmost (folders));
  remove_staged (root, staging, folders);
  if (build (root, staging, folders, error))
    return TRUE;
  remove_staged (root, staging, folders);
  return FALSE;
}

static gboolean
has_one_entry (FatiaHostRoot *root, const char *folder)
{
  g_auto (GStrv) names = fatia_host_root_list (root, folder, NULL);

  return names && g_strv_length (names) == 1;
}

/* Those of the folders that the note names which hold nothing but the next and the note. */
static GPtrArray *
read_note (FatiaHostRoot *root)
{
  GPtrArray *folders = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text =
    fatia_host_root_read (root, FATIA_JOURNAL_FOLDER "/" NOTE, 4096, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", -1);

  for (guint i = g_strv_length (lines); i-- > 0;)
    {
      if (*lines[i] == '\0')
        continue;
      if (!g_str_has_prefix (FATIA_JOURNAL_FOLDER, lines[i]) || !has_one_entry (root, lines[i]))
        break;
      g_ptr_array_insert (folders, 0, g_strdup (lines[i]));
    }
  return folders;
}

/* What a crash left of a folder half built or half taken apart. */
static void
remove_leftover (FatiaHostRoot *root)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *staging = NULL;

  if (!fatia_folders_missing (root, FATIA_JOURNAL_FOLDER "/" NOTE, folders, NULL) ||
      folders->len == 0)
    return;
  staging = fatia_staging_path (topmost (folders));
  remove_staged (root, staging, folders);
}

/* Takes the folder away with those above it that were made for it, as far as they hold nothing
 * else. To be called when no record is left. */
void
fatia_journal_folder_remove (FatiaHostRoot *root)
{
  g_autoptr (GPtrArray) folders = read_note (root);

  if (folders->len > 0)
    {
      g_autofree char *staging = fatia_staging_path (topmost (folders));

      fatia_rename (root, topmost (folders), staging, NULL);
      remove_staged (root, staging, folders);
    }
  else
    remove_leftover (root);
}
