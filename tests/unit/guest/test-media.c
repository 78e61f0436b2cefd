/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files pass for an installation image of Windows. Images are the practice one, changed. */
#include "guest/fatia-domain-spec.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define SECTOR 2048
#define LABEL  (16 * SECTOR + 40)
#define ROOT   (21 * SECTOR)

typedef struct
{
  char *path;
  char *bytes;
  gsize length;
} Image;

static void
image_set_up (Image *image, gconstpointer data)
{
  const char *original = g_getenv ("FATIA_TEST_ISO");
  g_autoptr (GError) error = NULL;
  int fd;

  g_assert_nonnull (original);
  g_file_get_contents (original, &image->bytes, &image->length, &error);
  g_assert_no_error (error);
  fd = g_file_open_tmp ("fatia-media-XXXXXX", &image->path, &error);
  g_assert_no_error (error);
  close (fd);
}

static void
image_tear_down (Image *image, gconstpointer data)
{
  g_unlink (image->path);
  g_free (image->path);
  g_free (image->bytes);
}

static void
image_check (Image *image, const char *words)
{
  g_autoptr (GError) error = NULL;
  gboolean good;

  g_file_set_contents (image->path, image->bytes, image->length, &error);
  g_assert_no_error (error);
  good = fatia_media_check_windows (image->path, &error);
  if (words == NULL)
    {
      g_assert_no_error (error);
      g_assert_true (good);
      return;
    }
  g_assert_false (good);
  g_assert_true (error->domain == G_IO_ERROR);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
  g_assert_nonnull (strstr (error->message, image->path));
}

static void
set_label (Image *image, const char *label)
{
  memset (image->bytes + LABEL, ' ', 32);
  memcpy (image->bytes + LABEL, label, strlen (label));
}

/* Changes a name in the root folder to another of the same length. */
static void
rename_entry (Image *image, const char *from, const char *to)
{
  char *at = memmem (image->bytes + ROOT, SECTOR, from, strlen (from));

  g_assert_cmpuint (strlen (from), ==, strlen (to));
  g_assert_nonnull (at);
  memcpy (at, to, strlen (to));
}

static void
test_windows (Image *image, gconstpointer data)
{
  static const char *const labels[] = { "CCCOMA_X64FRE_EN-US_DV9", "CPBA_X64FRE_PT-BR_DV9",
                                        "J_CCSA_X64FRE_DE-DE_DV5", "ESD-ISO", "GSP1RMCPRXFRER_EN" };

  image_check (image, NULL);
  rename_entry (image, "BOOTMGR", "OTHERXX");
  rename_entry (image, "SOURCES", "THINGSX");
  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      set_label (image, labels[i]);
      image_check (image, NULL);
    }
}

/* A label of one's own, as image writers give: then the names decide. */
static void
test_names (Image *image, gconstpointer data)
{
  set_label (image, "MY DISC");
  image_check (image, NULL);
  rename_entry (image, "BOOTMGR", "CASPERX");
  image_check (image, NULL);
  rename_entry (image, "SOURCES", "ISOLINU");
  image_check (image, "not Windows");
  g_assert_nonnull (image->path);
}

/* The images Microsoft offers: UDF, and an ISO 9660 side with README.TXT alone. */
static void
test_udf (Image *image, gconstpointer data)
{
  static const guint8 recognition[][7] = { { 0, 'B', 'E', 'A', '0', '1', 1 },
                                           { 0, 'N', 'S', 'R', '0', '2', 1 } };
  char *first = (char *) memmem (image->bytes + ROOT, SECTOR, "BOOTMGR", 7) - 33;
  char *readme = (char *) memmem (image->bytes + ROOT, SECTOR, "README", 6) - 33;
  g_autofree char *record = g_memdup2 (readme, (guint8) *readme);

  set_label (image, "MY DISC");
  memset (first, 0, image->bytes + ROOT + SECTOR - first);
  memcpy (first, record, (guint8) *record);
  image_check (image, "not Windows");
  /* After the terminator, over the path tables, which nobody asks for. */
  for (gsize i = 0; i < G_N_ELEMENTS (recognition); i++)
    memcpy (image->bytes + (19 + i) * SECTOR, recognition[i], sizeof recognition[i]);
  image_check (image, NULL);
}

static void
put_tag (guint8 *sector, guint8 identifier)
{
  sector[0] = identifier;
  for (gsize i = 0; i < 16; i++)
    sector[4] += i == 4 ? 0 : sector[i];
}

static void
put_le32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

/* The larger part of the image is UDF's, and the ISO 9660 side knows nothing of it. */
static void
test_udf_truncated (Image *image, gconstpointer data)
{
  static const char recognition[] = { 0, 'N', 'S', 'R', '0', '2', 1 };
  gsize length = 300 * SECTOR;
  guint8 *bytes = g_malloc0 (length);

  memcpy (bytes, image->bytes, image->length);
  memcpy (bytes + 19 * SECTOR, recognition, sizeof recognition);
  put_le32 (bytes + 256 * SECTOR + 20, 258);
  put_tag (bytes + 256 * SECTOR, 2);
  put_le32 (bytes + 260 * SECTOR + 188, 270);
  put_le32 (bytes + 260 * SECTOR + 192, 30);
  put_tag (bytes + 260 * SECTOR, 5);
  g_free (image->bytes);
  image->bytes = (char *) bytes;
  image->length = length;
  image_check (image, NULL);
  put_le32 (bytes + 260 * SECTOR + 192, 31);
  image_check (image, "broken off");
  put_le32 (bytes + 260 * SECTOR + 192, G_MAXUINT32);
  image_check (image, "broken off");
  /* A tag whose sum is wrong says nothing. */
  bytes[260 * SECTOR + 4]++;
  image_check (image, NULL);
  put_le32 (bytes + 256 * SECTOR + 20, G_MAXUINT32);
  image_check (image, NULL);
}

static void
test_not_bootable (Image *image, gconstpointer data)
{
  image->bytes[17 * SECTOR + 7] = 'X';
  image_check (image, "can't be booted");
}

static void
test_other_machines (Image *image, gconstpointer data)
{
  set_label (image, "CCCOMA_A64FRE_EN-US_DV9");
  image_check (image, "ARM");
  set_label (image, "CCCOMA_X86FRE_EN-US_DV5");
  image_check (image, "32 bits");
}

static void
test_truncated (Image *image, gconstpointer data)
{
  gsize whole = image->length;

  image->length = whole - SECTOR;
  image_check (image, "broken off");
  for (image->length = 1; image->length < whole; image->length += 1531)
    image_check (image, "");
}

static void
test_other_files (Image *image, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pipe = g_strconcat (image->path, ".pipe", NULL);

  image->length = 0;
  image_check (image, "is empty");
  image->length = 40 * SECTOR;
  g_free (image->bytes);
  image->bytes = g_malloc0 (image->length);
  memcpy (image->bytes, "PK\3\4", 4);
  image_check (image, "not a disc image");
  memcpy (image->bytes, "MZ\220\0", 4);
  image_check (image, "not a disc image");

  g_assert_false (fatia_media_check_windows ("/nowhere/x.iso", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (fatia_media_check_windows ("/tmp", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_false (fatia_media_check_windows (pipe, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_unlink (pipe);
}

/* Any byte of the descriptors and the root changed: an answer, and no read outside. */
static void
test_damaged (Image *image, gconstpointer data)
{
  static const guint8 values[] = { 0, 0xff };

  set_label (image, "MY DISC");
  for (gsize at = 16 * SECTOR; at < 22 * SECTOR; at++)
    {
      g_autoptr (GError) error = NULL;
      char before = image->bytes[at];
      /* Sparse where nothing is read, dense in the records. */
      gsize in_sector = at % SECTOR;

      if (in_sector > 400 || (at % 3 != 0 && at < ROOT))
        continue;
      for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
        {
          int fd = open (image->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
          gboolean good;

          image->bytes[at] = values[i];
          g_assert_cmpint (write (fd, image->bytes, image->length), ==, image->length);
          close (fd);
          good = fatia_media_check_windows (image->path, &error);
          g_assert_true (good == (error == NULL));
          g_clear_error (&error);
        }
      image->bytes[at] = before;
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Image, NULL, image_set_up, func, image_tear_down)
  ADD ("/media/windows", test_windows);
  ADD ("/media/names", test_names);
  ADD ("/media/udf", test_udf);
  ADD ("/media/udf-truncated", test_udf_truncated);
  ADD ("/media/not-bootable", test_not_bootable);
  ADD ("/media/other-machines", test_other_machines);
  ADD ("/media/truncated", test_truncated);
  ADD ("/media/other-files", test_other_files);
  ADD ("/media/damaged", test_damaged);
  return g_test_run ();
}
