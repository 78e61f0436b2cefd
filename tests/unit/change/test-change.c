/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Applying and undoing: what is made, what is refused, and that undo leaves nothing. */
#include "change/fatia-apply.h"
#include "change/fatia-change-private.h"

#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "tree.h"

static const char *const tool[] = { "tool", "arg", NULL };

static GBytes *
bytes (const char *text)
{
  return text ? g_bytes_new (text, strlen (text)) : NULL;
}

static void
add_file (FatiaChangeSet *set, const char *path, const char *before, const char *after)
{
  g_autoptr (GBytes) a = bytes (before);
  g_autoptr (GBytes) b = bytes (after);

  fatia_change_set_add_file (set, path, a, b, 0640);
}

/* The tool keeps count of its runs and of what it saw. */
static void
add_tool (Tree *tree, const char *script)
{
  tree_write_mode (tree, "usr/sbin/tool", script, 0755);
}

static char *
apply (Tree *tree, FatiaChangeSet *set)
{
  g_autoptr (GError) error = NULL;
  char *id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);

  g_assert_no_error (error);
  return id;
}

static void
assert_apply_fails (Tree *tree, FatiaChangeSet *set, int code, const char *words)
{
  g_autofree char *before = tree_snapshot (tree, NULL);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (fatia_change_set_apply (set, tree->root, NULL, NULL, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

static void
undo (Tree *tree, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaChangeSet) plan = fatia_changes_plan_undo (tree->root, id, NULL, &error);
  g_autofree char *digest = NULL;

  g_assert_no_error (error);
  digest = fatia_change_set_get_digest (plan);
  fatia_changes_undo (tree->root, id, NULL, digest, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_undo_fails (Tree *tree, const char *id, int code, const char *words)
{
  g_autofree char *before = tree_snapshot (tree, NULL);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (fatia_changes_undo (tree->root, id, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

static char *
list (Tree *tree)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) changes = fatia_changes_list (tree->root, &error);
  GString *out = g_string_new (NULL);
  GVariantIter iter;
  const char *id, *step, *title, *state;
  gint64 time;

  g_assert_no_error (error);
  g_variant_iter_init (&iter, changes);
  while (g_variant_iter_next (&iter, "(&s&sx&s&s)", &id, &step, &time, &title, &state))
    {
      g_assert_cmpint (ABS (time - g_get_real_time () / G_USEC_PER_SEC), <, 600);
      g_string_append_printf (out, "%s %s;", id, state);
    }
  return g_string_free (out, FALSE);
}

static void
assert_list (Tree *tree, const char *expected)
{
  g_autofree char *present = list (tree);

  g_assert_cmpstr (present, ==, expected);
}

static void
test_journey (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autofree char *before = NULL;
  g_autofree char *undone = NULL;
  g_autofree char *id = NULL;
  g_autofree char *grub = NULL;
  g_autofree char *made = NULL;
  g_autofree char *link = NULL;
  g_autofree char *made_path = NULL;
  struct stat info;

  tree_write_mode (tree, "etc/default/grub", "old\n", 0604);
  tree_write_mode (tree, "etc/gone", "gone\n", 0600);
  add_tool (tree,
            "#!/bin/sh\ncat \"$FATIA_HOST_ROOT/etc/default/grub\" >\"$FATIA_HOST_ROOT/cfg\"\n");
  tree_write (tree, "cfg", "old\n");
  before = tree_snapshot (tree, NULL);

  add_file (set, "/etc/default/grub", "old\n", "new\n");
  add_file (set, "/etc/deep/er/made", NULL, "made\n");
  add_file (set, "/etc/gone", "gone\n", NULL);
  add_file (set, "/etc/same", "same", "same");
  fatia_change_set_add_link (set, "/etc/wants/unit", "/usr/lib/unit");
  fatia_change_set_add_command (set, tool, "Why");
  id = apply (tree, set);
  g_assert_cmpstr (id, ==, "0001-boot");
  assert_list (tree, "0001-boot applied;");

  grub = tree_read (tree, "cfg");
  g_assert_cmpstr (grub, ==, "new\n");
  made = tree_read (tree, "etc/deep/er/made");
  g_assert_cmpstr (made, ==, "made\n");
  made_path = tree_path (tree, "etc/deep/er/made");
  g_assert_cmpint (g_stat (made_path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0640);
  g_free (made_path);
  made_path = tree_path (tree, "etc/default/grub");
  g_assert_cmpint (g_stat (made_path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0604);
  g_assert_false (fatia_host_root_exists (tree->root, "/etc/gone"));
  link = fatia_host_root_read_link (tree->root, "/etc/wants/unit");
  g_assert_cmpstr (link, ==, "/usr/lib/unit");

  undo (tree, id);
  undone = tree_snapshot (tree, NULL);
  g_assert_cmpstr (undone, ==, before);
  assert_list (tree, "");
}

static void
test_empty (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autofree char *before = tree_snapshot (tree, NULL);
  g_autofree char *id = NULL;
  g_autofree char *after = NULL;

  add_file (set, "/same", "same", "same");
  g_assert_true (fatia_change_set_is_empty (set));
  id = apply (tree, set);
  g_assert_cmpstr (id, ==, "");
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

static void
test_digest (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) a = fatia_change_set_new ("boot");
  g_autoptr (FatiaChangeSet) b = fatia_change_set_new ("boot");
  g_autoptr (FatiaChangeSet) c = fatia_change_set_new ("boot");
  g_autofree char *a_digest = NULL;
  g_autofree char *b_digest = NULL;
  g_autofree char *c_digest = NULL;

  add_file (a, "/f", NULL, "");
  add_file (b, "/f", "", NULL);
  add_file (c, "/f", NULL, "");
  a_digest = fatia_change_set_get_digest (a);
  b_digest = fatia_change_set_get_digest (b);
  c_digest = fatia_change_set_get_digest (c);
  g_assert_cmpint (strlen (a_digest), ==, 64);
  g_assert_cmpstr (a_digest, !=, b_digest);
  g_assert_cmpstr (a_digest, ==, c_digest);
}

static void
test_describe (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("vfs");
  g_autoptr (GVariant) items = NULL;
  g_autofree char *text = NULL;

  add_file (set, "/etc/f", "a\n", "b\n");
  fatia_change_set_add_attribute (set, "/sys/sriov_numvfs", "0", "2");
  fatia_change_set_add_command (set, tool, "Why");
  items = fatia_change_set_describe (set);
  text = g_variant_print (items, FALSE);
  g_assert_cmpstr (
    text, ==,
    "[('file', '/etc/f', 'Change /etc/f', '--- /etc/f\\n+++ /etc/f\\n@@ -1 +1 @@\\n-a\\n+b\\n'), "
    "('attribute', '/sys/sriov_numvfs', 'Set sriov_numvfs to 2', "
    "'--- /sys/sriov_numvfs\\n+++ /sys/sriov_numvfs\\n@@ -1 +1 @@\\n-0\\n+2\\n'), "
    "('command', 'tool', 'Why', 'tool arg')]");
}

static void
test_stale (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) changed = fatia_change_set_new ("boot");
  g_autoptr (FatiaChangeSet) appeared = fatia_change_set_new ("boot");
  g_autoptr (FatiaChangeSet) attribute = fatia_change_set_new ("vfs");

  tree_write (tree, "etc/f", "theirs\n");
  tree_write (tree, "sys/n", "1\n");
  add_file (changed, "/etc/f", "shown\n", "new\n");
  assert_apply_fails (tree, changed, FATIA_CHANGE_ERROR_STALE, "/etc/f");
  add_file (appeared, "/etc/f", NULL, "new\n");
  assert_apply_fails (tree, appeared, FATIA_CHANGE_ERROR_STALE, "/etc/f");
  fatia_change_set_add_attribute (attribute, "/sys/n", "0", "2");
  assert_apply_fails (tree, attribute, FATIA_CHANGE_ERROR_STALE, "/sys/n");
}

static void
test_odd_files (Tree *tree, gconstpointer data)
{
  static const char *const names[] = { "/etc/link", "/etc/hard", "/etc/pipe", "/etc/folder" };
  g_autofree char *hard = tree_path (tree, "etc/hard");
  g_autofree char *other = tree_path (tree, "etc/other");
  g_autofree char *pipe = tree_path (tree, "etc/pipe");

  tree_write (tree, "etc/hard", "old\n");
  g_assert_cmpint (link (hard, other), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0644), ==, 0);
  tree_link (tree, "/etc/passwd", "etc/link");
  tree_folder (tree, "etc/folder");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");

      add_file (set, names[i], "old\n", "new\n");
      assert_apply_fails (tree, set, FATIA_CHANGE_ERROR_REFUSED, names[i]);
    }
}

static void
test_link_elsewhere (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("vfs");
  g_autoptr (FatiaChangeSet) other = fatia_change_set_new ("vfs");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *id = NULL;
  g_autofree char *target = NULL;

  tree_folder (tree, "etc");
  tree_link (tree, "theirs", "etc/link");
  tree_write (tree, "etc/file", "");
  before = tree_snapshot (tree, NULL);
  fatia_change_set_add_link (set, "/etc/file", "ours");
  assert_apply_fails (tree, set, FATIA_CHANGE_ERROR_REFUSED, "/etc/file");
  fatia_change_set_add_link (other, "/etc/link", "ours");
  id = apply (tree, other);
  target = fatia_host_root_read_link (tree->root, "/etc/link");
  g_assert_cmpstr (target, ==, "ours");
  undo (tree, id);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

/* A tool that fails after it has changed something is run again with the old files. */
static void
test_command_fails (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autoptr (FatiaChangeSet) missing = fatia_change_set_new ("boot");
  static const char *const absent[] = { "absent", NULL };

  tree_write (tree, "etc/f", "old\n");
  tree_write (tree, "cfg", "old\n");
  add_tool (tree, "#!/bin/sh\ncat \"$FATIA_HOST_ROOT/etc/f\" >\"$FATIA_HOST_ROOT/cfg\"\n"
                  "echo it goes wrong\ngrep -q old \"$FATIA_HOST_ROOT/cfg\"\n");
  add_file (set, "/etc/f", "old\n", "new\n");
  add_file (set, "/etc/new/g", NULL, "new\n");
  fatia_change_set_add_command (set, tool, "Why");
  assert_apply_fails (tree, set, FATIA_CHANGE_ERROR_COMMAND, "it goes wrong");
  add_file (missing, "/etc/f", "old\n", "new\n");
  fatia_change_set_add_command (missing, absent, "Why");
  assert_apply_fails (tree, missing, FATIA_CHANGE_ERROR_COMMAND, "absent");
}

static char *
explain (FatiaHostRoot *root, const char *message, gpointer user_data)
{
  g_assert_nonnull (strstr (message, "tool: "));
  return fatia_host_root_exists (root, "/trace") ? g_strdup ("The trace is there") : NULL;
}

static void
on_line (const char *text, gpointer user_data)
{
  g_string_append_printf (user_data, "%s|", text);
}

static void
test_command (Tree *tree, gconstpointer data)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL;

  g_setenv ("FATIA_TEST_SECRET", "leaked", TRUE);
  add_tool (tree, "#!/bin/sh\npwd\necho $1 $LC_ALL $FATIA_TEST_SECRET\n"
                  "echo err >&2\nprintf 'bad \\377 end'\n");
  g_assert_true (fatia_command_run (tree->root, tool, 10, on_line, lines, &error));
  g_assert_no_error (error);
  expected = g_strdup_printf ("%s|arg C|err|bad \357\277\275 end|", tree->path);
  g_assert_cmpstr (lines->str, ==, expected);
}

/* Only what may use the network can. */
static void
test_command_unit (Tree *tree, gconstpointer data)
{
  for (int network = FALSE; network <= TRUE; network++)
    {
      const FatiaCommandLimits limits = { .seconds = 42, .network = network, .alone = network };
      g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *line = NULL;

      fatia_command_add_unit (words, "/usr/bin/systemd-run", &limits);
      g_ptr_array_add (words, NULL);
      line = g_strjoinv (" ", (GStrv) words->pdata);
      g_assert_cmpint (strstr (line, " --property=IPAddressDeny=any ") == NULL, ==, network);
      g_assert_nonnull (strstr (line, " --property=RuntimeMaxSec=42 "));
      /* Of those that change the host there is one, which is found again. */
      g_assert_cmpint (strstr (line, " --unit=fatia-tool.service ") != NULL, ==, limits.alone);
      g_assert_true (g_str_has_suffix (line, " --"));
    }
}

/* What a command reads is neither shown nor kept; a failure is explained while its traces are
 * there, and every tool is run again though one of them fails. */
static void
test_command_input (Tree *tree, gconstpointer data)
{
  static const char *const broken[] = { "tool", "break", NULL };
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autoptr (FatiaChangeSet) other = fatia_change_set_new ("boot");
  g_autoptr (GBytes) input = g_bytes_new_static ("secret\0word", 11);
  g_autoptr (GVariant) items = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *other_digest = NULL;
  g_autofree char *id = NULL;
  g_autofree char *read = NULL;
  g_autofree char *journal = NULL;
  g_autoptr (GError) error = NULL;

  add_tool (tree, "#!/bin/sh\n[ $1 != break ] || { touch \"$FATIA_HOST_ROOT/trace\"; exit 3; }\n"
                  "tr '\\0' - >\"$FATIA_HOST_ROOT/read\"\n");
  fatia_change_set_add_command_once (set, tool, "Why");
  fatia_change_set_add_command_once (other, tool, "Why");
  fatia_change_set_feed_command (set, input);
  digest = fatia_change_set_get_digest (set);
  other_digest = fatia_change_set_get_digest (other);
  g_assert_cmpstr (digest, !=, other_digest);
  items = fatia_change_set_describe (set);
  shown = g_variant_print (items, FALSE);
  g_assert_null (strstr (shown, "secret"));
  id = fatia_change_set_apply (set, tree->root, NULL, NULL, &error);
  g_assert_no_error (error);
  read = tree_read (tree, "read");
  g_assert_cmpstr (read, ==, "secret-word");
  journal = tree_read (tree, "var/lib/fatia/journal/0001-boot.applied");
  g_assert_nonnull (strstr (journal, "kind=command"));
  g_assert_null (strstr (journal, "secret"));
  undo (tree, id);

  fatia_change_set_add_command_once (other, broken, "Why");
  fatia_change_set_set_explain (other, explain, NULL, NULL);
  g_assert_null (fatia_change_set_apply (other, tree->root, NULL, NULL, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_COMMAND);
  g_assert_true (g_str_has_prefix (error->message, "The trace is there\ntool: "));
}

static void
test_command_too_long (Tree *tree, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  /* A grandchild that holds the pipe must not hold us. */
  add_tool (tree, "#!/bin/sh\nsleep 60 &\nsleep 60\n");
  g_assert_false (fatia_command_run (tree->root, tool, 1, NULL, NULL, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_COMMAND);
  g_assert_nonnull (strstr (error->message, "1 seconds"));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
}

static void
test_touched (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autoptr (FatiaChangeSet) later = fatia_change_set_new ("gop");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *id = NULL;
  g_autofree char *later_id = NULL;

  tree_write (tree, "etc/f", "old\n");
  before = tree_snapshot (tree, NULL);
  add_file (set, "/etc/f", "old\n", "new\n");
  id = apply (tree, set);

  tree_write (tree, "etc/f", "theirs\n");
  assert_undo_fails (tree, id, FATIA_CHANGE_ERROR_TOUCHED, "/etc/f");
  tree_write (tree, "etc/f", "new\n");

  add_file (later, "/etc/f", "new\n", "newer\n");
  later_id = apply (tree, later);
  assert_undo_fails (tree, id, FATIA_CHANGE_ERROR_TOUCHED, "Undo that one first");
  undo (tree, later_id);
  assert_list (tree, "0001-boot applied;0002-gop undone;");
  undo (tree, id);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
  assert_undo_fails (tree, id, FATIA_CHANGE_ERROR_NOT_FOUND, id);
  assert_undo_fails (tree, "../../etc/f", FATIA_CHANGE_ERROR_NOT_FOUND, "etc/f");
}

/* A later change is undone first even where the file is what the earlier one made of it, and an
 * attribute too: a count put back out of turn would come up again with the later one's turn. */
static void
test_turns (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) first = fatia_change_set_new ("boot");
  g_autoptr (FatiaChangeSet) second = fatia_change_set_new ("boot");
  g_autoptr (FatiaChangeSet) more = fatia_change_set_new ("vfs");
  g_autoptr (FatiaChangeSet) none = fatia_change_set_new ("vfs");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *first_id = NULL;
  g_autofree char *second_id = NULL;
  g_autofree char *more_id = NULL;
  g_autofree char *none_id = NULL;

  tree_write (tree, "etc/f", "old\n");
  tree_write (tree, "sys/n", "0\n");
  before = tree_snapshot (tree, NULL);
  add_file (first, "/etc/f", "old\n", "new\n");
  first_id = apply (tree, first);
  tree_write (tree, "etc/f", "theirs\n");
  add_file (second, "/etc/f", "theirs\n", "new\n");
  second_id = apply (tree, second);
  fatia_change_set_add_attribute (more, "/sys/n", "0", "3");
  more_id = apply (tree, more);
  fatia_change_set_add_attribute (none, "/sys/n", "3", "0");
  none_id = apply (tree, none);

  assert_undo_fails (tree, first_id, FATIA_CHANGE_ERROR_TOUCHED, "Undo that one first");
  assert_undo_fails (tree, more_id, FATIA_CHANGE_ERROR_TOUCHED, "Undo that one first");
  undo (tree, second_id);
  undo (tree, none_id);
  undo (tree, more_id);
  assert_undo_fails (tree, first_id, FATIA_CHANGE_ERROR_TOUCHED, "not by Fatia");
  tree_write (tree, "etc/f", "new\n");
  undo (tree, first_id);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

/* A folder that one change made and another came to use goes when both are undone. */
static void
test_shared_folder (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) first = fatia_change_set_new ("gop");
  g_autoptr (FatiaChangeSet) second = fatia_change_set_new ("gop");
  g_autofree char *before = tree_snapshot (tree, NULL);
  g_autofree char *after = NULL;
  g_autofree char *first_id = NULL;
  g_autofree char *second_id = NULL;

  add_file (first, "/var/lib/fatia/roms/a.rom", NULL, "a");
  add_file (second, "/var/lib/fatia/roms/b.rom", NULL, "b");
  first_id = apply (tree, first);
  second_id = apply (tree, second);
  undo (tree, first_id);
  g_assert_true (fatia_host_root_exists (tree->root, "/var/lib/fatia/roms/b.rom"));
  undo (tree, second_id);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

/* What others put into our folders stays, and so do the folders it needs. */
static void
test_foreign_file_stays (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("gop");
  g_autofree char *id = NULL;
  g_autofree char *kept = NULL;

  add_file (set, "/var/lib/fatia/roms/a.rom", NULL, "a");
  id = apply (tree, set);
  tree_write (tree, "var/lib/fatia/notes", "mine\n");
  undo (tree, id);
  kept = tree_read (tree, "var/lib/fatia/notes");
  g_assert_cmpstr (kept, ==, "mine\n");
  g_assert_false (fatia_host_root_exists (tree->root, "/var/lib/fatia/journal"));
  g_assert_false (fatia_host_root_exists (tree->root, "/var/lib/fatia/roms"));
}

static void
test_attributes (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("vfs");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *id = NULL;
  g_autofree char *number = NULL;
  g_autofree char *override = NULL;

  tree_write (tree, "sys/probe", "1\n");
  tree_write (tree, "sys/n", "3\n");
  tree_write (tree, "sys/vf/override", "(null)\n");
  before = tree_snapshot (tree, NULL);
  fatia_change_set_add_attribute (set, "/sys/probe", "1", "0");
  fatia_change_set_add_attribute (set, "/sys/n", "3", "0");
  fatia_change_set_add_attribute (set, "/sys/n", "0", "2");
  fatia_change_set_add_attribute (set, "/sys/vf/override", NULL, "vfio-pci");
  fatia_change_set_add_attribute (set, "/sys/vf/absent", NULL, "x");
  id = apply (tree, set);
  number = tree_read (tree, "sys/n");
  g_assert_cmpstr (number, ==, "2\n");
  override = tree_read (tree, "sys/vf/override");
  g_assert_cmpstr (override, ==, "vfio-pci\n");
  g_assert_false (fatia_host_root_exists (tree->root, "/sys/vf/absent"));

  /* What an earlier change of the set brought into being goes with it. */
  tree_write (tree, "sys/vf/override", "(null)\n");
  undo (tree, id);
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

/* A restart has reset them: undo finds nothing to do and does not object. */
static void
test_attributes_after_restart (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("vfs");
  g_autoptr (FatiaChangeSet) plan = NULL;
  g_autofree char *id = NULL;
  g_autofree char *number = tree_path (tree, "sys/n");

  tree_write (tree, "sys/n", "0\n");
  fatia_change_set_add_attribute (set, "/sys/n", "0", "2");
  id = apply (tree, set);
  tree_write (tree, "sys/n", "0\n");
  plan = fatia_changes_plan_undo (tree->root, id, NULL, NULL);
  g_assert_true (fatia_change_set_is_empty (plan));
  g_assert_cmpint (g_remove (number), ==, 0);
  undo (tree, id);
  assert_list (tree, "");
}

static void
test_attribute_never_appears (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("vfs");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  tree_write (tree, "sys/n", "0\n");
  before = tree_snapshot (tree, NULL);
  add_file (set, "/etc/kept", NULL, "2");
  fatia_change_set_add_attribute (set, "/sys/n", "0", "2");
  fatia_change_set_add_attribute (set, "/sys/virtfn0/driver_override", NULL, "vfio-pci");
  g_assert_null (fatia_change_set_apply (set, tree->root, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "put back"));
  after = tree_snapshot (tree, NULL);
  g_assert_cmpstr (after, ==, before);
}

static void
test_busy (Tree *tree, gconstpointer data)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  int fd = open (tree->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  add_file (set, "/f", NULL, "new");
  assert_apply_fails (tree, set, FATIA_CHANGE_ERROR_BUSY, "under way");
  close (fd);
}

static void
test_damaged_journal (Tree *tree, gconstpointer data)
{
  static const char *const contents[] = {
    "",
    "nonsense",
    "[change]\nstep=boot\nitems=1\n",
    "[change]\nitems=0\n",
    "[change]\nstep=boot\nitems=-1\n",
    "[change]\nstep=boot\nitems=1\n[1]\nkind=file\npath=relative\n",
    "[change]\nstep=boot\nitems=1\n[1]\nkind=command\n"
  };

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
      g_autoptr (GError) error = NULL;

      tree_write (tree, "var/lib/fatia/journal/0001-boot.applied", contents[i]);
      g_assert_null (fatia_changes_list (tree->root, &error));
      g_assert_nonnull (strstr (error->message, "0001-boot"));
      g_clear_error (&error);
      add_file (set, "/f", NULL, "new");
      g_assert_null (fatia_change_set_apply (set, tree->root, NULL, NULL, &error));
      g_assert_nonnull (error);
      g_assert_false (fatia_host_root_exists (tree->root, "/f"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Tree, NULL, tree_set_up, func, tree_tear_down)
  ADD ("/change/journey", test_journey);
  ADD ("/change/empty", test_empty);
  ADD ("/change/digest", test_digest);
  ADD ("/change/describe", test_describe);
  ADD ("/change/stale", test_stale);
  ADD ("/change/odd-files", test_odd_files);
  ADD ("/change/link-elsewhere", test_link_elsewhere);
  ADD ("/change/command-fails", test_command_fails);
  ADD ("/change/command", test_command);
  ADD ("/change/command-unit", test_command_unit);
  ADD ("/change/command-input", test_command_input);
  ADD ("/change/command-too-long", test_command_too_long);
  ADD ("/change/touched", test_touched);
  ADD ("/change/turns", test_turns);
  ADD ("/change/shared-folder", test_shared_folder);
  ADD ("/change/foreign-file-stays", test_foreign_file_stays);
  ADD ("/change/attributes", test_attributes);
  ADD ("/change/attributes-after-restart", test_attributes_after_restart);
  ADD ("/change/attribute-never-appears", test_attribute_never_appears);
  ADD ("/change/busy", test_busy);
  ADD ("/change/damaged-journal", test_damaged_journal);
  return g_test_run ();
}
