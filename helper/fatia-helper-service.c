/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The object on the bus: each call is authorized, then run in a worker thread, so that the bus
 * is answered meanwhile. One call at a time changes the host, and one reads what is large.
 */
#include "fatia-helper-service.h"

#include <glib/gi18n.h>

#include "change/fatia-apply.h"
#include "fatia-helper-authority.h"
#include "fatia-helper-call.h"
#include "fatia-helper-inhibit.h"
#include "host/fatia-fd.h"

/* Calls that may be under way, many of which may wait for a person at polkit's question. Each
 * connection and each user has less than the whole, so that none keeps the others out; each is
 * more than the program ever has. */
#define CALLS_LIMIT  64
#define USER_LIMIT   16
#define SENDER_LIMIT 8
/* Bulk bytes come by descriptors. */
#define ARGUMENTS_LIMIT    (256 * 1024)
#define INTERFACE_RESOURCE "/dev/fatia/Helper/dev.fatia.Helper1.xml"

struct _FatiaHelperService
{
  GObject parent_instance;
  FatiaHostRoot *root;
  gboolean authorize;
  GDBusConnection *connection;
  guint registration;
  GPtrArray *calls; /* (element-type Held): being authorized or run */
  gboolean
    busy[2]; /* with a call of which there is one at a time: one that reads, one that changes */
  GQueue waiting;  /* (element-type Held): large calls, the oldest first */
  gboolean large;  /* whether one is being run */
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

/* One call, from its beginning to its answer. */
typedef struct
{
  FatiaHelperService *service; /* (unowned): lasts longer */
  GDBusMethodInvocation *invocation;
  FatiaHelperCall *call;
  gint64 user;      /* -1: not known yet */
  guint watch;      /* for the caller's end; 0 on a private connection */
  gboolean running; /* or waiting for its turn */
} Held;

static void
held_free (gpointer data)
{
  Held *held = data;

  if (held->watch)
    g_dbus_connection_signal_unsubscribe (held->call->connection, held->watch);
  g_object_unref (held->invocation);
  fatia_helper_call_free (held->call);
  g_free (held);
}

static void
fatia_helper_service_finalize (GObject *object)
{
  FatiaHelperService *self = FATIA_HELPER_SERVICE (object);

  if (self->registration)
    g_dbus_connection_unregister_object (self->connection, self->registration);
  if (self->connection)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  g_clear_object (&self->root);
  g_ptr_array_unref (self->calls);
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
  self->calls = g_ptr_array_new_with_free_func (held_free);
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
  return self->calls->len == 0;
}

static gboolean
is_of_sender (const Held *held, const char *sender)
{
  return g_strcmp0 (held->call->sender, sender) == 0;
}

static guint
count_sender (FatiaHelperService *self, const char *sender)
{
  guint n = 0;

  for (guint i = 0; i < self->calls->len; i++)
    n += is_of_sender (g_ptr_array_index (self->calls, i), sender);
  return n;
}

static guint
count_user (FatiaHelperService *self, gint64 user)
{
  guint n = 0;

  for (guint i = 0; i < self->calls->len; i++)
    n += ((Held *) g_ptr_array_index (self->calls, i))->user == user;
  return n;
}

/* Whoever waits for it no longer wants it: a question of polkit's goes away, work that can be ended
 * ends, and a change that has begun is put back. */
static void
cancel (Held *held)
{
  g_cancellable_cancel (held->call->cancellable);
  if (!held->running && held->service->authorize)
    fatia_helper_authority_forget (held->call);
}

/* A change that has begun goes to its end without whoever asked for it. */
static void
on_caller_gone (Held *held)
{
  if (!held->running || !fatia_helper_call_changes (held->call))
    cancel (held);
}

static void
on_name_owner_changed (GDBusConnection *connection,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *signal,
                       GVariant *parameters,
                       gpointer user_data)
{
  on_caller_gone (user_data);
}

/* A private connection's only caller. */
static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer user_data)
{
  FatiaHelperService *self = user_data;

  for (guint i = 0; i < self->calls->len; i++)
    on_caller_gone (g_ptr_array_index (self->calls, i));
}

/* The unique name @sender is never given again, so any change of its owner is its end. */
static guint
watch_sender (Held *held, const char *sender)
{
  return g_dbus_connection_signal_subscribe (
    held->call->connection, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
    "/org/freedesktop/DBus", sender, G_DBUS_SIGNAL_FLAGS_NONE, on_name_owner_changed, held, NULL);
}

/* From here to release() the call counts. NULL: too many are under way. */
static Held *
hold (FatiaHelperService *self, GDBusMethodInvocation *invocation)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  Held *held;

  if (self->calls->len >= CALLS_LIMIT || count_sender (self, sender) >= SENDER_LIMIT)
    return NULL;
  held = g_new0 (Held, 1);
  held->service = self;
  held->invocation = g_object_ref (invocation);
  held->call = fatia_helper_call_new (self->root, invocation);
  held->user = -1;
  if (sender)
    held->watch = watch_sender (held, sender);
  g_ptr_array_add (self->calls, held);
  if (self->calls->len == 1)
    g_signal_emit (self, signals[SIGNAL_IDLE_CHANGED], 0);
  return held;
}

static void
release (Held *held)
{
  FatiaHelperService *self = held->service;

  g_ptr_array_remove (self->calls, held);
  if (self->calls->len == 0)
    g_signal_emit (self, signals[SIGNAL_IDLE_CHANGED], 0);
}

/* Answers, and lets go of the call. */
static void
fail (Held *held, GError *error)
{
  g_dbus_method_invocation_take_error (held->invocation, error);
  release (held);
}

static GError *
new_busy_error (const char *message)
{
  return g_error_new_literal (FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_BUSY, message);
}

static GError *
new_cancelled_error (void)
{
  return g_error_new_literal (FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_CANCELLED,
                              _ ("This was cancelled. Nothing was changed."));
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

typedef struct
{
  GVariant *value;
  GUnixFDList *fds; /* (nullable) */
} Reply;

static void
reply_free (gpointer data)
{
  Reply *reply = data;

  g_clear_pointer (&reply->value, g_variant_unref);
  g_clear_object (&reply->fds);
  g_free (reply);
}

/* Callers know our own errors by their names. */
static void
name_cancelled (GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  error->domain = FATIA_CHANGE_ERROR;
  error->code = FATIA_CHANGE_ERROR_CANCELLED;
}

static void
run_call (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Held *held = data;
  Reply *reply = g_new0 (Reply, 1);
  GError *error = NULL;
  GVariant *value;
  fatia_autofd int inhibitor = -1;

  /* A tree of the caller's own is no reason to keep the computer awake. */
  if (held->service->authorize && fatia_helper_call_changes (held->call))
    inhibitor = fatia_helper_inhibit ();
  recover (FATIA_HELPER_SERVICE (source));
  /* What is below finds it by g_cancellable_get_current(). */
  g_cancellable_push_current (held->call->cancellable);
  value = fatia_helper_call_run (held->call, &reply->fds, &error);
  g_cancellable_pop_current (held->call->cancellable);
  if (value)
    {
      reply->value = g_variant_ref_sink (value);
      g_task_return_pointer (task, reply, reply_free);
      return;
    }
  reply_free (reply);
  name_cancelled (error);
  g_task_return_error (task, error);
}

static void
answer (Held *held, Reply *reply, GError *error)
{
  if (reply == NULL)
    {
      fail (held, error);
      return;
    }
  g_dbus_method_invocation_return_value_with_unix_fd_list (held->invocation, reply->value,
                                                           reply->fds);
  reply_free (reply);
  release (held);
}

static void run_next_large (FatiaHelperService *self);

static void
on_call_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FatiaHelperService *self = FATIA_HELPER_SERVICE (source);
  Held *held = user_data;
  gboolean large = fatia_helper_call_is_large (held->call);
  GError *error = NULL;
  Reply *reply = g_task_propagate_pointer (G_TASK (result), &error);

  if (fatia_helper_call_is_alone (held->call))
    self->busy[fatia_helper_call_changes (held->call)] = FALSE;
  answer (held, reply, error);
  if (!large)
    return;
  self->large = FALSE;
  run_next_large (self);
}

static void
run (Held *held)
{
  g_autoptr (GTask) task = g_task_new (held->service, NULL, on_call_run, held);

  held->running = TRUE;
  g_task_set_task_data (task, held, NULL);
  g_task_run_in_thread (task, run_call);
}

static void
run_next_large (FatiaHelperService *self)
{
  while (!self->large)
    {
      Held *held = g_queue_pop_head (&self->waiting);

      if (held == NULL)
        return;
      if (g_cancellable_is_cancelled (held->call->cancellable))
        {
          fail (held, new_cancelled_error ());
          continue;
        }
      self->large = TRUE;
      run (held);
    }
}

static const char *
busy_words (gboolean changes)
{
  return changes ? _ ("Another change is under way. Wait until it is done.")
                 : _ ("The firmware is being read already. Wait until it is done.");
}

static void
start_call (Held *held)
{
  FatiaHelperService *self = held->service;
  gboolean changes = fatia_helper_call_changes (held->call);

  if (fatia_helper_call_is_alone (held->call))
    {
      if (self->busy[changes])
        {
          fail (held, new_busy_error (busy_words (changes)));
          return;
        }
      self->busy[changes] = TRUE;
    }
  if (!fatia_helper_call_is_large (held->call))
    {
      run (held);
      return;
    }
  held->running = TRUE;
  g_queue_push_tail (&self->waiting, held);
  run_next_large (self);
}

/* Ends what else the same caller has under way. */
static void
cancel_others (Held *held)
{
  GPtrArray *calls = held->service->calls;

  for (guint i = 0; i < calls->len; i++)
    {
      Held *other = g_ptr_array_index (calls, i);

      if (other != held && is_of_sender (other, held->call->sender))
        cancel (other);
    }
  g_dbus_method_invocation_return_value (held->invocation, NULL);
  release (held);
}

static void
begin (Held *held)
{
  if (g_str_equal (held->call->method, "Cancel"))
    cancel_others (held);
  else if (g_cancellable_is_cancelled (held->call->cancellable))
    fail (held, new_cancelled_error ());
  else
    start_call (held);
}

static void
on_authorized (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Held *held = user_data;
  GError *error = NULL;

  if (fatia_helper_authority_check_finish (G_DBUS_CONNECTION (source), result, &error))
    begin (held);
  else if (g_cancellable_is_cancelled (held->call->cancellable))
    {
      g_error_free (error);
      fail (held, new_cancelled_error ());
    }
  else
    fail (held, error);
}

static void
on_user (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Held *held = user_data;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  guint32 user;

  if (!reply)
    {
      fail (held, g_error_new_literal (G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                                       _ ("The caller is not known.")));
      return;
    }
  g_variant_get (reply, "(u)", &user);
  if (count_user (held->service, user) >= USER_LIMIT)
    {
      fail (held, new_busy_error (_ ("Too many calls are under way.")));
      return;
    }
  held->user = user;
  fatia_helper_authority_check (held->call, held->invocation, on_authorized, held);
}

/* Whose connection it is: a user may have many. */
static void
ask_for_user (Held *held)
{
  g_dbus_connection_call (held->call->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetConnectionUnixUser",
                          g_variant_new ("(s)", held->call->sender), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_user, held);
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
  Held *held;

  if (fatia_helper_authority_get_action (method_name) == NULL)
    {
      g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                                             _ ("Nobody may call %s."), method_name);
      return;
    }
  if (g_variant_get_size (parameters) > ARGUMENTS_LIMIT)
    {
      g_dbus_method_invocation_return_error_literal (invocation, FATIA_CHANGE_ERROR,
                                                     FATIA_CHANGE_ERROR_INVALID,
                                                     _ ("There is too much in the call."));
      return;
    }
  held = hold (self, invocation);
  if (held == NULL)
    {
      g_dbus_method_invocation_take_error (invocation,
                                           new_busy_error (_ ("Too many calls are under way.")));
      return;
    }
  if (self->authorize)
    ask_for_user (held);
  else
    begin (held);
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
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
  self->registration = g_dbus_connection_register_object (
    connection, FATIA_HELPER_PATH, node->interfaces[0], &vtable, self, NULL, error);
  return self->registration != 0;
}
