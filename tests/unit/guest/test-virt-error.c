/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libvirt's own errors, provoked, in words that say what to do. */
#include "guest/fatia-virt-private.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

static void
assert_words (int code, const char *words)
{
  g_autoptr (GError) error = NULL;

  fatia_virt_set_error (&error, "It failed.");
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_true (g_str_has_prefix (error->message, "It failed. "));
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

static void
open_socket (const char *path)
{
  g_autofree char *uri = g_strconcat ("qemu+unix:///system?socket=", path, NULL);

  g_assert_null (virConnectOpen (uri));
}

static void
test_connecting (void)
{
  g_autofree char *folder = g_dir_make_tmp ("fatia-socket-XXXXXX", NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  open_socket ("/nowhere/libvirt-sock");
  assert_words (G_IO_ERROR_NOT_CONNECTED, "systemctl enable --now libvirtd.socket");
  /* A socket nobody listens at. */
  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/libvirt-sock", folder);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  open_socket (address.sun_path);
  assert_words (G_IO_ERROR_NOT_CONNECTED, "libvirt is not running");
  close (fd);
  g_unlink (address.sun_path);
  g_rmdir (folder);
}

static void
test_codes (void)
{
  g_auto (virConnectPtr) connection = virConnectOpen ("test:///default");
  g_auto (virDomainPtr) running = virDomainLookupByName (connection, "test");

  g_assert_null (virDomainLookupByName (connection, "nobody"));
  assert_words (G_IO_ERROR_NOT_FOUND, "Domain not found");
  g_assert_null (virStoragePoolLookupByName (connection, "nowhere"));
  assert_words (G_IO_ERROR_NOT_FOUND, "nowhere");
  g_assert_cmpint (virDomainCreate (running), <, 0);
  assert_words (G_IO_ERROR_FAILED, "already running");
  virResetLastError ();
  assert_words (G_IO_ERROR_FAILED, "does not say why");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fatia_virt_silence ();
  g_test_add_func ("/virt-error/connecting", test_connecting);
  g_test_add_func ("/virt-error/codes", test_codes);
  return g_test_run ();
}
