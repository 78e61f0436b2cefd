/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every practice tree: all its findings, its marker file, its stand-in for the update tool. */
#include <string.h>

#include "host-tree.h"

typedef struct
{
  const char *name;
  /* Every finding, in order. */
  const char *findings;
  /* The tool that makes grub.cfg, and its arguments. */
  const char *tool;
  const char *tool_arguments[3];
} TreeCase;

#define ARCH_TOOL                                                                                  \
  "usr/bin/grub-mkconfig",                                                                         \
  {                                                                                                \
    "-o", "/boot/grub/grub.cfg", NULL                                                              \
  }
#define DEBIAN_TOOL                                                                                \
  "usr/sbin/update-grub",                                                                          \
  {                                                                                                \
    NULL                                                                                           \
  }

static const TreeCase cases[] = {
  { "radxa-x4",
    "gpu-sliceable=passed cpu-virtualization=passed vt-d=passed memory-size=passed "
    "kernel-version=passed graphics-driver=passed secure-boot=passed boot-loader=passed "
    "kernel-arguments=warning iommu-active=warning virtual-functions=warning "
    "host-vfs-driver=passed kvm=passed libvirt=passed qemu=passed ovmf=passed swtpm=passed "
    "looking-glass-memory=warning",
    ARCH_TOOL },
  { "radxa-x4-debian",
    "gpu-sliceable=passed cpu-virtualization=passed vt-d=passed memory-size=passed "
    "kernel-version=passed graphics-driver=passed secure-boot=passed boot-loader=passed "
    "kernel-arguments=warning iommu-active=warning virtual-functions=warning "
    "host-vfs-driver=passed kvm=passed libvirt=passed qemu=passed ovmf=passed swtpm=passed "
    "looking-glass-memory=warning",
    DEBIAN_TOOL },
  { "vt-d-off",
    "gpu-sliceable=passed cpu-virtualization=passed vt-d=failed memory-size=passed "
    "kernel-version=passed graphics-driver=passed secure-boot=passed boot-loader=passed "
    "kernel-arguments=warning iommu-active=failed virtual-functions=warning "
    "host-vfs-driver=passed kvm=passed libvirt=passed qemu=passed ovmf=passed swtpm=passed "
    "looking-glass-memory=warning",
    DEBIAN_TOOL },
  { "stock-i915",
    "gpu-sliceable=passed cpu-virtualization=passed vt-d=passed memory-size=passed "
    "kernel-version=passed graphics-driver=failed secure-boot=passed boot-loader=passed "
    "kernel-arguments=warning iommu-active=warning virtual-functions=warning "
    "host-vfs-driver=passed kvm=passed libvirt=passed qemu=failed ovmf=passed swtpm=failed "
    "looking-glass-memory=warning",
    DEBIAN_TOOL },
  { "laptop-secure-boot",
    "gpu-sliceable=passed cpu-virtualization=passed vt-d=passed memory-size=passed "
    "kernel-version=passed graphics-driver=failed secure-boot=warning boot-loader=passed "
    "kernel-arguments=warning iommu-active=warning virtual-functions=warning "
    "host-vfs-driver=passed kvm=passed libvirt=passed qemu=passed ovmf=passed swtpm=passed "
    "looking-glass-memory=warning",
    DEBIAN_TOOL },
  { "amd",
    "gpu-sliceable=failed cpu-virtualization=passed vt-d=unknown memory-size=passed "
    "kernel-version=unknown graphics-driver=unknown secure-boot=passed boot-loader=passed "
    "kernel-arguments=unknown iommu-active=passed virtual-functions=unknown "
    "host-vfs-driver=unknown kvm=passed libvirt=passed qemu=passed ovmf=passed swtpm=passed "
    "looking-glass-memory=warning",
    ARCH_TOOL },
};

static void
test_findings (gconstpointer data)
{
  const TreeCase *c = data;
  g_autoptr (HostTree) tree = host_tree_new (c->name);
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autoptr (GPtrArray) findings = fatia_checks_run (facts);
  g_autoptr (GString) states = g_string_new (NULL);

  for (guint i = 0; i < findings->len; i++)
    {
      FatiaFinding *finding = g_ptr_array_index (findings, i);

      g_string_append_printf (states, "%s%s=%s", i ? " " : "", fatia_finding_get_id (finding),
                              fatia_state_to_string (fatia_finding_get_state (finding)));
    }
  g_assert_cmpstr (states->str, ==, c->findings);
}

/* The marker file agrees with what the facts say of the tree. */
static void
test_marker (gconstpointer data)
{
  const TreeCase *c = data;
  g_autoptr (HostTree) tree = host_tree_new (c->name);
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autoptr (GKeyFile) marker = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (tree->path, ".fatia-practice", NULL);
  g_autofree char *name = NULL;
  g_autofree char *description = NULL;
  g_autofree char *pf = NULL;

  g_key_file_load_from_file (marker, path, G_KEY_FILE_KEEP_TRANSLATIONS, &error);
  g_assert_no_error (error);
  name = g_key_file_get_locale_string (marker, "practice", "Name", "pt_BR", &error);
  g_assert_no_error (error);
  description = g_key_file_get_locale_string (marker, "practice", "Description", "pt_BR", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (description), >, strlen (name));
  pf = g_key_file_get_string (marker, "practice", "Pf", NULL);
  g_assert_cmpstr (pf, ==, facts->pf ? facts->pf->address : NULL);
  g_assert_cmpint (g_key_file_get_boolean (marker, "practice", "Dmar", &error), ==, facts->dmar);
  g_assert_no_error (error);
  g_assert_cmpint (g_key_file_get_boolean (marker, "practice", "SriovModule", &error), ==,
                   facts->driver_sriov == FATIA_YES);
  g_assert_no_error (error);
  g_assert_cmpint (g_key_file_get_integer (marker, "practice", "TotalVfs", &error), ==,
                   facts->pf ? facts->pf->sriov_totalvfs : 0);
  g_assert_no_error (error);
}

static void
run_tool (HostTree *tree, const TreeCase *c)
{
  g_autofree char *tool = g_build_filename (tree->path, c->tool, NULL);
  g_autofree char *root = g_strdup_printf ("FATIA_HOST_ROOT=%s", tree->path);
  const char *argv[] = { tool, c->tool_arguments[0], c->tool_arguments[1], NULL };
  const char *envp[] = { root, "PATH=/usr/bin:/bin", NULL };
  g_autofree char *errors = NULL;
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **) argv, (char **) envp, G_SPAWN_DEFAULT, NULL, NULL, NULL, &errors,
                &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_assert_true (g_str_has_prefix (errors, "Generating grub configuration file ...\n"));
  g_assert_true (g_str_has_suffix (errors, "done\n"));
}

static char *
read_config (HostTree *tree)
{
  g_autoptr (GError) error = NULL;
  char *text = fatia_host_root_read (tree->root, "/boot/grub/grub.cfg", 65536, NULL, &error);

  g_assert_no_error (error);
  return text;
}

/* What lies in the tree is what its tool makes, and it is what the kernel was started with. */
static void
test_tool_repeats (gconstpointer data)
{
  const TreeCase *c = data;
  g_autoptr (HostTree) tree = host_tree_new (c->name);
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autofree char *before = read_config (tree);
  g_autofree char *after = NULL;
  const char *line = strstr (before, "\tlinux\t");
  g_autofree char *linux_line = NULL;
  g_auto (GStrv) words = NULL;
  gsize n = 0;

  run_tool (tree, c);
  after = read_config (tree);
  g_assert_cmpstr (before, ==, after);

  g_assert_nonnull (line);
  linux_line = g_strndup (line + 7, strcspn (line + 7, "\n"));
  words = g_strsplit (linux_line, " ", -1);
  for (gsize i = 1; words[i]; i++)
    {
      if (words[i][0] != '\0')
        g_assert_cmpstr (words[i], ==, facts->kernel_arguments[++n]);
    }
  g_assert_null (facts->kernel_arguments[n + 1]);
}

static void
test_tool_follows (gconstpointer data)
{
  const TreeCase *c = data;
  g_autoptr (HostTree) tree = host_tree_new (c->name);
  g_autofree char *config = NULL;

  host_tree_put (tree, "etc/default/grub",
                 "GRUB_CMDLINE_LINUX_DEFAULT='quiet dyndbg=\"file a +p\"'\n"
                 "GRUB_CMDLINE_LINUX=\"intel_iommu=on i915.max_vfs=7\"\n",
                 -1);
  run_tool (tree, c);
  config = read_config (tree);
  g_assert_nonnull (strstr (config, " intel_iommu=on i915.max_vfs=7 quiet dyndbg=\"file a +p\"\n"));
  if (g_str_has_suffix (c->tool, "update-grub"))
    {
      g_autofree char *second = NULL;

      host_tree_put (tree, "etc/default/grub.d/50-more.cfg",
                     "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT more\"\n", -1);
      run_tool (tree, c);
      second = read_config (tree);
      g_assert_nonnull (strstr (second, " dyndbg=\"file a +p\" more\n"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *findings = g_strdup_printf ("/practice-trees/%s/findings", cases[i].name);
      g_autofree char *marker = g_strdup_printf ("/practice-trees/%s/marker", cases[i].name);
      g_autofree char *repeats = g_strdup_printf ("/practice-trees/%s/tool-repeats", cases[i].name);
      g_autofree char *follows = g_strdup_printf ("/practice-trees/%s/tool-follows", cases[i].name);

      g_test_add_data_func (findings, &cases[i], test_findings);
      g_test_add_data_func (marker, &cases[i], test_marker);
      g_test_add_data_func (repeats, &cases[i], test_tool_repeats);
      g_test_add_data_func (follows, &cases[i], test_tool_follows);
    }
  return g_test_run ();
}
