/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory set up as either kind on hosts of many shapes, used, changed and undone. */
#include "memory/fatia-guest-memory.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "../change/tree.h"
#include "change/fatia-apply.h"
#include "memory/fatia-qemu-conf.h"

#define RELEASE   "6.12.57"
#define RULE      "etc/tmpfiles.d/fatia-looking-glass.conf"
#define OPTIONS   "etc/modprobe.d/fatia-kvmfr.conf"
#define LOAD      "etc/modules-load.d/fatia-kvmfr.conf"
#define UDEV      "etc/udev/rules.d/70-fatia-kvmfr.rules"
#define PROFILES  "etc/apparmor.d/"
#define OURS      PROFILES "abstractions/libvirt-qemu.d/fatia-kvmfr"
#define LOCAL     PROFILES "local/abstractions/libvirt-qemu"
#define QEMU_CONF "etc/libvirt/qemu.conf"
#define SECRET    "spice_password = \"XYZ12345\"\n"
#define LOG       "log"

/* What a tool was called with, and what the kernel would make of it: a pipe stands for the node,
 * which only root could make. */
static const char tool[] =
  "#!/bin/sh\n"
  "cd \"$FATIA_HOST_ROOT\" || exit 1\n"
  "echo \"${0##*/} $*\" >>log\n"
  "case \"${0##*/} $*\" in\n"
  "'modprobe kvmfr') mkdir -p sys/module/kvmfr; [ -e dev/kvmfr0 ] || mkfifo dev/kvmfr0 ;;\n"
  "'modprobe -r kvmfr') [ ! -e busy ] || exit 1; rmdir sys/module/kvmfr; rm -f dev/kvmfr0 ;;\n"
  "find*) rm dev/kvmfr0 ;;\n"
  "esac\n";

static void
add_tool (Tree *tree, const char *name)
{
  g_autofree char *path = g_strconcat ("usr/sbin/", name, NULL);

  tree_write_mode (tree, path, tool, 0755);
}

/* A host like Debian 13 with the module installed. */
static void
host_set_up (Tree *tree, gconstpointer data)
{
  tree_set_up (tree, data);
  tree_write (tree, "proc/sys/kernel/osrelease", RELEASE "\n");
  tree_write (tree, "usr/lib/modules/" RELEASE "/modules.dep",
              "kernel/fs/fat/fat.ko.xz:\nupdates/dkms/kvmfr.ko.xz: kernel/x/y.ko.xz\n");
  tree_write_mode (tree, QEMU_CONF, "user = \"root\"\n" SECRET, 0600);
  tree_write (tree, PROFILES "abstractions/libvirt-qemu",
              "  /dev/kvm rw,\n  include if exists <abstractions/libvirt-qemu.d>\n"
              "  include if exists <local/abstractions/libvirt-qemu>\n");
  tree_folder (tree, "dev");
  tree_folder (tree, "sys/module");
}

static void
host_add_tools (Tree *tree)
{
  static const char *const names[] = { "modprobe", "udevadm",          "systemctl",
                                       "find",     "systemd-tmpfiles", "semodule" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    add_tool (tree, names[i]);
  tree_write (tree, "usr/lib/systemd/system/libvirtd.service", "");
}

static FatiaChangeSet *
plan (Tree *tree, FatiaMemoryKind kind, guint megabytes)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("memory");
  g_autoptr (GError) error = NULL;

  fatia_guest_memory_plan (tree->root, kind, megabytes, "ana", set, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&set);
}

static char *
apply (Tree *tree, FatiaMemoryKind kind, guint megabytes)
{
  g_autoptr (FatiaChangeSet) set = plan (tree, kind, megabytes);
  g_autoptr (FatiaChangeSet) again = NULL;
  g_autoptr (GError) error = NULL;
  char *id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);

  g_assert_no_error (error);
  again = plan (tree, kind, megabytes);
  g_assert_true (fatia_change_set_is_empty (again));
  return id;
}

static void
undo (Tree *tree, const char *id)
{
  g_autoptr (GError) error = NULL;

  fatia_changes_undo (tree->root, id, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* (transfer full): the words of a refusal that leaves everything as it is */
static char *
refused (Tree *tree, FatiaMemoryKind kind, guint megabytes, int code)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("memory");
  g_autoptr (GError) error = NULL;

  g_assert_false (fatia_guest_memory_plan (tree->root, kind, megabytes, "ana", set, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, code);
  g_test_message ("%s", error->message);
  return g_strdup (error->message);
}

static gboolean
is_there (Tree *tree, const char *name)
{
  g_autofree char *path = tree_path (tree, name);

  return access (path, F_OK) == 0;
}

static void
assert_text (Tree *tree, const char *name, const char *text)
{
  g_autofree char *present = tree_read (tree, name);

  g_assert_cmpstr (present, ==, text);
}

static void
assert_ends (Tree *tree, const char *name, const char *end)
{
  g_autofree char *present = tree_read (tree, name);

  g_test_message ("%s", present);
  g_assert_true (g_str_has_suffix (present, end));
}

static void
test_kvmfr (Tree *tree, gconstpointer data)
{
  g_autofree char *before = tree_snapshot (tree, NULL);
  g_autofree char *id = apply (tree, FATIA_MEMORY_KVMFR, 64);
  g_autofree char *after = NULL;

  assert_ends (tree, OPTIONS, "\noptions kvmfr static_size_mb=64\n");
  assert_ends (tree, LOAD, "\nkvmfr\n");
  assert_ends (tree, UDEV,
               "\nSUBSYSTEM==\"kvmfr\", GROUP=\"kvm\", MODE=\"0660\", TAG+=\"uaccess\"\n");
  assert_ends (tree, OURS, "\n/dev/kvmfr0 rw,\n");
  assert_ends (tree, QEMU_CONF, "    \"/dev/kvmfr0\"\n]\n");
  g_assert_false (is_there (tree, LOCAL));
  g_assert_false (is_there (tree, RULE));
  undo (tree, id);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (before, ==, after);
}

/* What others wrote above and below an addition is not for everyone's eyes. */
static void
test_secrets (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = plan (tree, FATIA_MEMORY_KVMFR, 64);
  g_autoptr (GVariant) items = fatia_change_set_describe (set);
  g_autofree char *text = g_variant_print (items, FALSE);
  g_autofree char *id = apply (tree, FATIA_MEMORY_KVMFR, 64);
  g_autoptr (FatiaChangeSet) back = fatia_changes_plan_undo (tree->root, id, NULL, NULL);
  g_autoptr (GVariant) back_items = fatia_change_set_describe (back);
  g_autofree char *back_text = g_variant_print (back_items, FALSE);

  g_assert_nonnull (strstr (text, "cgroup_device_acl"));
  g_assert_null (strstr (text, "XYZ"));
  g_assert_nonnull (strstr (back_text, "cgroup_device_acl"));
  g_assert_null (strstr (back_text, "XYZ"));
  undo (tree, id);
}

static void
test_shm (Tree *tree, gconstpointer data)
{
  g_autofree char *before = tree_snapshot (tree, NULL);
  g_autofree char *id = apply (tree, FATIA_MEMORY_SHM, 32);
  g_autofree char *after = NULL;

  assert_ends (tree, RULE, "\nf /dev/shm/looking-glass 0660 ana kvm -\n");
  g_assert_false (is_there (tree, UDEV));
  undo (tree, id);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (before, ==, after);
}

/* What was set up as one kind goes when it becomes the other. */
static void
test_switch (Tree *tree, gconstpointer data)
{
  g_autofree char *before = tree_snapshot (tree, NULL);
  g_autofree char *first = apply (tree, FATIA_MEMORY_SHM, 32);
  g_autofree char *second = apply (tree, FATIA_MEMORY_KVMFR, 64);
  g_autofree char *third = NULL;
  g_autofree char *after = NULL;
  static const char *const gone[] = { OPTIONS, LOAD, UDEV, OURS };

  g_assert_false (is_there (tree, RULE));
  third = apply (tree, FATIA_MEMORY_SHM, 32);
  for (guint i = 0; i < G_N_ELEMENTS (gone); i++)
    g_assert_false (is_there (tree, gone[i]));
  assert_text (tree, QEMU_CONF, "user = \"root\"\n" SECRET);
  g_assert_true (is_there (tree, RULE));
  undo (tree, third);
  undo (tree, second);
  undo (tree, first);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (before, ==, after);
}

/* Where there is one file for additions, every line of others' stays. */
static void
test_local_abstraction (Tree *tree, gconstpointer data)
{
  static const char theirs[] = "# ours\n/dev/input/event3 rw,";
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  tree_write (tree, PROFILES "abstractions/libvirt-qemu",
              "  /dev/kvm rw,\n  #include <local/abstractions/libvirt-qemu>\n");
  tree_write (tree, LOCAL, theirs);
  first = apply (tree, FATIA_MEMORY_KVMFR, 64);
  g_assert_false (is_there (tree, OURS));
  assert_text (tree, LOCAL, "# ours\n/dev/input/event3 rw,\n/dev/kvmfr0 rw, # Fatia\n");
  second = apply (tree, FATIA_MEMORY_SHM, 64);
  assert_text (tree, LOCAL, "# ours\n/dev/input/event3 rw,\n");
  undo (tree, second);
  undo (tree, first);
  assert_text (tree, LOCAL, theirs);
  /* Someone allowed it already. */
  tree_write (tree, LOCAL, "  /dev/kvmfr0 rw,\n");
  g_free (first);
  first = apply (tree, FATIA_MEMORY_KVMFR, 64);
  assert_text (tree, LOCAL, "  /dev/kvmfr0 rw,\n");
}

static void
test_no_abstraction (Tree *tree, gconstpointer data)
{
  g_autofree char *path = tree_path (tree, PROFILES "abstractions/libvirt-qemu");
  g_autofree char *words = NULL;
  g_autofree char *id = NULL;

  tree_write (tree, PROFILES "abstractions/libvirt-qemu",
              "  /dev/kvm rw,\n  # see include <abstractions/libvirt-qemu.d>\n");
  words = refused (tree, FATIA_MEMORY_KVMFR, 64, FATIA_CHANGE_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (words, "/dev/kvmfr0 rw,"));
  g_assert_no_errno (g_unlink (path));
  id = apply (tree, FATIA_MEMORY_KVMFR, 64);
  g_assert_false (is_there (tree, OURS));
  g_assert_false (is_there (tree, LOCAL));
}

static void
test_others_size (Tree *tree, gconstpointer data)
{
  static const struct
  {
    const char *name;
    const char *text;
    guint needed;
    const char *words; /* NULL: theirs will do */
  } cases[] = {
    { "etc/modprobe.d/kvmfr.conf", "options kvmfr static_size_mb=128\n", 64, NULL },
    { "etc/modprobe.d/kvmfr.conf", "#options\noptions kvmfr static_size_mb=32,64\n", 64, "line 2" },
    { "etc/modprobe.d/a.conf", "options kvmfr \\\n  static_size_mb=64\n", 64, NULL },
    { "etc/modprobe.d/a.conf", "\n\n options\tkvmfr a=b static_size_mb=\"16\"", 64, "line 3" },
    { "usr/lib/modprobe.d/kvmfr.conf", "options kvmfr static_size_mb=128\r\n", 128, NULL },
    { "etc/modprobe.d/kvmfr.conf", "options kvmfr static_size_mb=much\n", 64, "line 1" },
    { "etc/modprobe.d/kvmfr.conf", "options kvmfr static_size_mb=99999999999999999999\n", 64,
      "line 1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = tree_path (tree, cases[i].name);
      g_autofree char *words = NULL;
      g_autofree char *id = NULL;

      tree_write (tree, cases[i].name, cases[i].text);
      if (cases[i].words)
        {
          words = refused (tree, FATIA_MEMORY_KVMFR, cases[i].needed, FATIA_CHANGE_ERROR_REFUSED);
          g_assert_nonnull (strstr (words, cases[i].name));
          g_assert_nonnull (strstr (words, cases[i].words));
        }
      else
        {
          id = apply (tree, FATIA_MEMORY_KVMFR, cases[i].needed);
          g_assert_false (is_there (tree, OPTIONS));
          undo (tree, id);
        }
      g_assert_no_errno (g_unlink (path));
    }
}

/* Of others' files the last by its name counts, and none counts that is hidden by one of /etc. */
static void
test_others_order (Tree *tree, gconstpointer data)
{
  g_autofree char *words = NULL;
  g_autofree char *id = NULL;

  tree_write (tree, "usr/lib/modprobe.d/kvmfr.conf", "options kvmfr static_size_mb=16\n");
  tree_write (tree, "etc/modprobe.d/kvmfr.conf", "# none\n");
  tree_write (tree, "etc/modprobe.d/readme.txt", "options kvmfr static_size_mb=16\n");
  tree_write (tree, "etc/modprobe.d/other.conf", "options kvmfr_x static_size_mb=16\n");
  id = apply (tree, FATIA_MEMORY_KVMFR, 64);
  g_assert_true (is_there (tree, OPTIONS));
  undo (tree, id);
  /* The name of a file is in no encoding; words for people are. */
  tree_write (tree, "etc/modprobe.d/\xff.conf", "options kvmfr static_size_mb=32\n");
  words = refused (tree, FATIA_MEMORY_KVMFR, 64, FATIA_CHANGE_ERROR_REFUSED);
  g_assert_true (g_utf8_validate (words, -1, NULL));
  g_clear_pointer (&words, g_free);
  tree_write (tree, "etc/modprobe.d/\xff.conf", "");
  tree_write (tree, "etc/modprobe.d/a.conf", "options kvmfr static_size_mb=128\n");
  tree_write (tree, "run/modprobe.d/b.conf", "options kvmfr static_size_mb=32\n");
  words = refused (tree, FATIA_MEMORY_KVMFR, 64, FATIA_CHANGE_ERROR_REFUSED);
  g_assert_nonnull (strstr (words, "/run/modprobe.d/b.conf"));
}

static void
test_sizes (Tree *tree, gconstpointer data)
{
  static const guint wrong[] = { 0, 1, 4, 7, 33, 48, 1023, 1025, 2048, 1u << 31, G_MAXUINT };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    for (guint kind = FATIA_MEMORY_SHM; kind <= FATIA_MEMORY_KVMFR; kind++)
      {
        g_autofree char *words = refused (tree, kind, wrong[i], FATIA_CHANGE_ERROR_INVALID);
      }
  for (guint size = FATIA_GUEST_MEMORY_MIN; size <= FATIA_GUEST_MEMORY_MAX; size *= 2)
    {
      g_autoptr (FatiaChangeSet) set = plan (tree, FATIA_MEMORY_KVMFR, size);

      g_assert_false (fatia_change_set_is_empty (set));
    }
}

static void
test_missing (Tree *tree, gconstpointer data)
{
  g_autofree char *conf = tree_path (tree, QEMU_CONF);
  g_autofree char *words = NULL;

  tree_write (tree, QEMU_CONF, "user = \"root\ngroup = 1\n");
  words = refused (tree, FATIA_MEMORY_KVMFR, 64, FATIA_CHANGE_ERROR_REFUSED);
  g_assert_nonnull (strstr (words, "line 1"));
  g_free (words);
  g_assert_no_errno (g_unlink (conf));
  words = refused (tree, FATIA_MEMORY_KVMFR, 64, FATIA_CHANGE_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (words, FATIA_QEMU_CONF));
  g_free (words);
  /* Modules of the same letters, and one that needs it. */
  tree_write (tree, "usr/lib/modules/" RELEASE "/modules.dep",
              "kernel/a/xkvmfr.ko:\nkernel/a/kvmfr.kox:\nkernel/b.ko: kernel/kvmfr.ko.zst\n"
              "kernel/c.ko: kernel/d.ko kernel/kvmfr.ko\n");
  words = refused (tree, FATIA_MEMORY_KVMFR, 64, FATIA_CHANGE_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (words, "module"));
}

static char *
take_log (Tree *tree)
{
  g_autofree char *path = tree_path (tree, LOG);
  char *text = is_there (tree, LOG) ? tree_read (tree, LOG) : g_strdup ("");

  g_unlink (path);
  return text;
}

static void
test_commands (Tree *tree, gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autofree char *first = NULL;
  g_autofree char *back = NULL;

  host_add_tools (tree);
  id = apply (tree, FATIA_MEMORY_KVMFR, 64);
  first = take_log (tree);
  g_assert_cmpstr (first, ==,
                   "udevadm control --reload\nmodprobe kvmfr\n"
                   "systemctl try-restart libvirtd.service\n");
  undo (tree, id);
  back = take_log (tree);
  g_assert_cmpstr (back, ==, "udevadm control --reload\nsystemctl try-restart libvirtd.service\n");
}

/* A virtual machine came before the module: loaded or not, the plain file has to go. */
static void
test_plain_file (Tree *tree, gconstpointer data)
{
  host_add_tools (tree);
  for (gboolean loaded = FALSE; loaded <= TRUE; loaded++)
    {
      g_autofree char *id = NULL;
      g_autofree char *again = NULL;
      g_autofree char *said = NULL;

      if (loaded)
        tree_folder (tree, "sys/module/kvmfr");
      tree_write (tree, "dev/kvmfr0", "plain");
      id = apply (tree, FATIA_MEMORY_KVMFR, 64);
      said = take_log (tree);
      g_assert_nonnull (strstr (said, loaded ? "find /dev/kvmfr0 -type f -delete\n"
                                               "modprobe -r kvmfr\nmodprobe kvmfr\n"
                                             : "find /dev/kvmfr0 -type f -delete\n"
                                               "modprobe kvmfr\n"));
      /* Also where all else is set up already. */
      g_clear_pointer (&said, g_free);
      {
        g_autofree char *node = tree_path (tree, "dev/kvmfr0");

        g_assert_no_errno (g_unlink (node));
        tree_write (tree, "dev/kvmfr0", "plain");
      }
      again = apply (tree, FATIA_MEMORY_KVMFR, 64);
      said = take_log (tree);
      g_assert_cmpstr (said, ==,
                       "find /dev/kvmfr0 -type f -delete\nmodprobe -r kvmfr\nmodprobe kvmfr\n");
      undo (tree, again);
      undo (tree, id);
    }
}

/* A device that is in use keeps its size, and everything is as it was. */
static void
test_new_size (Tree *tree, gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *said = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (FatiaChangeSet) set = NULL;
  g_autoptr (GError) error = NULL;

  host_add_tools (tree);
  first = apply (tree, FATIA_MEMORY_KVMFR, 64);
  g_free (take_log (tree));
  second = apply (tree, FATIA_MEMORY_KVMFR, 128);
  said = take_log (tree);
  g_assert_cmpstr (said, ==, "modprobe -r kvmfr\nmodprobe kvmfr\n");
  tree_write (tree, "busy", "");
  before = tree_read (tree, OPTIONS);
  set = plan (tree, FATIA_MEMORY_KVMFR, 256);
  g_assert_null (fatia_change_set_apply (set, tree->root, NULL, NULL, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_COMMAND);
  after = tree_read (tree, OPTIONS);
  g_assert_cmpstr (before, ==, after);
}

static void
test_selinux (Tree *tree, gconstpointer data)
{
  g_autofree char *words = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *said = NULL;

  tree_write (tree, "sys/fs/selinux/enforce", "1");
  words = refused (tree, FATIA_MEMORY_KVMFR, 64, FATIA_CHANGE_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (words, "semodule"));
  add_tool (tree, "semodule");
  first = apply (tree, FATIA_MEMORY_KVMFR, 64);
  second = apply (tree, FATIA_MEMORY_SHM, 64);
  assert_ends (tree, RULE, " - - - - security.selinux=system_u:object_r:svirt_tmpfs_t:s0\n");
  undo (tree, second);
  undo (tree, first);
  said = take_log (tree);
  g_assert_cmpstr (said, ==,
                   "semodule -i /etc/fatia/fatia-kvmfr.cil\nsemodule -r fatia-kvmfr\n"
                   "semodule -i /etc/fatia/fatia-kvmfr.cil\nsemodule -r fatia-kvmfr\n");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Tree *tree, gconstpointer data);
  } tests[] = {
    { "/guest-memory/kvmfr", test_kvmfr },
    { "/guest-memory/secrets", test_secrets },
    { "/guest-memory/shm", test_shm },
    { "/guest-memory/switch", test_switch },
    { "/guest-memory/local-abstraction", test_local_abstraction },
    { "/guest-memory/no-abstraction", test_no_abstraction },
    { "/guest-memory/others-size", test_others_size },
    { "/guest-memory/others-order", test_others_order },
    { "/guest-memory/sizes", test_sizes },
    { "/guest-memory/missing", test_missing },
    { "/guest-memory/commands", test_commands },
    { "/guest-memory/plain-file", test_plain_file },
    { "/guest-memory/new-size", test_new_size },
    { "/guest-memory/selinux", test_selinux },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Tree, NULL, host_set_up, tests[i].test, tree_tear_down);
  return g_test_run ();
}
