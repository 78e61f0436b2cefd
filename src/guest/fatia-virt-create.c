/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a VM, and unmaking it. */
#include "guest/fatia-virt-work.h"

#include <stdlib.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "guest/fatia-domain-xml.h"

/**
 * fatia_virt_work_describe:
 *
 * Returns: (transfer full) (nullable): exactly the definition that would be given to libvirt
 */
char *
fatia_virt_work_describe (virConnectPtr connection, const FatiaDomainSpec *spec, GError **error)
{
  g_autoptr (xmlDoc) doc = fatia_domain_xml_new (spec);
  FatiaVirtOffer offer;

  if (!fatia_virt_offer_read (connection, spec->tcg, &offer, error) ||
      !fatia_virt_offer_fit (&offer, spec->tcg, doc, error))
    return NULL;
  return fatia_xml_to_string (doc);
}

static gboolean
name_is_free (virConnectPtr connection, const char *name, GError **error)
{
  g_auto (virDomainPtr) domain = virDomainLookupByName (connection, name);

  if (domain == NULL)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
               _ ("There is a VM called “%s” already. Choose another name."), name);
  return FALSE;
}

/**
 * fatia_virt_work_create:
 *
 * Makes the disk and defines the domain. Where the second fails, the first is taken back.
 *
 * Returns: (transfer full) (nullable): the new domain
 */
FatiaDomainRecord *
fatia_virt_work_create (virConnectPtr connection, const FatiaDomainSpec *spec, GError **error)
{
  g_autofree char *xml = NULL;
  g_auto (virDomainPtr) domain = NULL;
  FatiaDomainRecord *record = NULL;
  gboolean made = FALSE;

  if (!name_is_free (connection, spec->name, error))
    return NULL;
  xml = fatia_virt_work_describe (connection, spec, error);
  if (xml == NULL ||
      !fatia_virt_disk_create (connection, spec->disk, spec->disk_bytes, &made, error))
    return NULL;
  domain = virDomainDefineXMLFlags (connection, xml, VIR_DOMAIN_DEFINE_VALIDATE);
  if (domain != NULL)
    record = fatia_domain_record_read (domain);
  if (record != NULL)
    return record;
  fatia_virt_set_error (error, _ ("libvirt did not accept the VM."));
  if (domain != NULL)
    virDomainUndefine (domain);
  if (made)
    fatia_virt_disk_delete (connection, spec->disk, NULL);
  return NULL;
}

/* Whether @domain has a disk at @path. */
static gboolean
has_disk (virDomainPtr domain, const char *path)
{
  char *text = virDomainGetXMLDesc (domain, VIR_DOMAIN_XML_INACTIVE);
  g_autoptr (xmlDoc) doc = text ? fatia_xml_parse (text, NULL) : NULL;
  xmlNode *devices = doc ? fatia_xml_find (doc, "/domain/devices") : NULL;
  gboolean found = FALSE;

  free (text);
  for (xmlNode *disk = devices ? devices->children : NULL; disk != NULL; disk = disk->next)
    for (xmlNode *part = disk->children; part != NULL; part = part->next)
      {
        xmlChar *file = xmlGetNoNsProp (part, BAD_CAST "file");

        found = found || g_strcmp0 ((const char *) file, path) == 0;
        xmlFree (file);
      }
  return found;
}

static gboolean
is_in_use (virConnectPtr connection, const char *path)
{
  virDomainPtr *domains = NULL;
  int n = virConnectListAllDomains (connection, &domains, 0);
  /* Where we can't know, it counts as used: a deleted disk does not come back. */
  gboolean used = n < 0;

  for (int i = 0; i < n; i++)
    {
      used = used || has_disk (domains[i], path);
      virDomainFree (domains[i]);
    }
  free (domains);
  return used;
}

static gboolean
undefine (virDomainPtr domain)
{
  guint flags = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
                VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA | VIR_DOMAIN_UNDEFINE_NVRAM |
                VIR_DOMAIN_UNDEFINE_TPM;

  /* Drivers that keep no firmware variables don't know the flags for them. */
  return virDomainUndefineFlags (domain, flags) == 0 || virDomainUndefine (domain) == 0;
}

/**
 * fatia_virt_work_delete:
 * @with_disk: whether its disk goes too; one that another VM uses stays
 */
gboolean
fatia_virt_work_delete (virConnectPtr connection,
                        const char *uuid,
                        gboolean with_disk,
                        GError **error)
{
  g_auto (virDomainPtr) domain = virDomainLookupByUUIDString (connection, uuid);
  g_autoptr (FatiaDomainRecord) record = domain ? fatia_domain_record_read (domain) : NULL;

  if (record == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("This VM is gone already."));
      return FALSE;
    }
  if (virDomainIsActive (domain) == 1)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                   _ ("“%s” is running. Shut it down before it is deleted."), record->name);
      return FALSE;
    }
  if (!undefine (domain))
    {
      fatia_virt_set_error (error, _ ("The VM could not be deleted."));
      return FALSE;
    }
  if (!with_disk || record->disk == NULL || is_in_use (connection, record->disk))
    return TRUE;
  return fatia_virt_disk_delete (connection, record->disk, error);
}
