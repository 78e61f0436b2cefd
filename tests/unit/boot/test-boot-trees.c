/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole hosts, one for each case of cases/: found, planned, applied, read, undone to the byte. */
#include <string.h>

#include "boot-cases.h"
#include "boot-tree.h"
#include "boot/fatia-kernel-arguments.h"
#include "change/fatia-apply.h"

static const char *const ours[] = { "intel_iommu=on", "i915.max_vfs=7", "module_blacklist=xe",
                                    NULL };

static BootTree *
make_host (const BootKind *kind, const BootCase *test)
{
  BootTree *tree = boot_tree_new ();

  boot_tree_put_variable (tree, "LoaderInfo", kind->loader);
  if (kind->stub)
    boot_tree_put_variable (tree, "StubInfo", kind->stub);
  for (gsize i = 0; i < G_N_ELEMENTS (kind->files) && kind->files[i][0]; i++)
    boot_tree_put (tree, kind->files[i][0], kind->files[i][1]);
  if (kind->tool)
    boot_tree_put_tool (tree, kind->tool);
  boot_tree_put (tree, kind->path, test->before);
  return tree;
}

static void
check_refused (BootTree *tree, const BootKind *kind, const BootCase *test, GError *error)
{
  g_autofree char *present = boot_tree_get (tree, kind->path);

  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, OURS));
  g_assert_cmpstr (present, ==, test->before);
}

static void
check_next (BootTree *tree)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) next = fatia_boot_read_arguments (tree->root, &error);

  g_assert_no_error (error);
  g_assert_true (fatia_kernel_arguments_cover ((const char *const *) next, ours));
}

static void
check_undo (
  BootTree *tree, const BootKind *kind, const BootCase *test, const char *id, gboolean ran)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *present = NULL;
  g_autofree char *runs = NULL;
  g_auto (GStrv) lines = NULL;

  fatia_changes_undo (tree->root, id, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  present = boot_tree_get (tree, kind->path);
  g_assert_cmpstr (present, ==, test->before);
  runs = boot_tree_runs (tree);
  lines = g_strsplit (runs, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, ran ? 3 : 0);
}

static void
check_host (const BootKind *kind, const BootCase *test)
{
  g_autoptr (BootTree) tree = make_host (kind, test);
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autoptr (FatiaChangeSet) again = fatia_change_set_new ("boot");
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *present = NULL;

  g_test_message ("%s: %s", kind->path, test->title);
  if (!fatia_boot_plan (tree->root, ours, set, &error))
    {
      /* A file may have no line of ours: no text then, but words. */
      if (!test->refused)
        g_assert_cmpstr (test->before, ==, test->after);
      check_refused (tree, kind, test, error);
      return;
    }
  g_assert_null (test->refused);
  id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);
  g_assert_no_error (error);
  present = boot_tree_get (tree, kind->path);
  g_assert_cmpstr (present, ==, test->after);
  check_next (tree);
  fatia_boot_plan (tree->root, ours, again, &error);
  g_assert_no_error (error);
  g_assert_true (fatia_change_set_is_empty (again));
  if (*id != '\0')
    check_undo (tree, kind, test, id, kind->tool != NULL);
}

static void
test_hosts (gconstpointer data)
{
  const BootKind *kind = data;
  g_autoptr (GPtrArray) cases = boot_cases_load (kind);

  for (guint i = 0; i < cases->len; i++)
    check_host (kind, g_ptr_array_index (cases, i));
}

/* How many different texts there are of a family's files. */
static guint
count_texts (const char *family)
{
  g_autoptr (GHashTable) texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; i < n_boot_kinds; i++)
    {
      g_autoptr (GPtrArray) cases = NULL;

      if (!g_str_equal (boot_kinds[i].family, family))
        continue;
      cases = boot_cases_load (&boot_kinds[i]);
      for (guint j = 0; j < cases->len; j++)
        g_hash_table_add (texts, g_strdup (((BootCase *) g_ptr_array_index (cases, j))->before));
    }
  return g_hash_table_size (texts);
}

/* Of rpm-ostree, which has no file, see the test boot-ostree. */
static void
test_enough (void)
{
  for (gsize i = 0; i < n_boot_kinds; i++)
    {
      guint n = count_texts (boot_kinds[i].family);

      g_test_message ("%s: %u", boot_kinds[i].family, n);
      g_assert_cmpuint (n, >=, 30);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < n_boot_kinds; i++)
    {
      g_autofree char *path = g_strdup_printf ("/boot-trees/%s-%zu", boot_kinds[i].name, i);

      g_test_add_data_func (path, &boot_kinds[i], test_hosts);
    }
  g_test_add_func ("/boot-trees/enough", test_enough);
  return g_test_run ();
}
