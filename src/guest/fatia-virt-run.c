/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting, stopping and asking. */
#include "guest/fatia-virt-work.h"

#include <stdlib.h>
#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

static virDomainPtr
look_up (virConnectPtr connection, const char *uuid, GError **error)
{
  virDomainPtr domain = virDomainLookupByUUIDString (connection, uuid);

  if (domain == NULL)
    fatia_virt_set_error (error, _ ("This VM is gone."));
  return domain;
}

/**
 * fatia_virt_work_list:
 *
 * Returns: (transfer full) (element-type FatiaDomainRecord) (nullable): the domains of ours
 */
GPtrArray *
fatia_virt_work_list (virConnectPtr connection, GError **error)
{
  g_autoptr (GPtrArray) records =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_domain_record_free);
  virDomainPtr *domains = NULL;
  int n = virConnectListAllDomains (connection, &domains, 0);

  if (n < 0)
    {
      fatia_virt_set_error (error, _ ("The list of VMs could not be read."));
      return NULL;
    }
  for (int i = 0; i < n; i++)
    {
      FatiaDomainRecord *record = fatia_domain_record_read (domains[i]);

      if (record != NULL)
        g_ptr_array_add (records, record);
      virDomainFree (domains[i]);
    }
  free (domains);
  return g_steal_pointer (&records);
}

/* The virtual functions of the host vanish with a restart, and with a driver that was updated. */
static gboolean
check_vf (virConnectPtr connection, const FatiaDomainRecord *record, GError **error)
{
  g_autofree char *name = NULL;
  g_auto (virNodeDevicePtr) device = NULL;

  if (record->vf == NULL)
    return TRUE;
  name = g_strconcat ("pci_", record->vf, NULL);
  g_strdelimit (name, ":.", '_');
  device = virNodeDeviceLookupByName (connection, name);
  /* Only a clear "no such device" counts: the driver that knows devices may not be there. */
  if (device != NULL || virGetLastErrorCode () != VIR_ERR_NO_NODE_DEVICE)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               _ ("The slice of the GPU this VM uses, %s, is not there. Turn on the virtual "
                  "functions again, and let them be kept over restarts."),
               record->vf);
  return FALSE;
}

/* The network of the VM, where it is libvirt's own and down. */
static gboolean
start_network (virConnectPtr connection, virDomainPtr domain, GError **error)
{
  char *text = virDomainGetXMLDesc (domain, VIR_DOMAIN_XML_INACTIVE);
  g_autoptr (xmlDoc) doc = text ? fatia_xml_parse (text, NULL) : NULL;
  g_autofree char *name =
    doc ? fatia_xml_get (doc, "/domain/devices/interface[@type='network']/source/@network") : NULL;
  g_auto (virNetworkPtr) network = name ? virNetworkLookupByName (connection, name) : NULL;
  g_autofree char *what = NULL;

  free (text);
  if (network == NULL || virNetworkIsActive (network) == 1 || virNetworkCreate (network) == 0)
    return TRUE;
  what = g_strdup_printf (_ ("The network “%s” of the VM could not be started."), name);
  fatia_virt_set_error (error, what);
  return FALSE;
}

gboolean
fatia_virt_work_start (virConnectPtr connection, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = look_up (connection, uuid, error);
  g_autoptr (FatiaDomainRecord) record = domain ? fatia_domain_record_read (domain) : NULL;

  if (record == NULL)
    return FALSE;
  if (virDomainIsActive (domain) == 1)
    {
      if (record->state != FATIA_DOMAIN_PAUSED || virDomainResume (domain) == 0)
        return TRUE;
      fatia_virt_set_error (error, _ ("The VM could not be resumed."));
      return FALSE;
    }
  if (!check_vf (connection, record, error) || !start_network (connection, domain, error))
    return FALSE;
  if (virDomainCreate (domain) == 0)
    return TRUE;
  fatia_virt_set_error (error, _ ("The VM could not be started."));
  return FALSE;
}

gboolean
fatia_virt_work_shut_down (virConnectPtr connection, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = look_up (connection, uuid, error);

  if (domain == NULL)
    return FALSE;
  if (virDomainIsActive (domain) == 0 || virDomainShutdown (domain) == 0)
    return TRUE;
  fatia_virt_set_error (error, _ ("Windows could not be asked to shut down."));
  return FALSE;
}

gboolean
fatia_virt_work_force_off (virConnectPtr connection, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = look_up (connection, uuid, error);

  if (domain == NULL)
    return FALSE;
  if (virDomainIsActive (domain) == 0 || virDomainDestroy (domain) == 0)
    return TRUE;
  fatia_virt_set_error (error, _ ("The VM could not be switched off."));
  return FALSE;
}

/**
 * fatia_virt_work_get_xml:
 *
 * Returns: (transfer full) (nullable): the definition libvirt keeps
 */
char *
fatia_virt_work_get_xml (virConnectPtr connection, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = look_up (connection, uuid, error);
  char *text = domain ? virDomainGetXMLDesc (domain, VIR_DOMAIN_XML_INACTIVE) : NULL;
  char *copy;

  if (text == NULL)
    {
      if (domain != NULL)
        fatia_virt_set_error (error, _ ("The VM's definition could not be read."));
      return NULL;
    }
  copy = g_strdup (text);
  free (text);
  return copy;
}

/**
 * fatia_virt_work_open_graphics:
 *
 * Returns: a socket connected to the VM's SPICE server, or -1
 */
int
fatia_virt_work_open_graphics (virConnectPtr connection, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = look_up (connection, uuid, error);
  int fd = domain ? virDomainOpenGraphicsFD (domain, 0, VIR_DOMAIN_OPEN_GRAPHICS_SKIPAUTH) : -1;

  if (domain != NULL && fd < 0)
    fatia_virt_set_error (error, _ ("The VM's screen can't be reached."));
  return fd;
}
