/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host-tree.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

static void
run (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

HostTree *
host_tree_new (const char *practice)
{
  HostTree *tree = g_new0 (HostTree, 1);
  g_autoptr (GError) error = NULL;

  tree->path = g_dir_make_tmp ("fatia-tree-XXXXXX", &error);
  g_assert_no_error (error);
  if (practice)
    {
      g_autofree char *from =
        g_test_build_filename (G_TEST_DIST, "data", "practice", practice, ".", NULL);
      const char *argv[] = { "cp", "-a", from, tree->path, NULL };

      run (argv);
    }
  tree->root = fatia_host_root_new (tree->path, &error);
  g_assert_no_error (error);
  return tree;
}

void
host_tree_free (HostTree *tree)
{
  const char *argv[] = { "rm", "-rf", tree->path, NULL };

  run (argv);
  g_object_unref (tree->root);
  g_free (tree->path);
  g_free (tree);
}

static char *
make_parents (HostTree *tree, const char *path)
{
  char *full = g_build_filename (tree->path, path, NULL);
  g_autofree char *parent = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  return full;
}

void
host_tree_put (HostTree *tree, const char *path, const char *data, gssize length)
{
  g_autofree char *full = make_parents (tree, path);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (full, data, length, &error);
  g_assert_no_error (error);
}

void
host_tree_link (HostTree *tree, const char *path, const char *target)
{
  g_autofree char *full = make_parents (tree, path);

  g_assert_cmpint (symlink (target, full), ==, 0);
}

void
host_tree_remove (HostTree *tree, const char *path)
{
  g_autofree char *full = g_build_filename (tree->path, path, NULL);
  const char *argv[] = { "rm", "-r", full, NULL };

  run (argv);
}

void
host_tree_folder (HostTree *tree, const char *path)
{
  g_autofree char *full = g_build_filename (tree->path, path, NULL);

  g_assert_cmpint (g_mkdir_with_parents (full, 0755), ==, 0);
}

FatiaFacts *
host_tree_facts (HostTree *tree)
{
  FatiaFacts *facts = fatia_facts_read (tree->root);

  g_assert_nonnull (facts);
  return facts;
}

/* (transfer full) */
FatiaFinding *
host_tree_finding (HostTree *tree, const char *id)
{
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autoptr (GPtrArray) findings = fatia_checks_run (facts);

  for (guint i = 0; i < findings->len; i++)
    {
      FatiaFinding *finding = g_ptr_array_index (findings, i);

      if (g_str_equal (fatia_finding_get_id (finding), id))
        return g_object_ref (finding);
    }
  g_error ("there is no finding %s", id);
}

const char *
host_tree_state (HostTree *tree, const char *id)
{
  g_autoptr (FatiaFinding) finding = host_tree_finding (tree, id);

  return fatia_state_to_string (fatia_finding_get_state (finding));
}
