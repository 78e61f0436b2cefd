/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk finds the files that uefiextract finds, in the same order, in images made by others. */
#include "corpus.h"

#include <glib/gstdio.h>

#include "firmware/fatia-bytes.h"
#include "firmware/fatia-decode.h"
#include "firmware/fatia-pe.h"

/* uefiextract's words for the file types; what it has no word for it calls "Unknown". */
static const char *
type_word (guint8 type)
{
  static const char *const words[] = {
    NULL,
    "Raw",
    "Freeform",
    "SEC core",
    "PEI core",
    "DXE core",
    "PEI module",
    "DXE driver",
    "Combined PEI/DXE",
    "Application",
    "SMM module",
    "Volume image",
    "Combined SMM/DXE",
    "SMM core",
    "MM standalone module",
    "MM standalone core",
  };

  if (type == 0xF0)
    return "Pad";
  return type > 0 && type < G_N_ELEMENTS (words) ? words[type] : "Unknown";
}

/* Returns uefiextract's report of @image; what it complains of goes to @complaints. */
static char *
report (const char *image, char **complaints)
{
  g_autofree char *folder = g_dir_make_tmp ("fatia-peer-XXXXXX", NULL);
  g_autofree char *copy = g_build_filename (folder, "image", NULL);
  g_autofree char *path = g_strconcat (copy, ".report.txt", NULL);
  g_autofree char *guids = g_strconcat (copy, ".guids.csv", NULL);
  const char *argv[] = { "uefiextract", copy, "report", NULL };
  g_autoptr (GError) error = NULL;
  gsize length;
  char *text = NULL;

  /* It writes beside the image, a link's target. */
  g_file_get_contents (image, &text, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (copy, text, length, &error);
  g_assert_no_error (error);
  g_clear_pointer (&text, g_free);
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, complaints, NULL, NULL,
                &error);
  g_assert_no_error (error);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_unlink (path);
  g_unlink (guids);
  g_unlink (copy);
  g_rmdir (folder);
  return text;
}

/* One line "type size guid name" for each file in uefiextract's report, whose columns are
 * "File | type | base | size | checksum | ---- guid | name". A pad file has no GUID there. */
static char *
normalise_report (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *result = g_string_new (NULL);

  for (guint i = 0; lines[i]; i++)
    {
      g_auto (GStrv) columns = g_strsplit (lines[i], "|", -1);
      const char *guid;

      if (!g_str_has_prefix (lines[i], " File "))
        continue;
      g_assert_cmpuint (g_strv_length (columns), >=, 6);
      for (guint j = 0; columns[j]; j++)
        g_strstrip (columns[j]);
      guid = strchr (columns[5], ' ') + 1;
      if (g_str_equal (columns[1], "Pad"))
        guid = "-";
      g_string_append_printf (result, "%s %" G_GINT64_MODIFIER "x %s %s\n", columns[1],
                              g_ascii_strtoull (columns[3], NULL, 16), guid,
                              columns[6] ? columns[6] : "-");
    }
  return g_string_free_and_steal (result);
}

/* What uefiextract writes beside a GUID it knows where the file itself has no name. */
static const char *
known_name (const FatiaFirmwareFile *file)
{
  if (file->name)
    return file->name;
  if (g_str_equal (file->guid, "1B45CC0A-156A-428A-AF62-49864DA0E6E6"))
    return "PEI apriori file";
  if (g_str_equal (file->guid, "FC510EE7-FFDC-11D4-BD41-0080C73C8881"))
    return "DXE apriori file";
  if (g_str_equal (file->guid, "1BA0062E-C779-4582-8566-336AE8F78F09"))
    return "Volume Top File";
  return "-";
}

static char *
normalise_list (GPtrArray *files)
{
  GString *result = g_string_new (NULL);

  for (guint i = 0; i < files->len; i++)
    {
      const FatiaFirmwareFile *file = files->pdata[i];
      gboolean pad = file->type == 0xF0;

      g_string_append_printf (result, "%s %" G_GINT64_MODIFIER "x %s %s\n", type_word (file->type),
                              file->size, pad ? "-" : file->guid, known_name (file));
    }
  return g_string_free_and_steal (result);
}

static void
assert_same_files (const char *path, gboolean silent)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) image = fatia_firmware_open (path, &error);
  g_autoptr (GPtrArray) files = NULL;
  g_autofree char *complaints = NULL;
  g_autofree char *text = report (path, &complaints);
  g_autofree char *theirs = normalise_report (text);
  g_autofree char *ours = NULL;
  g_auto (GStrv) their_lines = g_strsplit (theirs, "\n", -1);
  g_auto (GStrv) our_lines = NULL;

  g_assert_no_error (error);
  files = fatia_firmware_list (image, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  ours = normalise_list (files);
  our_lines = g_strsplit (ours, "\n", -1);
  /* Line by line, for the first that differs to be shown. */
  for (guint i = 0; their_lines[i] && our_lines[i]; i++)
    g_assert_cmpstr (our_lines[i], ==, their_lines[i]);
  g_assert_cmpuint (g_strv_length (our_lines), ==, g_strv_length (their_lines));
  g_assert_cmpuint (files->len, >, 0);
  if (silent)
    g_assert_cmpstr (complaints, ==, "");
}

static void
test_others_image (gconstpointer path)
{
  assert_same_files (path, FALSE);
}

/* Our own packers are right: another reader unpacks what they made. */
static void
test_corpus (gconstpointer name)
{
  g_autofree char *path = corpus_path (name);

  assert_same_files (path, FALSE);
}

static void
test_practice_firmware (void)
{
  g_autofree char *path =
    g_test_build_filename (G_TEST_BUILT, "src/firmware/practice-firmware.bin", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) image = fatia_firmware_open (path, &error);
  g_autoptr (GPtrArray) candidates = NULL;
  const FatiaGopCandidate *best;

  g_assert_no_error (error);
  assert_same_files (path, TRUE);
  candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  /* The driver, its IA32 sister, the console, the setup program. */
  g_assert_cmpuint (candidates->len, ==, 4);
  best = candidates->pdata[0];
  g_assert_true (best->chosen);
  g_assert_cmpstr (best->name, ==, "IntelGopDriver");
  g_assert_cmpuint (best->size, >, 60 * 1024);
}

/* No image of OVMF's has Intel's driver, though several have graphics drivers. */
static void
test_no_driver_in_ovmf (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) image = fatia_firmware_open ("/usr/share/OVMF/OVMF_CODE_4M.fd", &error);
  g_autoptr (GPtrArray) candidates = NULL;

  g_assert_no_error (error);
  candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (candidates->len, >, 2);
  for (guint i = 0; i < candidates->len; i++)
    {
      const FatiaGopCandidate *candidate = candidates->pdata[i];

      g_assert_false (candidate->driver);
      g_assert_nonnull (strstr (candidate->why, "does not bear the name"));
    }
}

/* The EFI image in iPXE's option ROMs was packed by EDK II's packer; it is the last image. */
static void
test_packed_by_others (gconstpointer path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) rom = fatia_firmware_open (path, &error);
  FatiaBudget budget;
  g_autoptr (GBytes) bytes = NULL;
  const guint8 *data, *image;
  gsize size, at, length;
  FatiaPe pe;

  g_assert_no_error (error);
  data = g_bytes_get_data (rom, &size);
  for (at = 0; at + 512 < size && fatia_read_u32 (data + at + 4) != 0x0EF1; at += 512)
    ;
  g_assert_cmpuint (fatia_read_u16 (data + at), ==, 0xAA55);
  g_assert_cmpuint (fatia_read_u16 (data + at + 12), ==, 1);
  fatia_budget_init (&budget, size, NULL);
  length = fatia_read_u16 (data + at + 2) * 512;
  g_assert_cmpuint (at + length, <=, size);
  image = data + at + fatia_read_u16 (data + at + 22);
  bytes = fatia_decode_tiano (image, data + at + length - image, FATIA_TIANO_EFI_1_1, &budget);
  g_assert_nonnull (bytes);
  g_assert_true (fatia_pe_read (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &pe));
  g_assert_cmpuint (pe.size, ==, g_bytes_get_size (bytes));
  g_assert_cmpuint (pe.machine, ==, FATIA_PE_MACHINE_X64);
}

int
main (int argc, char **argv)
{
  const char *const packings[] = {
    "plain",   "large", "lzma_guided", "lzma_x86", "packed_each",     "tiano_guided",  "crc32",
    "efi_1_1", "tiano", "lzma_vendor", "nested",   "extended_header", "first_revision"
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/firmware-peer/ovmf", "/usr/share/OVMF/OVMF_CODE_4M.fd",
                        test_others_image);
  g_test_add_data_func ("/firmware-peer/ovmf-secure-boot",
                        "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", test_others_image);
  for (guint i = 0; i < G_N_ELEMENTS (packings); i++)
    {
      g_autofree char *path = g_strconcat ("/firmware-peer/packed/", packings[i], NULL);

      g_test_add_data_func (path, packings[i], test_corpus);
    }
  g_test_add_func ("/firmware-peer/practice", test_practice_firmware);
  g_test_add_func ("/firmware-peer/no-driver-in-ovmf", test_no_driver_in_ovmf);
  g_test_add_data_func ("/firmware-peer/ipxe", "/usr/share/qemu/efi-virtio.rom",
                        test_packed_by_others);
  return g_test_run ();
}
