/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a connection to libvirt can give a VM, and fitting a definition to it. */
#include "guest/fatia-virt-private.h"

#include <stdlib.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

/**
 * fatia_virt_offer_read:
 * @tcg: whether the VM is to be emulated
 *
 * Asks libvirt what QEMU and its firmware can do. Blocks.
 */
gboolean
fatia_virt_offer_read (virConnectPtr connection,
                       gboolean tcg,
                       FatiaVirtOffer *offer,
                       GError **error)
{
  g_auto (virNetworkPtr) network = virNetworkLookupByName (connection, "default");
  g_autoptr (xmlDoc) doc = NULL;
  char *text;

  *offer = (FatiaVirtOffer) { .network = network != NULL };
  if (g_strcmp0 (virConnectGetType (connection), "TEST") == 0 ||
      g_strcmp0 (virConnectGetType (connection), "Test") == 0)
    {
      offer->test_driver = offer->efi = offer->secure_boot = offer->tpm = offer->spice = TRUE;
      return TRUE;
    }
  text =
    virConnectGetDomainCapabilities (connection, NULL, "x86_64", "q35", tcg ? "qemu" : "kvm", 0);
  if (text == NULL)
    {
      fatia_virt_set_error (error, _ ("This computer can't run the VM."));
      return FALSE;
    }
  doc = fatia_xml_parse (text, error);
  free (text);
  if (doc == NULL)
    return FALSE;
#define HAS(xpath) fatia_xml_has (doc, "/domainCapabilities/" xpath)
  offer->efi = HAS ("os/enum[@name='firmware']/value[.='efi']");
  offer->secure_boot = HAS ("os/loader[@supported='yes']/enum[@name='secure']/value[.='yes']");
  offer->tpm = HAS ("devices/tpm[@supported='yes']/enum[@name='backendModel']/value[.='emulator']");
  offer->spice = HAS ("devices/graphics[@supported='yes']/enum[@name='type']/value[.='spice']");
#undef HAS
  return TRUE;
}

/* The test driver plays a machine of 1998 and says no to any other. */
static void
fit_test_driver (xmlDoc *doc)
{
  xmlSetProp (xmlDocGetRootElement (doc), BAD_CAST "type", BAD_CAST "test");
  xmlSetProp (fatia_xml_find (doc, "/domain/os/type"), BAD_CAST "arch", BAD_CAST "i686");
  fatia_xml_remove (doc, "/domain/os/type/@machine");
}

static void
fit_network (xmlDoc *doc)
{
  xmlNode *interface = fatia_xml_find (doc, "/domain/devices/interface[@type='network']");

  if (interface == NULL)
    return;
  xmlSetProp (interface, BAD_CAST "type", BAD_CAST "user");
  fatia_xml_remove (doc, "/domain/devices/interface/source");
}

/* An emulated VM is practice: it does without what is not installed. */
static void
fit_practice (const FatiaVirtOffer *offer, xmlDoc *doc)
{
  if (!offer->efi)
    fatia_xml_remove (doc, "/domain/os/@firmware");
  if (!offer->efi || !offer->secure_boot)
    {
      fatia_xml_remove (doc, "/domain/os/firmware");
      fatia_xml_remove (doc, "/domain/features/smm");
    }
  if (!offer->tpm)
    fatia_xml_remove (doc, "/domain/devices/tpm");
  if (!offer->spice)
    {
      fatia_xml_remove (doc, "/domain/devices/graphics");
      fatia_xml_remove (doc, "/domain/devices/audio");
      fatia_xml_remove (doc, "/domain/devices/channel[@type='spicevmc']");
    }
}

static gboolean
require (gboolean there, const char *words, GError **error)
{
  if (!there)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, words);
  return there;
}

/**
 * fatia_virt_offer_fit:
 * @doc: a definition, changed in place
 *
 * Where there is no network "default", the VM gets QEMU's own user network. A real VM goes
 * without nothing else: what is missing is said.
 *
 * Returns: whether the VM can be defined
 */
gboolean
fatia_virt_offer_fit (const FatiaVirtOffer *offer, gboolean tcg, xmlDoc *doc, GError **error)
{
  if (!offer->network)
    fit_network (doc);
  if (offer->test_driver)
    fit_test_driver (doc);
  if (tcg)
    {
      fit_practice (offer, doc);
      return TRUE;
    }
  return require (offer->efi && offer->secure_boot,
                  _ ("There is no UEFI firmware with Secure Boot for VMs. Install OVMF (package "
                     "ovmf or edk2-ovmf)."),
                  error) &&
         require (offer->tpm,
                  _ ("Windows 11 needs a TPM. Install swtpm and its tools (packages swtpm and "
                     "swtpm-tools)."),
                  error) &&
         require (offer->spice,
                  _ ("QEMU was installed without SPICE, which shows the screen during the "
                     "installation. Install its SPICE module (package qemu-system-modules-spice, "
                     "qemu-ui-spice-core or qemu-base)."),
                  error);
}
