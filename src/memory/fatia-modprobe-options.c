/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others' files of modprobe.d say about kvmfr's size: modprobe takes all of them together, in
 * the order of their names, and of two sizes the last counts. */
#include "memory/fatia-memory-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define LIMIT     (256 * 1024)
#define PARAMETER "static_size_mb="

/* In their order: a file hides those of its name in later ones (modprobe.d(5)). */
static const char *const folders[] = { "/etc/modprobe.d", "/run/modprobe.d",
                                       "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
                                       "/lib/modprobe.d" };

/* Where a size was found. */
typedef struct
{
  char *path;
  guint line;
  guint megabytes; /* of the first device; 0: not understood */
} Size;

static void
clear_size (Size *size)
{
  g_free (size->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Size, clear_size)

static guint
read_number (const char *text)
{
  guint64 number = 0;
  char *end;

  if (*text == '"')
    text++;
  if (g_ascii_isdigit (*text))
    number = g_ascii_strtoull (text, &end, 10);
  return number <= G_MAXUINT16 ? (guint) number : 0;
}

/* One line, with those it goes on in. */
static void
read_line (char *line, const char *path, guint number, Size *size)
{
  g_auto (GStrv) words = NULL;
  gboolean kvmfr;

  words = g_strsplit_set (line, " \t\r", -1);
  kvmfr = g_str_equal (words[0] ? words[0] : "", "options");
  for (guint i = 1, n = 0; kvmfr && words[i]; i++)
    {
      if (words[i][0] == '\0')
        continue;
      if (n++ == 0)
        kvmfr = g_str_equal (words[i], "kvmfr");
      else if (g_str_has_prefix (words[i], PARAMETER))
        {
          g_free (size->path);
          *size = (Size) { g_utf8_make_valid (path, -1), number,
                           read_number (words[i] + strlen (PARAMETER)) };
        }
    }
}

static void
read_file (FatiaHostRoot *root, const char *path, Size *size)
{
  g_autofree char *text = fatia_host_root_read (root, path, LIMIT, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", -1);

  for (guint i = 0; lines[i]; i++)
    {
      g_autoptr (GString) line = g_string_new (g_strchug (lines[i]));
      guint first = i + 1;

      while (g_str_has_suffix (line->str, "\\") && lines[i + 1])
        {
          g_string_truncate (line, line->len - 1);
          g_string_append (line, lines[++i]);
        }
      read_line (line->str, path, first, size);
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  g_autofree char *first = g_path_get_basename (*(const char *const *) a);
  g_autofree char *second = g_path_get_basename (*(const char *const *) b);

  return strcmp (first, second);
}

/* (transfer full): the paths of the files that count, in their order, without @ours */
static GPtrArray *
list_files (FatiaHostRoot *root, const char *ours)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_auto (GStrv) names = fatia_host_root_list (root, folders[i], NULL);

      for (guint j = 0; names && names[j]; j++)
        {
          g_autofree char *path = g_build_filename (folders[i], names[j], NULL);

          if (g_str_has_suffix (names[j], ".conf") && !g_str_equal (path, ours) &&
              g_hash_table_add (seen, g_strdup (names[j])))
            g_ptr_array_add (paths, g_steal_pointer (&path));
        }
    }
  g_ptr_array_sort (paths, compare_names);
  return paths;
}

/**
 * fatia_modprobe_check_size:
 * @ours: the path of our own file, which does not count
 * @megabytes: the least that is needed
 * @set_by_others: (out): whether others' files give kvmfr as much: then ours is not needed
 *
 * Returns: FALSE, %FATIA_CHANGE_ERROR_REFUSED, where they give it less
 */
gboolean
fatia_modprobe_check_size (
  FatiaHostRoot *root, const char *ours, guint megabytes, gboolean *set_by_others, GError **error)
{
  g_autoptr (GPtrArray) paths = list_files (root, ours);
  g_auto (Size) size = { 0 };

  for (guint i = 0; i < paths->len; i++)
    read_file (root, g_ptr_array_index (paths, i), &size);
  *set_by_others = size.path != NULL;
  if (size.path == NULL || size.megabytes >= megabytes)
    return TRUE;
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
               _ ("%s, line %u gives kvmfr’s memory another size, and %u MiB are needed. Say "
                  "“%s%u” there, or take the line out."),
               size.path, size.line, megabytes, PARAMETER, megabytes);
  return FALSE;
}
