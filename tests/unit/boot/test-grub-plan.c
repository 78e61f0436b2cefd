/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan and the reading of a whole host: which file is changed, and which tool is run. */
#include "boot/fatia-boot-plans.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define OURS          "intel_iommu=on i915.max_vfs=7 module_blacklist=xe"
#define QUIET         "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"
#define DEBIAN_SCRIPT "for x in ${sysconfdir}/default/grub.d/*.cfg ; do . \"$x\"; done\n"

typedef struct
{
  char *path;
  FatiaHostRoot *root;
  FatiaChangeSet *set;
  GStrv wanted;
  GError *error;
} Host;

static void
host_set_up (Host *host, gconstpointer data)
{
  host->path = g_dir_make_tmp ("fatia-grub-XXXXXX", &host->error);
  g_assert_no_error (host->error);
  host->root = fatia_host_root_new (host->path, &host->error);
  g_assert_no_error (host->error);
  host->set = fatia_change_set_new ("boot");
  host->wanted = g_strsplit (OURS, " ", -1);
}

static void
host_tear_down (Host *host, gconstpointer data)
{
  const char *rm[] = { "rm", "-rf", host->path, NULL };

  g_clear_object (&host->set);
  g_clear_object (&host->root);
  g_clear_error (&host->error);
  g_strfreev (host->wanted);
  g_assert_true (g_spawn_sync (NULL, (char **) rm, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (host->path);
}

static void
put (Host *host, const char *name, const char *text, int mode)
{
  g_autofree char *path = g_build_filename (host->path, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

static void
put_debian (Host *host, const char *defaults)
{
  put (host, "etc/default/grub", defaults, 0644);
  put (host, "usr/sbin/update-grub", "#!/bin/sh\n", 0755);
  put (host, "usr/sbin/grub-mkconfig", DEBIAN_SCRIPT, 0755);
  put (host, "boot/grub/grub.cfg", "", 0600);
}

static gboolean
plan (Host *host)
{
  return fatia_boot_plan_checked (fatia_grub_plan, host->root, (const char *const *) host->wanted,
                                  host->set, &host->error);
}

static void
assert_refused (Host *host, const char *words)
{
  g_assert_false (plan (host));
  g_assert_error (host->error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
  if (!strstr (host->error->message, words))
    g_error ("“%s” is not in: %s", words, host->error->message);
  g_assert_nonnull (strstr (host->error->message, OURS));
  g_assert_true (fatia_change_set_is_empty (host->set));
  g_clear_error (&host->error);
}

/* Asserts that the plan is one file's change, with @added on a line of its diff, and one command.
 */
static void
assert_plan (Host *host, const char *path, const char *added, const char *command)
{
  g_autoptr (GVariant) changes = NULL;
  const char *kind, *target, *diff;
  g_autofree char *line = g_strconcat ("\n+", added, "\n", NULL);

  g_assert_true (plan (host));
  g_assert_no_error (host->error);
  changes = fatia_change_set_describe (host->set);
  g_assert_cmpuint (g_variant_n_children (changes), ==, 2);
  g_variant_get_child (changes, 0, "(&s&s&s&s)", &kind, &target, NULL, &diff);
  g_assert_cmpstr (kind, ==, "file");
  g_assert_cmpstr (target, ==, path);
  if (!strstr (diff, line))
    g_error ("“%s” is not in:\n%s", added, diff);
  g_variant_get_child (changes, 1, "(&s&s&s&s)", &kind, NULL, NULL, &diff);
  g_assert_cmpstr (kind, ==, "command");
  g_assert_cmpstr (diff, ==, command);
}

static void
assert_arguments (Host *host, const char *expected)
{
  g_auto (GStrv) arguments = fatia_grub_read_arguments (host->root, &host->error);
  g_autofree char *joined = NULL;

  g_assert_no_error (host->error);
  joined = g_strjoinv ("|", arguments);
  g_assert_cmpstr (joined, ==, expected);
}

static void
test_debian (Host *host, gconstpointer data)
{
  put_debian (host, QUIET);
  put (host, "usr/bin/grub2-mkconfig", "", 0755);
  assert_plan (host, "/etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet " OURS "\"",
               "/usr/sbin/update-grub");
}

static void
test_suse (Host *host, gconstpointer data)
{
  put (host, "etc/default/grub", QUIET, 0644);
  put (host, "usr/sbin/grub2-mkconfig", "", 0755);
  put (host, "boot/grub2/grub.cfg", "", 0600);
  assert_plan (host, "/etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet " OURS "\"",
               "/usr/sbin/grub2-mkconfig -o /boot/grub2/grub.cfg");
}

static void
test_arch (Host *host, gconstpointer data)
{
  put (host, "etc/default/grub", QUIET, 0644);
  /* It is in no file that this grub-mkconfig reads. */
  put (host, "etc/default/grub.d/more.cfg", "GRUB_CMDLINE_LINUX_DEFAULT=never\n", 0644);
  put (host, "usr/bin/grub-mkconfig", "test -f ${sysconfdir}/default/grub\n", 0755);
  put (host, "boot/grub/grub.cfg", "", 0600);
  assert_plan (host, "/etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet " OURS "\"",
               "/usr/bin/grub-mkconfig -o /boot/grub/grub.cfg");
  assert_arguments (host, "quiet");
}

static void
test_done (Host *host, gconstpointer data)
{
  put_debian (host, "GRUB_CMDLINE_LINUX_DEFAULT=\"" OURS "\"\n");
  g_assert_true (plan (host));
  g_assert_no_error (host->error);
  g_assert_true (fatia_change_set_is_empty (host->set));
}

/* Set by hand, but the tool was not run: only that is left to do. */
static void
test_stale_menu (Host *host, gconstpointer data)
{
  g_autoptr (GVariant) changes = NULL;
  const char *kind;

  put_debian (host, "GRUB_CMDLINE_LINUX_DEFAULT=\"" OURS "\"\n");
  put (host, "boot/grub/grub.cfg", "\tlinux\t/vmlinuz root=/dev/sda1 ro quiet " OURS "\n", 0600);
  g_assert_true (plan (host));
  g_assert_true (fatia_change_set_is_empty (host->set));
  put (host, "boot/grub/grub.cfg",
       "linux_gfx_mode=auto\n\tlinux\t/vmlinuz ro quiet\n\tlinuxefi /vmlinuz single\n", 0600);
  g_assert_true (plan (host));
  g_assert_no_error (host->error);
  changes = fatia_change_set_describe (host->set);
  g_assert_cmpuint (g_variant_n_children (changes), ==, 1);
  g_variant_get_child (changes, 0, "(&s&s&s&s)", &kind, NULL, NULL, NULL);
  g_assert_cmpstr (kind, ==, "command");
}

/* Ubuntu's cloud images set the variable anew; that file counts. */
static void
test_overriding_file (Host *host, gconstpointer data)
{
  put_debian (host, QUIET);
  put (host, "etc/default/grub.d/50-cloudimg-settings.cfg",
       "# Cloud\nGRUB_CMDLINE_LINUX_DEFAULT=\"console=ttyS0\"\n", 0644);
  put (host, "etc/default/grub.d/zz.cfg.dpkg-old", "exit\n", 0644);
  put (host, "etc/default/grub.d/.hidden.cfg", "exit\n", 0644);
  assert_arguments (host, "console=ttyS0");
  assert_plan (host, "/etc/default/grub.d/50-cloudimg-settings.cfg",
               "GRUB_CMDLINE_LINUX_DEFAULT=\"console=ttyS0 " OURS "\"", "/usr/sbin/update-grub");
}

/* kdump-tools only adds to it: ours go where people look for them. */
static void
test_adding_file (Host *host, gconstpointer data)
{
  put_debian (host, QUIET "GRUB_CMDLINE_LINUX=\"ro\"\n");
  put (host, "etc/default/grub.d/kdump-tools.cfg",
       "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT crashkernel=512M-:192M\"\n", 0644);
  assert_arguments (host, "ro|quiet|crashkernel=512M-:192M");
  assert_plan (host, "/etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet " OURS "\"",
               "/usr/sbin/update-grub");
}

/* The same, but what is added takes ours back. */
static void
test_opposing_file (Host *host, gconstpointer data)
{
  put_debian (host, QUIET);
  put (host, "etc/default/grub.d/more.cfg",
       "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT module_blacklist=nouveau\"\n",
       0644);
  assert_plan (host, "/etc/default/grub.d/more.cfg",
               "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT "
               "module_blacklist=nouveau,xe intel_iommu=on i915.max_vfs=7\"",
               "/usr/sbin/update-grub");
}

static void
test_odd_folder (Host *host, gconstpointer data)
{
  g_autofree char *link = NULL;

  put_debian (host, QUIET);
  put (host, "etc/default/grub.d/more.cfg", "eval \"$X\"\n", 0644);
  assert_refused (host, "/etc/default/grub.d/more.cfg, line 1");
  g_assert_null (fatia_grub_read_arguments (host->root, &host->error));
  g_assert_error (host->error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
  g_clear_error (&host->error);

  /* A link to nowhere is passed over by the shell, too. */
  put (host, "etc/default/grub.d/more.cfg", "GRUB_TIMEOUT=1\n", 0644);
  link = g_build_filename (host->path, "etc/default/grub.d/zz.cfg", NULL);
  g_assert_cmpint (symlink ("/nowhere", link), ==, 0);
  assert_arguments (host, "quiet");
  /* A folder is not. */
  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_cmpint (g_mkdir (link, 0755), ==, 0);
  assert_refused (host, "zz.cfg");
}

static void
test_missing (Host *host, gconstpointer data)
{
  g_assert_null (fatia_grub_read_arguments (host->root, &host->error));
  g_assert_error (host->error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&host->error);
  assert_refused (host, "/etc/default/grub");
  put (host, "etc/default/grub", QUIET, 0644);
  assert_refused (host, "update tools");
  put (host, "usr/sbin/update-grub", "", 0644);
  assert_refused (host, "update tools");
  put (host, "usr/sbin/update-grub", "", 0755);
  assert_refused (host, "/boot/grub/grub.cfg");
  /* Where nothing is to be done, nothing is missed. */
  put (host, "etc/default/grub", "GRUB_CMDLINE_LINUX=\"" OURS "\"\n", 0644);
  g_assert_true (plan (host));
  g_assert_true (fatia_change_set_is_empty (host->set));
}

static void
test_boot_loader_entries (Host *host, gconstpointer data)
{
  put (host, "etc/default/grub", "GRUB_CMDLINE_LINUX=\"rhgb\"\nGRUB_ENABLE_BLSCFG=true\n", 0644);
  put (host, "usr/sbin/grub2-mkconfig", "", 0755);
  put (host, "boot/grub2/grub.cfg", "", 0600);
  assert_refused (host, "grubby");
}

static void
test_unknown_argument (Host *host, gconstpointer data)
{
  const char *const wanted[] = { "intel_iommu=on", "init=/bin/sh", NULL };

  put_debian (host, QUIET);
  g_assert_false (
    fatia_boot_plan_checked (fatia_grub_plan, host->root, wanted, host->set, &host->error));
  g_assert_error (host->error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID);
  g_assert_true (fatia_change_set_is_empty (host->set));
}

static void
test_read (Host *host, gconstpointer data)
{
  put (host, "etc/default/grub",
       "GRUB_CMDLINE_LINUX='ro dyndbg=\"file a +p\"'\n"
       "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet acpi_osi='Windows 2015'\"\n"
       "GRUB_CMDLINE_LINUX_DEFAULT+=\" splash\"\n",
       0644);
  assert_arguments (host, "ro|dyndbg=file a +p|quiet|acpi_osi=Windows 2015|splash");
  put (host, "etc/default/grub", "", 0644);
  assert_arguments (host, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                            \
  g_test_add ("/grub-plan/" path, Host, NULL, host_set_up, func, host_tear_down)
  ADD ("debian", test_debian);
  ADD ("suse", test_suse);
  ADD ("arch", test_arch);
  ADD ("done", test_done);
  ADD ("stale-menu", test_stale_menu);
  ADD ("overriding-file", test_overriding_file);
  ADD ("adding-file", test_adding_file);
  ADD ("opposing-file", test_opposing_file);
  ADD ("odd-folder", test_odd_folder);
  ADD ("missing", test_missing);
  ADD ("boot-loader-entries", test_boot_loader_entries);
  ADD ("unknown-argument", test_unknown_argument);
  ADD ("read", test_read);
  return g_test_run ();
}
