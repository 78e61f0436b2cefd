/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection, with libvirt's test driver: the real library, no daemon. */
#include "guest/fatia-virt.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "await.h"

/* A host of the test driver, read from a file: each connection to it has its own state. */
static const char node[] =
  "<node>"
  "<domain type='test'><name>foreign</name><memory>1024</memory><os><type>hvm</type></os></domain>"
  "<pool type='dir'><name>images</name><target><path>/images</path></target></pool>"
  "<device><name>computer</name><capability type='system'><hardware>"
  "<uuid>10fb4cc8-b4a7-4a9c-9a4d-6a5b1b2f6b2e</uuid></hardware><firmware/></capability>"
  "</device>"
  "<device><name>pci_0000_00_02_3</name><parent>computer</parent><capability type='pci'>"
  "<domain>0</domain><bus>0</bus><slot>2</slot><function>3</function>"
  "<product id='0x46d1'/><vendor id='0x8086'/></capability></device>"
  "</node>";

typedef struct
{
  char *file;
  FatiaVirt *virt;
  FatiaDomainSpec *spec;
} Libvirt;

static void
libvirt_set_up (Libvirt *libvirt, gconstpointer data)
{
  FatiaFacts facts = { .memory = G_GUINT64_CONSTANT (16) << 30, .cpus = 4 };
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;

  close (g_file_open_tmp ("fatia-node-XXXXXX", &libvirt->file, &error));
  g_assert_no_error (error);
  g_file_set_contents (libvirt->file, node, -1, &error);
  g_assert_no_error (error);
  uri = g_strconcat ("test://", libvirt->file, NULL);
  libvirt->virt = fatia_virt_new (uri);
  g_assert_cmpstr (fatia_virt_get_uri (libvirt->virt), ==, uri);
  libvirt->spec = fatia_domain_spec_new (&facts);
  g_free (libvirt->spec->disk);
  libvirt->spec->disk = g_strdup ("/images/Windows.qcow2");
  libvirt->spec->vf = g_strdup ("0000:00:02.3");
}

static void
libvirt_tear_down (Libvirt *libvirt, gconstpointer data)
{
  g_unlink (libvirt->file);
  g_free (libvirt->file);
  await_finalized (libvirt->virt);
  fatia_domain_spec_free (libvirt->spec);
}

static guint
count (Libvirt *libvirt)
{
  return g_list_model_get_n_items (fatia_virt_get_domains (libvirt->virt));
}

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer data)
{
  g_ptr_array_add (
    data, (gpointer) fatia_domain_state_to_string (fatia_domain_get_state (FATIA_DOMAIN (object))));
}

static void
test_life (Libvirt *libvirt, gconstpointer data)
{
  g_autoptr (FatiaDomain) domain = NULL;
  g_autoptr (FatiaDomain) listed = NULL;
  g_autoptr (GPtrArray) states = g_ptr_array_new ();
  g_autofree char *xml = NULL;
  g_autofree char *described = NULL;

  await_true (fatia_virt_connect (libvirt->virt));
  /* What carries none of our metadata is none of our business. */
  g_assert_cmpuint (count (libvirt), ==, 0);
  described = await_string (fatia_virt_describe (libvirt->virt, libvirt->spec));
  g_assert_nonnull (strstr (described, "<domain type=\"test\">"));

  domain = await_object (fatia_virt_create (libvirt->virt, libvirt->spec));
  g_assert_cmpuint (count (libvirt), ==, 1);
  listed = g_list_model_get_item (fatia_virt_get_domains (libvirt->virt), 0);
  g_assert_true (listed == domain);
  g_assert_cmpstr (fatia_domain_get_name (domain), ==, "Windows");
  g_assert_cmpuint (strlen (fatia_domain_get_uuid (domain)), ==, 36);
  g_assert_cmpstr (fatia_domain_get_vf (domain), ==, "0000:00:02.3");
  g_assert_cmpstr (fatia_domain_get_glass_path (domain), ==, "/dev/shm/looking-glass");
  g_assert_cmpstr (fatia_domain_get_disk (domain), ==, "/images/Windows.qcow2");
  g_assert_cmpint (fatia_domain_get_state (domain), ==, FATIA_DOMAIN_OFF);
  g_assert_false (fatia_domain_is_on (domain));
  g_assert_cmpstr (fatia_domain_get_state_word (domain), ==, "Off");
  xml = await_string (fatia_virt_get_xml (libvirt->virt, domain));
  g_assert_nonnull (strstr (xml, "https://fatia.dev/domain/1"));

  g_signal_connect (domain, "notify::state", G_CALLBACK (on_notify), states);
  await_true (fatia_virt_start (libvirt->virt, domain));
  g_assert_cmpint (fatia_domain_get_state (domain), ==, FATIA_DOMAIN_RUNNING);
  g_assert_true (fatia_domain_is_on (domain));
  g_assert_cmpstr (fatia_domain_get_state_word (domain), ==, "Running");
  await_true (fatia_virt_start (libvirt->virt, domain));
  g_error_free (await_error (fatia_virt_delete (libvirt->virt, domain, TRUE), G_IO_ERROR_BUSY));
  await_true (fatia_virt_force_off (libvirt->virt, domain));
  g_assert_cmpint (fatia_domain_get_state (domain), ==, FATIA_DOMAIN_OFF);
  await_true (fatia_virt_start (libvirt->virt, domain));
  /* The test driver's guest obeys at once. */
  await_true (fatia_virt_shut_down (libvirt->virt, domain));
  g_assert_cmpint (fatia_domain_get_state (domain), ==, FATIA_DOMAIN_OFF);
  g_assert_cmpuint (states->len, ==, 4);
  g_assert_cmpstr (states->pdata[0], ==, "running");
  g_assert_cmpstr (states->pdata[3], ==, "off");

  await_true (fatia_virt_delete (libvirt->virt, domain, TRUE));
  g_assert_cmpuint (count (libvirt), ==, 0);
  g_error_free (await_error (fatia_virt_start (libvirt->virt, domain), G_IO_ERROR_NOT_FOUND));
}

static void
test_name_taken (Libvirt *libvirt, gconstpointer data)
{
  g_autoptr (FatiaDomain) domain = await_object (fatia_virt_create (libvirt->virt, libvirt->spec));
  g_autoptr (GError) same = NULL;
  g_autoptr (GError) foreign = NULL;

  same = await_error (fatia_virt_create (libvirt->virt, libvirt->spec), G_IO_ERROR_EXISTS);
  g_assert_nonnull (strstr (same->message, "“Windows”"));
  g_free (libvirt->spec->name);
  libvirt->spec->name = g_strdup ("foreign");
  foreign = await_error (fatia_virt_create (libvirt->virt, libvirt->spec), G_IO_ERROR_EXISTS);
  g_assert_nonnull (strstr (foreign->message, "“foreign”"));
}

/* The disk's file is another VM's, or anything: it is neither overwritten nor deleted. */
static void
test_disk_taken (Libvirt *libvirt, gconstpointer data)
{
  g_autoptr (FatiaDomain) domain = await_object (fatia_virt_create (libvirt->virt, libvirt->spec));
  g_autoptr (GError) error = NULL;

  g_free (libvirt->spec->name);
  libvirt->spec->name = g_strdup ("Other");
  error = await_error (fatia_virt_create (libvirt->virt, libvirt->spec), G_IO_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, "/images/Windows.qcow2"));
  await_true (fatia_virt_delete (libvirt->virt, domain, FALSE));
  g_clear_error (&error);
  error = await_error (fatia_virt_create (libvirt->virt, libvirt->spec), G_IO_ERROR_EXISTS);
}

/* What libvirt refuses leaves no disk behind: the same file can be made right after. */
static void
test_refused (Libvirt *libvirt, gconstpointer data)
{
  g_autoptr (FatiaDomain) domain = NULL;
  g_autoptr (GError) error = NULL;
  guint cpus = libvirt->spec->cpus;

  libvirt->spec->cpus = 0;
  error = await_error (fatia_virt_create (libvirt->virt, libvirt->spec), G_IO_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "did not accept"));
  libvirt->spec->cpus = cpus;
  domain = await_object (fatia_virt_create (libvirt->virt, libvirt->spec));
  g_assert_cmpuint (count (libvirt), ==, 1);
}

/* The virtual functions were not kept over a restart. */
static void
test_vf_gone (Libvirt *libvirt, gconstpointer data)
{
  g_autoptr (FatiaDomain) domain = NULL;
  g_autoptr (GError) error = NULL;

  g_free (libvirt->spec->vf);
  libvirt->spec->vf = g_strdup ("0000:00:02.4");
  domain = await_object (fatia_virt_create (libvirt->virt, libvirt->spec));
  error = await_error (fatia_virt_start (libvirt->virt, domain), G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "0000:00:02.4, is not there"));
}

static void
test_no_libvirt (void)
{
  g_autoptr (FatiaVirt) virt = fatia_virt_new ("qemu+unix:///system?socket=/nowhere/libvirt-sock");
  g_autoptr (GError) error = await_error (fatia_virt_connect (virt), G_IO_ERROR_NOT_CONNECTED);

  g_assert_nonnull (strstr (error->message, "systemctl enable --now"));
  g_assert_nonnull (strstr (error->message, "/nowhere/libvirt-sock"));
}

/* Futures outlive the object that gave them. */
static void
test_dropped (Libvirt *libvirt, gconstpointer data)
{
  g_autofree char *uri = g_strdup (fatia_virt_get_uri (libvirt->virt));
  FatiaVirt *virt = fatia_virt_new (uri);
  DexFuture *future = fatia_virt_connect (virt);

  g_object_unref (virt);
  await_true (future);
  virt = fatia_virt_new (uri);
  dex_unref (fatia_virt_connect (virt));
  g_object_unref (virt);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
#define ADD(path, func) g_test_add (path, Libvirt, NULL, libvirt_set_up, func, libvirt_tear_down)
  ADD ("/virt/life", test_life);
  ADD ("/virt/name-taken", test_name_taken);
  ADD ("/virt/disk-taken", test_disk_taken);
  ADD ("/virt/refused", test_refused);
  ADD ("/virt/dropped", test_dropped);
  ADD ("/virt/vf-gone", test_vf_gone);
  g_test_add_func ("/virt/no-libvirt", test_no_libvirt);
  return g_test_run ();
}
