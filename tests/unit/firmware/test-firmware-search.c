/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking for parts of an image: what they stand in stays, nothing else does. */
#include "corpus.h"

#include "firmware/fatia-firmware-search.h"

static FatiaFirmwareItem *
read_tree (const char *name)
{
  g_autoptr (GBytes) image = corpus_open (name);
  g_autoptr (GError) error = NULL;
  FatiaFirmwareItem *root = fatia_firmware_tree_read (image, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return root;
}

static char *
format (FatiaFirmwareItem *root, const char *words, gboolean only_noted, guint *found)
{
  g_autoptr (FatiaFirmwareSearch) search = fatia_firmware_search_new (root, words, only_noted);

  *found = fatia_firmware_search_count (search);
  return fatia_firmware_tree_format (root, fatia_firmware_search_shows, search);
}

static guint
count_lines (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  return g_strv_length (lines) - 1;
}

/* Three volumes deep; each line but the last is what the one after it stands in. */
static void
test_parents (void)
{
  g_autoptr (FatiaFirmwareItem) root = read_tree ("nested");
  g_autofree char *all = fatia_firmware_tree_format (root, NULL, NULL);
  guint found;
  g_autofree char *text = format (root, "intelgopdriver", FALSE, &found);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_assert_cmpuint (found, >=, 1);
  g_assert_cmpuint (count_lines (text), <, count_lines (all));
  g_assert_cmpuint (count_lines (text), >, 5);
  g_assert_nonnull (strstr (text, "IntelGopDriver"));
  g_assert_null (strstr (text, "Setup"));
  for (guint i = 0; lines[i] && *lines[i]; i++)
    {
      g_assert_nonnull (strstr (all, lines[i]));
      g_assert_cmpuint (strspn (lines[i], " "), <=, 2 * i);
    }
}

/* Each word is to be there, wherever in the part. */
static void
test_words (void)
{
  g_autoptr (FatiaFirmwareItem) root = read_tree ("plain");
  guint by_name, by_guid, by_both, by_neither, by_nothing;
  g_autofree char *name = format (root, "GOP", FALSE, &by_name);
  g_autofree char *guid = format (root, "ff0c8745", FALSE, &by_guid);
  g_autofree char *both = format (root, " FF0C8745  driver ", FALSE, &by_both);
  g_autofree char *neither = format (root, "FF0C8745 setup", FALSE, &by_neither);
  g_autofree char *nothing = format (root, "", FALSE, &by_nothing);
  g_autofree char *all = fatia_firmware_tree_format (root, NULL, NULL);

  g_assert_cmpuint (by_name, >=, 1);
  g_assert_cmpuint (by_guid, ==, 1);
  g_assert_cmpuint (by_both, ==, 1);
  g_assert_cmpuint (by_neither, ==, 0);
  /* The image itself is never left out of the text. */
  g_assert_cmpuint (count_lines (neither), ==, 1);
  g_assert_cmpstr (nothing, ==, all);
}

static void
test_noted (void)
{
  g_autoptr (FatiaFirmwareItem) root = read_tree ("damaged_beside");
  guint noted, of_them, without;
  g_autofree char *all = format (root, "", TRUE, &noted);
  g_autofree char *some = format (root, "unpacked", TRUE, &of_them);
  g_autoptr (FatiaFirmwareItem) plain = read_tree ("plain");
  g_autofree char *none = format (plain, "", TRUE, &without);

  g_assert_cmpuint (noted, >, 3);
  g_assert_cmpuint (of_them, >, 1);
  g_assert_cmpuint (of_them, <, noted);
  g_assert_cmpuint (without, ==, 0);
}

/* As many parts as a tree may have. */
static void
test_many (void)
{
  g_autoptr (FatiaFirmwareItem) root = read_tree ("many_files");
  guint found;
  g_autofree char *text = format (root, "7755ca7b", FALSE, &found);

  g_assert_cmpuint (found, >, 10000);
  g_assert_cmpuint (count_lines (text), >, found);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/firmware-search/parents", test_parents);
  g_test_add_func ("/firmware-search/words", test_words);
  g_test_add_func ("/firmware-search/noted", test_noted);
  g_test_add_func ("/firmware-search/many", test_many);
  return g_test_run ();
}
