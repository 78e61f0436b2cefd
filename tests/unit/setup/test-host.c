/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two ways to the helper, and what its errors become. */
#include "change/fatia-change.h"
#include "setup-host.h"
#include "setup/fatia-helper.h"

static GVariant *
rom_arguments (void)
{
  return g_variant_new ("(subsb)", "0000:00:02.0", 9999, TRUE, "driver", TRUE);
}

static void
test_private_helper (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  g_autoptr (GListModel) changes = NULL;
  g_autoptr (GError) error = NULL;

  changes = wait_for_object (fatia_host_list_changes (host->host), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (changes), ==, 0);
}

static void
test_calls_at_once (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  g_autoptr (GError) error = NULL;

  wait_for (dex_future_all (
              fatia_host_list_changes (host->host),
              fatia_host_plan (host->host, "GuestMemory", g_variant_new ("(su)", "shm", 32), -1),
              fatia_host_list_changes (host->host), NULL),
            &error);
  g_assert_no_error (error);
}

static void
test_stale (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  g_autoptr (GError) error = NULL;

  g_assert_false (
    wait_for (fatia_host_apply (host->host, "GuestMemory", g_variant_new ("(su)", "shm", 32), -1,
                                "0123456789abcdef"),
              &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_STALE);
  g_assert_null (strstr (error->message, "GDBus"));
}

static void
test_unknown_change (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  g_autoptr (GError) error = NULL;

  g_assert_false (wait_for (fatia_host_plan_undo (host->host, "no-such-change", NULL), &error));
  g_assert_true (error->domain == FATIA_CHANGE_ERROR);
  g_assert_null (strstr (error->message, "GDBus"));
}

static void
test_refused (void)
{
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  g_autofree char *before = setup_host_snapshot (host);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (
    wait_for (fatia_host_plan (host->host, "VirtualFunctions", rom_arguments (), -1), &error));
  g_assert_nonnull (error);
  g_assert_null (strstr (error->message, "GDBus"));
  after = setup_host_snapshot (host);
  g_assert_cmpstr (before, ==, after);
}

static void
test_no_helper (void)
{
  g_autofree char *folder = g_strdup (g_getenv ("FATIA_LIBEXEC_DIR"));
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  g_autoptr (GError) error = NULL;

  g_setenv ("FATIA_LIBEXEC_DIR", "/nowhere", TRUE);
  g_assert_false (wait_for (fatia_host_list_changes (host->host), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_setenv ("FATIA_LIBEXEC_DIR", folder, TRUE);

  /* And once it is there, the same host finds it. */
  g_clear_error (&error);
  wait_for (fatia_host_list_changes (host->host), &error);
  g_assert_no_error (error);
}

static void
test_helper_dies (void)
{
  g_autofree char *folder = g_strdup (g_getenv ("FATIA_LIBEXEC_DIR"));
  g_autofree char *fake = g_dir_make_tmp ("fatia-fake-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (fake, "fatia-helper", NULL);
  g_autoptr (SetupHost) host = setup_host_new ("radxa-x4");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("/bin/false", path), ==, 0);
  g_setenv ("FATIA_LIBEXEC_DIR", fake, TRUE);
  g_assert_false (wait_for (fatia_host_list_changes (host->host), &error));
  g_assert_nonnull (error);
  g_setenv ("FATIA_LIBEXEC_DIR", folder, TRUE);
  g_clear_error (&error);
  wait_for (fatia_host_list_changes (host->host), &error);
  g_assert_no_error (error);
  unlink (path);
  rmdir (fake);
}

static void
test_root_is_no_tree (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaHost) host = fatia_host_new_tree ("/usr/..", &error);

  g_assert_null (host);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_restart_of_no_practice (void)
{
  g_autoptr (HostTree) tree = host_tree_new (NULL);
  g_autoptr (FatiaHost) host = fatia_host_new_tree (tree->path, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (wait_for (fatia_host_restart (host), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

/* On a bus where nobody is called dev.fatia.Helper. */
static void
test_not_installed (void)
{
  g_autoptr (GTestDBus) bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_autoptr (FatiaHost) host = NULL;
  g_autoptr (GError) error = NULL;

  g_test_dbus_up (bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (bus), TRUE);
  host = fatia_host_new_system (&error);
  g_assert_no_error (error);
  g_assert_false (wait_for (fatia_host_list_changes (host), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "fatia-helper"));
  g_clear_object (&host);
  g_test_dbus_stop (bus);
}

static void
test_errors_in_words (void)
{
  static const struct
  {
    const char *name;
    int code;
  } cases[] = {
    { "org.freedesktop.DBus.Error.AccessDenied", G_IO_ERROR_PERMISSION_DENIED },
    { "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", G_IO_ERROR_PERMISSION_DENIED },
    { "org.freedesktop.PolicyKit1.Error.NotAuthorized", G_IO_ERROR_PERMISSION_DENIED },
    { "org.freedesktop.DBus.Error.ServiceUnknown", G_IO_ERROR_NOT_FOUND },
    { "org.freedesktop.DBus.Error.NoReply", G_IO_ERROR_CLOSED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error =
        fatia_helper_error_in_words (g_dbus_error_new_for_dbus_error (cases[i].name, "raw words"));

      g_assert_error (error, G_IO_ERROR, cases[i].code);
      g_assert_null (strstr (error->message, "GDBus"));
      g_assert_null (strstr (error->message, "raw words"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add_func ("/host/private-helper", test_private_helper);
  g_test_add_func ("/host/calls-at-once", test_calls_at_once);
  g_test_add_func ("/host/stale", test_stale);
  g_test_add_func ("/host/unknown-change", test_unknown_change);
  g_test_add_func ("/host/refused", test_refused);
  g_test_add_func ("/host/no-helper", test_no_helper);
  g_test_add_func ("/host/helper-dies", test_helper_dies);
  g_test_add_func ("/host/root-is-no-tree", test_root_is_no_tree);
  g_test_add_func ("/host/restart-of-no-practice", test_restart_of_no_practice);
  g_test_add_func ("/host/not-installed", test_not_installed);
  g_test_add_func ("/host/errors-in-words", test_errors_in_words);
  return g_test_run ();
}
