/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What udev, systemd-tmpfiles and AppArmor's own parser say to the files that are written. */
#include "memory/fatia-guest-memory.h"
#include "memory/fatia-rom.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../change/tree.h"
#include "change/fatia-apply.h"

#define PROFILES "etc/apparmor.d/"
#define LABEL    "system_u:object_r:svirt_tmpfs_t:s0"

static void
host_set_up (Tree *tree, gconstpointer data)
{
  g_autofree char *group = g_strdup_printf ("kvm:x:%u:\n", (guint) getegid ());

  tree_set_up (tree, data);
  tree_write (tree, "proc/sys/kernel/osrelease", "6.12\n");
  tree_write (tree, "lib/modules/6.12/modules.dep", "updates/dkms/kvmfr.ko:\n");
  tree_write (tree, "etc/libvirt/qemu.conf", "");
  tree_write (tree, PROFILES "abstractions/libvirt-qemu",
              "include if exists <abstractions/libvirt-qemu.d>\n");
  tree_write (tree, "etc/group", group);
}

static void
apply (Tree *tree, FatiaChangeSet *set)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);

  g_assert_no_error (error);
}

static void
apply_memory (Tree *tree, FatiaMemoryKind kind)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("memory");
  g_autofree char *user = g_strdup_printf ("%u", (guint) geteuid ());
  g_autoptr (GError) error = NULL;

  fatia_guest_memory_plan (tree->root, kind, 64, user, set, &error);
  g_assert_no_error (error);
  apply (tree, set);
}

static void
apply_rom (Tree *tree, const char *name)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("gop");
  g_autoptr (GBytes) rom = g_bytes_new_static ("\x55\xaa", 2);
  g_autoptr (GError) error = NULL;

  fatia_rom_plan (tree->root, name, rom, set, &error);
  g_assert_no_error (error);
  apply (tree, set);
}

/* Whether the tool is here; where a distribution has none there is nothing to ask. */
static gboolean
have (const char *program)
{
  g_autofree char *path = g_find_program_in_path (program);
  g_autofree char *words = g_strdup_printf ("optional: there is no %s here", program);

  if (path == NULL)
    g_test_skip (words);
  return path != NULL;
}

/* Whether the tool ends well; @output: what it prints. */
static gboolean
run (char **output, const char *program, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *said = NULL;
  g_autofree char *complained = NULL;
  va_list args;
  int status;

  va_start (args, program);
  for (const char *word = program; word; word = va_arg (args, const char *))
    g_ptr_array_add (argv, (gpointer) word);
  va_end (args);
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &said,
                &complained, &status, &error);
  g_assert_no_error (error);
  g_test_message ("%s: %s", program, complained);
  if (output)
    *output = g_steal_pointer (&said);
  return g_spawn_check_wait_status (status, NULL);
}

static void
test_udev (Tree *tree, gconstpointer data)
{
  g_autofree char *rule = tree_path (tree, "etc/udev/rules.d/70-fatia-kvmfr.rules");

  if (!have ("udevadm"))
    return;
  apply_memory (tree, FATIA_MEMORY_KVMFR);
  g_assert_true (run (NULL, "udevadm", "verify", "--resolve-names=never", rule, NULL));
  tree_write (tree, "etc/udev/rules.d/70-fatia-kvmfr.rules", "SUBSYSTEM==kvmfr\n");
  g_assert_false (run (NULL, "udevadm", "verify", "--resolve-names=never", rule, NULL));
}

static void
test_tmpfiles (Tree *tree, gconstpointer data)
{
  g_autofree char *rule = tree_path (tree, "etc/tmpfiles.d/fatia-looking-glass.conf");
  g_autofree char *file = tree_path (tree, "dev/shm/looking-glass");
  g_autofree char *option = g_strdup_printf ("--root=%s", tree->path);
  struct stat info;

  if (!have ("systemd-tmpfiles"))
    return;
  apply_memory (tree, FATIA_MEMORY_SHM);
  g_assert_true (run (NULL, "systemd-tmpfiles", "--create", option, rule, NULL));
  g_assert_no_errno (stat (file, &info));
  g_assert_cmpuint (info.st_mode & 07777, ==, 0660);
  g_assert_cmpuint (info.st_uid, ==, geteuid ());
  g_assert_cmpuint (info.st_gid, ==, getegid ());
}

/* The label is set by the same rule. */
static void
test_tmpfiles_label (Tree *tree, gconstpointer data)
{
  g_autofree char *rule = tree_path (tree, "etc/tmpfiles.d/fatia-looking-glass.conf");
  g_autofree char *file = tree_path (tree, "dev/shm/looking-glass");
  g_autofree char *option = g_strdup_printf ("--root=%s", tree->path);
  g_autofree char *tried = tree_path (tree, "tried");
  char label[256] = "";

  tree_write (tree, "tried", "");
  if (setxattr (tried, "security.selinux", LABEL, strlen (LABEL), 0) < 0)
    {
      g_test_skip ("optional: only root may set a label, and no other kernel’s");
      return;
    }
  if (!have ("systemd-tmpfiles"))
    return;
  tree_write (tree, "sys/fs/selinux/enforce", "1");
  apply_memory (tree, FATIA_MEMORY_SHM);
  g_assert_true (run (NULL, "systemd-tmpfiles", "--create", option, rule, NULL));
  g_assert_cmpint (getxattr (file, "security.selinux", label, sizeof label - 1), >, 0);
  g_assert_cmpstr (label, ==, LABEL);
}

/* A virtual machine's profile includes the system's own abstraction, which has to find ours. */
static void
test_apparmor (Tree *tree, gconstpointer data)
{
  static const char *const rules[] = { "/dev/kvmfr0 rw,", "/var/lib/fatia/roms/a.rom r,",
                                       "/var/lib/fatia/roms/b-2.efi r," };
  g_autofree char *folder = tree_path (tree, PROFILES);
  g_autofree char *profile = tree_path (tree, "profile");
  g_autofree char *text = NULL;

  if (!have ("apparmor_parser"))
    return;
  apply_memory (tree, FATIA_MEMORY_KVMFR);
  apply_rom (tree, "a.rom");
  apply_rom (tree, "b-2.efi");
  tree_write (
    tree, "profile",
    "#include <tunables/global>\nprofile x {\n  #include <abstractions/libvirt-qemu>\n}\n");
  g_assert_true (run (NULL, "apparmor_parser", "-Q", "-K", "-I", folder, profile, NULL));
  g_assert_true (run (&text, "apparmor_parser", "-p", "-I", folder, profile, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    g_assert_nonnull (strstr (text, rules[i]));
  tree_write (tree, PROFILES "abstractions/libvirt-qemu.d/fatia-kvmfr", "/dev/kvmfr0 rw\n");
  g_assert_false (run (NULL, "apparmor_parser", "-Q", "-K", "-I", folder, profile, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/memory-tools/udev", Tree, NULL, host_set_up, test_udev, tree_tear_down);
  g_test_add ("/memory-tools/tmpfiles", Tree, NULL, host_set_up, test_tmpfiles, tree_tear_down);
  g_test_add ("/memory-tools/tmpfiles-label", Tree, NULL, host_set_up, test_tmpfiles_label,
              tree_tear_down);
  g_test_add ("/memory-tools/apparmor", Tree, NULL, host_set_up, test_apparmor, tree_tear_down);
  return g_test_run ();
}
