/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an image says of its board, and its Video BIOS Tables. */
#include "corpus.h"

#include "firmware/fatia-gop-findings.h"

static FatiaGopFindings *
search (const char *name)
{
  g_autoptr (GBytes) image = corpus_open (name);
  g_autoptr (GError) error = NULL;
  FatiaGopFindings *findings = fatia_gop_search (image, NULL, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return findings;
}

static void
test_named (void)
{
  g_autoptr (FatiaGopFindings) findings = search ("board_named");
  const FatiaBoardOfComputer by_board = { "Something Else", "Board-1", NULL };
  const FatiaBoardOfComputer by_product = { "MAKERS BOARD ONE rev 2", NULL, NULL };
  const FatiaBoardOfComputer other = { "Makers Board Two", "BOARD-12", "V1" };
  const FatiaBoardOfComputer silent = { "Default string", "To be filled by O.E.M.", "V1" };
  const FatiaBoardOfComputer nothing = { NULL, NULL, NULL };
  g_autofree char *words = fatia_board_of_image_describe (findings->boards);

  g_assert_cmpstr (words, ==,
                   "Makers of Boards, Inc. Makers Board One (SMBIOS)\n"
                   "Makers of Boards, Inc. BOARD-1 (SMBIOS)");
  g_assert_cmpint (fatia_board_of_image_compare (findings->boards, &by_board), ==,
                   FATIA_BOARDS_SAME);
  g_assert_cmpint (fatia_board_of_image_compare (findings->boards, &by_product), ==,
                   FATIA_BOARDS_SAME);
  g_assert_cmpint (fatia_board_of_image_compare (findings->boards, &other), ==,
                   FATIA_BOARDS_DIFFER);
  g_assert_cmpint (fatia_board_of_image_compare (findings->boards, &silent), ==,
                   FATIA_BOARDS_UNKNOWN);
  g_assert_cmpint (fatia_board_of_image_compare (findings->boards, &nothing), ==,
                   FATIA_BOARDS_UNKNOWN);
}

/* A mark that DMI does not show tells the two apart in no way. */
static void
test_filler (void)
{
  g_autoptr (FatiaGopFindings) findings = search ("board_filler");
  const FatiaBoardOfComputer other = { "Makers Board Two", "BOARD-12", "V1" };
  const FatiaBoardOfComputer same = { "Makers Board Two", "BOARD-12", "1AXKS013" };
  g_autofree char *words = fatia_board_of_image_describe (findings->boards);

  g_assert_cmpstr (words, ==, "1AXKS013 ($FID)");
  g_assert_cmpint (fatia_board_of_image_compare (findings->boards, &other), ==,
                   FATIA_BOARDS_UNKNOWN);
  g_assert_cmpint (fatia_board_of_image_compare (findings->boards, &same), ==, FATIA_BOARDS_SAME);
}

static void
test_marks (void)
{
  g_autoptr (FatiaGopFindings) findings = search ("board_marks");
  const FatiaBoardOfComputer by_id = { "Other", "Other", "DNKBLi7v.86A.0077.2020.0101.0000" };
  const FatiaBoardOfComputer by_version = { "Other", "Other", "F7A0133" };
  const FatiaBoardOfComputer by_name = { "ASUS", "PRIME B760M-A", "1002" };
  const FatiaBoardOfComputer other = { "Other", "Other", "ABCDEF12.86A.0077.2020.0101.0000" };
  g_autofree char *words = fatia_board_of_image_describe (findings->boards);

  g_assert_cmpstr (words, ==,
                   "DNKBLI7V 86A.0062.B01.1804062204 ($IBIOSI$)\n"
                   "Jupiter F7A0133 ($BVDT$)\n"
                   "ASUS PRIME B760M-A ($BOOTEFI$)");
  g_assert_cmpint (fatia_board_of_image_compare (findings->boards, &by_id), ==, FATIA_BOARDS_SAME);
  g_assert_cmpint (fatia_board_of_image_compare (findings->boards, &by_version), ==,
                   FATIA_BOARDS_SAME);
  g_assert_cmpint (fatia_board_of_image_compare (findings->boards, &by_name), ==,
                   FATIA_BOARDS_SAME);
  g_assert_cmpint (fatia_board_of_image_compare (findings->boards, &other), ==,
                   FATIA_BOARDS_DIFFER);
}

static void
test_silent (void)
{
  g_autoptr (FatiaGopFindings) findings = search ("plain");

  g_assert_null (fatia_board_of_image_describe (findings->boards));
  g_assert_cmpuint (findings->vbts->len, ==, 0);
}

static void
test_vbts (void)
{
  static const struct
  {
    const char *name, *file;
    guint16 bdb;
    gsize size, there;
    gboolean sum_right;
  } expected[] = {
    { "ALDERLAKE-N", "IntelGopVbt", 250, 1200, 1200, TRUE },
    { "ALDERLAKE-P", "IntelGopVbt", 251, 3000, 3000, TRUE },
    { "WRONG-SUM", "7755CA7B-CA8F-43C5-889B-E1F59A93D575", 250, 1200, 1200, FALSE },
    { "CUT", "7755CA7B-CA8F-43C5-889B-E1F59A93D575", 250, 1200, 900, FALSE },
  };
  g_autoptr (FatiaGopFindings) findings = search ("vbts");

  g_assert_cmpuint (findings->vbts->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < findings->vbts->len; i++)
    {
      const FatiaVbt *vbt = findings->vbts->pdata[i];

      g_assert_cmpstr (vbt->name, ==, expected[i].name);
      g_assert_cmpstr (vbt->file, ==, expected[i].file);
      g_assert_cmpuint (vbt->version, ==, 100);
      g_assert_cmpuint (vbt->bdb, ==, expected[i].bdb);
      g_assert_cmpuint (vbt->size, ==, expected[i].size);
      g_assert_cmpuint (g_bytes_get_size (vbt->bytes), ==, expected[i].there);
      g_assert_cmpint (vbt->whole, ==, expected[i].there == expected[i].size);
      g_assert_cmpint (vbt->sum_right, ==, expected[i].sum_right);
      g_assert_cmpuint (strlen (vbt->sha256), ==, 64);
    }
}

/* Which of the near misses a person may take who knows better. */
static void
test_usable (void)
{
  static const struct
  {
    const char *image;
    gboolean usable;
  } expected[] = {
    { "plain", TRUE },        { "lacks_policy", TRUE },   { "protocols_only", TRUE },
    { "ia32_only", FALSE },   { "aarch64_only", FALSE },  { "string_only", FALSE },
    { "application", FALSE }, { "two_protocols", FALSE }, { "truncated_driver", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (FatiaGopFindings) findings = search (expected[i].image);
      const FatiaGopCandidate *first = findings->candidates->pdata[0];

      g_test_message ("%s", expected[i].image);
      g_assert_cmpint (first->usable, ==, expected[i].usable);
    }
}

/* Of two drivers the known one stands first, and yet none is chosen. */
static void
test_known_first (void)
{
  g_autoptr (GBytes) image = corpus_open ("two_drivers");
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) plain = fatia_gop_find (image, NULL, NULL, NULL, NULL, NULL);
  g_autoptr (GPtrArray) candidates = NULL;
  const FatiaGopCandidate *last = plain->pdata[1], *first;

  g_hash_table_insert (known, last->sha256, "Known good: here");
  candidates = fatia_gop_find (image, known, NULL, NULL, NULL, NULL);
  first = candidates->pdata[0];
  g_assert_cmpstr (first->sha256, ==, last->sha256);
  g_assert_cmpstr (first->known, ==, "Known good: here");
  g_assert_false (first->chosen);
  g_assert_false (((FatiaGopCandidate *) candidates->pdata[1])->chosen);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/firmware-findings/board/named", test_named);
  g_test_add_func ("/firmware-findings/board/filler", test_filler);
  g_test_add_func ("/firmware-findings/board/marks", test_marks);
  g_test_add_func ("/firmware-findings/board/silent", test_silent);
  g_test_add_func ("/firmware-findings/vbts", test_vbts);
  g_test_add_func ("/firmware-findings/usable", test_usable);
  g_test_add_func ("/firmware-findings/known-first", test_known_first);
  return g_test_run ();
}
