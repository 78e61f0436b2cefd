/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the source says when there is no picture, and how it finds its way back to one. */
#include "glass-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define MIB (1024 * 1024)

static void
assert_says (Fixture *self, FatiaSourceState state, const char *words)
{
  WAIT_FOR (self, fixture_get_state (self) == state && strstr (fixture_get_message (self), words));
}

static void
write_file (Fixture *self, gsize size)
{
  g_autofree char *zeros = g_malloc0 (size + 1);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (self->path, zeros, size, &error);
  g_assert_no_error (error);
}

static void
show (Fixture *self, guint32 number)
{
  PracticePicture picture = { 320, 180, number };
  PracticeFrame frame = { 0 };

  fixture_send (self, &picture, &frame);
  WAIT_FOR (self, self->frame && self->frame->serial == number);
  g_assert_cmpint (fixture_get_state (self), ==, FATIA_SOURCE_RUNNING);
  frame_assert_shows (self->frame, &picture);
}

/* The file comes after the source was started. */
static void
test_no_file (Fixture *self, gconstpointer data)
{
  fixture_start (self);
  g_assert_cmpint (fixture_get_state (self), ==, FATIA_SOURCE_WAITING);
  g_assert_cmpstr (fatia_glass_get_path (self->glass), ==, self->path);
  assert_says (self, FATIA_SOURCE_FAILED, self->path);
  assert_says (self, FATIA_SOURCE_FAILED, "no shared memory");
  fixture_open_host (self, 6, 20, 8 * MIB);
  show (self, 1);
}

static void
test_odd_files (Fixture *self, gconstpointer data)
{
  fixture_start (self);
  g_assert_cmpint (g_mkdir (self->path, 0755), ==, 0);
  assert_says (self, FATIA_SOURCE_FAILED, "is a folder");
  g_assert_cmpint (g_rmdir (self->path), ==, 0);
  g_assert_cmpint (mkfifo (self->path, 0600), ==, 0);
  assert_says (self, FATIA_SOURCE_FAILED, "is not the memory");
  g_assert_cmpint (g_unlink (self->path), ==, 0);
  g_assert_cmpint (symlink ("/dev/null", self->path), ==, 0);
  assert_says (self, FATIA_SOURCE_FAILED, "is not the memory");
  g_assert_cmpint (g_unlink (self->path), ==, 0);
  write_file (self, 0);
  assert_says (self, FATIA_SOURCE_FAILED, "is empty");
  write_file (self, 5000);
  assert_says (self, FATIA_SOURCE_FAILED, "only 5000 bytes");
  write_file (self, MIB);
  assert_says (self, FATIA_SOURCE_WAITING, "Waiting");
  fixture_open_host (self, 6, 20, 8 * MIB);
  show (self, 1);
}

/* Root may open everything: a child that is nobody looks. */
static void
test_no_permission (Fixture *self, gconstpointer data)
{
  pid_t child;
  int status;

  write_file (self, MIB);
  g_assert_cmpint (g_chmod (self->folder, 0755), ==, 0);
  g_assert_cmpint (g_chmod (self->path, 0444), ==, 0);
  child = fork ();
  if (child == 0)
    {
      if (geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0))
        _exit (2);
      fixture_start (self);
      assert_says (self, FATIA_SOURCE_FAILED, "may not read and write");
      fatia_frame_source_stop (FATIA_FRAME_SOURCE (self->glass));
      /* Not exit(): what the parent opened is the parent's. */
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
poke (Fixture *self, off_t at, guint32 value)
{
  g_autofd int fd = open (self->path, O_WRONLY);

  g_assert_cmpint (pwrite (fd, &value, sizeof value, at), ==, sizeof value);
}

static void
test_unknown_lgmp (Fixture *self, gconstpointer data)
{
  fixture_open_host (self, 6, 20, 8 * MIB);
  poke (self, 4, 77);
  fixture_start (self);
  assert_says (self, FATIA_SOURCE_INCOMPATIBLE, "LGMP 77 with KVMFR unknown");
  assert_says (self, FATIA_SOURCE_INCOMPATIBLE, "Install the Looking Glass host B7");
  /* The recovery block of the display driver tells the other number. */
  poke (self, 8 * MIB - 65536, GUINT32_FROM_LE (0x464d564b));
  poke (self, 8 * MIB - 65536 + 4, GUINT32_FROM_LE (0x56435252));
  poke (self, 8 * MIB - 65536 + 16, 77);
  poke (self, 8 * MIB - 65536 + 20, 88);
  assert_says (self, FATIA_SOURCE_INCOMPATIBLE, "LGMP 77 with KVMFR 88");
  g_assert_cmpuint (self->n_frames, ==, 0);
  fixture_open_host (self, 6, 20, 8 * MIB);
  show (self, 1);
}

static void
test_unknown_kvmfr (Fixture *self, gconstpointer data)
{
  fixture_open_host (self, 6, 20, 8 * MIB);
  poke (self, 5756 + 8, 18);
  fixture_start (self);
  assert_says (self, FATIA_SOURCE_INCOMPATIBLE, "LGMP 6 with KVMFR 18");
}

/* A host whose clock stands was left behind by a guest that is gone. */
static void
test_dead_host (Fixture *self, gconstpointer data)
{
  fixture_open_host (self, 6, 20, 8 * MIB);
  g_clear_pointer (&self->host, practice_host_close);
  fixture_start (self);
  assert_says (self, FATIA_SOURCE_WAITING, "Waiting");
  fixture_turn_for (self, 800);
  g_assert_cmpint (fixture_get_state (self), ==, FATIA_SOURCE_WAITING);
}

static void
test_restart (Fixture *self, gconstpointer data)
{
  fixture_open_host (self, 6, 20, 8 * MIB);
  fixture_start (self);
  show (self, 1);
  /* At once, with the same serial and another version. */
  fixture_open_host (self, 5, 19, 8 * MIB);
  self->frame->serial = 0;
  show (self, 1);
  g_assert_cmpuint (self->frame->n_damage, ==, 0);
  /* After it was gone for a while. */
  g_clear_pointer (&self->host, practice_host_close);
  assert_says (self, FATIA_SOURCE_SILENT, "stopped answering");
  g_assert_false (fatia_frame_source_can_point (FATIA_FRAME_SOURCE (self->glass)));
  fixture_open_host (self, 6, 20, 8 * MIB);
  show (self, 2);
  g_assert_true (fatia_frame_source_can_point (FATIA_FRAME_SOURCE (self->glass)));
}

/* A client that sleeps for too long is struck off by the host; it subscribes again. */
static void
test_struck_off (Fixture *self, gconstpointer data)
{
  fixture_open_host (self, 6, 20, 8 * MIB);
  fixture_start (self);
  show (self, 1);
  /* The frame queue's BAD bits, as the host sets them. */
  poke (self, 32 + 1144 + 416, G_MAXUINT32 >> 16);
  g_assert_false (practice_host_has_viewer (self->host));
  WAIT_FOR (self, practice_host_wants_frame (self->host));
  show (self, 2);
}

/* The virtual machine was started anew: the path names another file. */
static void
test_replaced_file (Fixture *self, gconstpointer data)
{
  fixture_open_host (self, 6, 20, 8 * MIB);
  fixture_start (self);
  show (self, 1);
  g_assert_cmpint (g_unlink (self->path), ==, 0);
  fixture_open_host (self, 6, 20, 8 * MIB);
  show (self, 2);
}

/* Shortened while it is read. */
static void
test_truncated_file (Fixture *self, gconstpointer data)
{
  fixture_open_host (self, 6, 20, 8 * MIB);
  fixture_start (self);
  show (self, 1);
  /* Our own host must not touch what is gone. */
  g_clear_pointer (&self->host, practice_host_close);
  for (int i = 0; i < 3; i++)
    {
      g_assert_cmpint (truncate (self->path, i * 4096), ==, 0);
      assert_says (self, FATIA_SOURCE_FAILED, i == 0 ? "is empty" : "has only");
      fixture_open_host (self, 6, 20, 8 * MIB);
      show (self, 2 + i);
      g_clear_pointer (&self->host, practice_host_close);
    }
}

/* Stopped, nothing comes any more; started again it does. Stopping in a handler is fine. */
static void
stop_at_once (FatiaFrameSource *source)
{
  fatia_frame_source_stop (source);
}

static void
test_stop (Fixture *self, gconstpointer data)
{
  FatiaFrameSource *source;
  guint n, handler;

  fixture_open_host (self, 6, 20, 8 * MIB);
  fixture_start (self);
  source = FATIA_FRAME_SOURCE (self->glass);
  show (self, 1);
  fatia_frame_source_stop (source);
  g_assert_false (practice_host_has_viewer (self->host));
  g_assert_cmpint (fixture_get_state (self), ==, FATIA_SOURCE_WAITING);
  n = self->n_frames;
  fatia_frame_source_start (source);
  fatia_frame_source_start (source);
  show (self, 2);
  g_assert_cmpuint (self->n_frames, ==, n + 1);
  handler = g_signal_connect (source, "frame", G_CALLBACK (stop_at_once), NULL);
  fixture_send (self, &(PracticePicture) { 320, 180, 3 }, &(PracticeFrame) { 0 });
  WAIT_FOR (self, self->frame->serial == 3);
  fixture_turn_for (self, 50);
  g_assert_cmpint (fixture_get_state (self), ==, FATIA_SOURCE_WAITING);
  g_signal_handler_disconnect (source, handler);
}

/* The practice guest: a process of its own. It follows the pointer, and its end is noticed. */
static void
test_practice_guest (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) guest =
    g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, PRACTICE_GUEST, self->path, "--size",
                      "640x360", "--fps", "120", NULL);
  FatiaFrameSource *source;

  g_assert_no_error (error);
  fixture_start (self);
  source = FATIA_FRAME_SOURCE (self->glass);
  for (guint n = 1; n <= 20; n++)
    {
      WAIT_FOR (self, self->n_frames >= n * 5);
      frame_assert_shows (self->frame, &(PracticePicture) { 640, 360, self->frame->serial });
    }
  WAIT_FOR (self, self->cursor && self->cursor->rgba && self->cursor->visible);
  fatia_frame_source_point (source, 123, 45);
  WAIT_FOR (self, self->cursor->x == 123 && self->cursor->y == 45);
  g_subprocess_send_signal (guest, SIGTERM);
  g_assert_true (g_subprocess_wait_check (guest, NULL, &error));
  g_assert_no_error (error);
  assert_says (self, FATIA_SOURCE_SILENT, "stopped answering");
  g_assert_true (g_file_test (self->path, G_FILE_TEST_IS_REGULAR));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  /* First: a process with threads must not fork. */
  ADD ("/glass/states/no-permission", test_no_permission);
  ADD ("/glass/states/no-file", test_no_file);
  ADD ("/glass/states/odd-files", test_odd_files);
  ADD ("/glass/states/unknown-lgmp", test_unknown_lgmp);
  ADD ("/glass/states/unknown-kvmfr", test_unknown_kvmfr);
  ADD ("/glass/states/dead-host", test_dead_host);
  ADD ("/glass/states/restart", test_restart);
  ADD ("/glass/states/struck-off", test_struck_off);
  ADD ("/glass/states/replaced-file", test_replaced_file);
  ADD ("/glass/states/truncated-file", test_truncated_file);
  ADD ("/glass/states/stop", test_stop);
  ADD ("/glass/states/practice-guest", test_practice_guest);
  return g_test_run ();
}
