/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice/fatia-practice-data.h"

/**
 * fatia_practice_data_get_trees:
 *
 * Returns: (transfer full): the folder of the host trees; FATIA_PRACTICE_DIR moves it
 */
char *
fatia_practice_data_get_trees (void)
{
  const char *folder = g_getenv ("FATIA_PRACTICE_DIR");

  return folder ? g_canonicalize_filename (folder, NULL) : g_strdup (FATIA_PRACTICE_DIR_INSTALLED);
}

/**
 * fatia_practice_data_find:
 * @name: of a file
 *
 * Looks in the folders of FATIA_PRACTICE_DATA, which are separated by colons, else where the
 * program was installed.
 *
 * Returns: (transfer full): its path; where it is in none, what it would be in the last
 */
char *
fatia_practice_data_find (const char *name)
{
  const char *path = g_getenv ("FATIA_PRACTICE_DATA");
  g_auto (GStrv) folders =
    g_strsplit (path && *path ? path : FATIA_PRACTICE_DATA_INSTALLED, G_SEARCHPATH_SEPARATOR_S, -1);
  char *found = NULL;

  for (guint i = 0; folders[i]; i++)
    {
      g_free (found);
      found = g_build_filename (folders[i], name, NULL);
      if (g_file_test (found, G_FILE_TEST_IS_REGULAR))
        break;
    }
  return found;
}

/**
 * fatia_practice_data_get_guest:
 *
 * Returns: (transfer full): the path of the practice guest; FATIA_LIBEXEC_DIR moves it
 */
char *
fatia_practice_data_get_guest (void)
{
  const char *folder = g_getenv ("FATIA_LIBEXEC_DIR");

  return g_build_filename (folder ? folder : FATIA_LIBEXECDIR, "fatia-practice-guest", NULL);
}
