/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/fatia-virt-private.h"

#include <stdlib.h>

G_DEFINE_BOXED_TYPE (FatiaDomainRecord,
                     fatia_domain_record,
                     fatia_domain_record_copy,
                     fatia_domain_record_free)

/* "0000:00:02.1" from <address domain='0x0000' …>, of the first PCI device passed through. */
static char *
read_vf (xmlDoc *doc)
{
  static const char *const attributes[] = { "domain", "bus", "slot", "function" };
  unsigned long parts[4];

  for (gsize i = 0; i < 4; i++)
    {
      g_autofree char *xpath = g_strdup_printf (
        "/domain/devices/hostdev[@type='pci'][1]/source/address/@%s", attributes[i]);
      g_autofree char *text = fatia_xml_get (doc, xpath);

      if (text == NULL)
        return NULL;
      parts[i] = strtoul (text, NULL, 0);
    }
  return g_strdup_printf ("%04lx:%02lx:%02lx.%lx", parts[0], parts[1], parts[2], parts[3]);
}

static FatiaDomainState
read_state (virDomainPtr domain)
{
  int state = VIR_DOMAIN_SHUTOFF, reason = 0;

  if (virDomainGetState (domain, &state, &reason, 0) < 0)
    return FATIA_DOMAIN_OFF;
  switch (state)
    {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
      return FATIA_DOMAIN_RUNNING;
    case VIR_DOMAIN_PAUSED:
    case VIR_DOMAIN_PMSUSPENDED:
      return FATIA_DOMAIN_PAUSED;
    case VIR_DOMAIN_SHUTDOWN:
      return FATIA_DOMAIN_STOPPING;
    case VIR_DOMAIN_CRASHED:
      return FATIA_DOMAIN_CRASHED;
    default:
      return reason == VIR_DOMAIN_SHUTOFF_CRASHED ? FATIA_DOMAIN_CRASHED : FATIA_DOMAIN_OFF;
    }
}

/**
 * fatia_domain_record_read:
 *
 * Asks libvirt. Blocks.
 *
 * Returns: (transfer full) (nullable): what is known of @domain, %NULL where it is not ours (it
 *   does not carry our metadata) or went away meanwhile
 */
FatiaDomainRecord *
fatia_domain_record_read (virDomainPtr domain)
{
  char uuid[VIR_UUID_STRING_BUFLEN] = "";
  char *text = virDomainGetXMLDesc (domain, VIR_DOMAIN_XML_INACTIVE);
  g_autoptr (xmlDoc) doc = text ? fatia_xml_parse (text, NULL) : NULL;
  FatiaDomainRecord *record;

  free (text);
  if (doc == NULL || !fatia_xml_has (doc, "/domain/metadata/fatia:vm") ||
      virDomainGetUUIDString (domain, uuid) < 0)
    return NULL;
  record = g_new0 (FatiaDomainRecord, 1);
  record->uuid = g_strdup (uuid);
  record->name = fatia_xml_get (doc, "/domain/name");
  record->title = fatia_xml_get (doc, "/domain/title");
  record->glass_path = fatia_xml_get (doc, "/domain/metadata/fatia:vm/fatia:glass/@path");
  record->vf = read_vf (doc);
  record->disk = fatia_xml_get (doc, "/domain/devices/disk[@device='disk']/source/@file");
  record->state = read_state (domain);
  return record;
}

FatiaDomainRecord *
fatia_domain_record_copy (const FatiaDomainRecord *record)
{
  FatiaDomainRecord *copy = g_memdup2 (record, sizeof *record);

  copy->name = g_strdup (record->name);
  copy->uuid = g_strdup (record->uuid);
  copy->title = g_strdup (record->title);
  copy->glass_path = g_strdup (record->glass_path);
  copy->vf = g_strdup (record->vf);
  copy->disk = g_strdup (record->disk);
  return copy;
}

void
fatia_domain_record_free (FatiaDomainRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->name);
  g_free (record->uuid);
  g_free (record->title);
  g_free (record->glass_path);
  g_free (record->vf);
  g_free (record->disk);
  g_free (record);
}
