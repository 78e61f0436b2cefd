/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read of DKMS, the kernels and the key; and which release they lead to. */
#include <string.h>

#include "host-tree.h"
#include "host/fatia-platform.h"

#define DKMS    "var/lib/dkms/i915-sriov-dkms/"
#define RUNNING "6.12.48+deb13-amd64"
#define MOK     "sys/firmware/efi/efivars/MokNew-605dab50-e046-4300-abb6-3dd810dd8b23"

static void
put_kernel (HostTree *tree, const char *release, gboolean image)
{
  g_autofree char *folder = g_strdup_printf ("lib/modules/%s/modules.dep", release);
  g_autofree char *kernel = g_strdup_printf ("boot/vmlinuz-%s", release);

  host_tree_put (tree, folder, "", -1);
  if (image)
    host_tree_put (tree, kernel, "", -1);
}

static void
test_kernels (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("stock-i915");
  g_autoptr (FatiaFacts) facts = NULL;
  g_autofree char *newer = NULL;

  put_kernel (tree, RUNNING, TRUE);
  put_kernel (tree, "6.12.9+deb13-amd64", TRUE); /* older: 9 comes before 48 */
  put_kernel (tree, "6.12.63+deb13-amd64", TRUE);
  put_kernel (tree, "6.16.3+deb13-amd64", FALSE); /* its kernel is gone */
  put_kernel (tree, "6.19.1-1-amd64", TRUE);
  facts = host_tree_facts (tree);
  newer = g_strjoinv (" ", facts->newer_kernels);
  g_assert_cmpstr (newer, ==, "6.12.63+deb13-amd64 6.19.1-1-amd64");
  g_assert_cmpint (facts->headers, ==, FATIA_YES);
  g_assert_cmpstr (fatia_module_release_for_host (facts)->name, ==, "2026.03.05.1");
}

static void
test_no_headers (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("stock-i915");
  g_autoptr (FatiaFacts) facts = NULL;

  host_tree_remove (tree, "lib/modules/" RUNNING "/build");
  put_kernel (tree, RUNNING, TRUE);
  facts = host_tree_facts (tree);
  g_assert_cmpint (facts->headers, ==, FATIA_NO);
}

static void
test_no_release_for_both (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("stock-i915");
  g_autoptr (FatiaFacts) facts = NULL;

  put_kernel (tree, "7.0.2-amd64", TRUE);
  facts = host_tree_facts (tree);
  g_assert_null (fatia_module_release_for_host (facts));
  /* The running kernel alone has one, and it is not enough. */
  g_assert_nonnull (fatia_module_release_for_kernel (facts->kernel_major, facts->kernel_minor));
}

static void
test_dkms (void)
{
  const struct
  {
    const char *file;
    const char *present;
    FatiaTruth built;
  } steps[] = {
    { NULL, NULL, FATIA_NO },
    { DKMS "kernel-6.12.48+deb13-amd64-x86_64/x", NULL, FATIA_NO },
    { DKMS "2026.03.05.1/build/make.log", "2026.03.05.1", FATIA_NO },
    { DKMS "2026.03.05.1/6.1.0-44-amd64/x86_64/log/make.log", "2026.03.05.1", FATIA_NO },
    { DKMS "2026.03.05.1/" RUNNING "/x86_64/log/make.log", "2026.03.05.1", FATIA_YES },
  };
  g_autoptr (HostTree) tree = host_tree_new ("stock-i915");

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (FatiaFacts) facts = NULL;

      if (steps[i].file)
        host_tree_put (tree, steps[i].file, "", -1);
      facts = host_tree_facts (tree);
      g_assert_cmpstr (facts->module_present, ==, steps[i].present);
      g_assert_cmpint (facts->module_built, ==, steps[i].built);
    }
}

static void
test_key (void)
{
  static const char certificate[] = "0\202\003\001certificate";
  static const char list[] = "\006\000\000\000listcertificate0\202\003\001certificatemore";
  g_autoptr (HostTree) tree = host_tree_new ("laptop-secure-boot");
  g_autoptr (FatiaFacts) none = host_tree_facts (tree);
  g_autoptr (FatiaFacts) own = NULL;
  g_autoptr (FatiaFacts) ubuntu = NULL;
  g_autoptr (FatiaFacts) waiting = NULL;
  g_autoptr (FatiaFacts) configured = NULL;

  g_assert_null (none->module_key);
  g_assert_cmpint (none->keys_waiting, ==, FATIA_NO);
  /* Ubuntu's DKMS takes the key of shim-signed, not its own. */
  host_tree_put (tree, "var/lib/dkms/mok.pub", certificate, sizeof certificate);
  own = host_tree_facts (tree);
  g_assert_null (own->module_key);
  host_tree_put (tree, "var/lib/shim-signed/mok/MOK.der", certificate, sizeof certificate - 1);
  ubuntu = host_tree_facts (tree);
  g_assert_cmpstr (ubuntu->module_key, ==, "/var/lib/shim-signed/mok/MOK.der");
  g_assert_cmpint (ubuntu->module_key_enrolled, ==, FATIA_NO);
  g_assert_cmpint (ubuntu->module_key_waiting, ==, FATIA_NO);
  host_tree_put (tree, MOK, list, sizeof list - 1);
  waiting = host_tree_facts (tree);
  g_assert_cmpint (waiting->module_key_waiting, ==, FATIA_YES);
  g_assert_cmpint (waiting->module_key_enrolled, ==, FATIA_NO);
  host_tree_put (tree, "sys/firmware/efi/mok-variables/MokListRT", list, sizeof list - 1);
  host_tree_put (tree, "etc/dkms/framework.conf",
                 "# mok_certificate=/no\nmok_certificate=\"/etc/x.der\"\n", -1);
  host_tree_put (tree, "etc/dkms/framework.conf.d/a.conf", "mok_certificate=$(id)\n", -1);
  host_tree_put (tree, "etc/x.der", certificate, sizeof certificate - 1);
  configured = host_tree_facts (tree);
  g_assert_cmpstr (configured->module_key, ==, "/etc/x.der");
  g_assert_cmpint (configured->module_key_enrolled, ==, FATIA_YES);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/module-facts/kernels", test_kernels);
  g_test_add_func ("/module-facts/no-headers", test_no_headers);
  g_test_add_func ("/module-facts/no-release-for-both", test_no_release_for_both);
  g_test_add_func ("/module-facts/dkms", test_dkms);
  g_test_add_func ("/module-facts/key", test_key);
  return g_test_run ();
}
