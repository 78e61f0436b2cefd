/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are no firmware are refused in words that help; long walks report and stop. */
#include "corpus.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define GIB ((off_t) 1024 * 1024 * 1024)

typedef struct
{
  char *path;
  char *file;
} Folder;

static void
folder_set_up (Folder *folder, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  folder->path = g_dir_make_tmp ("fatia-open-XXXXXX", &error);
  g_assert_no_error (error);
  folder->file = g_build_filename (folder->path, "bios.fd", NULL);
}

static void
folder_tear_down (Folder *folder, gconstpointer data)
{
  g_unlink (folder->file);
  g_assert_cmpint (g_rmdir (folder->path), ==, 0);
  g_free (folder->file);
  g_free (folder->path);
}

static void
assert_not_opened (const char *path, GQuark domain, int code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fatia_firmware_open (path, &error));
  g_assert_error (error, domain, code);
  if (strstr (error->message, words) == NULL)
    g_assert_cmpstr (error->message, ==, words);
}

static void
test_not_opened (Folder *folder, gconstpointer data)
{
  assert_not_opened (folder->path, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, "is a folder");
  assert_not_opened (folder->file, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "bios.fd” can't be read");
  assert_not_opened ("/dev/zero", G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "is not a file");
  g_assert_cmpint (mkfifo (folder->file, 0600), ==, 0);
  assert_not_opened (folder->file, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "is not a file");
  g_unlink (folder->file);
  g_assert_true (g_file_set_contents (folder->file, "", 0, NULL));
  assert_not_opened (folder->file, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_EMPTY, "is empty");
}

/* Bytes of the file, in the middle of gigabytes that are none. */
static void
make_sparse (Folder *folder, off_t size, off_t at, GBytes *content)
{
  g_autofd int fd = g_open (folder->file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  gsize length = 0;
  const void *data = content ? g_bytes_get_data (content, &length) : NULL;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, size), ==, 0);
  if (content)
    g_assert_cmpint (pwrite (fd, data, length, at), ==, length);
}

static void
test_gigabytes_of_nothing (Folder *folder, gconstpointer data)
{
  g_autoptr (GBytes) image = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  make_sparse (folder, 3 * GIB, 0, NULL);
  image = fatia_firmware_open (folder->file, &error);
  g_assert_no_error (error);
  g_assert_null (fatia_gop_find (image, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_NO_VOLUME);
  g_assert_nonnull (strstr (error->message, "no firmware volume"));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
}

static void
test_between_holes (Folder *folder, gconstpointer data)
{
  g_autoptr (GBytes) content = corpus_open ("plain");
  g_autoptr (GBytes) image = NULL;
  g_autoptr (GPtrArray) candidates = NULL;
  g_autoptr (GError) error = NULL;

  make_sparse (folder, GIB / 4, GIB / 8 + 12345, content);
  image = fatia_firmware_open (folder->file, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (image), ==, GIB / 4);
  candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (candidates->len, ==, 2);
}

typedef struct
{
  const char *name;
  gsize offset;
  const char *magic;
  gsize length;
  const char *words;
} Package;

#define MAGIC(text) text, sizeof text - 1

static const Package packages[] = {
  { "pfat", 8, MAGIC ("_AMIPFAT"), "AMI BIOS Guard update" },
  { "zip", 0, MAGIC ("PK\x03\x04"), "ZIP archive" },
  { "7z", 0, MAGIC ("7z\xBC\xAF\x27\x1C"), "7-Zip archive" },
  { "cabinet", 0, MAGIC ("MSCF"), "Windows cabinet" },
  { "disc", 0x8001, MAGIC ("CD001"), "disc image" },
  { "program", 0, MAGIC ("MZ"), "Windows or DOS program" },
};

static GBytes *
make_package (const Package *package, GBytes *inside)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_set_size (bytes, 0x9000);
  memset (bytes->data, 0, bytes->len);
  memcpy (bytes->data + package->offset, package->magic, package->length);
  if (inside)
    g_byte_array_append (bytes, g_bytes_get_data (inside, NULL), g_bytes_get_size (inside));
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static void
test_package (gconstpointer data)
{
  const Package *package = data;
  g_autoptr (GBytes) image = make_package (package, NULL);
  g_autoptr (GBytes) plain = corpus_open ("plain");
  g_autoptr (GBytes) with_volume = make_package (package, plain);
  g_autoptr (GPtrArray) candidates = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (fatia_gop_find (image, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_WRAPPED);
  g_assert_nonnull (strstr (error->message, package->words));
  g_assert_nonnull (strstr (error->message, "choose"));
  g_clear_error (&error);
  g_assert_null (fatia_firmware_list (image, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_WRAPPED);
  g_clear_error (&error);
  /* Where the driver can be had all the same, nobody needs to unpack anything. */
  candidates = fatia_gop_find (with_volume, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (candidates->len, ==, 2);
}

static void
test_not_firmware (void)
{
  const char *text = "These are the release notes of a BIOS update.";
  g_autoptr (GBytes) image = g_bytes_new_static (text, strlen (text));
  g_autoptr (GBytes) empty = g_bytes_new_static (text, 0);
  g_autoptr (GError) error = NULL;

  g_assert_null (fatia_firmware_list (image, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_NO_VOLUME);
  g_clear_error (&error);
  g_assert_null (fatia_firmware_list (empty, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_EMPTY);
}

typedef struct
{
  GCancellable *cancellable;
  guint64 last;
  guint calls;
} Watch;

static void
watch (guint64 done, guint64 total, gpointer data)
{
  Watch *self = data;

  g_assert_cmpuint (done, >=, self->last);
  g_assert_cmpuint (done, <=, total);
  self->last = done;
  if (++self->calls == 2 && self->cancellable)
    g_cancellable_cancel (self->cancellable);
}

static void
test_progress (void)
{
  g_autoptr (GBytes) image = corpus_open ("descriptor");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = NULL;
  Watch self = { 0 };

  files = fatia_firmware_list (image, watch, &self, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (self.last, ==, g_bytes_get_size (image));
  g_assert_cmpuint (self.calls, >, 1);
}

static void
test_cancel (Folder *folder, gconstpointer data)
{
  g_autoptr (GBytes) image = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Watch self = { cancellable };

  make_sparse (folder, GIB / 4, 0, NULL);
  image = fatia_firmware_open (folder->file, &error);
  g_assert_no_error (error);
  g_assert_null (fatia_gop_find (image, NULL, watch, &self, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (self.last, <, GIB / 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Folder, NULL, folder_set_up, func, folder_tear_down)
  ADD ("/firmware-open/not-opened", test_not_opened);
  ADD ("/firmware-open/gigabytes-of-nothing", test_gigabytes_of_nothing);
  ADD ("/firmware-open/between-holes", test_between_holes);
  ADD ("/firmware-open/cancel", test_cancel);
  for (guint i = 0; i < G_N_ELEMENTS (packages); i++)
    {
      g_autofree char *path = g_strconcat ("/firmware-open/package/", packages[i].name, NULL);

      g_test_add_data_func (path, &packages[i], test_package);
    }
  g_test_add_func ("/firmware-open/not-firmware", test_not_firmware);
  g_test_add_func ("/firmware-open/progress", test_progress);
  return g_test_run ();
}
