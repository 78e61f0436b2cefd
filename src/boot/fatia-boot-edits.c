/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several files of a boot loader at once: which there are, what they say, what they become. */
#include "boot/fatia-boot-plan.h"

#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-kernel-arguments.h"
#include "host/fatia-fd.h"

/* A menu with more entries than this is none that people keep. */
#define MAX_FILES 128

typedef struct
{
  char *path;
  GBytes *before; /* NULL: it is new */
  GBytes *after;
} FileEdit;

struct _FatiaBootEdits
{
  FatiaHostRoot *root;
  const char *const *wanted;
  GPtrArray *files; /* of FileEdit */
  guint n_lines;
};

static void
file_edit_free (FileEdit *edit)
{
  g_free (edit->path);
  g_clear_pointer (&edit->before, g_bytes_unref);
  g_bytes_unref (edit->after);
  g_free (edit);
}

FatiaBootEdits *
fatia_boot_edits_new (FatiaHostRoot *root, const char *const *wanted)
{
  FatiaBootEdits *self = g_new0 (FatiaBootEdits, 1);

  self->root = g_object_ref (root);
  self->wanted = wanted;
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) file_edit_free);
  return self;
}

void
fatia_boot_edits_free (FatiaBootEdits *self)
{
  g_object_unref (self->root);
  g_ptr_array_unref (self->files);
  g_free (self);
}

/*
 * fatia_boot_edits_take:
 *
 * Adds the change of one file, which may be none.
 *
 * Returns: %TRUE
 */
gboolean
fatia_boot_edits_take (
  FatiaBootEdits *self, const char *path, const char *before, gsize length, const char *after)
{
  FileEdit *edit = g_new0 (FileEdit, 1);

  edit->path = g_strdup (path);
  edit->before = before ? g_bytes_new (before, length) : NULL;
  edit->after = g_bytes_new (after, strlen (after));
  g_ptr_array_add (self->files, edit);
  return TRUE;
}

/*
 * fatia_boot_edits_add:
 * @path: a file that is to be there
 *
 * Works out the file's new text.
 *
 * Returns: whether it is understood
 */
gboolean
fatia_boot_edits_add (FatiaBootEdits *self,
                      const FatiaBootFormat *format,
                      const char *path,
                      GError **error)
{
  gsize length;
  g_autofree char *before =
    fatia_host_root_read (self->root, path, FATIA_BOOT_FILE_LIMIT, &length, error);
  g_autofree char *after = NULL;
  g_autoptr (GPtrArray) lines = NULL;

  if (before)
    after = fatia_boot_format_edit (format, path, before, length, self->wanted, error);
  if (after)
    lines = fatia_boot_format_read (format, path, after, strlen (after), error);
  if (lines == NULL)
    return FALSE;
  self->n_lines += lines->len;
  return fatia_boot_edits_take (self, path, before, length, after);
}

/*
 * fatia_boot_edits_add_or_make:
 *
 * Like fatia_boot_edits_add(), but a file that is not there is as good as an empty one.
 */
gboolean
fatia_boot_edits_add_or_make (FatiaBootEdits *self,
                              const FatiaBootFormat *format,
                              const char *path,
                              GError **error)
{
  g_autofree char *after = NULL;

  if (fatia_host_root_exists (self->root, path))
    return fatia_boot_edits_add (self, format, path, error);
  after = fatia_boot_format_edit (format, path, "", 0, self->wanted, error);
  if (after && *after != '\0')
    fatia_boot_edits_take (self, path, NULL, 0, after);
  return after != NULL;
}

/*
 * fatia_boot_edits_add_copy:
 * @from: a file that is not to be changed
 * @path: a file that is not there, and counts in its place
 *
 * Makes @path of @from and what is wanted, where @from goes without.
 *
 * Returns: whether @from is understood
 */
gboolean
fatia_boot_edits_add_copy (FatiaBootEdits *self,
                           const FatiaBootFormat *format,
                           const char *from,
                           const char *path,
                           GError **error)
{
  gsize length;
  g_autofree char *before =
    fatia_host_root_read (self->root, from, FATIA_BOOT_FILE_LIMIT, &length, error);
  g_autofree char *after =
    before ? fatia_boot_format_edit (format, from, before, length, self->wanted, error) : NULL;

  if (after && !g_str_equal (before, after))
    fatia_boot_edits_take (self, path, NULL, 0, after);
  return after != NULL;
}

/* Whether any file is to change. */
gboolean
fatia_boot_edits_change (const FatiaBootEdits *self)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const FileEdit *edit = g_ptr_array_index (self->files, i);

      if (edit->before == NULL || !g_bytes_equal (edit->before, edit->after))
        return TRUE;
    }
  return FALSE;
}

/* How many kernel command lines the files have that are ours to edit. */
guint
fatia_boot_edits_count_lines (const FatiaBootEdits *self)
{
  return self->n_lines;
}

void
fatia_boot_edits_commit (FatiaBootEdits *self, FatiaChangeSet *set)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const FileEdit *edit = g_ptr_array_index (self->files, i);

      fatia_change_set_add_file (set, edit->path, edit->before, edit->after, 0644);
    }
}

/* (transfer full) (element-type GStrv) */
GPtrArray *
fatia_boot_reading_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
}

gboolean
fatia_boot_reading_add (GPtrArray *lines,
                        FatiaHostRoot *root,
                        const FatiaBootFormat *format,
                        const char *path,
                        GError **error)
{
  gsize length;
  g_autofree char *text = fatia_host_root_read (root, path, FATIA_BOOT_FILE_LIMIT, &length, error);
  g_autoptr (GPtrArray) found =
    text ? fatia_boot_format_read (format, path, text, length, error) : NULL;

  if (found == NULL)
    return FALSE;
  g_ptr_array_set_free_func (found, NULL);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (lines, g_ptr_array_index (found, i));
  return TRUE;
}

gboolean
fatia_boot_reading_covers (GPtrArray *lines, const char *const *wanted)
{
  for (guint i = 0; i < lines->len; i++)
    if (!fatia_kernel_arguments_cover (g_ptr_array_index (lines, i), wanted))
      return FALSE;
  return lines->len > 0;
}

static gboolean
all_have (GPtrArray *lines, const char *argument)
{
  for (guint i = 0; i < lines->len; i++)
    if (!g_strv_contains (g_ptr_array_index (lines, i), argument))
      return FALSE;
  return TRUE;
}

/*
 * fatia_boot_reading_end:
 * @lines: of the entries that may be started next
 *
 * Which entry a menu starts is decided there; what all of them have the next start has for sure.
 *
 * Returns: (transfer full) (nullable): the arguments that every line has, in the first one's order
 */
GStrv
fatia_boot_reading_end (GPtrArray *lines, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *const *first;

  if (lines->len == 0)
    {
      fatia_boot_set_refused (error, _ ("none of the boot loader's entries starts this system"));
      return NULL;
    }
  first = g_ptr_array_index (lines, 0);
  for (gsize i = 0; first[i] != NULL; i++)
    if (all_have (lines, first[i]))
      g_strv_builder_add (builder, first[i]);
  return g_strv_builder_end (builder);
}

/* (transfer full) (element-type filename) */
GPtrArray *
fatia_boot_files_new (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

static gboolean
look (FatiaHostRoot *root, const char *path, struct stat *info)
{
  fatia_autofd int fd = fatia_host_root_open (root, path, O_PATH, NULL);

  return fd >= 0 && fstat (fd, info) == 0;
}

/* Adds @path where it is there and not the same file as one before: /boot and /boot/efi may be
 * one partition, mounted twice. */
void
fatia_boot_files_add (GPtrArray *files, FatiaHostRoot *root, const char *path)
{
  struct stat info, other;

  if (!look (root, path, &info))
    return;
  for (guint i = 0; i < files->len; i++)
    if (look (root, g_ptr_array_index (files, i), &other) && other.st_dev == info.st_dev &&
        other.st_ino == info.st_ino)
      return;
  g_ptr_array_add (files, g_strdup (path));
}

/*
 * fatia_boot_files_add_folder:
 * @folder: need not be there
 * @suffix: of the names that count
 *
 * Returns: whether it could be read
 */
gboolean
fatia_boot_files_add_folder (
  GPtrArray *files, FatiaHostRoot *root, const char *folder, const char *suffix, GError **error)
{
  g_auto (GStrv) names = NULL;

  if (!fatia_host_root_exists (root, folder))
    return TRUE;
  names = fatia_host_root_list (root, folder, error);
  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      if (names[i][0] == '.' || !g_str_has_suffix (names[i], suffix))
        continue;
      if (files->len >= MAX_FILES)
        {
          g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                       _ ("%s has more than %d files"), folder, MAX_FILES);
          return FALSE;
        }
      fatia_boot_files_add (files, root, path);
    }
  return names != NULL;
}
