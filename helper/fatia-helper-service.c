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

/* Calls that may be under way, many of which may wait for a person at polkit's question. Each
 * connection and each user has less than the whole, so that none keeps the others out; each is
 * more than the program ever has. */
#define CALLS_LIMIT  64
#define USER_LIMIT   16
#define SENDER_LIMIT 8
/* On an invocation: the user it counts for. */
#define USER_DATA          "fatia-user"
#define INTERFACE_RESOURCE "/dev/fatia/Helper/dev.fatia.Helper1.xml"

struct _FatiaHelperService
{
  GObject parent_instance;
  FatiaHostRoot *root;
  gboolean authorize;
  GDBusConnection *connection;
  guint registration;
  guint calls;         /* being authorized or run */
  GHashTable *callers; /* (element-type utf8 guint): how many of them, by connection and user */
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
  g_hash_table_unref (self->callers);
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
  self->callers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
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

/* Counts one more call for @caller, where it has fewer than @limit. */
static gboolean
count_up (FatiaHelperService *self, const char *caller, guint limit)
{
  guint calls = GPOINTER_TO_UINT (g_hash_table_lookup (self->callers, caller));

  if (calls >= limit)
    return FALSE;
  g_hash_table_insert (self->callers, g_strdup (caller), GUINT_TO_POINTER (calls + 1));
  return TRUE;
}

static void
count_down (FatiaHelperService *self, const char *caller)
{
  guint calls = GPOINTER_TO_UINT (g_hash_table_lookup (self->callers, caller));

  if (calls > 1)
    g_hash_table_insert (self->callers, g_strdup (caller), GUINT_TO_POINTER (calls - 1));
  else
    g_hash_table_remove (self->callers, caller);
}

/* On a private connection there is one caller, whom no bus names. */
static const char *
get_sender (GDBusMethodInvocation *invocation)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);

  return sender ? sender : "";
}

/* From here to release() the call counts, and the invocation lasts. */
static gboolean
hold (FatiaHelperService *self, GDBusMethodInvocation *invocation)
{
  if (self->calls >= CALLS_LIMIT || !count_up (self, get_sender (invocation), SENDER_LIMIT))
    return FALSE;
  g_object_ref (invocation);
  if (self->calls++ == 0)
    g_signal_emit (self, signals[SIGNAL_IDLE_CHANGED], 0);
  return TRUE;
}

static void
release (FatiaHelperService *self, GDBusMethodInvocation *invocation)
{
  const char *user = g_object_get_data (G_OBJECT (invocation), USER_DATA);

  count_down (self, get_sender (invocation));
  if (user)
    count_down (self, user);
  g_object_unref (invocation);
  if (--self->calls == 0)
    g_signal_emit (self, signals[SIGNAL_IDLE_CHANGED], 0);
}

static void
refuse_too_many (GDBusMethodInvocation *invocation)
{
  g_dbus_method_invocation_return_error_literal (
    invocation, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_BUSY, _ ("Too many calls are under way."));
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
  release (self, invocation);
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
      release (self, invocation);
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
  release (self, invocation);
}

static void
on_user (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  FatiaHelperService *self = g_dbus_method_invocation_get_user_data (invocation);
  const char *method = g_dbus_method_invocation_get_method_name (invocation);
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autofree char *user = NULL;
  guint32 uid;

  if (!reply)
    {
      g_dbus_method_invocation_return_error_literal (
        invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED, _ ("The caller is not known."));
      release (self, invocation);
      return;
    }
  g_variant_get (reply, "(u)", &uid);
  user = g_strdup_printf ("%u", uid);
  if (!count_up (self, user, USER_LIMIT))
    {
      refuse_too_many (invocation);
      release (self, invocation);
      return;
    }
  g_object_set_data_full (G_OBJECT (invocation), USER_DATA, g_steal_pointer (&user), g_free);
  fatia_helper_authority_check (invocation, fatia_helper_authority_get_action (method),
                                on_authorized, invocation);
}

/* Whose connection it is: a user may have many. */
static void
ask_for_user (GDBusMethodInvocation *invocation)
{
  g_dbus_connection_call (g_dbus_method_invocation_get_connection (invocation),
                          "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "GetConnectionUnixUser", g_variant_new ("(s)", get_sender (invocation)),
                          G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_user,
                          invocation);
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

  if (fatia_helper_authority_get_action (method_name) == NULL)
    {
      g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                                             _ ("Nobody may call %s."), method_name);
      return;
    }
  if (!hold (self, invocation))
    refuse_too_many (invocation);
  else if (self->authorize)
    ask_for_user (invocation);
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
