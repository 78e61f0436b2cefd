/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of a walk: every part in its place, and why what was passed over was. */
#include "corpus.h"

#include "firmware/fatia-firmware-tree.h"

typedef gboolean (*Matches) (FatiaFirmwareItem *item, gconstpointer what);

static FatiaFirmwareItem *
read_tree (const char *name)
{
  g_autoptr (GBytes) image = corpus_open (name);
  g_autoptr (GError) error = NULL;
  FatiaFirmwareItem *root = fatia_firmware_tree_read (image, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (fatia_firmware_item_get_kind (root), ==, FATIA_FIRMWARE_ITEM_IMAGE);
  g_assert_cmpuint (fatia_firmware_item_get_size (root), ==, g_bytes_get_size (image));
  return root;
}

/* The first part, from the outside in and the start to the end, that @matches. */
static FatiaFirmwareItem *
find (FatiaFirmwareItem *root, Matches matches, gconstpointer what)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();

  g_ptr_array_add (waiting, root);
  while (waiting->len > 0)
    {
      FatiaFirmwareItem *item = g_ptr_array_steal_index (waiting, waiting->len - 1);

      if (matches (item, what))
        return item;
      for (guint i = fatia_firmware_item_get_n_children (item); i > 0; i--)
        g_ptr_array_add (waiting, fatia_firmware_item_get_child (item, i - 1));
    }
  return NULL;
}

static gboolean
has_type (FatiaFirmwareItem *item, gconstpointer what)
{
  return g_str_equal (fatia_firmware_item_get_type_name (item), what);
}

static gboolean
has_note (FatiaFirmwareItem *item, gconstpointer what)
{
  const char *note = fatia_firmware_item_get_note (item);

  return note && strstr (note, what);
}

static FatiaFirmwareItem *
find_type (FatiaFirmwareItem *root, const char *type)
{
  FatiaFirmwareItem *item = find (root, has_type, type);

  if (item == NULL)
    g_error ("there is no %s", type);
  return item;
}

static void
assert_text (FatiaFirmwareItem *root, const char *expected)
{
  g_autofree char *text = fatia_firmware_tree_format (root, NULL, NULL);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_plain (void)
{
  g_autoptr (FatiaFirmwareItem) root = read_tree ("plain");

  assert_text (
    root, "0x00000000 0x00005000  Firmware image\n"
          "  0x00000000 0x00005000  Firmware volume, FFSv2  8C8CE578-8A3D-4F1C-9935-896185C32DD3\n"
          "    0x00000048 0x0000202C  DXE driver  899407D7-99FE-43D8-9A21-79EC328CAC21  “Setup”\n"
          "      0x00000060 0x00002004  PE32 image section\n"
          "      0x00002064 0x00000010  Name section\n"
          "    0x00002078 0x0000203E  DXE driver  FF0C8745-3270-4439-B74F-3E45F8C77064  "
          "“IntelGopDriver”\n"
          "      0x00002090 0x00002004  PE32 image section\n"
          "      0x00004094 0x00000022  Name section\n"
          "    0x000040B8 0x00000F48  Free space\n");
}

/* Each packing is named, and what it packs stands in it. */
static void
test_packings (void)
{
  const struct
  {
    const char *image;
    const char *type;
  } cases[] = {
    { "lzma_guided", "GUID-defined section, LZMA" },
    { "lzma_x86", "GUID-defined section, LZMA with x86 filter" },
    { "tiano_guided", "GUID-defined section, EFI 1.1 or Tiano" },
    { "brotli", "GUID-defined section, Brotli" },
    { "crc32", "GUID-defined section, CRC32" },
    { "stored", "Compression section, stored" },
    { "efi_1_1", "Compression section, EFI 1.1 or Tiano" },
    { "lzma_vendor", "Compression section, LZMA" },
    { "disposable", "Disposable section" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FatiaFirmwareItem) root = read_tree (cases[i].image);
      FatiaFirmwareItem *packing = find_type (root, cases[i].type);
      FatiaFirmwareItem *program = find_type (packing, "PE32 image section");
      FatiaFirmwareItem *file = fatia_firmware_item_get_parent (packing);
      gboolean plain = strstr ("crc32 stored disposable", cases[i].image) != NULL;

      g_assert_true (fatia_firmware_item_get_parent (program) == packing);
      g_assert_cmpint (fatia_firmware_item_is_unpacked (program), ==, !plain);
      g_assert_null (fatia_firmware_item_get_note (packing));
      g_assert_cmpstr (fatia_firmware_item_get_title (file), ==, "IntelGopDriver");
    }
}

static void
test_capsule (void)
{
  g_autoptr (FatiaFirmwareItem) root = read_tree ("capsule");
  FatiaFirmwareItem *capsule = find_type (root, "Capsule");

  g_assert_cmpstr (fatia_firmware_item_get_guid (capsule), ==,
                   "6DCBD5ED-E82D-4C44-BDA1-7194199AD92A");
  g_assert_cmpuint (fatia_firmware_item_get_offset (find_type (capsule, "Firmware volume, FFSv2")),
                    ==, 0x50);
}

static void
test_descriptor (void)
{
  g_autoptr (FatiaFirmwareItem) root = read_tree ("descriptor");
  FatiaFirmwareItem *bios = find_type (root, "BIOS region");
  FatiaFirmwareItem *volume = find_type (bios, "Firmware volume, FFSv2");
  FatiaFirmwareItem *first = fatia_firmware_item_get_child (root, 0);

  g_assert_cmpstr (fatia_firmware_item_get_title (first), ==, "Flash descriptor");
  g_assert_cmpuint (fatia_firmware_item_get_offset (bios), ==, 1024 * 1024);
  g_assert_true (has_note (bios, "goes on after the end of this file"));
  g_assert_cmpuint (fatia_firmware_item_get_offset (volume), ==, 1024 * 1024 + 4096);
  /* What stands before it is told for its region alone. */
  g_assert_cmpint (fatia_firmware_item_get_kind (fatia_firmware_item_get_child (bios, 0)), ==,
                   FATIA_FIRMWARE_ITEM_PADDING);
  g_assert_cmpuint (fatia_firmware_item_get_size (fatia_firmware_item_get_child (bios, 0)), ==,
                    4096);
}

static void
test_notes (void)
{
  const struct
  {
    const char *image;
    const char *note;
  } cases[] = {
    { "damaged_beside", "could not be unpacked" },
    { "damaged_beside", "header is damaged" },
    { "damaged_beside", "Its sections end before it does." },
    { "unknown_file_system", "no files of a known kind" },
    { "cut_volume", "Its end is missing." },
    { "bomb_nested", "not read to its end" },
    { "many_files", "not read to its end" },
    { "deep", "far too deep" },
    { "many_sections", "more parts than are listed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FatiaFirmwareItem) root = read_tree (cases[i].image);

      if (find (root, has_note, cases[i].note) == NULL)
        g_error ("nothing in %s says: %s", cases[i].image, cases[i].note);
    }
}

static void
test_no_firmware (void)
{
  g_autoptr (GBytes) image = g_bytes_new_static ("no firmware", 11);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FatiaFirmwareItem) root = fatia_firmware_tree_read (image, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  assert_text (root, "0x00000000 0x0000000B  Firmware image\n");
  g_assert_null (fatia_firmware_tree_read (empty, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_EMPTY);
  g_clear_error (&error);
  g_cancellable_cancel (cancelled);
  g_assert_null (fatia_firmware_tree_read (image, NULL, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
assert_within (FatiaFirmwareItem *item, FatiaFirmwareItem *parent)
{
  guint64 start = fatia_firmware_item_get_offset (item);
  guint64 end = start + fatia_firmware_item_get_size (item);

  g_assert_cmpuint (start, >=, fatia_firmware_item_get_offset (parent));
  g_assert_cmpuint (
    end, <=, fatia_firmware_item_get_offset (parent) + fatia_firmware_item_get_size (parent));
}

static gboolean
check_and_count (FatiaFirmwareItem *item, gconstpointer count)
{
  *(guint *) count += fatia_firmware_item_get_kind (item) == FATIA_FIRMWARE_ITEM_FILE;
  /* What was unpacked has places of its own. */
  if (fatia_firmware_item_get_parent (item) && !fatia_firmware_item_is_unpacked (item))
    assert_within (item, fatia_firmware_item_get_parent (item));
  return FALSE;
}

/* In others' images: the files are those of the list, and nothing is noted but what is not ours to
 * read. */
static void
test_others_image (gconstpointer path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) image = fatia_firmware_open (path, &error);
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (FatiaFirmwareItem) root = NULL;
  guint count = 0;

  g_assert_no_error (error);
  files = fatia_firmware_list (image, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  root = fatia_firmware_tree_read (image, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  find (root, check_and_count, &count);
  g_assert_cmpuint (count, ==, files->len);
  g_assert_null (find (root, has_note, "unpacked"));
  g_assert_null (find (root, has_note, "damaged"));
}

/* As a list model, for those who show it; a part may outlive what it stands in. */
static void
test_list_model (void)
{
  g_autoptr (FatiaFirmwareItem) root = read_tree ("plain");
  g_autoptr (FatiaFirmwareItem) volume = g_list_model_get_item (G_LIST_MODEL (root), 0);
  g_autoptr (FatiaFirmwareItem) file = g_list_model_get_item (G_LIST_MODEL (volume), 1);

  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (root)) == FATIA_TYPE_FIRMWARE_ITEM);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (root)), ==, 1);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (volume), 3));
  g_assert_true (fatia_firmware_item_get_parent (file) == volume);
  g_clear_object (&volume);
  g_clear_object (&root);
  g_assert_null (fatia_firmware_item_get_parent (file));
  g_assert_cmpstr (fatia_firmware_item_get_title (file), ==, "IntelGopDriver");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/firmware-tree/plain", test_plain);
  g_test_add_func ("/firmware-tree/packings", test_packings);
  g_test_add_func ("/firmware-tree/capsule", test_capsule);
  g_test_add_func ("/firmware-tree/descriptor", test_descriptor);
  g_test_add_func ("/firmware-tree/notes", test_notes);
  g_test_add_func ("/firmware-tree/no-firmware", test_no_firmware);
  g_test_add_func ("/firmware-tree/list-model", test_list_model);
  g_test_add_data_func ("/firmware-tree/ovmf", "/usr/share/OVMF/OVMF_CODE_4M.fd",
                        test_others_image);
  return g_test_run ();
}
