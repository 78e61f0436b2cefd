/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A definition is fitted to what libvirt offers: practice does without, a real VM says what lacks.
 */
#include "guest/fatia-virt-private.h"

#include <string.h>

#include "guest/fatia-domain-xml.h"

static const FatiaVirtOffer whole = {
  .efi = TRUE, .secure_boot = TRUE, .tpm = TRUE, .spice = TRUE, .network = TRUE
};

static xmlDoc *
make_doc (gboolean tcg)
{
  FatiaFacts facts = { .memory = G_GUINT64_CONSTANT (16) << 30, .cpus = 4 };
  g_autoptr (FatiaDomainSpec) spec = fatia_domain_spec_new (&facts);

  spec->tcg = tcg;
  return fatia_domain_xml_new (spec);
}

static void
test_whole (void)
{
  for (gboolean tcg = FALSE; tcg <= TRUE; tcg++)
    {
      g_autoptr (xmlDoc) doc = make_doc (tcg);
      g_autofree char *before = fatia_xml_to_string (doc);
      g_autofree char *after = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (fatia_virt_offer_fit (&whole, tcg, doc, &error));
      g_assert_no_error (error);
      after = fatia_xml_to_string (doc);
      g_assert_cmpstr (before, ==, after);
    }
}

static void
test_no_network (void)
{
  FatiaVirtOffer offer = whole;
  g_autoptr (xmlDoc) doc = make_doc (FALSE);
  g_autoptr (GError) error = NULL;

  offer.network = FALSE;
  g_assert_true (fatia_virt_offer_fit (&offer, FALSE, doc, &error));
  g_assert_no_error (error);
  g_assert_true (fatia_xml_has (doc, "//interface[@type='user'][not(source)]/model"));
}

static void
assert_lacks (FatiaVirtOffer offer, const char *package)
{
  g_autoptr (xmlDoc) doc = make_doc (FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_false (fatia_virt_offer_fit (&offer, FALSE, doc, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, package));
}

static void
test_lacking (void)
{
  FatiaVirtOffer offer = whole;

  offer.efi = FALSE;
  assert_lacks (offer, "ovmf");
  offer = whole;
  offer.secure_boot = FALSE;
  assert_lacks (offer, "ovmf");
  offer = whole;
  offer.tpm = FALSE;
  assert_lacks (offer, "swtpm-tools");
  offer = whole;
  offer.spice = FALSE;
  assert_lacks (offer, "qemu-system-modules-spice");
}

static void
test_practice (void)
{
  FatiaVirtOffer nothing = { 0 };
  FatiaVirtOffer no_secure_boot = whole;
  g_autoptr (xmlDoc) bare = make_doc (TRUE);
  g_autoptr (xmlDoc) doc = make_doc (TRUE);
  g_autoptr (GError) error = NULL;

  g_assert_true (fatia_virt_offer_fit (&nothing, TRUE, bare, &error));
  g_assert_no_error (error);
  g_assert_false (fatia_xml_has (bare, "/domain/os[@firmware or firmware]"));
  g_assert_false (fatia_xml_has (bare, "//smm"));
  g_assert_false (fatia_xml_has (bare, "//tpm"));
  g_assert_false (fatia_xml_has (bare, "//graphics"));
  g_assert_false (fatia_xml_has (bare, "//*[@type='spicevmc' or @type='spice']"));
  g_assert_true (fatia_xml_has (bare, "//shmem"));

  no_secure_boot.secure_boot = FALSE;
  g_assert_true (fatia_virt_offer_fit (&no_secure_boot, TRUE, doc, &error));
  g_assert_no_error (error);
  g_assert_true (fatia_xml_has (doc, "/domain/os[@firmware='efi'][not(firmware)]"));
  g_assert_true (fatia_xml_has (doc, "//tpm"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/virt-offer/whole", test_whole);
  g_test_add_func ("/virt-offer/no-network", test_no_network);
  g_test_add_func ("/virt-offer/lacking", test_lacking);
  g_test_add_func ("/virt-offer/practice", test_practice);
  return g_test_run ();
}
