/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-helper.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "change/fatia-change.h"
#include "host/fatia-fd.h"
#include "setup/fatia-memfd.h"

#define BUS_NAME    "dev.fatia.Helper"
#define OBJECT_PATH "/dev/fatia/Helper"
#define INTERFACE   "dev.fatia.Helper1"

struct _FatiaHelper
{
  GObject parent_instance;
  FatiaHostRoot *root;
  GDBusConnection *connection;
  DexFuture *connecting; /* (nullable): so that two calls at once share one connection */
  GSubprocess *process;  /* (nullable): the private helper */
  guint signals_id;
};

G_DEFINE_FINAL_TYPE (FatiaHelper, fatia_helper, G_TYPE_OBJECT)

enum
{
  PROGRESS,
  FRACTION,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void
fatia_helper_dispose (GObject *object)
{
  FatiaHelper *self = FATIA_HELPER (object);

  fatia_helper_close (self);
  g_clear_object (&self->root);
  G_OBJECT_CLASS (fatia_helper_parent_class)->dispose (object);
}

static void
fatia_helper_class_init (FatiaHelperClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fatia_helper_dispose;
  signals[PROGRESS] = g_signal_new ("progress", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[FRACTION] = g_signal_new ("fraction", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_DOUBLE);
}

static void
fatia_helper_init (FatiaHelper *self)
{
  /* Registers the helper's errors with GDBus, so that they come back as what they were. */
  (void) FATIA_CHANGE_ERROR;
}

/**
 * fatia_helper_new:
 * @root: whose host is to be changed
 *
 * Returns: (transfer full): a helper that connects with the first call
 */
FatiaHelper *
fatia_helper_new (FatiaHostRoot *root)
{
  FatiaHelper *self = g_object_new (FATIA_TYPE_HELPER, NULL);

  self->root = g_object_ref (root);
  return self;
}

static void
on_signal (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer user_data)
{
  FatiaHelper *self = user_data;
  const char *text;
  double fraction;

  if (g_str_equal (signal, "Progress") && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(s)")))
    {
      g_variant_get (parameters, "(&s)", &text);
      g_signal_emit (self, signals[PROGRESS], 0, text);
    }
  else if (g_str_equal (signal, "Fraction") &&
           g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(d)")))
    {
      g_variant_get (parameters, "(d)", &fraction);
      g_signal_emit (self, signals[FRACTION], 0, fraction);
    }
}

static void
drop_connection (FatiaHelper *self)
{
  if (self->signals_id && self->connection)
    g_dbus_connection_signal_unsubscribe (self->connection, self->signals_id);
  self->signals_id = 0;
  g_clear_object (&self->connection);
}

static DexFuture *
connect_fiber (gpointer user_data)
{
  FatiaHelper *self = user_data;
  gboolean system = fatia_host_root_is_system (self->root);
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  connection = dex_await_object (system ? dex_bus_get (G_BUS_TYPE_SYSTEM)
                                        : fatia_helper_spawn (self->root, &self->process),
                                 &error);
  dex_clear (&self->connecting);
  if (!connection && system)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                  _ ("The system's message bus, through which Fatia's helper is "
                                     "asked, can't be reached: %s"),
                                  error->message);
  if (!connection)
    return dex_future_new_for_error (g_steal_pointer (&error));

  g_dbus_connection_set_exit_on_close (connection, FALSE);
  drop_connection (self);
  self->connection = g_object_ref (connection);
  self->signals_id = g_dbus_connection_signal_subscribe (
    connection, system ? BUS_NAME : NULL, INTERFACE, NULL, OBJECT_PATH, NULL,
    G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  return dex_future_new_take_object (g_steal_pointer (&connection));
}

static DexFuture *
get_connection (FatiaHelper *self)
{
  if (self->connection && !g_dbus_connection_is_closed (self->connection))
    return dex_future_new_for_object (self->connection);
  if (!self->connecting)
    {
      if (self->process)
        fatia_helper_close (self);
      self->connecting =
        dex_scheduler_spawn (NULL, 0, connect_fiber, g_object_ref (self), g_object_unref);
    }
  return dex_ref (self->connecting);
}

typedef struct
{
  FatiaHelper *self;
  char *method;
  GVariant *args;
  GUnixFDList *fds;
  GVariantType *reply_type;
  gboolean for_bytes;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_object_unref (call->self);
  g_free (call->method);
  g_variant_unref (call->args);
  g_clear_object (&call->fds);
  g_variant_type_free (call->reply_type);
  g_free (call);
}

/* What a call is answered with; shared by the call and whoever waits for it. */
typedef struct
{
  DexPromise *promise;
  GUnixFDList *fds; /* (nullable) */
} Answer;

static void
answer_clear (gpointer data)
{
  Answer *answer = data;

  dex_unref (answer->promise);
  g_clear_object (&answer->fds);
}

static void
answer_unref (gpointer data)
{
  g_rc_box_release_full (data, answer_clear);
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;
  g_autoptr (GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source),
                                                                     &answer->fds, result, &error);

  if (reply)
    dex_promise_resolve_variant (answer->promise, reply);
  else
    dex_promise_reject (answer->promise, g_steal_pointer (&error));
  answer_unref (answer);
}

/* (transfer full): the reply, with the bytes of the memory that came with it where they were
 * asked for */
static DexFuture *
unwrap (Call *call, GVariant *reply, GUnixFDList *fds)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofd int fd = -1;

  if (!call->for_bytes)
    return dex_future_new_take_variant (g_variant_ref (reply));
  fd = fds ? g_unix_fd_list_get (fds, 0, &error) : -1;
  if (fd >= 0)
    bytes = fatia_memfd_map (fd, &error);
  if (error)
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (!bytes)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                                  _ ("Fatia's helper sent nothing to be read"));
  return dex_future_new_take_variant (g_variant_ref_sink (g_variant_new (
    "(@ayv)", g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE), reply)));
}

static DexFuture *
call_fiber (gpointer user_data)
{
  Call *call = user_data;
  gboolean system = fatia_host_root_is_system (call->self->root);
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  DexFuture *future = NULL;
  Answer *answer;

  connection = dex_await_object (get_connection (call->self), &error);
  if (!connection)
    return dex_future_new_for_error (g_steal_pointer (&error));

  answer = g_rc_box_new0 (Answer);
  answer->promise = dex_promise_new ();
  /* No time limit: the person may read polkit's question for as long as they like, and a boot
   * loader's tool takes what it takes. The connection's end is the limit. */
  g_dbus_connection_call_with_unix_fd_list (
    connection, system ? BUS_NAME : NULL, OBJECT_PATH, INTERFACE, call->method, call->args,
    call->reply_type, G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, G_MAXINT, call->fds, NULL,
    on_reply, g_rc_box_acquire (answer));
  reply = dex_await_variant (dex_ref (answer->promise), &error);
  future = reply
             ? unwrap (call, reply, answer->fds)
             : dex_future_new_for_error (fatia_helper_error_in_words (g_steal_pointer (&error)));
  answer_unref (answer);
  return future;
}

/**
 * fatia_helper_call:
 * @method: the method's name
 * @args: (nullable): its arguments, a tuple; floating references are taken
 * @fd: -1, or a descriptor sent along (a duplicate is) as the "h" of @args
 * @reply_type: the tuple it answers with
 *
 * Returns: (transfer full): resolves to the answer (variant)
 */
DexFuture *
fatia_helper_call (
  FatiaHelper *self, const char *method, GVariant *args, int fd, const char *reply_type)
{
  g_autoptr (GError) error = NULL;
  Call *call;

  g_return_val_if_fail (FATIA_IS_HELPER (self), NULL);

  call = g_new0 (Call, 1);
  call->self = g_object_ref (self);
  call->method = g_strdup (method);
  call->args = g_variant_ref_sink (args ? args : g_variant_new ("()"));
  call->reply_type = g_variant_type_new (reply_type);
  if (fd >= 0)
    {
      call->fds = g_unix_fd_list_new ();
      if (g_unix_fd_list_append (call->fds, fd, &error) < 0)
        {
          call_free (call);
          return dex_future_new_for_error (g_steal_pointer (&error));
        }
    }
  return dex_scheduler_spawn (NULL, 0, call_fiber, call, call_free);
}

/**
 * fatia_helper_call_for_bytes:
 * @method: the method's name; it has no arguments
 * @reply_type: the tuple it answers with, whose "h" of index 0 is a sealed memfd
 *
 * Returns: (transfer full): resolves to a variant "(ayv)": the memfd's bytes, and the answer
 */
DexFuture *
fatia_helper_call_for_bytes (FatiaHelper *self, const char *method, const char *reply_type)
{
  Call *call;

  g_return_val_if_fail (FATIA_IS_HELPER (self), NULL);

  call = g_new0 (Call, 1);
  call->self = g_object_ref (self);
  call->method = g_strdup (method);
  call->args = g_variant_ref_sink (g_variant_new ("()"));
  call->reply_type = g_variant_type_new (reply_type);
  call->for_bytes = TRUE;
  return dex_scheduler_spawn (NULL, 0, call_fiber, call, call_free);
}

/**
 * fatia_helper_cancel:
 *
 * Ends what was called and is not answered yet: it fails with %G_IO_ERROR_CANCELLED once
 * everything is as it was.
 */
void
fatia_helper_cancel (FatiaHelper *self)
{
  g_return_if_fail (FATIA_IS_HELPER (self));

  if (self->connection && !g_dbus_connection_is_closed (self->connection))
    dex_future_disown (fatia_helper_call (self, "Cancel", NULL, -1, "()"));
}

/**
 * fatia_helper_close:
 *
 * Ends the connection. A private helper ends with it; one that does not is made to.
 */
void
fatia_helper_close (FatiaHelper *self)
{
  g_autoptr (GSubprocess) process = NULL;

  g_return_if_fail (FATIA_IS_HELPER (self));

  if (self->process && self->connection)
    g_dbus_connection_close_sync (self->connection, NULL, NULL);
  drop_connection (self);
  dex_clear (&self->connecting);
  process = g_steal_pointer (&self->process);
  if (!process)
    return;
  /* It ends by itself once its peer is gone, in milliseconds. */
  for (guint i = 0; i < 300 && g_subprocess_get_identifier (process); i++)
    g_usleep (10 * 1000);
  if (g_subprocess_get_identifier (process))
    g_subprocess_force_exit (process);
}
