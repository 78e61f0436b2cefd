/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What looks like the driver and is not is shown, explained and never chosen. */
#include "corpus.h"

typedef struct
{
  const char *image;
  guint candidates;
  guint drivers;
  const char *machine; /* of the first candidate */
  const char *why;     /* words in its explanation */
} Case;

static const Case cases[] = {
  { "string_only", 1, 0, "x64", "only mentions the driver: it has none" },
  { "protocols_only", 1, 0, "x64", "does not bear the name" },
  { "two_protocols", 1, 0, "x64", "does not bear the name" },
  { "unnamed_setup", 1, 0, "x64", "BIOS setup program: it only mentions the driver" },
  { "setup_with_protocol", 1, 0, "x64", "BIOS setup program: it only mentions the driver" },
  { "ia32_only", 1, 0, "ia32", "for ia32: a guest's x64 firmware can't load it" },
  { "aarch64_only", 1, 0, "aarch64", "for aarch64" },
  { "application", 1, 0, "x64", "lacks the form of an EFI boot driver" },
  { "lacks_policy", 1, 0, "x64", "lacks the Platform GOP Policy protocol." },
  { "truncated_driver", 1, 0, "x64", "Its end is missing" },
  { "two_drivers", 2, 2, "x64", "It is Intel's GOP driver" },
  { "two_deleted", 2, 2, "x64", "this firmware does not use it" },
  { "no_driver", 0, 0, NULL, NULL },
  { "empty_volume", 0, 0, NULL, NULL },
};

static void
test_trap (gconstpointer data)
{
  const Case *self = data;
  g_autoptr (GBytes) image = corpus_open (self->image);
  g_autoptr (GPtrArray) candidates = NULL;
  g_autoptr (GError) error = NULL;
  guint drivers = 0;

  candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (candidates->len, ==, self->candidates);
  for (guint i = 0; i < candidates->len; i++)
    {
      const FatiaGopCandidate *candidate = candidates->pdata[i];

      drivers += candidate->driver;
      g_assert_false (candidate->chosen);
      g_assert_cmpuint (strlen (candidate->sha256), ==, 64);
    }
  g_assert_cmpuint (drivers, ==, self->drivers);
  if (candidates->len > 0)
    {
      const FatiaGopCandidate *first = candidates->pdata[0];

      g_assert_cmpstr (first->machine, ==, self->machine);
      if (strstr (first->why, self->why) == NULL)
        g_assert_cmpstr (first->why, ==, self->why);
    }
}

/* The best first, where several are alike. */
static void
test_order (void)
{
  g_autoptr (GBytes) image = corpus_open ("ia32_beside");
  g_autoptr (GPtrArray) candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, NULL);
  const FatiaGopCandidate *second;

  g_assert_nonnull (candidates);
  g_assert_cmpuint (candidates->len, ==, 2);
  second = candidates->pdata[1];
  g_assert_cmpstr (second->machine, ==, "ia32");
  g_assert_cmpstr (second->name, ==, "IntelGopDriverIa32");
}

/* What the firmware no longer uses is shown after what it uses, with that reason. */
static void
test_unused (gconstpointer name)
{
  g_autoptr (GBytes) image = corpus_open (name);
  g_autoptr (GPtrArray) candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, NULL);
  const FatiaGopCandidate *first, *second;

  g_assert_nonnull (candidates);
  g_assert_cmpuint (candidates->len, ==, 2);
  first = candidates->pdata[0];
  second = candidates->pdata[1];
  g_assert_true (first->driver && first->chosen && !first->unused);
  g_assert_null (strstr (first->why, "does not use it"));
  g_assert_true (second->driver && !second->chosen && second->unused);
  g_assert_nonnull (strstr (second->why, "this firmware does not use it"));
}

/* The only one there is, and the reason to be careful with it. */
static void
test_deleted_only (void)
{
  g_autoptr (GBytes) image = corpus_open ("deleted_only");
  g_autoptr (GPtrArray) candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, NULL);
  const FatiaGopCandidate *first;

  g_assert_nonnull (candidates);
  g_assert_cmpuint (candidates->len, ==, 2);
  first = candidates->pdata[0];
  g_assert_true (first->driver && first->chosen && first->unused);
  g_assert_nonnull (strstr (first->why, "this firmware does not use it"));
}

static void
test_cut (void)
{
  g_autoptr (GBytes) image = corpus_open ("cut_volume");
  g_autoptr (GError) error = NULL;

  g_assert_null (fatia_gop_find (image, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_TRUNCATED);
  g_assert_nonnull (strstr (error->message, "Download it again"));
}

/* A driver somebody took from an image before; and one that is no driver of Intel's. */
static void
test_driver_alone (void)
{
  g_autoptr (GBytes) image = corpus_open ("driver_pe");
  g_autoptr (GPtrArray) candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, NULL);
  const FatiaGopCandidate *only;

  g_assert_nonnull (candidates);
  g_assert_cmpuint (candidates->len, ==, 1);
  only = candidates->pdata[0];
  g_assert_true (only->chosen);
  g_assert_true (g_bytes_equal (only->pe, image));
  g_assert_cmpstr (only->guid, ==, "");
  g_assert_cmpstr (only->path, ==, "");
  g_assert_null (only->name);
}

static void
test_setup_alone (void)
{
  g_autoptr (GBytes) image = corpus_open ("setup_pe");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) candidates = fatia_gop_find (image, NULL, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (candidates->len, ==, 1);
  g_assert_false (((FatiaGopCandidate *) candidates->pdata[0])->driver);
}

int
main (int argc, char **argv)
{
  const char *const unused[] = { "deleted_beside", "deleted_volume_beside", "pad_beside" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/firmware-traps/", cases[i].image, NULL);

      g_test_add_data_func (path, &cases[i], test_trap);
    }
  g_test_add_func ("/firmware-traps/order", test_order);
  for (guint i = 0; i < G_N_ELEMENTS (unused); i++)
    {
      g_autofree char *path = g_strconcat ("/firmware-traps/unused/", unused[i], NULL);

      g_test_add_data_func (path, unused[i], test_unused);
    }
  g_test_add_func ("/firmware-traps/deleted-only", test_deleted_only);
  g_test_add_func ("/firmware-traps/cut", test_cut);
  g_test_add_func ("/firmware-traps/driver-alone", test_driver_alone);
  g_test_add_func ("/firmware-traps/setup-alone", test_setup_alone);
  return g_test_run ();
}
