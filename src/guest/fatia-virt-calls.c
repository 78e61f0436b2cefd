/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be asked of FatiaVirt: each call is a thread's work and a future. */
#include "guest/fatia-virt-task.h"

#include <gio/gio.h>

#include "guest/fatia-thread.h"

static DexFuture *
create_in_thread (gpointer data)
{
  FatiaVirtTask *task = data;
  GError *error = NULL;
  g_auto (virConnectPtr) connection = fatia_virt_link_get (task->link, &error);
  FatiaDomainRecord *record =
    connection ? fatia_virt_work_create (connection, task->spec, &error) : NULL;

  if (record == NULL)
    return dex_future_new_for_error (error);
  return dex_future_new_take_boxed (FATIA_TYPE_DOMAIN_RECORD, record);
}

static DexFuture *
create_done (DexFuture *future, gpointer data)
{
  const FatiaDomainRecord *record = g_value_get_boxed (dex_future_get_value (future, NULL));

  return dex_future_new_for_object (fatia_virt_take_record (data, record));
}

/**
 * fatia_virt_create:
 * @spec: what it shall be; copied
 *
 * Makes the disk and defines the VM. The spec is taken as it is: see
 * fatia_domain_spec_validate().
 *
 * Returns: (transfer full): a #FatiaDomain; rejects with %G_IO_ERROR_EXISTS where the name or the
 *   disk's file is taken
 */
DexFuture *
fatia_virt_create (FatiaVirt *self, const FatiaDomainSpec *spec)
{
  FatiaVirtTask *task;

  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  g_return_val_if_fail (spec != NULL, NULL);

  task = fatia_virt_task_new (self, NULL);
  task->spec = fatia_domain_spec_copy (spec);
  return dex_future_then (
    fatia_thread_run ("libvirt-create", create_in_thread, task, fatia_virt_task_free), create_done,
    g_object_ref (self), g_object_unref);
}

static DexFuture *
describe_in_thread (gpointer data)
{
  FatiaVirtTask *task = data;
  GError *error = NULL;
  g_auto (virConnectPtr) connection = fatia_virt_link_get (task->link, &error);
  char *xml = connection ? fatia_virt_work_describe (connection, task->spec, &error) : NULL;

  return xml ? dex_future_new_take_string (xml) : dex_future_new_for_error (error);
}

/**
 * fatia_virt_describe:
 * @spec: what it shall be; copied
 *
 * Returns: (transfer full): a string: exactly the XML fatia_virt_create() would define. It may
 *   differ from fatia_domain_spec_to_xml() in the network, and in practice.
 */
DexFuture *
fatia_virt_describe (FatiaVirt *self, const FatiaDomainSpec *spec)
{
  FatiaVirtTask *task;

  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  g_return_val_if_fail (spec != NULL, NULL);

  task = fatia_virt_task_new (self, NULL);
  task->spec = fatia_domain_spec_copy (spec);
  return fatia_thread_run ("libvirt-describe", describe_in_thread, task, fatia_virt_task_free);
}

static DexFuture *
work_in_thread (gpointer data)
{
  FatiaVirtTask *task = data;
  GError *error = NULL;
  g_auto (virConnectPtr) connection = fatia_virt_link_get (task->link, &error);

  if (connection == NULL || !task->work (connection, task->uuid, &error))
    return dex_future_new_for_error (error);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
refresh_then (DexFuture *future, gpointer data)
{
  return fatia_virt_refresh (data);
}

/* Does @work and reads the list after it, so that who awaits sees what came of it. */
static DexFuture *
run (FatiaVirt *self, FatiaDomain *domain, FatiaVirtWork work)
{
  FatiaVirtTask *task = fatia_virt_task_new (self, domain);

  task->work = work;
  return dex_future_then (
    fatia_thread_run ("libvirt-work", work_in_thread, task, fatia_virt_task_free), refresh_then,
    g_object_ref (self), g_object_unref);
}

/**
 * fatia_virt_start:
 *
 * Starts the VM, and its network where that is down; goes on with one that is paused.
 *
 * Returns: (transfer full): a boolean
 */
DexFuture *
fatia_virt_start (FatiaVirt *self, FatiaDomain *domain)
{
  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  g_return_val_if_fail (FATIA_IS_DOMAIN (domain), NULL);
  return run (self, domain, fatia_virt_work_start);
}

static DexFuture *
asked_to_stop (DexFuture *future, gpointer data)
{
  fatia_domain_set_stopping (data);
  return dex_ref (future);
}

/**
 * fatia_virt_shut_down:
 *
 * Asks the guest, which may take its time or not listen at all; the domain's state tells.
 *
 * Returns: (transfer full): a boolean: the guest was asked
 */
DexFuture *
fatia_virt_shut_down (FatiaVirt *self, FatiaDomain *domain)
{
  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  g_return_val_if_fail (FATIA_IS_DOMAIN (domain), NULL);
  return dex_future_then (run (self, domain, fatia_virt_work_shut_down), asked_to_stop,
                          g_object_ref (domain), g_object_unref);
}

/**
 * fatia_virt_force_off:
 *
 * As if the power was cut.
 *
 * Returns: (transfer full): a boolean
 */
DexFuture *
fatia_virt_force_off (FatiaVirt *self, FatiaDomain *domain)
{
  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  g_return_val_if_fail (FATIA_IS_DOMAIN (domain), NULL);
  return run (self, domain, fatia_virt_work_force_off);
}

static gboolean
delete_with_disk (virConnectPtr connection, const char *uuid, GError **error)
{
  return fatia_virt_work_delete (connection, uuid, TRUE, error);
}

static gboolean
delete_without_disk (virConnectPtr connection, const char *uuid, GError **error)
{
  return fatia_virt_work_delete (connection, uuid, FALSE, error);
}

/**
 * fatia_virt_delete:
 * @with_disk: whether what is on its disk is lost, too; a disk another VM uses stays
 *
 * Deletes a VM that does not run, with its firmware variables and its TPM's state.
 *
 * Returns: (transfer full): a boolean
 */
DexFuture *
fatia_virt_delete (FatiaVirt *self, FatiaDomain *domain, gboolean with_disk)
{
  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  g_return_val_if_fail (FATIA_IS_DOMAIN (domain), NULL);
  return run (self, domain, with_disk ? delete_with_disk : delete_without_disk);
}

static DexFuture *
get_xml_in_thread (gpointer data)
{
  FatiaVirtTask *task = data;
  GError *error = NULL;
  g_auto (virConnectPtr) connection = fatia_virt_link_get (task->link, &error);
  char *xml = connection ? fatia_virt_work_get_xml (connection, task->uuid, &error) : NULL;

  return xml ? dex_future_new_take_string (xml) : dex_future_new_for_error (error);
}

/**
 * fatia_virt_get_xml:
 *
 * Returns: (transfer full): a string: the definition libvirt keeps
 */
DexFuture *
fatia_virt_get_xml (FatiaVirt *self, FatiaDomain *domain)
{
  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  g_return_val_if_fail (FATIA_IS_DOMAIN (domain), NULL);
  return fatia_thread_run ("libvirt-xml", get_xml_in_thread, fatia_virt_task_new (self, domain),
                           fatia_virt_task_free);
}

static DexFuture *
open_graphics_in_thread (gpointer data)
{
  FatiaVirtTask *task = data;
  GError *error = NULL;
  g_auto (virConnectPtr) connection = fatia_virt_link_get (task->link, &error);
  int fd = connection ? fatia_virt_work_open_graphics (connection, task->uuid, &error) : -1;

  return fd >= 0 ? dex_future_new_for_fd (fd) : dex_future_new_for_error (error);
}

/**
 * fatia_virt_open_graphics:
 *
 * A running VM's SPICE server has no address; libvirt hands out sockets connected to it.
 *
 * Returns: (transfer full): a file descriptor, for spice_session_open_fd()
 */
DexFuture *
fatia_virt_open_graphics (FatiaVirt *self, FatiaDomain *domain)
{
  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  g_return_val_if_fail (FATIA_IS_DOMAIN (domain), NULL);
  return fatia_thread_run ("libvirt-screen", open_graphics_in_thread,
                           fatia_virt_task_new (self, domain), fatia_virt_task_free);
}
