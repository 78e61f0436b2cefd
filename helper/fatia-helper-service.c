/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The object on the bus: each call is authorized, then run in a worker thread, so that the bus
 * is answered meanwhile. One call at a time changes the host.
 */
#include "fatia-helper-service.h"

#include <glib/gi18n.h>

#include "change/fatia-apply.h"
#include "fatia-helper-authority.h"
#include "fatia-helper-call.h"

/* More than the program ever has under way; whoever sends more waits. */
#define CALLS_LIMIT        16
#define INTERFACE_RESOURCE "/dev/fatia/Helper/dev.fatia.Helper1.xml"

struct _FatiaHelperService
{
  GObject parent_instance;
  FatiaHostRoot *root;
  gboolean authorize;
  GDBusConnection *connection;
  guint registration;
  guint calls; /* being authorized or run */
  gboolean changing;
  GMutex recovery; /* taken by worker threads */
  gboolean recovered;
};

enum
{
  SIGNAL_IDLE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FatiaHelperService, fatia_helper_service, G_TYPE_OBJECT)

static void
fatia_helper_service_finalize (GObject *object)
{
  FatiaHelperService *self = FATIA_HELPER_SERVICE (object);

  if (self->registration)
    g_dbus_connection_unregister_object (self->connection, self->registration);
  g_clear_object (&self->connection);
  g_clear_object (&self->root);
  g_mutex_clear (&self->recovery);
  G_OBJECT_CLASS (fatia_helper_service_parent_class)->finalize (object);
}

static void
fatia_helper_service_class_init (FatiaHelperServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fatia_helper_service_finalize;
  /* A call begins while there was none, or the last one ended. */
  signals[SIGNAL_IDLE_CHANGED] =
    g_signal_new ("idle-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
}

static void
fatia_helper_service_init (FatiaHelperService *self)
{
  g_mutex_init (&self->recovery);
}

/**
 * fatia_helper_service_new:
 * @root: the host that is read and changed
 * @authorize: whether polkit is asked
 */
FatiaHelperService *
fatia_helper_service_new (FatiaHostRoot *root, gboolean authorize)
{
  FatiaHelperService *self = g_object_new (FATIA_TYPE_HELPER_SERVICE, NULL);

  self->root = g_object_ref (root);
  self->authorize = authorize;
  return self;
}

gboolean
fatia_helper_service_is_idle (FatiaHelperService *self)
{
  return self->calls == 0;
}

static void
hold (FatiaHelperService *self)
{
  if (self->calls++ == 0)
    g_signal_emit (self, signals[SIGNAL_IDLE_CHANGED], 0);
}

static void
release (FatiaHelperService *self)
{
  if (--self->calls == 0)
    g_signal_emit (self, signals[SIGNAL_IDLE_CHANGED], 0);
}

/* What an earlier process was interrupted in comes before anything else. */
static void
recover (FatiaHelperService *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->recovery);
  g_autoptr (GError) error = NULL;

  if (self->recovered)
    return;
  self->recovered = TRUE;
  if (!fatia_changes_recover (self->root, NULL, NULL, &error))
    g_message ("An interrupted change could not be settled: %s", error->message);
}

static void
run_call (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FatiaHelperCall *call = data;
  GError *error = NULL;
  GVariant *reply;

  recover (FATIA_HELPER_SERVICE (source));
  reply = fatia_helper_call_run (call, &error);
  if (reply)
    g_task_return_pointer (task, g_variant_ref_sink (reply), (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, error);
}

static void
on_call_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FatiaHelperService *self = FATIA_HELPER_SERVICE (source);
  GDBusMethodInvocation *invocation = user_data;
  FatiaHelperCall *call = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), &error);

  if (fatia_helper_call_changes (call))
    self->changing = FALSE;
  if (reply)
    g_dbus_method_invocation_return_value (invocation, reply);
  else
    g_dbus_method_invocation_take_error (invocation, error);
  release (self);
}

static void
start_call (FatiaHelperService *self, GDBusMethodInvocation *invocation)
{
  g_autoptr (FatiaHelperCall) call = fatia_helper_call_new (self->root, invocation);
  g_autoptr (GTask) task = NULL;
  gboolean changes = fatia_helper_call_changes (call);

  if (self->changing && changes)
    {
      g_dbus_method_invocation_return_error_literal (
        invocation, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_BUSY,
        _ ("Another change is under way. Wait until it is done."));
      release (self);
      return;
    }
  self->changing = self->changing || changes;
  task = g_task_new (self, NULL, on_call_run, invocation);
  g_task_set_task_data (task, g_steal_pointer (&call), (GDestroyNotify) fatia_helper_call_free);
  g_task_run_in_thread (task, run_call);
}

static void
on_authorized (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  FatiaHelperService *self = g_dbus_method_invocation_get_user_data (invocation);
  GError *error = NULL;

  if (fatia_helper_authority_check_finish (G_DBUS_CONNECTION (source), result, &error))
    {
      start_call (self, invocation);
      return;
    }
  g_dbus_method_invocation_take_error (invocation, error);
  release (self);
}

static void
on_method_call (GDBusConnection *connection,
                const char *sender,
                const char *object_path,
                const char *interface_name,
                const char *method_name,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  FatiaHelperService *self = user_data;
  const char *action = fatia_helper_authority_get_action (method_name);

  if (action == NULL)
    {
      g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                                             _ ("Nobody may call %s."), method_name);
      return;
    }
  if (self->calls >= CALLS_LIMIT)
    {
      g_dbus_method_invocation_return_error_literal (invocation, FATIA_CHANGE_ERROR,
                                                     FATIA_CHANGE_ERROR_BUSY,
                                                     _ ("Too many calls are under way."));
      return;
    }
  hold (self);
  if (self->authorize)
    fatia_helper_authority_check (invocation, action, on_authorized, invocation);
  else
    start_call (self, invocation);
}

static GVariant *
on_get_property (GDBusConnection *connection,
                 const char *sender,
                 const char *object_path,
                 const char *interface_name,
                 const char *property_name,
                 GError **error,
                 gpointer user_data)
{
  /* The interface has one property. */
  return g_variant_new_string (FATIA_VERSION);
}

/**
 * fatia_helper_service_export:
 * @connection: the system bus, or a private connection
 *
 * Returns: whether the object is there now
 */
gboolean
fatia_helper_service_export (FatiaHelperService *self, GDBusConnection *connection, GError **error)
{
  static const GDBusInterfaceVTable vtable = {
    .method_call = on_method_call,
    .get_property = on_get_property,
  };
  g_autoptr (GBytes) xml = g_resources_lookup_data (INTERFACE_RESOURCE, 0, error);
  g_autoptr (GDBusNodeInfo) node = NULL;

  if (xml == NULL)
    return FALSE;
  node = g_dbus_node_info_new_for_xml (g_bytes_get_data (xml, NULL), error);
  if (node == NULL)
    return FALSE;
  self->connection = g_object_ref (connection);
  self->registration = g_dbus_connection_register_object (
    connection, FATIA_HELPER_PATH, node->interfaces[0], &vtable, self, NULL, error);
  return self->registration != 0;
}
