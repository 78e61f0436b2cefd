/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The setup from the first look to undoing all of it, on practice trees with the real helper. */
#include "change/fatia-change.h"
#include "setup-host.h"

#define assert_states(host, text)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *states = states_of (host);                                                    \
    g_assert_cmpstr (states, ==, text);                                                            \
  }                                                                                                \
  G_STMT_END

static char *
states_of (SetupHost *host)
{
  GListModel *steps = fatia_setup_get_steps (host->setup);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (FatiaStep) step = g_list_model_get_item (steps, i);

      g_string_append_printf (text, "%s%s=%s", i ? " " : "", fatia_step_get_id (step),
                              fatia_step_state_to_string (fatia_step_get_state (step)));
    }
  return g_string_free_and_steal (text);
}

static const char *
current_of (SetupHost *host)
{
  FatiaStep *step = fatia_setup_get_current_step (host->setup);

  return step ? fatia_step_get_id (step) : NULL;
}

static char *
practice_firmware (void)
{
  return g_test_build_filename (G_TEST_BUILT, "src", "firmware", "practice-firmware.bin", NULL);
}

/* Up to where the GPU has slices. */
static void
slice (SetupHost *host)
{
  setup_host_apply (host, "boot");
  setup_host_restart (host);
  setup_host_apply (host, "vfs");
}

static void
test_before_refresh (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaHost) host = fatia_host_new_tree (tree->path, NULL);
  g_autoptr (FatiaSetup) setup = fatia_setup_new (host);
  g_autoptr (GError) error = NULL;

  g_assert_null (fatia_setup_get_facts (setup));
  g_assert_cmpuint (g_list_model_get_n_items (fatia_setup_get_steps (setup)), ==, 8);
  g_assert_false (wait_for (fatia_step_plan (fatia_setup_get_step (setup, "boot")), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_INITIALIZED);
  g_assert_null (fatia_setup_get_step (setup, "nonsense"));
}

static void
test_states (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");

  assert_states (
    host, "software=done module=done key=done gop=todo boot=todo vfs=blocked memory=todo vm=todo");
  g_assert_cmpstr (current_of (host), ==, "gop");
  fatia_step_set_skipped (fatia_setup_get_step (host->setup, "gop"), TRUE);
  g_assert_cmpstr (setup_host_state (host, "gop"), ==, "skipped");
  g_assert_cmpstr (current_of (host), ==, "boot");

  setup_host_apply (host, "boot");
  assert_states (
    host,
    "software=done module=done key=done gop=skipped boot=restart vfs=blocked memory=todo vm=todo");
  g_assert_true (fatia_setup_is_restart_needed (host->setup));
  g_assert_cmpstr (current_of (host), ==, "boot");

  setup_host_restart (host);
  g_assert_false (fatia_setup_is_restart_needed (host->setup));
  assert_states (
    host, "software=done module=done key=done gop=skipped boot=done vfs=todo memory=todo vm=todo");
  g_assert_cmpstr (current_of (host), ==, "vfs");

  setup_host_apply (host, "vfs");
  setup_host_apply (host, "memory");
  assert_states (
    host, "software=done module=done key=done gop=skipped boot=done vfs=done memory=done vm=todo");
  g_assert_cmpstr (current_of (host), ==, "vm");
  g_assert_false (fatia_setup_is_complete (host->setup));

  /* Kept slices are there again after a restart. */
  setup_host_restart (host);
  g_assert_cmpstr (setup_host_state (host, "vfs"), ==, "done");
}

/* Who opens the program again goes on where the computer stands, not where it was left. */
static void
test_resume (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4-debian");

  setup_host_apply (host, "boot");
  setup_host_open_again (host);
  g_assert_cmpstr (current_of (host), ==, "boot");
  g_assert_true (fatia_setup_is_restart_needed (host->setup));
  setup_host_restart (host);
  setup_host_open_again (host);
  g_assert_cmpstr (current_of (host), ==, "vfs");
}

static void
test_nothing_left (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  setup_host_apply (host, "memory");
  plan = wait_for_object (fatia_step_plan (fatia_setup_get_step (host->setup, "memory")), &error);
  g_assert_no_error (error);
  g_assert_true (fatia_plan_is_empty (plan));
}

static void
test_stale_plan (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaStep *step = fatia_setup_get_step (host->setup, "vfs");
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  setup_host_apply (host, "boot");
  setup_host_restart (host);
  fatia_vfs_step_set_count (FATIA_VFS_STEP (step), 2);
  plan = wait_for_object (fatia_step_plan (step), &error);
  g_assert_no_error (error);
  fatia_vfs_step_set_count (FATIA_VFS_STEP (step), 3);
  g_assert_false (wait_for (fatia_step_apply (step, plan), &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_STALE);
  g_assert_cmpint (fatia_setup_get_facts (host->setup)->pf->sriov_numvfs, ==, 0);
  g_assert_cmpstr (setup_host_state (host, "vfs"), ==, "todo");
}

static void
test_count_and_keep (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaVfsStep *step = FATIA_VFS_STEP (fatia_setup_get_step (host->setup, "vfs"));

  setup_host_apply (host, "boot");
  setup_host_restart (host);
  g_assert_cmpuint (fatia_vfs_step_get_total (step), ==, 7);
  g_assert_cmpuint (fatia_vfs_step_get_count (step), ==, 7);
  fatia_vfs_step_set_count (step, 2);
  fatia_vfs_step_set_keep (step, FALSE);
  setup_host_apply (host, "vfs");
  g_assert_cmpint (fatia_setup_get_facts (host->setup)->pf->sriov_numvfs, ==, 2);
  g_assert_cmpuint (fatia_setup_get_facts (host->setup)->vfs->len, ==, 2);
  setup_host_restart (host);
  g_assert_cmpstr (setup_host_state (host, "vfs"), ==, "todo");
}

static void
set_profile (SetupHost *host, guint count, const char *profile)
{
  FatiaVfsStep *step = FATIA_VFS_STEP (fatia_setup_get_step (host->setup, "vfs"));

  fatia_vfs_step_set_count (step, count);
  fatia_vfs_step_set_profile (step, profile);
  setup_host_apply (host, "vfs");
  g_assert_cmpstr (fatia_setup_get_facts (host->setup)->scheduling, ==, profile);
}

#define IOV "/sys/bus/pci/devices/0000:00:02.0/drm/card1/prelim_iov/"

/* What slice @n has of the memory's addresses. */
static guint64
get_memory (SetupHost *host, guint n)
{
  g_autofree char *path = g_strdup_printf ("%s" IOV "vf%u/gt0/ggtt_quota", host->tree->path, n);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return g_ascii_strtoull (text, NULL, 10);
}

/* The driver that is played shares out memory as the real one does: not where it was told so, or
 * where a profile of ours told it by the way. */
static void
test_profiles (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaVfsStep *step = FATIA_VFS_STEP (fatia_setup_get_step (host->setup, "vfs"));
  g_autofree char *before = setup_host_snapshot (host);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaPlan) plan = NULL;

  g_assert_false (fatia_vfs_step_offers_profiles (step));
  setup_host_apply (host, "boot");
  setup_host_restart (host);
  g_assert_true (fatia_vfs_step_offers_profiles (step));
  g_assert_cmpstr (fatia_vfs_step_get_profile (step), ==, "driver");
  set_profile (host, 2, "balanced");
  g_assert_cmpuint (get_memory (host, 2), >, 0);
  g_assert_true (fatia_setup_get_facts (host->setup)->kept_sleep);
  set_profile (host, 3, "guest-first");
  g_assert_cmpuint (get_memory (host, 3), >, 0);
  setup_host_restart (host);
  g_assert_cmpstr (fatia_setup_get_facts (host->setup)->scheduling, ==, "guest-first");
  g_assert_cmpuint (get_memory (host, 3), >, 0);
  g_assert_cmpuint (get_memory (host, 4), ==, 0);

  /* Ours is half of the memory for three; it can't be taken from them. */
  fatia_vfs_step_set_profile (step, "host-first");
  plan = wait_for_object (fatia_step_plan (FATIA_STEP (step)), &error);
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
  g_clear_error (&error);
  set_profile (host, 0, "driver");
  set_profile (host, 3, "host-first");
  g_assert_cmpuint (get_memory (host, 3), ==, 2048 / 3 * 1024 * 1024);
  setup_host_restart (host);
  g_assert_cmpstr (fatia_setup_get_facts (host->setup)->scheduling, ==, "host-first");
  g_assert_cmpuint (get_memory (host, 3), ==, 2048 / 3 * 1024 * 1024);

  wait_for (fatia_setup_undo_all (host->setup, NULL), &error);
  g_assert_no_error (error);
  setup_host_restart (host);
  after = setup_host_snapshot (host);
  g_assert_cmpstr (after, ==, before);
}

static void
on_progress (FatiaHost *host, const char *text, guint *calls)
{
  g_assert_cmpstr (text, !=, "");
  (*calls)++;
}

static void
on_busy (FatiaStep *step, GParamSpec *pspec, guint *changes)
{
  (*changes)++;
}

static void
test_progress (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4-debian");
  FatiaStep *step = fatia_setup_get_step (host->setup, "boot");
  g_autofree char *log = NULL;
  guint calls = 0, busy = 0;

  g_signal_connect (host->host, "progress", G_CALLBACK (on_progress), &calls);
  g_signal_connect (step, "notify::busy", G_CALLBACK (on_busy), &busy);
  setup_host_apply (host, "boot");
  g_assert_cmpuint (calls, >, 0);
  g_assert_cmpuint (busy, ==, 2);
  g_object_get (step, "log", &log, NULL);
  g_assert_cmpstr (log, !=, "");
}

static void
test_one_at_a_time (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaStep *step = fatia_setup_get_step (host->setup, "memory");
  g_autoptr (FatiaPlan) plan = wait_for_object (fatia_step_plan (step), NULL);
  DexFuture *first = fatia_step_apply (step, plan);
  g_autoptr (GError) error = NULL;

  g_assert_true (fatia_step_is_busy (step));
  g_assert_false (wait_for (fatia_step_apply (step, plan), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  wait_for (first, &error);
  g_assert_no_error (error);
}

/* An apply that nobody waits for any more goes to its end all the same. */
static void
test_nobody_waits (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaStep *step = fatia_setup_get_step (host->setup, "memory");
  g_autoptr (FatiaPlan) plan = wait_for_object (fatia_step_plan (step), NULL);
  g_autoptr (DexFuture) future = fatia_step_apply (step, plan);

  dex_clear (&future);
  while (fatia_step_is_busy (step))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (setup_host_state (host, "memory"), ==, "done");
}

static void
test_undo_step (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  g_autofree char *before = setup_host_snapshot (host);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  FatiaStep *step = fatia_setup_get_step (host->setup, "memory");

  setup_host_apply (host, "memory");
  wait_for (fatia_step_undo (step), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (setup_host_state (host, "memory"), ==, "todo");
  after = setup_host_snapshot (host);
  g_assert_cmpstr (before, ==, after);

  g_assert_false (wait_for (fatia_step_undo (step), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_undo_all (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  g_autofree char *before = setup_host_snapshot (host);
  g_autofree char *after = NULL;
  g_autoptr (GListModel) changes = NULL;
  g_autoptr (GError) error = NULL;

  slice (host);
  setup_host_apply (host, "memory");
  wait_for (fatia_setup_undo_all (host->setup, NULL), &error);
  g_assert_no_error (error);
  setup_host_restart (host);
  assert_states (
    host, "software=done module=done key=done gop=todo boot=todo vfs=blocked memory=todo vm=todo");
  after = setup_host_snapshot (host);
  g_assert_cmpstr (before, ==, after);

  changes = wait_for_object (fatia_host_list_changes (host->host), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (changes), ==, 0);
}

static void
test_past_changes (void)
{
  static const char *const steps[] = { "memory", "boot" };
  static const char *const states[] = { "applied", "undone" };
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  g_autoptr (GListModel) changes = NULL;
  g_autoptr (GError) error = NULL;

  setup_host_apply (host, "memory");
  setup_host_apply (host, "boot");
  wait_for (fatia_step_undo (fatia_setup_get_step (host->setup, "boot")), &error);
  g_assert_no_error (error);
  changes = wait_for_object (fatia_host_list_changes (host->host), &error);
  g_assert_cmpuint (g_list_model_get_n_items (changes), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (FatiaPastChange) change = g_list_model_get_item (changes, i);

      g_assert_cmpstr (fatia_past_change_get_step (change), ==, steps[i]);
      g_assert_cmpstr (fatia_past_change_get_state (change), ==, states[i]);
      g_assert_cmpint (fatia_past_change_get_time (change), >, 1600000000);
      g_assert_cmpstr (fatia_past_change_get_title (change), !=, "");
    }
}

static void
test_gop (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaGopStep *step = FATIA_GOP_STEP (fatia_setup_get_step (host->setup, "gop"));
  g_autofree char *image = practice_firmware ();
  g_autoptr (GBytes) rom = NULL;
  g_autoptr (GError) error = NULL;
  FatiaGopCandidate *chosen;

  g_assert_false (wait_for (fatia_step_plan (FATIA_STEP (step)), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  wait_for (fatia_gop_step_read (step, image, NULL), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fatia_gop_step_get_image (step), ==, image);
  g_assert_cmpint (fatia_gop_step_get_chosen (step), >=, 0);
  chosen = g_ptr_array_index (fatia_gop_step_get_candidates (step),
                              (guint) fatia_gop_step_get_chosen (step));
  g_assert_true (chosen->driver);
  rom = fatia_gop_step_get_rom (step, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (rom) % 512, ==, 0);

  setup_host_apply (host, "gop");
  g_assert_cmpstr (setup_host_state (host, "gop"), ==, "done");
  g_assert_cmpstr (fatia_setup_get_facts (host->setup)->roms[0], ==, "intel-gop-46d1.rom");
}

static void
test_gop_bad_image (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaGopStep *step = FATIA_GOP_STEP (fatia_setup_get_step (host->setup, "gop"));
  g_autoptr (GError) error = NULL;

  g_assert_false (wait_for (fatia_gop_step_read (step, host->tree->path, NULL), &error));
  g_assert_nonnull (error);
  g_assert_null (fatia_gop_step_get_image (step));
  g_assert_cmpint (fatia_gop_step_get_chosen (step), ==, -1);
  g_assert_false (fatia_step_is_busy (FATIA_STEP (step)));
}

static void
test_gop_cancel (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaGopStep *step = FATIA_GOP_STEP (fatia_setup_get_step (host->setup, "gop"));
  g_autofree char *image = practice_firmware ();
  DexFuture *reading = fatia_gop_step_read (step, image, NULL);
  g_autoptr (GError) error = NULL;

  fatia_step_cancel (FATIA_STEP (step));
  g_assert_false (wait_for (reading, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (fatia_step_is_busy (FATIA_STEP (step)));
}

/* The computer's own chip: a plain file in a tree. */
static void
put_chip (SetupHost *host, const char *data, gsize length)
{
  g_autofree char *size = g_strdup_printf ("%lu\n", (gulong) length);

  host_tree_put (host->tree, "sys/class/mtd/mtd0/size", size, -1);
  host_tree_put (host->tree, "dev/mtd0ro", data, (gssize) length);
}

static void
test_gop_chip (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaGopStep *step = FATIA_GOP_STEP (fatia_setup_get_step (host->setup, "gop"));
  g_autofree char *image = practice_firmware ();
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (image, &data, &length, NULL));
  put_chip (host, data, length);
  wait_for (fatia_gop_step_read_chip (step), &error);
  g_assert_no_error (error);
  g_assert_null (fatia_gop_step_get_image (step));
  g_assert_cmpint (fatia_gop_step_get_chosen (step), >=, 0);
  g_assert_cmpuint (fatia_gop_step_get_unread (step), ==, 0);
  setup_host_apply (host, "gop");
  g_assert_cmpstr (setup_host_state (host, "gop"), ==, "done");

  /* Half of it the chipset keeps to itself. */
  host_tree_put (host->tree, "dev/mtd0ro", data, (gssize) length / 2);
  wait_for (fatia_gop_step_read_chip (step), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fatia_gop_step_get_unread (step), ==, length / 2);

  host_tree_remove (host->tree, "sys/class/mtd/mtd0");
  g_assert_false (wait_for (fatia_gop_step_read_chip (step), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_false (fatia_step_is_busy (FATIA_STEP (step)));
}

/* Runs until it is let go on. */
static const char slow_tool[] = "#!/bin/sh\n"
                                ": >\"$FATIA_HOST_ROOT/begun\"\n"
                                "while [ ! -e \"$FATIA_HOST_ROOT/go\" ]; do sleep 0.05; done\n";

static void
test_apply_cancelled (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaStep *step = fatia_setup_get_step (host->setup, "boot");
  g_autofree char *begun = g_build_filename (host->tree->path, "begun", NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  DexFuture *applying;

  host_tree_put (host->tree, "usr/bin/grub-mkconfig", slow_tool, -1);
  before = setup_host_snapshot (host);
  plan = wait_for_object (fatia_step_plan (step), &error);
  g_assert_no_error (error);
  applying = fatia_step_apply (step, plan);
  g_assert_true (fatia_step_can_cancel (step));
  while (!g_file_test (begun, G_FILE_TEST_EXISTS))
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  fatia_step_cancel (step);
  /* The tool is let go on only once the helper knows. */
  wait_for (fatia_host_list_changes (host->host), &error);
  g_assert_no_error (error);
  host_tree_put (host->tree, "go", "", 0);
  g_assert_false (wait_for (applying, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (fatia_step_is_busy (step));
  g_assert_false (fatia_step_can_cancel (step));
  host_tree_remove (host->tree, "begun");
  host_tree_remove (host->tree, "go");
  after = setup_host_snapshot (host);
  g_assert_cmpstr (after, ==, before);
}

/* Where there is no package manager that the helper knows how to ask. */
static void
test_software_by_hand (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("stock-i915");
  FatiaStep *step = fatia_setup_get_step (host->setup, "software");
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (FatiaPlanItem) item = NULL;
  g_autoptr (GError) error = NULL;

  host_tree_remove (host->tree, "usr/bin/apt-get");
  g_assert_cmpstr (setup_host_state (host, "software"), ==, "todo");
  plan = wait_for_object (fatia_step_plan (step), &error);
  g_assert_no_error (error);
  item = g_list_model_get_item (G_LIST_MODEL (plan), 0);
  g_assert_cmpstr (fatia_plan_item_get_kind (item), ==, "advice");
  g_assert_nonnull (strstr (fatia_plan_item_get_text (item), "install"));
  g_assert_false (wait_for (fatia_step_apply (step, plan), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
test_software_installed (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("stock-i915");
  FatiaStep *step = fatia_setup_get_step (host->setup, "software");
  g_autofree char *before = setup_host_snapshot (host);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  setup_host_apply (host, "software");
  g_assert_cmpstr (setup_host_state (host, "software"), ==, "done");
  g_assert_true (wait_for (fatia_step_undo (step), &error));
  g_assert_no_error (error);
  g_assert_cmpstr (setup_host_state (host, "software"), ==, "todo");
  after = setup_host_snapshot (host);
  g_assert_cmpstr (after, ==, before);
}

/* The kind of the first item of what @step would do. */
static char *
first_kind (FatiaStep *step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaPlan) plan = wait_for_object (fatia_step_plan (step), &error);
  g_autoptr (FatiaPlanItem) item = NULL;

  g_assert_no_error (error);
  item = g_list_model_get_item (G_LIST_MODEL (plan), 0);
  return item ? g_strdup (fatia_plan_item_get_kind (item)) : NULL;
}

/* The driver's file is chosen, and it is installed. */
static void
install_module (SetupHost *host)
{
  FatiaModuleStep *step = FATIA_MODULE_STEP (fatia_setup_get_step (host->setup, "module"));
  g_autofree char *text =
    g_strdup_printf ("i915-sriov-dkms %s\n", fatia_module_step_get_release_name (step));
  g_autofree char *path = g_build_filename (host->tree->path, "driver", NULL);
  g_autofree char *advice = first_kind (FATIA_STEP (step));
  g_autofree char *kind = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (setup_host_state (host, "module"), ==, "todo");
  g_assert_cmpstr (advice, ==, "advice");
  g_assert_true (g_str_has_prefix (fatia_module_step_get_page (step), "https://"));
  host_tree_put (host->tree, "driver", "", 0);
  g_assert_false (fatia_module_step_set_path (step, path, &error));
  g_clear_error (&error);
  g_assert_false (fatia_module_step_set_path (step, "/nowhere", &error));
  g_clear_error (&error);
  host_tree_put (host->tree, "driver", text, -1);
  g_assert_true (fatia_module_step_set_path (step, path, &error));
  host_tree_remove (host->tree, "driver");
  kind = first_kind (FATIA_STEP (step));
  g_assert_cmpstr (kind, ==, "file");
  setup_host_apply (host, "module");
  g_assert_cmpstr (setup_host_state (host, "module"), ==, "restart");
}

static void
test_module (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("stock-i915");
  FatiaStep *step = fatia_setup_get_step (host->setup, "module");
  g_autofree char *before = setup_host_snapshot (host);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  install_module (host);
  g_assert_true (fatia_setup_is_restart_needed (host->setup));
  setup_host_restart (host);
  assert_states (host, "software=todo module=done key=done gop=todo boot=todo vfs=blocked "
                       "memory=todo vm=todo");
  g_assert_true (wait_for (fatia_step_undo (step), &error));
  g_assert_no_error (error);
  setup_host_restart (host);
  g_assert_cmpstr (setup_host_state (host, "module"), ==, "todo");
  after = setup_host_snapshot (host);
  g_assert_cmpstr (after, ==, before);
}

static void
test_module_no_release (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("stock-i915");

  host_tree_put (host->tree, "lib/modules/7.9.0-amd64/modules.dep", "", 0);
  host_tree_put (host->tree, "boot/vmlinuz-7.9.0-amd64", "", 0);
  setup_host_refresh (host);
  g_assert_cmpstr (setup_host_state (host, "module"), ==, "blocked");
  g_assert_nonnull (
    strstr (fatia_step_get_message (fatia_setup_get_step (host->setup, "module")), "7.9.0-amd64"));
}

static void
test_key (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("laptop-secure-boot");
  FatiaKeyStep *step = FATIA_KEY_STEP (fatia_setup_get_step (host->setup, "key"));
  static const char *const bad[] = {
    "",           "short12",
    "with space", "acc\303\251ntuado",
    "dash-dash-", "11111111112222222222333333333344444444445555555555666666666677777"
  };
  g_autofree char *advice = NULL;
  g_autofree char *kind = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (setup_host_state (host, "key"), ==, "blocked");
  install_module (host);
  g_assert_cmpstr (setup_host_state (host, "key"), ==, "todo");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (fatia_key_step_set_password (step, bad[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      g_clear_error (&error);
    }
  advice = first_kind (FATIA_STEP (step));
  g_assert_cmpstr (advice, ==, "advice");
  g_assert_true (fatia_key_step_set_password (step, "blue12345", &error));
  kind = first_kind (FATIA_STEP (step));
  g_assert_cmpstr (kind, ==, "command");
  setup_host_apply (host, "key");
  g_assert_cmpstr (setup_host_state (host, "key"), ==, "restart");
  setup_host_restart (host);
  g_assert_cmpstr (setup_host_state (host, "key"), ==, "done");
  g_assert_cmpstr (setup_host_state (host, "module"), ==, "done");
}

static void
test_no_gpu (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("amd");
  g_autoptr (GError) error = NULL;

  assert_states (
    host,
    "software=done module=done key=done gop=blocked boot=blocked vfs=blocked memory=todo vm=todo");
  g_assert_false (wait_for (fatia_step_plan (fatia_setup_get_step (host->setup, "boot")), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
test_vm (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaVmStep *step = FATIA_VM_STEP (fatia_setup_get_step (host->setup, "vm"));
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  plan = wait_for_object (fatia_step_plan (FATIA_STEP (step)), &error);
  g_assert_no_error (error);
  fatia_vm_step_set_resolution (step, 3840, 2160);
  g_assert_cmpuint (fatia_vm_step_get_spec (step)->glass_mib, ==, 128);
  g_assert_false (wait_for (fatia_step_apply (FATIA_STEP (step), plan), &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_STALE);

  setup_host_apply (host, "vm");
  g_assert_cmpstr (setup_host_state (host, "vm"), ==, "done");
  g_assert_true (fatia_setup_is_complete (host->setup));
  g_assert_cmpstr (fatia_domain_get_name (fatia_setup_get_domain (host->setup)), ==, "Windows");
  g_clear_error (&error);
  wait_for (fatia_step_undo (FATIA_STEP (step)), &error);
  g_assert_no_error (error);
  g_assert_false (fatia_setup_is_complete (host->setup));
}

/* Where there are two slices and two ROMs, what was picked is still there after a look around. */
static void
test_vm_choices_stay (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  FatiaVmStep *step = FATIA_VM_STEP (fatia_setup_get_step (host->setup, "vm"));
  FatiaDomainSpec *spec = fatia_vm_step_get_spec (step);
  g_autofree char *checksum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "two", -1);
  FatiaVfsStep *vfs = FATIA_VFS_STEP (fatia_setup_get_step (host->setup, "vfs"));

  g_assert_null (spec->vf);
  g_assert_null (spec->rom);
  host_tree_put (host->tree, "var/lib/fatia/roms/1.rom", "one", -1);
  host_tree_put (host->tree, "var/lib/fatia/roms/2.rom", "two", -1);
  slice (host);
  /* Never set: the host's first. */
  g_assert_cmpstr (spec->vf, ==, "0000:00:02.1");
  g_assert_cmpstr (spec->rom, ==, "/var/lib/fatia/roms/1.rom");

  g_set_str (&spec->vf, "0000:00:02.3");
  fatia_vm_step_set_rom (step, "/var/lib/fatia/roms/2.rom");
  setup_host_refresh (host);
  g_assert_cmpstr (spec->vf, ==, "0000:00:02.3");
  g_assert_cmpstr (spec->rom, ==, "/var/lib/fatia/roms/2.rom");
  g_assert_cmpstr (spec->rom_sha256, ==, checksum);

  /* No longer there: the host's first again. */
  host_tree_remove (host->tree, "var/lib/fatia/roms/2.rom");
  fatia_vfs_step_set_count (vfs, 2);
  setup_host_apply (host, "vfs");
  g_assert_cmpstr (spec->vf, ==, "0000:00:02.1");
  g_assert_cmpstr (spec->rom, ==, "/var/lib/fatia/roms/1.rom");

  /* None is a choice too. */
  g_clear_pointer (&spec->vf, g_free);
  fatia_vm_step_set_rom (step, NULL);
  setup_host_refresh (host);
  g_assert_null (spec->vf);
  g_assert_null (spec->rom);
  g_assert_null (spec->rom_sha256);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add_func ("/setup/before-refresh", test_before_refresh);
  g_test_add_func ("/setup/states", test_states);
  g_test_add_func ("/setup/resume", test_resume);
  g_test_add_func ("/setup/nothing-left", test_nothing_left);
  g_test_add_func ("/setup/stale-plan", test_stale_plan);
  g_test_add_func ("/setup/count-and-keep", test_count_and_keep);
  g_test_add_func ("/setup/profiles", test_profiles);
  g_test_add_func ("/setup/progress", test_progress);
  g_test_add_func ("/setup/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/setup/nobody-waits", test_nobody_waits);
  g_test_add_func ("/setup/undo-step", test_undo_step);
  g_test_add_func ("/setup/undo-all", test_undo_all);
  g_test_add_func ("/setup/past-changes", test_past_changes);
  g_test_add_func ("/setup/gop", test_gop);
  g_test_add_func ("/setup/gop-bad-image", test_gop_bad_image);
  g_test_add_func ("/setup/gop-cancel", test_gop_cancel);
  g_test_add_func ("/setup/gop-chip", test_gop_chip);
  g_test_add_func ("/setup/apply-cancelled", test_apply_cancelled);
  g_test_add_func ("/setup/software-by-hand", test_software_by_hand);
  g_test_add_func ("/setup/software-installed", test_software_installed);
  g_test_add_func ("/setup/module", test_module);
  g_test_add_func ("/setup/module-no-release", test_module_no_release);
  g_test_add_func ("/setup/key", test_key);
  g_test_add_func ("/setup/no-gpu", test_no_gpu);
  g_test_add_func ("/setup/vm", test_vm);
  g_test_add_func ("/setup/vm-choices-stay", test_vm_choices_stay);
  return g_test_run ();
}
