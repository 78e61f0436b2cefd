/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fatiactl's vm verbs, each a process of its own, against a private libvirt daemon. */
#include <json-glib/json-glib.h>

#include "../unit/guest/await.h"
#include "practice/fatia-practice.h"

typedef struct
{
  FatiaPractice *practice;
  char *uri;
} Host;

static Host host;

/* Runs fatiactl with --connect and --json; the words end with NULL. (transfer full) (nullable):
 * its answer */
static JsonNode *
run (int status, const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "src", "ctl", "fatiactl", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  g_autofree char *words = NULL;
  va_list args;
  int wait_status;

  g_ptr_array_add (argv, program);
  va_start (args, first);
  for (const char *word = first; word; word = va_arg (args, const char *))
    g_ptr_array_add (argv, (char *) word);
  va_end (args);
  g_ptr_array_add (argv, "--json");
  g_ptr_array_add (argv, "--host-root");
  g_ptr_array_add (argv, (char *) fatia_practice_get_root (host.practice));
  g_ptr_array_add (argv, "--connect");
  g_ptr_array_add (argv, host.uri);
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_STDIN_FROM_DEV_NULL, NULL, NULL, &output,
                &words, &wait_status, &error);
  g_assert_no_error (error);
  if (wait_status != status << 8)
    g_test_message ("%s: %s%s", first, output, words);
  g_assert_cmpint (wait_status, ==, status << 8);
  return *output ? json_from_string (output, NULL) : NULL;
}

static const char *
text_of (JsonNode *node, const char *member)
{
  return json_object_get_string_member (json_node_get_object (node), member);
}

/* (transfer full) (nullable): the only VM there is */
static JsonNode *
only_vm (void)
{
  g_autoptr (JsonNode) answer = run (0, "vm", "list", NULL);
  JsonArray *domains = json_object_get_array_member (json_node_get_object (answer), "domains");

  g_assert_cmpuint (json_array_get_length (domains), <=, 1);
  return json_array_get_length (domains) == 1 ? json_array_dup_element (domains, 0) : NULL;
}

static void
assert_state (const char *state)
{
  g_autoptr (JsonNode) vm = only_vm ();

  g_assert_nonnull (vm);
  g_assert_cmpstr (text_of (vm, "state"), ==, state);
}

static void
create (const char *disk)
{
  g_autoptr (JsonNode) answer = NULL;

  answer =
    run (0, "vm", "create", "--name", "Janela", "--iso", fatia_practice_get_iso (host.practice),
         "--disk", disk, "--disk", "70G", "--memory", "4G", "--cpus", "2", NULL);
  g_assert_true (json_object_has_member (json_node_get_object (answer), "domain"));
}

static void
test_life (void)
{
  g_autofree char *folder =
    g_build_filename (fatia_practice_get_folder (host.practice), "images", NULL);
  g_autofree char *disk = g_build_filename (folder, "own.qcow2", NULL);
  g_autoptr (JsonNode) vm = NULL;

  g_assert_null (only_vm ());
  create (disk);
  vm = only_vm ();
  g_assert_cmpstr (text_of (vm, "name"), ==, "Janela");
  g_assert_cmpstr (text_of (vm, "disk"), ==, disk);
  g_assert_true (g_file_test (disk, G_FILE_TEST_IS_REGULAR));
  /* One VM is what Fatia sets up. */
  g_assert_null (run (2, "vm", "create", NULL));

  json_node_unref (run (0, "vm", "start", NULL));
  assert_state ("running");
  json_node_unref (run (0, "vm", "start", NULL));
  assert_state ("running");
  g_assert_null (run (2, "vm", "delete", "Janela", NULL));
  json_node_unref (run (0, "vm", "stop", "--force", NULL));
  assert_state ("off");
  json_node_unref (run (0, "vm", "delete", "Janela", NULL));
  g_assert_null (only_vm ());
  g_assert_true (g_file_test (disk, G_FILE_TEST_IS_REGULAR));
}

static void
test_delete_with_disk (void)
{
  g_autofree char *disk =
    g_build_filename (fatia_practice_get_folder (host.practice), "images", "other.qcow2", NULL);

  create (disk);
  /* Nobody is there to be asked. */
  g_assert_null (run (1, "vm", "delete", "--disk", NULL));
  g_assert_true (g_file_test (disk, G_FILE_TEST_IS_REGULAR));
  json_node_unref (run (0, "vm", "delete", "--disk", "--yes", NULL));
  g_assert_null (only_vm ());
  g_assert_false (g_file_test (disk, G_FILE_TEST_EXISTS));
  g_assert_null (run (1, "vm", "delete", NULL));
}

static void
test_nothing_left_behind (void)
{
  g_autofree char *disk =
    g_build_filename (fatia_practice_get_folder (host.practice), "images", "third.qcow2", NULL);

  g_assert_null (run (2, "vm", "create", "--disk", disk, "--memory", "1M", NULL));
  g_assert_null (run (2, "vm", "create", "--disk", disk, "--name", "a/b", NULL));
  g_assert_null (run (2, "vm", "create", "--disk", "/etc/passwd/disk", NULL));
  g_assert_null (only_vm ());
  g_assert_false (g_file_test (disk, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  dex_init ();
  host.practice = fatia_practice_new ("radxa-x4", NULL, &error);
  g_assert_no_error (error);
  host.uri = await_string (fatia_practice_start_libvirt (host.practice));
  g_assert_true (g_str_has_prefix (host.uri, "qemu"));
  g_test_add_func ("/vms/life", test_life);
  g_test_add_func ("/vms/delete-with-disk", test_delete_with_disk);
  g_test_add_func ("/vms/nothing-left-behind", test_nothing_left_behind);
  status = g_test_run ();
  fatia_practice_close (host.practice);
  g_object_unref (host.practice);
  g_free (host.uri);
  return status;
}
