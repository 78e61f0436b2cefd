/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/fatia-virt-task.h"

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

FatiaVirtTask *
fatia_virt_task_new (FatiaVirt *self, FatiaDomain *domain)
{
  FatiaVirtTask *task = g_new0 (FatiaVirtTask, 1);

  task->link = fatia_virt_link_ref (self->link);
  task->uuid = domain ? g_strdup (fatia_domain_get_uuid (domain)) : NULL;
  return task;
}

void
fatia_virt_task_free (gpointer data)
{
  FatiaVirtTask *task = data;

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

FatiaDomain *
fatia_virt_take_record (FatiaVirt *self, const FatiaDomainRecord *record)
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
    fatia_virt_take_record (self, records->pdata[i]);
}

static DexFuture *
list_in_thread (gpointer data)
{
  FatiaVirtTask *task = data;
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
  return dex_future_then (fatia_thread_run ("libvirt-list", list_in_thread,
                                            fatia_virt_task_new (self, NULL), fatia_virt_task_free),
                          list_done, question, question_free);
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
