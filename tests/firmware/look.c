/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the firmware room makes of images, for tests that hold it against others' tools:
 *
 *   look list IMAGE…              every file, leaf and driver candidate, a line each
 *   look take IMAGE NAME FILE     writes the first PE32 section of the file of that name
 *   look open PACKAGE FILE        writes the image in a package, and prints the way to it
 *   look rom VENDOR DEVICE PE FILE   wraps a driver in an option ROM
 */
#include "firmware/fatia-firmware-source.h"
#include "firmware/fatia-walk.h"

static void
print_files (GBytes *image)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = fatia_firmware_list (image, NULL, NULL, NULL, &error);

  if (files == NULL)
    g_print ("error\t%s\n", error->message);
  for (guint i = 0; files && i < files->len; i++)
    {
      const FatiaFirmwareFile *file = files->pdata[i];

      g_print ("file\t%u\t%" G_GUINT64_FORMAT "\t%s\t%s\t%s\n", file->type, file->size, file->guid,
               file->sha256, file->name ? file->name : "");
    }
}

static void
print_leaf (
  FatiaWalkNode *node, FatiaWalkLeaf kind, GBytes *bytes, gsize offset, gsize length, gpointer data)
{
  const guint8 *body = g_bytes_get_data (bytes, NULL);
  g_autofree char *sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, body + offset, length);

  g_print ("%s\t%" G_GSIZE_FORMAT "\t%s\t%s\n", kind == FATIA_WALK_PE32 ? "pe32" : "data", length,
           node->label, sha256);
}

static void
print_leaves (GBytes *image)
{
  const FatiaWalkVisitor visitor = { .leaf = print_leaf };
  FatiaWalkSummary summary;

  fatia_walk (image, &visitor, NULL, NULL, NULL, NULL, &summary, NULL);
}

static void
print_candidates (GBytes *image)
{
  g_autoptr (GPtrArray) candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, NULL);

  for (guint i = 0; candidates && i < candidates->len; i++)
    {
      const FatiaGopCandidate *candidate = candidates->pdata[i];

      g_print ("candidate\t%s\t%s\t%" G_GSIZE_FORMAT "\t%s\t%s\n",
               candidate->chosen   ? "chosen"
               : candidate->driver ? "driver"
                                   : "other",
               candidate->machine, candidate->size, candidate->guid, candidate->sha256);
    }
}

static gboolean
list (const char *path, GError **error)
{
  g_autoptr (GBytes) image = fatia_firmware_open (path, error);

  if (image == NULL)
    return FALSE;
  g_print ("image\t%s\n", path);
  print_files (image);
  print_leaves (image);
  print_candidates (image);
  return TRUE;
}

typedef struct
{
  const char *name;
  GPtrArray *found; /* of FatiaWalkNode and GBytes in turn: names come after the sections */
} Wanted;

static void
remember_pe (
  FatiaWalkNode *node, FatiaWalkLeaf kind, GBytes *bytes, gsize offset, gsize length, gpointer data)
{
  Wanted *self = data;

  if (kind != FATIA_WALK_PE32)
    return;
  g_ptr_array_add (self->found, fatia_walk_node_ref (node));
  g_ptr_array_add (self->found, g_bytes_new_from_bytes (bytes, offset, length));
}

static gboolean
write_bytes (const char *path, GBytes *bytes, GError **error)
{
  return g_file_set_contents (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                              error);
}

static gboolean
take (const char *path, const char *name, const char *target, GError **error)
{
  const FatiaWalkVisitor visitor = { .leaf = remember_pe };
  g_autoptr (GBytes) image = fatia_firmware_open (path, error);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  Wanted wanted = { name, found };
  FatiaWalkSummary summary;
  gboolean done = FALSE;

  if (image == NULL || !fatia_walk (image, &visitor, &wanted, NULL, NULL, NULL, &summary, error))
    return FALSE;
  for (guint i = 0; i < found->len; i += 2)
    {
      g_autoptr (FatiaWalkNode) node = found->pdata[i];
      g_autoptr (GBytes) pe = found->pdata[i + 1];

      if (!done && g_strcmp0 (node->name, name) == 0)
        done = write_bytes (target, pe, error);
    }
  if (!done && *error == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s has no %s", path, name);
  return done;
}

static gboolean
open_package (const char *path, const char *target, GError **error)
{
  g_autoptr (FatiaFirmwareSource) source =
    fatia_firmware_source_open (path, NULL, NULL, NULL, NULL, error);
  g_autofree char *trail = source ? fatia_firmware_source_describe (source) : NULL;

  if (source == NULL)
    return FALSE;
  g_print ("%s\n", trail);
  return write_bytes (target, source->image, error);
}

static gboolean
wrap (char **args, GError **error)
{
  guint16 vendor = g_ascii_strtoull (args[0], NULL, 16);
  guint16 device = g_ascii_strtoull (args[1], NULL, 16);
  g_autoptr (GBytes) pe = fatia_firmware_open (args[2], error);
  g_autoptr (GBytes) rom = pe ? fatia_option_rom_build (pe, vendor, device, error) : NULL;

  return rom && write_bytes (args[3], rom, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  gboolean done = argc > 2;

  if (argc > 2 && g_str_equal (argv[1], "list"))
    for (int i = 2; i < argc && done; i++)
      done = list (argv[i], &error);
  else if (argc == 5 && g_str_equal (argv[1], "take"))
    done = take (argv[2], argv[3], argv[4], &error);
  else if (argc == 4 && g_str_equal (argv[1], "open"))
    done = open_package (argv[2], argv[3], &error);
  else if (argc == 6 && g_str_equal (argv[1], "rom"))
    done = wrap (argv + 2, &error);
  else
    return 64;
  if (!done)
    g_printerr ("look: %s\n", error->message);
  return done ? 0 : 1;
}
