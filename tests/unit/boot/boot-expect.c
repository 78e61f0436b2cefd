/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot-expect.h"

#include <string.h>

#include "change/fatia-apply.h"

#define NOTHING "Nothing was changed. "
#define ADVICE  "Add these to the kernel command line by hand"

const char *const ours[] = { "intel_iommu=on", "i915.max_vfs=7", "module_blacklist=xe", NULL };

/* (transfer full): each change's target, or the tool's words, on a line */
static char *
planned (BootTree *tree, FatiaChangeSet *set)
{
  g_autoptr (GVariant) changes = fatia_change_set_describe (set);
  g_autoptr (GString) text = g_string_new (NULL);
  const char *kind, *target, *diff;
  GVariantIter iter;

  g_variant_iter_init (&iter, changes);
  while (g_variant_iter_next (&iter, "(&s&s&s&s)", &kind, &target, NULL, &diff))
    g_string_append_printf (text, "%s\n", g_str_equal (kind, "command") ? diff : target);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

FatiaChangeSet *
plan (BootTree *tree)
{
  FatiaChangeSet *set = fatia_change_set_new ("boot");
  g_autoptr (GError) error = NULL;

  fatia_boot_plan (tree->root, ours, set, &error);
  g_assert_no_error (error);
  return set;
}

void
assert_planned (BootTree *tree, const char *expected)
{
  g_autoptr (FatiaChangeSet) set = plan (tree);
  g_autofree char *text = planned (tree, set);

  g_assert_cmpstr (text, ==, expected);
}

static guint
count (const char *text, const char *what)
{
  guint n = 0;

  for (; (text = strstr (text, what)) != NULL; text += strlen (what))
    n++;
  return n;
}

/* What to do instead is said once, and last. */
static void
assert_advice (FatiaChangeError code, const char *message)
{
  const char *ends = code == FATIA_CHANGE_ERROR_REFUSED
                       ? ". " NOTHING ADVICE ", then run the boot loader's update tool: " OURS
                       : ". " NOTHING ADVICE ": " OURS;

  if (!g_str_has_suffix (message, ends) || count (message, NOTHING) != 1 ||
      count (message, ADVICE) != 1 || count (message, OURS) != 1)
    g_error ("The advice is not said once at the end of: %s", message);
}

void
assert_refused (BootTree *tree, FatiaChangeError code, const char *words)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autoptr (GError) error = NULL;

  g_assert_false (fatia_boot_plan (tree->root, ours, set, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, (int) code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in: %s", words, error->message);
  assert_advice (code, error->message);
  g_assert_true (fatia_change_set_is_empty (set));
}

char *
apply (BootTree *tree)
{
  g_autoptr (FatiaChangeSet) set = plan (tree);
  g_autoptr (GError) error = NULL;
  char *id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);

  g_assert_no_error (error);
  return id;
}

void
undo (BootTree *tree, const char *id)
{
  g_autoptr (GError) error = NULL;

  fatia_changes_undo (tree->root, id, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

void
assert_file (BootTree *tree, const char *name, const char *expected)
{
  g_autofree char *text = boot_tree_get (tree, name);

  g_assert_cmpstr (text, ==, expected);
}

void
assert_next (BootTree *tree, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) next = fatia_boot_read_arguments (tree->root, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = g_strjoinv (" ", next);
  g_assert_cmpstr (text, ==, expected);
}
