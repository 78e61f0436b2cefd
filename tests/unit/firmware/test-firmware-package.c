/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packages of every kind: the image in them comes out byte for byte, and the way to it is told. */
#include "corpus.h"

#include "firmware/fatia-firmware-source.h"

typedef struct
{
  const char *name;
  const char *image; /* of make-corpus: what is in it */
  const char *trail; /* after the file's own name and "(" */
} Case;

#define MAKER " → BIOS/RX4-1.08.cap (capsule) → firmware image"
#define GUARD "AMI BIOS Guard update) → firmware image"
#define A_CAP "capsule) → firmware image"
#define DELL  "Dell update) → parts of a Dell update → "

static const Case cases[] = {
  { "zip_maker", "plain", "ZIP archive)" MAKER },
  { "zip_seven", "plain", "ZIP archive)" MAKER },
  { "zip_lzma", "plain", "ZIP archive)" MAKER },
  { "seven_maker", "plain", "7-Zip archive)" MAKER },
  { "seven_bzip2", "plain", "7-Zip archive)" MAKER },
  { "seven_ppmd", "plain", "7-Zip archive)" MAKER },
  { "seven_separate", "plain", "7-Zip archive)" MAKER },
  { "rar_4", "plain", "RAR archive)" MAKER },
  { "rar_5", "plain", "RAR archive)" MAKER },
  { "cabinet", "plain", "Windows cabinet)" MAKER },
  { "disc", "plain", "disc image)" MAKER },
  { "tar_gz", "plain", "compressed file)" MAKER },
  { "tar_xz", "plain", "compressed file)" MAKER },
  { "alone_bz2", "plain", "compressed file) → data" },
  { "program_seven", "plain", "7-Zip archive)" MAKER },
  { "program_seven_linux", "plain", "7-Zip archive)" MAKER },
  { "program_zip", "plain", "ZIP archive)" MAKER },
  { "program_zip_adjusted", "plain", "ZIP archive)" MAKER },
  { "program_cabinet", "plain", "Windows cabinet)" MAKER },
  { "program_rar", "plain", "RAR archive)" MAKER },
  { "zip_in_program_in_zip", "plain", "ZIP archive) → X4_BIOS_v1.08.exe (7-Zip archive)" MAKER },
  { "zip_driver", "driver_pe", "ZIP archive) → IntelGopDriver.efi" },
  { "pfat_plain", "plain", GUARD },
  { "pfat_signed", "plain", GUARD },
  { "pfat_signed_3k", "plain", GUARD },
  { "pfat_signed_other", "plain", GUARD },
  { "pfat_after", "plain", GUARD },
  { "pfat_twice", "plain", GUARD },
  { "pfat_in_program", "plain", GUARD },
  { "pfat_in_capsule", "plain", "capsule) → AMI BIOS Guard update → firmware image" },
  { "capsule_aptio", "plain", A_CAP },
  { "capsule_toshiba", "plain", A_CAP },
  { "capsule_image_size", "plain", A_CAP },
  { "fmp_plain", "plain", A_CAP },
  { "fmp_signed", "plain", A_CAP },
  { "fmp_of_image", "plain", A_CAP },
  { "dell_plain", "plain", DELL "System BIOS" },
  { "dell_program", "plain", DELL "System BIOS" },
  { "dell_nested", "plain", DELL "System BIOS (" DELL "System BIOS" },
  { "dell_guarded", "plain", DELL "System BIOS (parts of a Dell update) → firmware image" },
  { "dell_guarded_script", "plain", DELL "System BIOS (parts of a Dell update) → firmware image" },
  { "insyde_plain", "plain", "Insyde update) → BIOSIMG" },
  { "insyde_program", "plain", "Insyde installer) → 7-Zip archive" MAKER },
  { "ucp_plain", "plain", "AMI or HP update) → @ROM BIOS" },
  { "ucp_packed", "plain", "AMI or HP update) → @R00 BIOS" },
  { "ucp_short", "plain", "AMI or HP update) → @ROM BIOS" },
  { "ucp_guarded", "plain", "AMI or HP update) → @ROM BIOS (" GUARD },
  { "rom_plain", "driver_pe", "option ROM) → image 1 for UEFI x64, 8086:46d1" },
  { "rom_padded", "driver_pe", "option ROM) → image 1 for UEFI x64, 8086:46d1" },
  { "rom_packed", "driver_pe", "option ROM) → image 3 for UEFI x64, 8086:46d1" },
  { "rom_equals", "driver_pe", "option ROM) → image 1 for UEFI x64, 8086:46d1" },
  { "zip_rom", "driver_pe",
    "ZIP archive) → gop.rom (option ROM) → image 3 for UEFI x64, 8086:46d1" },
};

static FatiaFirmwareSource *
open_package (const char *name, const char *member, GError **error)
{
  g_autofree char *file = g_strconcat (name, ".pkg", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "tests/unit/firmware", file, NULL);

  return fatia_firmware_source_open (path, member, NULL, NULL, NULL, error);
}

static void
assert_image (const FatiaFirmwareSource *source, const char *name)
{
  g_autoptr (GBytes) expected = corpus_open (name);
  gsize size, expected_size;
  const void *data = g_bytes_get_data (source->image, &size);
  const void *expected_data = g_bytes_get_data (expected, &expected_size);

  g_assert_cmpmem (data, size, expected_data, expected_size);
}

static void
test_opened (gconstpointer data)
{
  const Case *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaFirmwareSource) source = open_package (self->name, NULL, &error);
  g_autofree char *expected = g_strdup_printf ("%s.pkg (%s", self->name, self->trail);
  g_autofree char *trail = NULL;
  g_autoptr (GPtrArray) candidates = NULL;
  FatiaFirmwareLayer *last;

  g_assert_no_error (error);
  trail = fatia_firmware_source_describe (source);
  g_assert_cmpstr (trail, ==, expected);
  assert_image (source, self->image);
  last = g_ptr_array_index (source->trail, source->trail->len - 1);
  g_assert_cmpuint (last->size, ==, g_bytes_get_size (source->image));
  candidates = fatia_gop_find (source->image, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (((FatiaGopCandidate *) g_ptr_array_index (candidates, 0))->chosen);
}

/* A file that is no package is the image itself, not a copy of it. */
static void
test_no_package (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = corpus_path ("descriptor");
  g_autoptr (GBytes) file = fatia_firmware_open (path, &error);
  g_autoptr (FatiaFirmwareSource) source =
    fatia_firmware_source_new (file, "a.bin", NULL, NULL, NULL, NULL, &error);
  g_autofree char *trail = NULL;

  g_assert_no_error (error);
  g_assert_true (source->image == file);
  trail = fatia_firmware_source_describe (source);
  g_assert_cmpstr (trail, ==, "a.bin");
}

/* Nothing needs to be opened where a volume is in sight. */
static void
test_volume_in_sight (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaFirmwareSource) source = open_package ("program_with_volume", NULL, &error);
  g_autoptr (GPtrArray) candidates = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (source->trail->len, ==, 1);
  candidates = fatia_gop_find (source->image, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (((FatiaGopCandidate *) g_ptr_array_index (candidates, 0))->chosen);
}

/* Two members as good as each other: one is taken, both are told, and either can be asked for. */
static void
test_equals (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaFirmwareSource) first = open_package ("zip_equals", NULL, &error);
  g_autoptr (FatiaFirmwareSource) second = NULL;
  FatiaFirmwareLayer *layer;

  g_assert_no_error (error);
  layer = g_ptr_array_index (first->trail, 1);
  g_assert_cmpstr (layer->name, ==, "X4_A.bin");
  g_assert_cmpuint (g_strv_length (layer->others), ==, 1);
  g_assert_cmpstr (layer->others[0], ==, "X4_B.bin");
  g_assert_nonnull (strstr (layer->note, "“X4_B.bin”"));
  assert_image (first, "plain");

  second = open_package ("zip_equals", "x4_b.BIN", &error);
  g_assert_no_error (error);
  layer = g_ptr_array_index (second->trail, 1);
  g_assert_cmpstr (layer->name, ==, "X4_B.bin");
  g_assert_null (layer->others);
  assert_image (second, "nested");
}

/* Two drivers in an option ROM. */
static void
test_equal_images (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaFirmwareSource) source = open_package ("rom_equals", NULL, &error);
  g_autoptr (FatiaFirmwareSource) second = NULL;
  FatiaFirmwareLayer *layer;

  g_assert_no_error (error);
  layer = g_ptr_array_index (source->trail, 1);
  g_assert_nonnull (layer->note);
  g_assert_cmpuint (g_strv_length (layer->others), ==, 1);
  second = open_package ("rom_equals", layer->others[0], &error);
  g_assert_no_error (error);
  layer = g_ptr_array_index (second->trail, 1);
  g_assert_cmpstr (layer->name, ==, "image 2 for UEFI x64, 8086:a7a0");
}

static void
test_member_in_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaFirmwareSource) source = open_package ("zip_maker", "EC_1.02.bin", &error);
  FatiaFirmwareLayer *layer;

  g_assert_no_error (error);
  layer = g_ptr_array_index (source->trail, 1);
  g_assert_cmpstr (layer->name, ==, "Tools/EC_1.02.bin");
  g_assert_cmpuint (layer->size, ==, 6 * 20480);
  g_clear_pointer (&source, fatia_firmware_source_free);
  g_assert_null (open_package ("zip_maker", "EC_9.bin", &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_NO_MEMBER);
  g_assert_nonnull (strstr (error->message, "“EC_9.bin”"));
}

/* A name is shown and never more than that; what moves the cursor is not in it. */
static void
test_names (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaFirmwareSource) source = open_package ("hostile_names", NULL, &error);
  FatiaFirmwareLayer *layer;

  g_assert_no_error (error);
  layer = g_ptr_array_index (source->trail, 1);
  g_assert_cmpstr (layer->name, ==, "../../../../../tmp/fatia-was-here.bin");
  g_assert_false (g_file_test ("/tmp/fatia-was-here.bin", G_FILE_TEST_EXISTS));
  assert_image (source, "plain");
}

typedef struct
{
  const char *name;
  int code;
  const char *words[3]; /* that the message has */
} Refusal;

static const Refusal refusals[] = {
  { "inno", FATIA_FIRMWARE_ERROR_WRAPPED, { "Inno Setup", "innoextract" } },
  { "nsis", FATIA_FIRMWARE_ERROR_WRAPPED, { "Nullsoft", "7-Zip" } },
  { "named_phoenix", FATIA_FIRMWARE_ERROR_WRAPPED, { "Phoenix update", "BIOSUtilities" } },
  { "named_fujitsu", FATIA_FIRMWARE_ERROR_WRAPPED, { "Fujitsu update", "BIOSUtilities" } },
  { "named_vaio", FATIA_FIRMWARE_ERROR_WRAPPED, { "VAIO update", "BIOSUtilities" } },
  { "named_installshield", FATIA_FIRMWARE_ERROR_WRAPPED, { "InstallShield", "USB drive" } },
  { "named_award", FATIA_FIRMWARE_ERROR_WRAPPED, { "Award BIOS", "before UEFI" } },
  { "named_toshiba", FATIA_FIRMWARE_ERROR_WRAPPED, { "Toshiba update", "ToshibaComExtractor" } },
  { "program_other", FATIA_FIRMWARE_ERROR_WRAPPED, { "Windows or DOS program", "USB" } },
  { "zip_no_firmware", FATIA_FIRMWARE_ERROR_NO_MEMBER, { "ZIP archive", "“AFUWIN.exe”" } },
  { "zip_empty", FATIA_FIRMWARE_ERROR_NO_VOLUME },
  { "encrypted_zip", FATIA_FIRMWARE_ERROR_WRAPPED, { "ZIP archive", "password" } },
  { "encrypted_seven", FATIA_FIRMWARE_ERROR_WRAPPED, { "7-Zip archive", "password" } },
  { "encrypted_header", FATIA_FIRMWARE_ERROR_WRAPPED, { "7-Zip archive", "password" } },
  { "claims_members", FATIA_FIRMWARE_ERROR_WRAPPED, { "7-Zip archive", "far more files" } },
  { "claims_streams", FATIA_FIRMWARE_ERROR_WRAPPED, { "7-Zip archive", "far more files" } },
  { "claims_list", FATIA_FIRMWARE_ERROR_WRAPPED, { "7-Zip archive", "far more files" } },
  { "claims_memory", FATIA_FIRMWARE_ERROR_WRAPPED, { "7-Zip archive", "far more files" } },
  { "claims_nothing", FATIA_FIRMWARE_ERROR_DAMAGED, { "7-Zip archive", "list of members" } },
  { "cut_zip", FATIA_FIRMWARE_ERROR_DAMAGED, { "ZIP archive", "at byte 0x", "Download it again" } },
  { "cut_seven", FATIA_FIRMWARE_ERROR_DAMAGED, { "7-Zip archive", "at byte 0x" } },
  { "cut_rar", FATIA_FIRMWARE_ERROR_DAMAGED, { "RAR archive", "at byte 0x" } },
  { "cut_cabinet", FATIA_FIRMWARE_ERROR_DAMAGED, { "Windows cabinet", "at byte 0x" } },
  { "cut_gz", FATIA_FIRMWARE_ERROR_DAMAGED, { "compressed file", "at byte 0x" } },
  { "pfat_bad_text", FATIA_FIRMWARE_ERROR_DAMAGED, { "BIOS Guard", "list of parts", "0x11)" } },
  { "pfat_long_text", FATIA_FIRMWARE_ERROR_DAMAGED, { "list of parts is cut off", "0x0)" } },
  { "capsule_long_header", FATIA_FIRMWARE_ERROR_DAMAGED, { "capsule", "2147483647", "0x10)" } },
  { "fmp_cut", FATIA_FIRMWARE_ERROR_DAMAGED, { "capsule", "it ends here", "0x4E20)" } },
  { "fmp_many", FATIA_FIRMWARE_ERROR_DAMAGED, { "capsule", "list of parts", "0x1C)" } },
  { "dell_cut", FATIA_FIRMWARE_ERROR_DAMAGED, { "Dell update", "is cut off", "0x0)" } },
  { "dell_part_cut", FATIA_FIRMWARE_ERROR_DAMAGED, { "parts of a Dell update", "it ends here" } },
  { "dell_bad_stream", FATIA_FIRMWARE_ERROR_DAMAGED, { "Dell update", "can't be unpacked" } },
  { "dell_far", FATIA_FIRMWARE_ERROR_DAMAGED, { "Dell update", "beyond the end" } },
  { "insyde_cut", FATIA_FIRMWARE_ERROR_DAMAGED, { "Insyde update", "“BIOSIMG” is cut off" } },
  { "ucp_cut", FATIA_FIRMWARE_ERROR_DAMAGED, { "AMI or HP update", "“@ROM BIOS” is cut off" } },
  { "rom_bios", FATIA_FIRMWARE_ERROR_WRAPPED, { "option ROM", "PC BIOS", "Open Firmware" } },
  { "rom_cut", FATIA_FIRMWARE_ERROR_DAMAGED, { "option ROM", "image 3 is cut off" } },
  { "rom_bad_stream", FATIA_FIRMWARE_ERROR_DAMAGED, { "option ROM", "can't be unpacked" } },
  { "rom_no_length", FATIA_FIRMWARE_ERROR_DAMAGED, { "option ROM", "image 1 is cut off" } },
  { "rom_unknown_packing", FATIA_FIRMWARE_ERROR_WRAPPED, { "option ROM", "can't be taken out" } },
};

static void
test_refused (gconstpointer data)
{
  const Refusal *self = data;
  g_autoptr (GError) error = NULL;

  if (self->code == FATIA_FIRMWARE_ERROR_NO_VOLUME)
    {
      /* No package at all, then. */
      g_autoptr (FatiaFirmwareSource) source = open_package (self->name, NULL, &error);

      g_assert_no_error (error);
      g_assert_null (fatia_gop_find (source->image, NULL, NULL, NULL, NULL, &error));
    }
  else
    g_assert_null (open_package (self->name, NULL, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, self->code);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_test_message ("%s", error->message);
  for (gsize i = 0; i < G_N_ELEMENTS (self->words) && self->words[i]; i++)
    g_assert_nonnull (strstr (error->message, self->words[i]));
}

typedef struct
{
  GCancellable *cancellable;
  guint64 last;
} Watch;

static void
watch (guint64 done, guint64 total, gpointer data)
{
  Watch *self = data;

  g_assert_cmpuint (done, >=, self->last);
  g_assert_cmpuint (done, <=, total);
  self->last = done;
  if (self->cancellable && done > total / 4)
    g_cancellable_cancel (self->cancellable);
}

static void
test_cancel (void)
{
  g_autofree char *path =
    g_test_build_filename (G_TEST_BUILT, "tests/unit/firmware", "seven_separate.pkg", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (FatiaFirmwareSource) source = NULL;
  g_autoptr (GError) error = NULL;
  Watch self = { NULL };

  source = fatia_firmware_source_open (path, NULL, watch, &self, cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (self.last, >, 50 * 1024);
  self = (Watch) { cancellable };
  g_assert_null (fatia_firmware_source_open (path, NULL, watch, &self, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/firmware-package/opened/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_opened);
    }
  g_test_add_func ("/firmware-package/no-package", test_no_package);
  g_test_add_func ("/firmware-package/volume-in-sight", test_volume_in_sight);
  g_test_add_func ("/firmware-package/equals", test_equals);
  g_test_add_func ("/firmware-package/equal-images", test_equal_images);
  g_test_add_func ("/firmware-package/member-in-folder", test_member_in_folder);
  g_test_add_func ("/firmware-package/names", test_names);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strconcat ("/firmware-package/refused/", refusals[i].name, NULL);

      g_test_add_data_func (path, &refusals[i], test_refused);
    }
  g_test_add_func ("/firmware-package/cancel", test_cancel);
  return g_test_run ();
}
