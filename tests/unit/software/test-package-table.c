/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of package managers: every row is whole, and what a distribution gets of it. */
#include <string.h>

#include "host-tree.h"
#include "host/fatia-package-table.h"
#include "host/fatia-tables.h"

static const char *const needs[] = { "libvirt", "qemu",    "ovmf",   "swtpm",
                                     "dkms",    "headers", "mokutil" };

static void
test_every_family (void)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("packages");
  g_auto (GStrv) groups = g_key_file_get_groups (table, NULL);
  static const char *const lists[] = { "Add", "Remove", "Query", "Present", "Absent" };

  for (gsize i = 0; groups[i]; i++)
    {
      const char *family = groups[i] + strlen ("family ");
      g_autofree char *install = NULL;
      g_autofree char *module = NULL;

      if (!g_str_has_prefix (groups[i], "family "))
        continue;
      for (gsize j = 0; j < G_N_ELEMENTS (lists); j++)
        {
          g_auto (GStrv) words = fatia_package_family_get_list (family, lists[j]);

          g_assert_nonnull (words);
          for (gsize k = 0; words[k]; k++)
            g_assert_cmpuint (strlen (words[k]), >, 0);
          if (j >= 3) /* Present and Absent name the package */
            for (gsize k = 0; words[k]; k++)
              g_assert_nonnull (strstr (words[k], "%s"));
        }
      install = fatia_package_family_get (family, "Install");
      module = fatia_package_family_get (family, "Module");
      g_assert_nonnull (install);
      g_assert_true (g_str_equal (module, "deb") || g_str_equal (module, "source"));
    }
}

static void
test_every_need (void)
{
  static const char *const families[] = { "debian", "proxmox",       "fedora",
                                          "arch",   "fedora-ostree", "opensuse" };
  g_autoptr (HostTree) tree = host_tree_new ("stock-i915");
  g_autoptr (FatiaFacts) facts = NULL;

  host_tree_put (tree, "usr/lib/modules/6.12.48+deb13-amd64/pkgbase", "linux-zen\n", -1);
  facts = host_tree_facts (tree);
  for (gsize i = 0; i < G_N_ELEMENTS (needs); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (families); j++)
      {
        g_autofree char *names = fatia_package_names (needs[i], families[j], facts);

        g_assert_true (fatia_package_software_is_known (needs[i]));
        g_assert_nonnull (names);
        g_assert_true (g_regex_match_simple (
          "^[A-Za-z0-9][A-Za-z0-9.+_~-]*( [A-Za-z0-9][A-Za-z0-9.+_~-]*)*$", names, 0, 0));
      }
  g_assert_false (fatia_package_software_is_known ("bash"));
  g_assert_false (fatia_package_software_is_known (""));
}

static void
test_families (void)
{
  const struct
  {
    const char *os_release;
    const char *kernel;
    const char *marker;
    const char *family;
    const char *headers;
  } cases[] = {
    { "ID=debian\n", "6.12.48+deb13-amd64", NULL, "debian", "linux-headers-6.12.48+deb13-amd64" },
    { "ID=ubuntu\nID_LIKE=debian\n", "6.17.0-8-generic", NULL, "debian",
      "linux-headers-6.17.0-8-generic" },
    { "ID=debian\n", "6.17.2-1-pve", NULL, "proxmox", "proxmox-headers-6.17.2-1-pve" },
    { "ID=fedora\n", "6.17.5-300.fc43.x86_64", NULL, "fedora",
      "kernel-devel-6.17.5-300.fc43.x86_64" },
    { "ID=fedora\n", "6.17.5-300.fc43.x86_64", "run/ostree-booted", "fedora-ostree",
      "kernel-devel-6.17.5-300.fc43.x86_64" },
    { "ID=bazzite\nID_LIKE=fedora\n", "6.17.5-300.fc43.x86_64", "run/ostree-booted",
      "fedora-ostree", "kernel-devel-6.17.5-300.fc43.x86_64" },
    { "ID=arch\n", "6.17.5-zen1-1-zen", NULL, "arch", NULL },
    { "ID=nixos\n", "6.17.5", NULL, NULL, "linux-headers" },
    { "ID=debian\n", "--purge", NULL, "debian", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HostTree) tree = host_tree_new ("stock-i915");
      g_autoptr (FatiaFacts) facts = NULL;
      g_autofree char *family = NULL;
      g_autofree char *headers = NULL;

      host_tree_put (tree, "etc/os-release", cases[i].os_release, -1);
      host_tree_put (tree, "proc/sys/kernel/osrelease", cases[i].kernel, -1);
      if (cases[i].marker)
        host_tree_put (tree, cases[i].marker, "", -1);
      facts = host_tree_facts (tree);
      family = fatia_package_family_find (facts);
      headers = fatia_package_names ("headers", family, facts);
      g_assert_cmpstr (family, ==, cases[i].family);
      g_assert_cmpstr (headers, ==, cases[i].headers);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/package-table/every-family", test_every_family);
  g_test_add_func ("/package-table/every-need", test_every_need);
  g_test_add_func ("/package-table/families", test_families);
  return g_test_run ();
}
