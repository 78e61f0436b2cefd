/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel arguments: what may be set, and the kernel's own reading of a line. */
#include "boot/fatia-kernel-arguments.h"

#include <string.h>

#include "boot/fatia-boot-formats.h"

static void
test_known (void)
{
  const char *const known[] = {
    "intel_iommu=on",
    "iommu=pt",
    "i915.enable_guc=0",
    "i915.enable_guc=3",
    "i915.max_vfs=0",
    "i915.max_vfs=7",
    "i915.max_vfs=63",
    "i915.enable_fbc=0",
    "xe.max_vfs=24",
    "xe.force_probe=46d1",
    "xe.force_probe=46D1,a7a0",
    "module_blacklist=xe",
    "module_blacklist=i915,xe",
    "apparmor=1",
    "security=apparmor",
  };
  const char *const unknown[] = {
    "",
    "quiet",
    "intel_iommu",
    "intel_iommu=",
    "intel_iommu=off",
    "intel-iommu=on",
    "intel_iommu=on\n",
    "intel_iommu=on ",
    " intel_iommu=on",
    "intel_iommu=on init=/bin/sh",
    "intel_iommu=on,sm_on",
    "iommu=off",
    "i915.enable_guc=4",
    "i915.enable_guc=33",
    "i915.max_vfs=64",
    "i915.max_vfs=07",
    "i915.max_vfs=-1",
    "i915.max_vfs=\"7\"",
    "xe.max_vfs=100",
    "xe.force_probe=*",
    "xe.force_probe=!46d1",
    "xe.force_probe=46d1,",
    "xe.force_probe=46d",
    "xe.force_probe=46g1",
    "module_blacklist=nouveau",
    "module_blacklist=i915,",
    "module_blacklist=i915,xe,i915",
    "modprobe.blacklist=xe",
    "apparmor=0",
    "security=selinux",
    "security=\xff",
    "init=/bin/sh",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (!fatia_kernel_argument_is_known (known[i]))
      g_error ("%s is not known", known[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (unknown); i++)
    if (fatia_kernel_argument_is_known (unknown[i]))
      g_error ("%s is known", unknown[i]);
}

static void
test_split (void)
{
  static const struct
  {
    const char *line;
    const char *joined;
  } lines[] = {
    { "", "" },
    { "  \t\n", "" },
    { "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro  quiet\n",
      "BOOT_IMAGE=/vmlinuz|root=/dev/sda1|ro|quiet" },
    { "dyndbg=\"file a.c +p\" quiet", "dyndbg=file a.c +p|quiet" },
    { "\"dyndbg=file a.c +p\" quiet", "dyndbg=file a.c +p|quiet" },
    { "a=b\"c d\"e f", "a=b\"c d\"e|f" },
    { "acpi_osi=\"Windows 2015", "acpi_osi=Windows 2015" },
    { "quiet -- single", "quiet|--|single" },
    { "a=\"\" b", "a=|b" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_auto (GStrv) arguments = fatia_kernel_arguments_split (lines[i].line);
      g_autofree char *joined = g_strjoinv ("|", arguments);

      g_assert_cmpstr (joined, ==, lines[i].joined);
    }
}

static void
test_cover (void)
{
  static const struct
  {
    const char *line;
    const char *wanted;
    gboolean covered;
  } rows[] = {
    { "quiet intel_iommu=on", "intel_iommu=on", TRUE },
    { "quiet", "intel_iommu=on", FALSE },
    { "", "", TRUE },
    { "intel_iommu=on intel_iommu=off", "intel_iommu=on", FALSE },
    { "intel_iommu=off intel_iommu=on", "intel_iommu=on", TRUE },
    /* Each intel_iommu= adds to those before. */
    { "intel_iommu=on intel_iommu=sm_on", "intel_iommu=on", TRUE },
    { "intel_iommu=sm_on", "intel_iommu=on", FALSE },
    { "intel_iommu=on,sm_on", "intel_iommu=on", TRUE },
    { "i915.max_vfs=7 i915.max_vfs=3", "i915.max_vfs=7", FALSE },
    { "i915.max_vfs=3 i915.max_vfs=7", "i915.max_vfs=7", TRUE },
    { "i915.max-vfs=7", "i915.max_vfs=7", TRUE },
    { "i915.max_vfs=70", "i915.max_vfs=7", FALSE },
    { "i915.max_vfs", "i915.max_vfs=7", FALSE },
    { "module_blacklist=nouveau,xe", "module_blacklist=xe", TRUE },
    { "module_blacklist=nouveau", "module_blacklist=xe", FALSE },
    { "module_blacklist=xen", "module_blacklist=xe", FALSE },
    { "module_blacklist=xe module_blacklist=nouveau", "module_blacklist=xe", FALSE },
    /* The emergency exit keeps both drivers from loading. */
    { "module_blacklist=i915,xe", "module_blacklist=xe", FALSE },
    { "module_blacklist=i915,xe", "module_blacklist=i915,xe", TRUE },
    { "modprobe.blacklist=xe", "module_blacklist=xe", FALSE },
    { "quiet -- intel_iommu=on", "intel_iommu=on", FALSE },
    { "intel_iommu=on -- splash", "intel_iommu=on", TRUE },
    { "xe.force_probe=46D1", "xe.force_probe=46d1", TRUE },
    { "xe.force_probe=*", "xe.force_probe=46d1", TRUE },
    { "xe.force_probe=*,!46d1", "xe.force_probe=46d1", FALSE },
    { "xe.force_probe=46d0,46d1", "xe.force_probe=46d1,46d0", TRUE },
    { "iommu=pt", "iommu=pt", TRUE },
    { "iommu=pt iommu=nopt", "iommu=pt", FALSE },
    { "\"intel_iommu=on\"", "intel_iommu=on", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (GStrv) have = fatia_kernel_arguments_split (rows[i].line);
      g_auto (GStrv) wanted = fatia_kernel_arguments_split (rows[i].wanted);
      gboolean covered =
        fatia_kernel_arguments_cover ((const char *const *) have, (const char *const *) wanted);

      if (covered != rows[i].covered)
        g_error ("%s in %s: %d", rows[i].wanted, rows[i].line, covered);
    }
}

/* (transfer full) (nullable): a file that is one command line, NULL where it is refused */
static char *
edit_line (const char *line, GStrv wanted)
{
  return fatia_boot_format_edit (&fatia_cmdline_line_format, "cmdline", line, strlen (line),
                                 (const char *const *) wanted, NULL);
}

static void
test_merge (void)
{
  static const struct
  {
    const char *line;
    const char *wanted;
    const char *merged;
  } rows[] = {
    { "", "intel_iommu=on iommu=pt", "intel_iommu=on iommu=pt\n" },
    { "quiet splash", "intel_iommu=on", "quiet splash intel_iommu=on" },
    { "quiet  splash ", "intel_iommu=on", "quiet  splash intel_iommu=on " },
    { "quiet", "", "quiet" },
    { " quiet ", "", " quiet " },
    { "a i915.max_vfs=3 b", "i915.max_vfs=7", "a i915.max_vfs=7 b" },
    { "i915.max_vfs=1 a i915.max_vfs=3 b", "i915.max_vfs=7", "i915.max_vfs=1 a i915.max_vfs=7 b" },
    { "i915.max-vfs=3", "i915.max_vfs=7", "i915.max_vfs=7" },
    { "i915.max_vfs=1", "i915.max_vfs=3 i915.max_vfs=7", "i915.max_vfs=7" },
    { "module_blacklist=nouveau quiet", "module_blacklist=xe",
      "module_blacklist=nouveau,xe quiet" },
    { "module_blacklist=i915 quiet", "module_blacklist=xe", "module_blacklist=xe quiet" },
    { "module_blacklist=i915,nouveau,xe", "module_blacklist=xe", "module_blacklist=nouveau,xe" },
    { "module_blacklist quiet", "module_blacklist=xe",
      "module_blacklist quiet module_blacklist=xe" },
    { "modprobe.blacklist=a", "module_blacklist=xe", "modprobe.blacklist=a module_blacklist=xe" },
    { "intel_iommu=off", "intel_iommu=on", "intel_iommu=on" },
    { "intel_iommu=sm_on", "intel_iommu=on", "intel_iommu=sm_on,on" },
    { "intel_iommu=on,off", "intel_iommu=on", "intel_iommu=on" },
    { "iommu=force,nopt", "iommu=pt", "iommu=force,pt" },
    { "xe.force_probe=!46D1,46d0", "xe.force_probe=46d1", "xe.force_probe=46d0,46d1" },
    { "quiet -- single", "intel_iommu=on", "quiet intel_iommu=on -- single" },
    { "-- intel_iommu=on", "intel_iommu=on", "intel_iommu=on -- intel_iommu=on" },
    { "i915.max_vfs=1 -- x", "i915.max_vfs=7", "i915.max_vfs=7 -- x" },
    { "dyndbg=\"file a +p\" i915.max_vfs=1", "i915.max_vfs=7",
      "dyndbg=\"file a +p\" i915.max_vfs=7" },
    /* Refused: a word that would need quotes, quotes that would swallow ours. */
    { "module_blacklist=\"a b\"", "module_blacklist=xe", NULL },
    { "acpi_osi=\"Windows 2015", "iommu=pt", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (GStrv) wanted = fatia_kernel_arguments_split (rows[i].wanted);
      g_autofree char *merged = edit_line (rows[i].line, wanted);
      g_autofree char *again = merged ? edit_line (merged, wanted) : NULL;
      g_auto (GStrv) have = merged ? fatia_kernel_arguments_split (merged) : NULL;

      g_assert_cmpstr (merged, ==, rows[i].merged);
      g_assert_cmpstr (again, ==, merged);
      g_assert_true (have == NULL || fatia_kernel_arguments_cover ((const char *const *) have,
                                                                   (const char *const *) wanted));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernel-arguments/known", test_known);
  g_test_add_func ("/kernel-arguments/split", test_split);
  g_test_add_func ("/kernel-arguments/cover", test_cover);
  g_test_add_func ("/kernel-arguments/merge", test_merge);
  return g_test_run ();
}
