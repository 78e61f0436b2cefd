/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernel-install's settings (its manual page, and systemd.syntax(7)): of a file that is in several
 * folders the first one counts, and after it all of the folder NAME.d, sorted by name whichever
 * folder they are in; one in an earlier folder stands for those of its name in later ones.
 */
#include "boot/fatia-kernel-install.h"

#include <string.h>

#include "boot/fatia-boot-formats.h"

static const char *const folders[] = { "/etc/kernel", "/run/kernel", "/usr/local/lib/kernel",
                                       "/usr/lib/kernel" };

#define MAX_FILES 128

/*
 * fatia_kernel_install_find:
 * @name: of a file
 *
 * Returns: (transfer full) (nullable): the path of the one that counts
 */
char *
fatia_kernel_install_find (FatiaHostRoot *root, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);

      if (fatia_host_root_exists (root, path))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static int
compare_base_names (gconstpointer a, gconstpointer b)
{
  return strcmp (strrchr (*(const char *const *) a, '/'), strrchr (*(const char *const *) b, '/'));
}

static gboolean
has_base_name (GPtrArray *paths, const char *name)
{
  for (guint i = 0; i < paths->len; i++)
    if (g_str_equal (strrchr (g_ptr_array_index (paths, i), '/') + 1, name))
      return TRUE;
  return FALSE;
}

/*
 * fatia_kernel_install_list:
 * @name: of a file
 *
 * Returns: (transfer full) (element-type filename): the paths of all that counts, the last one
 *   over those before it. A link to nowhere, which takes the place of another file, is among them.
 */
GPtrArray *
fatia_kernel_install_list (FatiaHostRoot *root, const char *name)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  char *main = fatia_kernel_install_find (root, name);

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_strdup_printf ("%s/%s.d", folders[i], name);
      g_auto (GStrv) names = fatia_host_root_list (root, folder, NULL);

      for (gsize j = 0; names != NULL && names[j] != NULL && paths->len < MAX_FILES; j++)
        if (g_str_has_suffix (names[j], ".conf") && !has_base_name (paths, names[j]))
          g_ptr_array_add (paths, g_build_filename (folder, names[j], NULL));
    }
  g_ptr_array_sort (paths, compare_base_names);
  if (main != NULL)
    g_ptr_array_insert (paths, 0, main);
  return paths;
}

/* (nullable): the value, where @line sets @key */
static const char *
find_value (char *line, const char *key)
{
  char *value = strchr (line, '=');

  if (value == NULL || *line == '#' || *line == ';')
    return NULL;
  *value++ = '\0';
  return g_str_equal (g_strstrip (line), key) ? g_strstrip (value) : NULL;
}

/*
 * fatia_kernel_install_get:
 * @name: of a file of assignments
 *
 * Returns: (transfer full) (nullable): what @key is set to at the end, without blanks around it
 */
char *
fatia_kernel_install_get (FatiaHostRoot *root, const char *name, const char *key)
{
  g_autoptr (GPtrArray) paths = fatia_kernel_install_list (root, name);
  char *found = NULL;

  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *text = fatia_host_root_read (root, g_ptr_array_index (paths, i),
                                                    FATIA_BOOT_FILE_LIMIT, NULL, NULL);
      g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", -1);

      for (gsize j = 0; lines[j] != NULL; j++)
        {
          const char *value = find_value (g_strstrip (lines[j]), key);

          if (value == NULL)
            continue;
          g_free (found);
          found = g_strdup (value);
        }
    }
  return found;
}
