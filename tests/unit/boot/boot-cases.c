/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot-cases.h"

#include <string.h>

static gboolean
is_linux_options (const char *name)
{
  return g_str_equal (name, "LINUX_OPTIONS");
}

static gboolean
is_limine (const char *name)
{
  return g_str_has_prefix (name, "KERNEL_CMDLINE[") && !fatia_text_is_way_out (name);
}

static const FatiaAssignments sdboot = { is_linux_options, "LINUX_OPTIONS", "LINUX_OPTIONS=\"",
                                         NULL };
static const FatiaBootFormat sdboot_format = { fatia_assignments_find, &sdboot,
                                               FATIA_QUOTING_KERNEL };
static const FatiaAssignments limine = { is_limine, "KERNEL_CMDLINE[default]", NULL, NULL };
static const FatiaBootFormat limine_format = { fatia_assignments_find, &limine,
                                               FATIA_QUOTING_KERNEL };

static gboolean
is_kernel_cmdline (const char *name)
{
  return g_str_equal (name, "kernel_cmdline");
}

static const FatiaAssignments dracut = { is_kernel_cmdline, "kernel_cmdline", NULL, NULL };
static const FatiaBootFormat dracut_format = { fatia_assignments_find, &dracut,
                                               FATIA_QUOTING_KERNEL };

#define BLS "GRUB_CMDLINE_LINUX=\"rhgb " OURS "\"\nGRUB_ENABLE_BLSCFG=true\n"

const BootKind boot_kinds[] = {
  /* GRUB's own files have a reader of their own: see cases in grub/. */
  { "GRUB",
    "grub",
    NULL,
    "etc/default/grub",
    "GRUB 2.12",
    NULL,
    { { "boot/grub/grub.cfg", "" } },
    "usr/sbin/update-grub" },
  { "GRUB",
    "grub",
    NULL,
    "etc/default/grub",
    "GRUB 2.12-9+pmx2",
    NULL,
    { { "etc/kernel/proxmox-boot-uuids", "A1B2-C3D4\nA1B3-0F10\n" } },
    "usr/sbin/proxmox-boot-tool" },
  { "systemd-boot",
    "entry",
    &fatia_entry_format,
    "boot/loader/entries/linux.conf",
    "systemd-boot 257.9-1",
    NULL,
    { { NULL } },
    NULL },
  { "BLS",
    "entry",
    &fatia_grub_entry_format,
    "boot/loader/entries/linux.conf",
    "GRUB 2.12",
    NULL,
    { { "etc/default/grub", BLS } },
    NULL },
  { "UKI, mkinitcpio",
    "cmdline-file",
    &fatia_cmdline_file_format,
    "etc/kernel/cmdline",
    "systemd-boot 257.9-1",
    "systemd-stub 257.9-1",
    { { "etc/mkinitcpio.d/linux.preset", "default_uki=\"/efi/EFI/Linux/arch-linux.efi\"\n" } },
    "usr/bin/mkinitcpio" },
  { "UKI, kernel-install",
    "cmdline-file",
    &fatia_cmdline_file_format,
    "etc/kernel/cmdline",
    "systemd-boot 257.9-1",
    "systemd-stub 257.9-1",
    { { "etc/kernel/install.conf", "layout=uki\n" } },
    "usr/bin/kernel-install" },
  { "UKI, dracut",
    "dracut",
    &dracut_format,
    "etc/dracut.conf.d/uefi.conf",
    "systemd-boot 257.9-1",
    "systemd-stub 257.9-1",
    { { "etc/dracut.conf", "uefi=yes\n" } },
    "usr/bin/dracut" },
  { "Proxmox",
    "proxmox",
    &fatia_cmdline_line_format,
    "etc/kernel/cmdline",
    "systemd-boot 252.31-1~deb12u1",
    NULL,
    { { "etc/kernel/proxmox-boot-uuids", "A1B2-C3D4\n" } },
    "usr/sbin/proxmox-boot-tool" },
  { "sdboot-manage",
    "sdboot-manage",
    &sdboot_format,
    "etc/sdboot-manage.conf",
    "systemd-boot 257.9-1",
    NULL,
    { { NULL } },
    "usr/bin/sdboot-manage" },
  { "limine-entry-tool",
    "limine-default",
    &limine_format,
    "etc/default/limine",
    "Limine 9.2.3",
    NULL,
    { { NULL } },
    "usr/bin/limine-update" },
  { "Limine",
    "limine",
    &fatia_limine_format,
    "boot/limine.conf",
    "Limine 9.2.3",
    NULL,
    { { NULL } },
    NULL },
  { "Limine",
    "limine-old",
    &fatia_limine_old_format,
    "boot/limine.cfg",
    "Limine 7.0.0",
    NULL,
    { { NULL } },
    NULL },
  { "rEFInd, beside kernels",
    "refind-linux",
    &fatia_refind_linux_format,
    "boot/refind_linux.conf",
    "rEFInd 0.14.2",
    NULL,
    { { NULL } },
    NULL },
  { "rEFInd",
    "refind",
    &fatia_refind_format,
    "boot/efi/EFI/refind/refind.conf",
    "rEFInd 0.14.2",
    NULL,
    { { NULL } },
    NULL },
  { "kernelstub",
    "kernelstub",
    &fatia_kernelstub_format,
    "etc/kernelstub/configuration",
    "systemd-boot 249.11",
    NULL,
    { { NULL } },
    "usr/bin/kernelstub" },
};
const gsize n_boot_kinds = G_N_ELEMENTS (boot_kinds);

static void
boot_case_free (BootCase *test)
{
  g_free (test->title);
  g_free (test->before);
  g_free (test->after);
  g_free (test->refused);
  g_free (test);
}

/* Adds to @before and @after what the case's text stands for. */
static void
expand (const char *text, GString *before, GString *after)
{
  for (const char *p = text; *p != '\0'; p++)
    if (*p == '^')
      g_string_append (after, " " OURS);
    else if (*p == '<')
      {
        const char *bar = strchr (p, '|'), *end = strchr (p, '>');

        g_assert_true (bar != NULL && end != NULL && bar < end);
        g_string_append_len (before, p + 1, bar - p - 1);
        g_string_append_len (after, bar + 1, end - bar - 1);
        p = end;
      }
    else
      {
        g_string_append_c (before, *p);
        g_string_append_c (after, *p);
      }
}

static BootCase *
parse_case (const char *text)
{
  BootCase *test = g_new0 (BootCase, 1);
  const char *feed = strchr (text, '\n');
  g_autofree char *head = g_strndup (text, feed - text);
  g_auto (GStrv) parts = g_strsplit (head, " | ", 2);
  g_autoptr (GString) before = g_string_new (NULL);
  g_autoptr (GString) after = g_string_new (NULL);

  expand (feed + 1, before, after);
  test->title = g_strdup (parts[0]);
  test->refused = g_strdup (parts[1]);
  test->before = g_strdup (before->str);
  test->after = parts[1] ? NULL : g_strdup (after->str);
  return test;
}

/* (nullable) (transfer full) */
static char *
read_distribution (const char *folder, const char *stem, const char *suffix)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.%s", folder, stem, suffix);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

/* Distributions' own files of /etc/default/grub: NAME.in, and NAME.out or NAME.refused. */
static void
load_grub (GPtrArray *cases)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "tests/unit/boot/grub", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".in"))
      {
        BootCase *test = g_new0 (BootCase, 1);

        test->title = g_strndup (name, strlen (name) - strlen (".in"));
        test->before = read_distribution (folder, test->title, "in");
        test->after = read_distribution (folder, test->title, "out");
        test->refused = read_distribution (folder, test->title, "refused");
        g_ptr_array_add (cases, test);
      }
}

/* (transfer full) (element-type BootCase) */
GPtrArray *
boot_cases_load (const BootKind *kind)
{
  g_autofree char *name = g_strconcat (kind->name, ".cases", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "tests/unit/boot/cases", name, NULL);
  GPtrArray *cases = g_ptr_array_new_with_free_func ((GDestroyNotify) boot_case_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) parts = NULL;

  if (kind->format == NULL)
    {
      load_grub (cases);
      return cases;
    }
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  parts = g_strsplit (text, "=== ", -1);
  for (gsize i = 1; parts[i] != NULL; i++)
    g_ptr_array_add (cases, parse_case (parts[i]));
  return cases;
}
