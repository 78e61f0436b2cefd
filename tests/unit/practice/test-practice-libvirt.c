/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The private libvirt: a real daemon, a real QEMU that emulates, and nothing of it left. */
#include "practice/fatia-practice.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libvirt/libvirt.h>

#include "../guest/await.h"
#include "guest/fatia-virt.h"
#include "tree.h"

typedef struct
{
  FatiaPractice *practice;
  FatiaVirt *virt;
} Host;

static void
host_open (Host *host, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;

  host->practice = fatia_practice_new (NULL, folder, &error);
  g_assert_no_error (error);
  uri = await_string (fatia_practice_start_libvirt (host->practice));
  g_assert_true (g_str_has_prefix (uri, "qemu+unix:///session?socket="));
  host->virt = fatia_virt_new (uri);
  await_true (fatia_virt_connect (host->virt));
}

static void
host_close (Host *host)
{
  await_finalized (g_steal_pointer (&host->virt));
  fatia_practice_close (host->practice);
  g_clear_object (&host->practice);
}

static guint
count (Host *host)
{
  return g_list_model_get_n_items (fatia_virt_get_domains (host->virt));
}

static FatiaDomainSpec *
make_spec (Host *host)
{
  FatiaFacts facts = { .memory = G_GUINT64_CONSTANT (16) << 30, .cpus = 4 };
  FatiaDomainSpec *spec = fatia_domain_spec_new (&facts);

  spec->iso = g_strdup (fatia_practice_get_iso (host->practice));
  fatia_practice_adapt_spec (host->practice, spec);
  return spec;
}

static void
await_state (FatiaDomain *domain, FatiaDomainState state)
{
  guint timeout = g_timeout_add_seconds (AWAIT_SECONDS, await_timeout, (gpointer) "A state");

  while (fatia_domain_get_state (domain) != state)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

static void
await_file (const char *path)
{
  struct stat info;

  for (guint i = 0; i < AWAIT_SECONDS * 100; i++)
    {
      if (stat (path, &info) == 0 && info.st_size > 0)
        return;
      g_usleep (10000);
    }
  g_error ("%s did not come", path);
}

/* Whoever shuts the VM down, virsh or the guest itself, the list hears of it. */
static void
destroy_by_another (Host *host)
{
  const char *uri = fatia_virt_get_uri (host->virt);
  const char *virsh[] = { "virsh", "-c", uri, "destroy", "Windows", NULL };
  int status = -1;

  g_assert_true (g_spawn_sync (NULL, (char **) virsh, NULL,
                               G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                               NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

static void
assert_spice (Host *host, FatiaDomain *domain)
{
  /* A SpiceLinkMess (spice/protocol.h): magic, version 2.2, size 18, the main channel. */
  static const guint8 hello[] = { 'R', 'E', 'D', 'Q', 2, 0, 0, 0, 2, 0, 0, 0, 18, 0,  0, 0, 0, 0,
                                  0,   0,   1,   0,   0, 0, 0, 0, 0, 0, 0, 0, 0,  18, 0, 0, 0 };
  g_autoptr (DexFuture) future = fatia_virt_open_graphics (host->virt, domain);
  g_autoptr (GError) error = NULL;
  char answer[4] = "";
  int fd;

  g_assert_nonnull (await_value (future, &error));
  g_assert_no_error (error);
  fd = dex_await_fd (g_steal_pointer (&future), &error);
  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, hello, 34), ==, 34);
  g_assert_cmpint (read (fd, answer, 4), ==, 4);
  g_assert_cmpint (memcmp (answer, "REDQ", 4), ==, 0);
  close (fd);
}

static void
test_life (void)
{
  g_autofree char *folder = tree_make_folder ();
  Host host = { 0 };
  g_autoptr (FatiaDomain) domain = NULL;
  g_autoptr (FatiaDomain) again = NULL;
  g_autoptr (FatiaDomainSpec) spec = NULL;
  g_autofree char *described = NULL;
  g_autofree char *glass = NULL;
  g_autofree char *uuid = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;

  host_open (&host, folder);
  g_assert_cmpuint (count (&host), ==, 0);
  spec = make_spec (&host);
  glass = g_strdup (spec->glass_path);
  described = await_string (fatia_virt_describe (host.virt, spec));
  /* All of it is installed where this test runs. */
  g_assert_nonnull (strstr (described, "secure-boot"));
  g_assert_nonnull (strstr (described, "tpm-crb"));
  domain = await_object (fatia_virt_create (host.virt, spec));
  g_assert_cmpint (stat (spec->disk, &info), ==, 0);
  /* Sparse. */
  g_assert_cmpint (info.st_blocks * 512, <, 4 * 1024 * 1024);

  await_true (fatia_virt_start (host.virt, domain));
  g_assert_cmpint (fatia_domain_get_state (domain), ==, FATIA_DOMAIN_RUNNING);
  g_assert_cmpint (stat (glass, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, 32 * 1024 * 1024);
  assert_spice (&host, domain);
  await_true (fatia_virt_shut_down (host.virt, domain));
  /* Firmware alone does not listen. */
  g_assert_cmpint (fatia_domain_get_state (domain), ==, FATIA_DOMAIN_STOPPING);
  destroy_by_another (&host);
  await_state (domain, FATIA_DOMAIN_OFF);
  await_true (fatia_virt_start (host.virt, domain));
  uuid = g_strdup (fatia_domain_get_uuid (domain));
  host_close (&host);

  /* Closed while the VM ran; taken up again, it is there and off. */
  host_open (&host, folder);
  g_assert_cmpuint (count (&host), ==, 1);
  again = g_list_model_get_item (fatia_virt_get_domains (host.virt), 0);
  g_assert_cmpstr (fatia_domain_get_uuid (again), ==, uuid);
  g_assert_cmpint (fatia_domain_get_state (again), ==, FATIA_DOMAIN_OFF);
  /* The practice guest and QEMU share the memory, whoever comes first. */
  g_assert_true (fatia_practice_start_guest (host.practice, 1920, 1080, &error));
  g_assert_no_error (error);
  await_file (glass);
  await_true (fatia_virt_start (host.virt, again));
  g_assert_true (fatia_practice_start_guest (host.practice, 1920, 1080, &error));
  g_assert_no_error (error);
  await_true (fatia_virt_force_off (host.virt, again));
  g_assert_cmpint (fatia_domain_get_state (again), ==, FATIA_DOMAIN_OFF);
  await_true (fatia_virt_delete (host.virt, again, TRUE));
  g_assert_cmpuint (count (&host), ==, 0);
  g_assert_false (tree_has ("/", spec->disk));
  host_close (&host);
  g_assert_false (tree_has ("/", glass));
  tree_remove (folder);
}

/* Two at a time, one in a folder whose path is too long for a socket's address. */
static void
test_two (void)
{
  g_autofree char *parent = tree_make_folder ();
  g_autofree char *name = g_strnfill (120, 'x');
  g_autofree char *folder = g_build_filename (parent, name, "practice host", NULL);
  Host one = { 0 };
  Host other = { 0 };
  g_autoptr (FatiaDomain) domain = NULL;
  g_autoptr (FatiaDomain) same_name = NULL;
  g_autoptr (FatiaDomainSpec) spec = NULL;
  g_autoptr (FatiaDomainSpec) other_spec = NULL;

  host_open (&one, folder);
  host_open (&other, NULL);
  spec = make_spec (&one);
  other_spec = make_spec (&other);
  g_assert_cmpstr (spec->glass_path, !=, other_spec->glass_path);
  domain = await_object (fatia_virt_create (one.virt, spec));
  await_true (fatia_virt_refresh (other.virt));
  g_assert_cmpuint (count (&other), ==, 0);
  same_name = await_object (fatia_virt_create (other.virt, other_spec));
  await_true (fatia_virt_start (one.virt, domain));
  await_true (fatia_virt_start (other.virt, same_name));
  host_close (&other);
  await_true (fatia_virt_refresh (one.virt));
  g_assert_cmpint (fatia_domain_get_state (domain), ==, FATIA_DOMAIN_RUNNING);
  host_close (&one);
  tree_remove (parent);
}

/* What libvirt refuses leaves neither disk nor domain nor pool. */
static void
test_refused (void)
{
  Host host = { 0 };
  g_autoptr (FatiaDomainSpec) spec = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaDomain) domain = NULL;

  host_open (&host, NULL);
  spec = make_spec (&host);
  g_free (spec->name);
  spec->name = g_strdup ("with/slash");
  error = await_error (fatia_virt_create (host.virt, spec), G_IO_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "did not accept"));
  g_assert_false (tree_has ("/", spec->disk));
  await_true (fatia_virt_refresh (host.virt));
  g_assert_cmpuint (count (&host), ==, 0);

  /* Somebody's file lies where the disk should. */
  g_free (spec->name);
  spec->name = g_strdup ("Windows");
  tree_write ("/", spec->disk, "years of work");
  g_clear_error (&error);
  error = await_error (fatia_virt_create (host.virt, spec), G_IO_ERROR_EXISTS);
  {
    g_autofree char *text = tree_read ("/", spec->disk);

    g_assert_cmpstr (text, ==, "years of work");
  }
  g_assert_cmpint (unlink (spec->disk), ==, 0);
  domain = await_object (fatia_virt_create (host.virt, spec));
  host_close (&host);
}

/* Whether the test driver, whose state all its connections in this process share, has it. */
static gboolean
test_driver_has (const char *name)
{
  virConnectPtr connection = virConnectOpen ("test:///default");
  virDomainPtr domain = virDomainLookupByName (connection, name);
  gboolean has = domain != NULL;

  if (has)
    virDomainFree (domain);
  virConnectClose (connection);
  return has;
}

/* Connections are closed in threads. */
static void
await_forgotten (void)
{
  gint64 deadline = g_get_monotonic_time () + AWAIT_SECONDS * G_USEC_PER_SEC;

  while (test_driver_has ("Windows") && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (test_driver_has ("Windows"));
}

static void
open_without_daemon (Host *host, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;

  host->practice = fatia_practice_new (NULL, folder, &error);
  g_assert_no_error (error);
  uri = await_string (fatia_practice_start_libvirt (host->practice));
  g_assert_cmpstr (uri, ==, "test:///default");
  host->virt = fatia_virt_new (uri);
  await_true (fatia_virt_connect (host->virt));
}

/* Where nothing may be started in a namespace, or nothing is installed: the test driver, which
 * forgets; the folder does not. */
static void
test_no_daemon (void)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autofree char *folder = tree_make_folder ();
  Host host = { 0 };
  g_autoptr (FatiaDomain) domain = NULL;
  g_autoptr (FatiaDomain) again = NULL;
  g_autoptr (FatiaDomainSpec) spec = NULL;

  g_setenv ("PATH", "/nowhere", TRUE);
  open_without_daemon (&host, folder);
  g_assert_cmpuint (count (&host), ==, 0);
  spec = make_spec (&host);
  domain = await_object (fatia_virt_create (host.virt, spec));
  await_true (fatia_virt_start (host.virt, domain));
  host_close (&host);
  await_forgotten ();

  open_without_daemon (&host, folder);
  g_assert_cmpuint (count (&host), ==, 1);
  again = g_list_model_get_item (fatia_virt_get_domains (host.virt), 0);
  g_assert_cmpstr (fatia_domain_get_uuid (again), ==, fatia_domain_get_uuid (domain));
  g_assert_cmpint (fatia_domain_get_state (again), ==, FATIA_DOMAIN_OFF);
  await_true (fatia_virt_delete (host.virt, again, TRUE));
  host_close (&host);
  await_forgotten ();
  open_without_daemon (&host, folder);
  g_assert_cmpuint (count (&host), ==, 0);
  host_close (&host);
  g_setenv ("PATH", path, TRUE);
  tree_remove (folder);
}

/* The daemon dies: the list is emptied, and calls say so in words. */
static void
test_broken (void)
{
  Host host = { 0 };
  g_autoptr (FatiaDomainSpec) spec = NULL;
  g_autoptr (FatiaDomain) domain = NULL;
  g_autoptr (GError) error = NULL;
  guint timeout;

  host_open (&host, NULL);
  spec = make_spec (&host);
  domain = await_object (fatia_virt_create (host.virt, spec));
  fatia_practice_close (host.practice);
  timeout = g_timeout_add_seconds (AWAIT_SECONDS, await_timeout, (gpointer) "The end");
  while (count (&host) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
  error = await_error (fatia_virt_start (host.virt, domain), G_IO_ERROR_NOT_CONNECTED);
  g_assert_nonnull (strstr (error->message, "libvirt is not running"));
  host_close (&host);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add_func ("/practice-libvirt/life", test_life);
  g_test_add_func ("/practice-libvirt/two", test_two);
  g_test_add_func ("/practice-libvirt/refused", test_refused);
  g_test_add_func ("/practice-libvirt/broken", test_broken);
  g_test_add_func ("/practice-libvirt/no-daemon", test_no_daemon);
  return g_test_run ();
}
