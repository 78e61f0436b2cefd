/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/fatia-virt-work.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "guest/fatia-thread.h"

/**
 * FatiaVirt:
 *
 * The VMs of one libvirt. Lives in the main context; what waits for libvirt does so in a thread.
 */
struct _FatiaVirt
{
  GObject parent_instance;
  char *uri;
  FatiaVirtLink *link;
  GListStore *domains; /* FatiaDomain */
  guint asked;         /* how often the list was asked for */
  guint taken;         /* which answer stands in the list; older ones come too late */
  gboolean stale;      /* an event came while the list was being read */
  gboolean refreshing; /* because of an event */
};

G_DEFINE_FINAL_TYPE (FatiaVirt, fatia_virt, G_TYPE_OBJECT)

static void
fatia_virt_finalize (GObject *object)
{
  FatiaVirt *self = FATIA_VIRT (object);

  fatia_virt_link_unref (self->link);
  g_object_unref (self->domains);
  g_free (self->uri);
  G_OBJECT_CLASS (fatia_virt_parent_class)->finalize (object);
}

static void
fatia_virt_class_init (FatiaVirtClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fatia_virt_finalize;
}

static void
fatia_virt_init (FatiaVirt *self)
{
  self->domains = g_list_store_new (FATIA_TYPE_DOMAIN);
}

/* What is done to one domain, in a thread. */
typedef gboolean (*TaskWork) (virConnectPtr connection, const char *uuid, GError **error);

/* What a thread works on. */
typedef struct
{
  FatiaVirtLink *link;
  char *uuid;
  FatiaDomainSpec *spec; /* (nullable) */
  gboolean with_disk;
  TaskWork work; /* (nullable) */
} Task;

static Task *
task_new (FatiaVirt *self, FatiaDomain *domain)
{
  Task *task = g_new0 (Task, 1);

  task->link = fatia_virt_link_ref (self->link);
  task->uuid = domain ? g_strdup (fatia_domain_get_uuid (domain)) : NULL;
  return task;
}

static void
task_free (gpointer data)
{
  Task *task = data;

  fatia_virt_link_unref (task->link);
  g_free (task->uuid);
  fatia_domain_spec_free (task->spec);
  g_free (task);
}

static FatiaDomain *
find_domain (FatiaVirt *self, const char *uuid)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->domains));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FatiaDomain) domain = g_list_model_get_item (G_LIST_MODEL (self->domains), i);

      if (g_str_equal (fatia_domain_get_uuid (domain), uuid))
        return domain;
    }
  return NULL;
}

/* (transfer none): the domain of @record, which is new in the list where it was not known. */
static FatiaDomain *
take_record (FatiaVirt *self, const FatiaDomainRecord *record)
{
  FatiaDomain *known = find_domain (self, record->uuid);
  g_autoptr (FatiaDomain) domain = NULL;

  if (known != NULL)
    {
      fatia_domain_update (known, record);
      return known;
    }
  domain = fatia_domain_new (record);
  g_list_store_append (self->domains, domain);
  return domain;
}

static gboolean
is_in (GPtrArray *records, FatiaDomain *domain)
{
  for (guint i = 0; i < records->len; i++)
    if (g_str_equal (((FatiaDomainRecord *) records->pdata[i])->uuid,
                     fatia_domain_get_uuid (domain)))
      return TRUE;
  return FALSE;
}

static void
take_records (FatiaVirt *self, GPtrArray *records)
{
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->domains)); i > 0; i--)
    {
      g_autoptr (FatiaDomain) domain = g_list_model_get_item (G_LIST_MODEL (self->domains), i - 1);

      if (!is_in (records, domain))
        g_list_store_remove (self->domains, i - 1);
    }
  for (guint i = 0; i < records->len; i++)
    take_record (self, records->pdata[i]);
}

static DexFuture *
list_in_thread (gpointer data)
{
  Task *task = data;
  GError *error = NULL;
  g_auto (virConnectPtr) connection = fatia_virt_link_get (task->link, &error);
  GPtrArray *records = connection ? fatia_virt_work_list (connection, &error) : NULL;

  return records ? dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, records)
                 : dex_future_new_for_error (error);
}

typedef struct
{
  FatiaVirt *self;
  guint number;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_object_unref (question->self);
  g_free (question);
}

static DexFuture *
list_done (DexFuture *future, gpointer data)
{
  Question *question = data;

  if (question->number > question->self->taken)
    {
      question->self->taken = question->number;
      take_records (question->self, g_value_get_boxed (dex_future_get_value (future, NULL)));
    }
  return dex_future_new_for_boolean (TRUE);
}

/**
 * fatia_virt_refresh:
 *
 * Reads the list anew; events make it be read by itself.
 *
 * Returns: (transfer full): a boolean
 */
DexFuture *
fatia_virt_refresh (FatiaVirt *self)
{
  Question *question;

  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);

  question = g_new (Question, 1);
  question->self = g_object_ref (self);
  question->number = ++self->asked;
  return dex_future_then (
    fatia_thread_run ("libvirt-list", list_in_thread, task_new (self, NULL), task_free), list_done,
    question, question_free);
}

static void refresh_after_event (FatiaVirt *self);

static DexFuture *
refreshed_after_event (DexFuture *future, gpointer data)
{
  FatiaVirt *self = data;

  self->refreshing = FALSE;
  if (self->stale)
    refresh_after_event (self);
  return dex_ref (future);
}

/* Events come in bunches; the list is read once after them. */
static void
refresh_after_event (FatiaVirt *self)
{
  self->stale = self->refreshing;
  if (self->refreshing)
    return;
  self->refreshing = TRUE;
  dex_future_disown (dex_future_finally (fatia_virt_refresh (self), refreshed_after_event,
                                         g_object_ref (self), g_object_unref));
}

/* Of the link, in the main context. */
static void
on_changed (gpointer data)
{
  refresh_after_event (FATIA_VIRT (data));
}

/* What was listed is not known any more; the next call opens the connection anew. */
static void
on_closed (gpointer data)
{
  FatiaVirt *self = FATIA_VIRT (data);

  self->taken = self->asked;
  g_list_store_remove_all (self->domains);
}

/**
 * fatia_virt_new:
 * @uri: "qemu:///system", a private daemon's, …
 *
 * Nothing is opened before fatia_virt_connect() or the first call.
 *
 * Returns: (transfer full): a connection to be
 */
FatiaVirt *
fatia_virt_new (const char *uri)
{
  FatiaVirt *self;

  g_return_val_if_fail (uri != NULL, NULL);

  self = g_object_new (FATIA_TYPE_VIRT, NULL);
  self->uri = g_strdup (uri);
  self->link = fatia_virt_link_new (uri, G_OBJECT (self), on_changed, on_closed);
  return self;
}

/**
 * fatia_virt_get_uri:
 *
 * Returns: (transfer none): as given
 */
const char *
fatia_virt_get_uri (FatiaVirt *self)
{
  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  return self->uri;
}

/**
 * fatia_virt_get_domains:
 *
 * Returns: (transfer none): the VMs of ours, a list of #FatiaDomain; empty before
 *   fatia_virt_connect()
 */
GListModel *
fatia_virt_get_domains (FatiaVirt *self)
{
  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  return G_LIST_MODEL (self->domains);
}

/**
 * fatia_virt_connect:
 *
 * Opens the connection and reads the list.
 *
 * Returns: (transfer full): a boolean; rejects with words that say how to start libvirt, or how
 *   to be allowed to use it
 */
DexFuture *
fatia_virt_connect (FatiaVirt *self)
{
  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  return fatia_virt_refresh (self);
}

static DexFuture *
create_in_thread (gpointer data)
{
  Task *task = data;
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

  return dex_future_new_for_object (take_record (data, record));
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
  Task *task;

  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  g_return_val_if_fail (spec != NULL, NULL);

  task = task_new (self, NULL);
  task->spec = fatia_domain_spec_copy (spec);
  return dex_future_then (fatia_thread_run ("libvirt-create", create_in_thread, task, task_free),
                          create_done, g_object_ref (self), g_object_unref);
}

static DexFuture *
describe_in_thread (gpointer data)
{
  Task *task = data;
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
  Task *task;

  g_return_val_if_fail (FATIA_IS_VIRT (self), NULL);
  g_return_val_if_fail (spec != NULL, NULL);

  task = task_new (self, NULL);
  task->spec = fatia_domain_spec_copy (spec);
  return fatia_thread_run ("libvirt-describe", describe_in_thread, task, task_free);
}

static DexFuture *
work_in_thread (gpointer data)
{
  Task *task = data;
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
run (FatiaVirt *self, FatiaDomain *domain, TaskWork work)
{
  Task *task = task_new (self, domain);

  task->work = work;
  return dex_future_then (fatia_thread_run ("libvirt-work", work_in_thread, task, task_free),
                          refresh_then, g_object_ref (self), g_object_unref);
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
  Task *task = data;
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
  return fatia_thread_run ("libvirt-xml", get_xml_in_thread, task_new (self, domain), task_free);
}

static DexFuture *
open_graphics_in_thread (gpointer data)
{
  Task *task = data;
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
  return fatia_thread_run ("libvirt-screen", open_graphics_in_thread, task_new (self, domain),
                           task_free);
}
