/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A practice host set up to its end: real helper, real libvirt, real QEMU that emulates. */
#include "setup-host.h"

typedef struct
{
  FatiaPractice *practice;
  SetupHost host; /* its tree is not used */
} Practice;

static void
practice_open (Practice *self)
{
  g_autoptr (GError) error = NULL;

  self->practice = fatia_practice_new ("radxa-x4", NULL, &error);
  g_assert_no_error (error);
  self->host.host = fatia_host_new_practice (self->practice, &error);
  g_assert_no_error (error);
  self->host.setup = fatia_setup_new (self->host.host);
  setup_host_refresh (&self->host);
}

/* Threads may hold libvirt's connection for a moment more. */
static void
finalize (gpointer object)
{
  g_object_add_weak_pointer (object, &object);
  g_object_unref (object);
  while (object)
    g_main_context_iteration (NULL, TRUE);
}

static void
practice_close (Practice *self)
{
  g_autofree char *folder = g_strdup (fatia_practice_get_folder (self->practice));

  g_clear_object (&self->host.setup);
  finalize (g_steal_pointer (&self->host.host));
  fatia_practice_close (self->practice);
  g_clear_object (&self->practice);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

static void
test_to_the_end (void)
{
  Practice self = { 0 };
  FatiaVmStep *step;
  g_autoptr (GError) error = NULL;
  g_autofree char *disk = NULL;

  practice_open (&self);
  step = FATIA_VM_STEP (fatia_setup_get_step (self.host.setup, "vm"));
  g_assert_cmpstr (fatia_vm_step_get_spec (step)->iso, ==, fatia_practice_get_iso (self.practice));
  setup_host_apply (&self.host, "boot");
  setup_host_restart (&self.host);
  setup_host_apply (&self.host, "vfs");
  setup_host_apply (&self.host, "memory");
  g_assert_nonnull (fatia_vm_step_get_spec (step)->vf);

  g_set_str (&fatia_vm_step_get_spec (step)->name, "Janela");
  setup_host_apply (&self.host, "vm");
  g_assert_true (fatia_setup_is_complete (self.host.setup));
  disk = g_strdup (fatia_domain_get_disk (fatia_setup_get_domain (self.host.setup)));
  g_assert_true (g_str_has_prefix (disk, fatia_practice_get_folder (self.practice)));
  g_assert_true (g_str_has_suffix (disk, "Janela.qcow2"));
  g_assert_true (g_file_test (disk, G_FILE_TEST_IS_REGULAR));

  wait_for (fatia_setup_undo_all (self.host.setup, NULL), &error);
  g_assert_no_error (error);
  g_assert_false (fatia_setup_is_complete (self.host.setup));
  g_assert_false (g_file_test (disk, G_FILE_TEST_EXISTS));
  g_assert_cmpstr (setup_host_state (&self.host, "boot"), ==, "todo");
  practice_close (&self);
}

static void
test_running_vm_is_ended (void)
{
  Practice self = { 0 };
  g_autoptr (FatiaVirt) virt = NULL;
  g_autoptr (GError) error = NULL;
  FatiaStep *step;

  practice_open (&self);
  step = fatia_setup_get_step (self.host.setup, "vm");
  setup_host_apply (&self.host, "vm");
  virt = wait_for_object (fatia_host_open_virt (self.host.host), &error);
  wait_for (fatia_virt_start (virt, fatia_setup_get_domain (self.host.setup)), &error);
  g_assert_no_error (error);

  /* One step's undoing leaves a running VM alone; undoing everything in practice does not. */
  g_assert_false (wait_for (fatia_step_undo (step), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  wait_for (fatia_setup_undo_all (self.host.setup, NULL), &error);
  g_assert_no_error (error);
  g_assert_null (fatia_setup_get_domain (self.host.setup));
  g_clear_object (&virt);
  practice_close (&self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add_func ("/practice/to-the-end", test_to_the_end);
  g_test_add_func ("/practice/running-vm-is-ended", test_running_vm_is_ended);
  return g_test_run ();
}
