/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk finds the files that uefiextract finds, in the same order, in images made by others. */
#include "firmware/fatia-firmware.h"

#include <glib/gstdio.h>

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

static char *
report (const char *image)
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
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL,
                NULL, NULL, NULL, NULL, &error);
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
test_same_files (gconstpointer data)
{
  const char *path = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) image = fatia_firmware_open (path, &error);
  g_autoptr (GPtrArray) files = NULL;
  g_autofree char *text = report (path);
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
  g_assert_cmpuint (files->len, >, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/firmware-peer/ovmf", "/usr/share/OVMF/OVMF_CODE_4M.fd", test_same_files);
  g_test_add_data_func ("/firmware-peer/ovmf-secure-boot",
                        "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", test_same_files);
  return g_test_run ();
}
