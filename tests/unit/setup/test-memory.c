/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The step of the Looking Glass memory: which kind it proposes, and what it makes of facts. */
#include "setup-host.h"

#include <string.h>

static FatiaMemoryStep *
memory_step (SetupHost *host)
{
  return FATIA_MEMORY_STEP (fatia_setup_get_step (host->setup, "memory"));
}

static FatiaVmStep *
vm_step (SetupHost *host)
{
  return FATIA_VM_STEP (fatia_setup_get_step (host->setup, "vm"));
}

static const char *
glass_path (SetupHost *host)
{
  return fatia_vm_step_get_spec (vm_step (host))->glass_path;
}

/* Where the kernel has the module; a VM's memory is what is set up. */
static void
test_kvmfr (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4-debian");

  g_assert_true (fatia_memory_step_get_kvmfr (memory_step (host)));
  g_assert_true (fatia_memory_step_can_choose (memory_step (host)));
  g_assert_cmpstr (glass_path (host), ==, "/dev/shm/looking-glass");
  setup_host_apply (host, "memory");
  g_assert_cmpstr (setup_host_state (host, "memory"), ==, "restart");
  g_assert_cmpstr (glass_path (host), ==, "/dev/kvmfr0");
  setup_host_restart (host);
  g_assert_cmpstr (setup_host_state (host, "memory"), ==, "done");
}

/* A larger picture than it was made for asks for it again. */
static void
test_size (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4-debian");
  FatiaStep *step = FATIA_STEP (memory_step (host));

  setup_host_apply (host, "memory");
  setup_host_restart (host);
  g_assert_cmpuint (fatia_memory_step_get_megabytes (memory_step (host)), ==, 32);
  fatia_vm_step_set_resolution (vm_step (host), 3840, 2160);
  g_assert_cmpint (fatia_step_get_state (step), ==, FATIA_STEP_TODO);
  g_assert_nonnull (strstr (fatia_step_get_message (step), "128 MiB"));
  setup_host_apply (host, "memory");
  setup_host_restart (host);
  g_assert_cmpint (fatia_step_get_state (step), ==, FATIA_STEP_DONE);
  fatia_vm_step_set_resolution (vm_step (host), 1920, 1080);
  g_assert_cmpint (fatia_step_get_state (step), ==, FATIA_STEP_DONE);
}

/* What the person chooses stays, also when it is set up; what is set up is the next one's choice.
 */
static void
test_choice (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4-debian");

  fatia_memory_step_set_kvmfr (memory_step (host), FALSE);
  setup_host_refresh (host);
  g_assert_false (fatia_memory_step_get_kvmfr (memory_step (host)));
  setup_host_apply (host, "memory");
  g_assert_cmpstr (setup_host_state (host, "memory"), ==, "done");
  setup_host_open_again (host);
  g_assert_false (fatia_memory_step_get_kvmfr (memory_step (host)));
  g_assert_cmpstr (setup_host_state (host, "memory"), ==, "done");
  fatia_memory_step_set_kvmfr (memory_step (host), TRUE);
  g_assert_cmpstr (setup_host_state (host, "memory"), ==, "todo");
  setup_host_apply (host, "memory");
  setup_host_restart (host);
  g_assert_cmpstr (setup_host_state (host, "memory"), ==, "done");
  g_assert_cmpstr (glass_path (host), ==, "/dev/kvmfr0");
}

static void
test_plain_file (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4-debian");
  FatiaStep *step = FATIA_STEP (memory_step (host));

  setup_host_apply (host, "memory");
  host_tree_put (host->tree, "dev/kvmfr0", "", -1);
  setup_host_refresh (host);
  g_assert_cmpint (fatia_step_get_state (step), ==, FATIA_STEP_TODO);
  g_assert_nonnull (strstr (fatia_step_get_message (step), "plain file"));
}

/* Where it is not installed there is nothing to choose, and choosing it says why. */
static void
test_not_installed (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4-debian");
  FatiaStep *step = FATIA_STEP (memory_step (host));
  g_autoptr (GError) error = NULL;

  host_tree_put (host->tree, "usr/lib/modules/6.12.48+deb13-amd64/modules.dep", "", -1);
  setup_host_refresh (host);
  g_assert_false (fatia_memory_step_get_kvmfr (memory_step (host)));
  g_assert_false (fatia_memory_step_can_choose (memory_step (host)));
  fatia_memory_step_set_kvmfr (memory_step (host), TRUE);
  g_assert_cmpint (fatia_step_get_state (step), ==, FATIA_STEP_BLOCKED);
  g_assert_false (wait_for (fatia_step_plan (step), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add_func ("/memory-step/kvmfr", test_kvmfr);
  g_test_add_func ("/memory-step/size", test_size);
  g_test_add_func ("/memory-step/choice", test_choice);
  g_test_add_func ("/memory-step/plain-file", test_plain_file);
  g_test_add_func ("/memory-step/not-installed", test_not_installed);
  return g_test_run ();
}
