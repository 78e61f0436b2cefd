/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A practice host's folder: made from a tree, or taken up again where it was. */
#include "practice/fatia-practice-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "host/fatia-fd.h"
#include "practice/fatia-practice-data.h"
#include "practice/fatia-practice.h"
#include "practice/fatia-tree.h"

#define DEFAULT_TREE "radxa-x4"

static gboolean
is_tree (const char *trees, const char *name)
{
  g_autofree char *mark = g_build_filename (trees, name, ".fatia-practice", NULL);

  return strchr (name, '/') == NULL && g_file_test (mark, G_FILE_TEST_IS_REGULAR);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * fatia_practice_list_trees:
 *
 * Returns: (transfer full): the names of the host trees, sorted; their words for people stand in
 *   each one's .fatia-practice
 */
GStrv
fatia_practice_list_trees (void)
{
  g_autofree char *trees = fatia_practice_data_get_trees ();
  g_autoptr (GDir) dir = g_dir_open (trees, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_tree (trees, name))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static gboolean
refuse (GError **error, int code, const char *words, const char *path)
{
  g_set_error (error, G_IO_ERROR, code, "%s: %s", path, words);
  return FALSE;
}

/* One program at a time: both would play the same kernel. */
static gboolean
take_lock (const char *folder, int *lock, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);

  *lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (*lock < 0)
    return refuse (error, g_io_error_from_errno (errno), g_strerror (errno), path);
  if (flock (*lock, LOCK_EX | LOCK_NB) < 0)
    return refuse (error, G_IO_ERROR_BUSY,
                   _ ("another program practices in this folder. Close it, or choose another "
                      "folder."),
                   folder);
  return TRUE;
}

static gboolean
is_empty (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  return dir != NULL && g_dir_read_name (dir) == NULL;
}

/* A tree whose kernel shows the firmware's chip has the practice image in it: a plain file where a
 * computer has a device. */
static gboolean
put_firmware_chip (const char *root, GError **error)
{
  g_autofree char *size_file = g_build_filename (root, "sys/class/mtd/mtd0/size", NULL);
  g_autofree char *folder = g_build_filename (root, "dev", NULL);
  g_autofree char *chip = g_build_filename (folder, "mtd0ro", NULL);
  g_autofree char *image = NULL;
  g_autofree char *size = NULL;
  g_autofree char *data = NULL;
  gsize length;

  if (!g_file_test (size_file, G_FILE_TEST_EXISTS))
    return TRUE;
  image = fatia_practice_data_find ("practice-firmware.bin");
  if (!g_file_get_contents (image, &data, &length, error))
    return FALSE;
  if (g_mkdir_with_parents (folder, 0755) < 0)
    return refuse (error, g_io_error_from_errno (errno), g_strerror (errno), folder);
  size = g_strdup_printf ("%lu\n", (gulong) length);
  return g_file_set_contents (chip, data, (gssize) length, error) &&
         g_file_set_contents (size_file, size, -1, error);
}

/* The copy is made aside and renamed, and the mark written last: a folder that a power cut left
 * half made is not taken for a practice host. */
static gboolean
fill_folder (const char *folder, const char *tree, const char *mark, GError **error)
{
  g_autofree char *trees = fatia_practice_data_get_trees ();
  g_autofree char *source = g_build_filename (trees, tree, NULL);
  g_autofree char *root = g_build_filename (folder, "root", NULL);
  g_autofree char *making = g_strconcat (root, ".making", NULL);
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  if (!is_tree (trees, tree))
    return refuse (error, G_IO_ERROR_NOT_FOUND, _ ("there is no practice host of this name."),
                   tree);
  if (!fatia_tree_remove (making, error) || !fatia_tree_remove (root, error) ||
      !fatia_tree_copy (source, making, error) || !put_firmware_chip (making, error))
    return FALSE;
  if (g_rename (making, root) < 0)
    return refuse (error, g_io_error_from_errno (errno), g_strerror (errno), root);
  g_key_file_set_string (keys, "practice", "tree", tree);
  return g_key_file_save_to_file (keys, mark, error);
}

static gboolean
take_up (const char *mark, const char *tree, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *name = NULL;

  if (!g_key_file_load_from_file (keys, mark, G_KEY_FILE_NONE, error))
    return FALSE;
  name = g_key_file_get_string (keys, "practice", "tree", error);
  if (name == NULL)
    return FALSE;
  if (tree == NULL || g_str_equal (name, tree))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
               _ ("%s holds the practice host “%s”, not “%s”. Choose another folder."), mark, name,
               tree);
  return FALSE;
}

/**
 * fatia_practice_folder_open:
 * @folder: of a practice host, or empty, or not there yet
 * @tree: (nullable): which host it is to hold; %NULL: what it holds, else a Radxa X4
 *
 * Makes a practice host of @folder where it is none yet.
 *
 * Returns: a descriptor that holds the folder's lock, or -1
 */
int
fatia_practice_folder_open (const char *folder, const char *tree, GError **error)
{
  g_autofree char *mark = g_build_filename (folder, "practice.ini", NULL);
  g_autofree char *lock_file = g_build_filename (folder, "lock", NULL);
  fatia_autofd int lock = -1;
  gboolean good;

  if (g_mkdir_with_parents (folder, 0700) < 0)
    {
      refuse (error, g_io_error_from_errno (errno), g_strerror (errno), folder);
      return -1;
    }
  if (!g_file_test (mark, G_FILE_TEST_EXISTS) && !g_file_test (lock_file, G_FILE_TEST_EXISTS) &&
      !is_empty (folder))
    {
      refuse (error, G_IO_ERROR_NOT_EMPTY,
              _ ("this folder holds something else. Choose an empty one."), folder);
      return -1;
    }
  if (!take_lock (folder, &lock, error))
    return -1;
  if (g_file_test (mark, G_FILE_TEST_EXISTS))
    good = take_up (mark, tree, error);
  else
    good = fill_folder (folder, tree ? tree : DEFAULT_TREE, mark, error);
  return good ? fatia_steal_fd (&lock) : -1;
}
