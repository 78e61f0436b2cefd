/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-helper-call.h"

#include <glib/gi18n.h>

#include "boot/fatia-boot-later.h"
#include "change/fatia-apply.h"
#include "fatia-helper-firmware.h"
#include "fatia-helper-service.h"
#include "gpu/fatia-virtual-functions.h"
#include "software/fatia-install-errors.h"

/* A change set has no more files. */
#define DECISIONS_LIMIT 256

typedef FatiaChangeSet *(*Planner) (const FatiaHelperCall *call, GError **error);

/* Shows also what stays as it is, of a plan that does something. */
typedef void (*AddKept) (const FatiaHelperCall *call, GVariantBuilder *items);

/* "Plan" and "Apply" stand before each. */
static const struct
{
  const char *topic;
  Planner planner;
  AddKept add_kept; /* (nullable) */
} topics[] = {
  { "KernelArguments", fatia_helper_plan_kernel_arguments, fatia_helper_add_other_systems },
  { "VirtualFunctions", fatia_helper_plan_virtual_functions },
  { "GuestMemory", fatia_helper_plan_guest_memory },
  { "Rom", fatia_helper_plan_rom },
  { "Software", fatia_helper_plan_software },
  { "Module", fatia_helper_plan_module },
  { "ModuleKey", fatia_helper_plan_module_key },
};

FatiaHelperCall *
fatia_helper_call_new (FatiaHostRoot *root, GDBusMethodInvocation *invocation)
{
  static guint serial;
  FatiaHelperCall *call = g_new0 (FatiaHelperCall, 1);
  GUnixFDList *fds =
    g_dbus_message_get_unix_fd_list (g_dbus_method_invocation_get_message (invocation));

  call->root = g_object_ref (root);
  call->connection = g_object_ref (g_dbus_method_invocation_get_connection (invocation));
  call->sender = g_strdup (g_dbus_method_invocation_get_sender (invocation));
  call->method = g_strdup (g_dbus_method_invocation_get_method_name (invocation));
  call->parameters = g_variant_ref (g_dbus_method_invocation_get_parameters (invocation));
  call->fds = fds ? g_object_ref (fds) : NULL;
  call->cancellable = g_cancellable_new ();
  call->serial = ++serial;
  return call;
}

void
fatia_helper_call_free (FatiaHelperCall *call)
{
  g_object_unref (call->root);
  g_object_unref (call->connection);
  g_free (call->sender);
  g_free (call->method);
  g_variant_unref (call->parameters);
  g_clear_object (&call->fds);
  g_object_unref (call->cancellable);
  g_free (call);
}

static gboolean
is_apply (const FatiaHelperCall *call)
{
  return g_str_has_prefix (call->method, "Apply");
}

/* Whether the call changes the host. */
gboolean
fatia_helper_call_changes (const FatiaHelperCall *call)
{
  return is_apply (call) || g_str_equal (call->method, "Undo");
}

/* Whether one such call runs at a time: those that change the host, and the one whose answer is
 * large. */
gboolean
fatia_helper_call_is_alone (const FatiaHelperCall *call)
{
  return fatia_helper_call_changes (call) || g_str_equal (call->method, "ReadFirmware");
}

/* Whether it reads what may be many megabytes: bytes that came along, or the journal with every
 * file that was replaced. Anyone at the computer may call these, so they take their turns: together
 * they would need more memory than the helper may have. */
gboolean
fatia_helper_call_is_large (const FatiaHelperCall *call)
{
  return !fatia_helper_call_is_alone (call) &&
         (call->fds != NULL || g_str_equal (call->method, "ListChanges") ||
          g_str_equal (call->method, "PlanUndo"));
}

/* Whose call it is, as the bus or the socket tells, not the caller. */
gboolean
fatia_helper_call_get_uid (const FatiaHelperCall *call, uid_t *uid, GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  guint32 number;

  if (call->sender == NULL)
    {
      GCredentials *credentials = g_dbus_connection_get_peer_credentials (call->connection);

      if (credentials)
        *uid = g_credentials_get_unix_user (credentials, error);
      else
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The caller is not known."));
      return credentials && *uid != (uid_t) -1;
    }
  reply = g_dbus_connection_call_sync (
    call->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
    "GetConnectionUnixUser", g_variant_new ("(s)", call->sender), G_VARIANT_TYPE ("(u)"),
    G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(u)", &number);
  *uid = number;
  return TRUE;
}

/* To the caller alone. It may be gone; the work goes on to its end. */
static void
emit (const FatiaHelperCall *call, const char *signal, GVariant *parameters)
{
  g_dbus_connection_emit_signal (call->connection, call->sender, FATIA_HELPER_PATH,
                                 FATIA_HELPER_INTERFACE, signal, parameters, NULL);
}

/* A FatiaProgress. */
void
fatia_helper_call_progress (const char *text, gpointer user_data)
{
  emit (user_data, "Progress", g_variant_new ("(s)", text));
}

/* How much of the work is done, from 0 to 1. */
void
fatia_helper_call_fraction (const FatiaHelperCall *call, double fraction)
{
  emit (call, "Fraction", g_variant_new ("(d)", fraction));
}

/* -1: there is none */
static int
find_topic (const char *topic)
{
  for (guint i = 0; i < G_N_ELEMENTS (topics); i++)
    if (g_str_equal (topics[i].topic, topic))
      return i;
  return -1;
}

/* The digest is the last argument of Apply methods and of Undo. */
static const char *
get_digest (const FatiaHelperCall *call)
{
  gsize n = g_variant_n_children (call->parameters);
  const char *digest;

  g_variant_get_child (call->parameters, n - 1, "&s", &digest);
  return digest;
}

static GVariant *
describe (FatiaChangeSet *set)
{
  g_autofree char *digest = fatia_change_set_get_digest (set);
  g_autoptr (GVariant) items = fatia_change_set_describe (set);

  return g_variant_new ("(s@a(ssss))", digest, items);
}

static GVariant *
describe_plan (const FatiaHelperCall *call, FatiaChangeSet *set, AddKept add_kept)
{
  g_autofree char *digest = fatia_change_set_get_digest (set);
  g_autoptr (GVariant) items = fatia_change_set_describe (set);
  GVariantBuilder builder;
  GVariantIter iter;
  GVariant *item;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ssss)"));
  g_variant_iter_init (&iter, items);
  while ((item = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_variant_builder_add_value (&builder, item);
      g_variant_unref (item);
    }
  if (add_kept && !fatia_change_set_is_empty (set))
    add_kept (call, &builder);
  return g_variant_new ("(sa(ssss))", digest, &builder);
}

static GVariant *
apply (const FatiaHelperCall *call, FatiaChangeSet *set, GError **error)
{
  g_autofree char *digest = fatia_change_set_get_digest (set);
  g_autofree char *id = NULL;

  if (!g_str_equal (digest, get_digest (call)))
    {
      g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_STALE,
                           _ ("What would be done is no longer what was shown. Look at it again."));
      return NULL;
    }
  id = fatia_change_set_apply (set, call->root, fatia_helper_call_progress, (gpointer) call, error);
  return id ? g_variant_new ("(s)", id) : NULL;
}

static GVariant *
list_changes (const FatiaHelperCall *call, GError **error)
{
  g_autoptr (GVariant) changes = fatia_changes_list (call->root, error);

  return changes ? g_variant_new ("(@a(ssxss))", changes) : NULL;
}

/* What PlanUndo and Undo are about: the same two arguments begin both. */
typedef struct
{
  const char *id;
  GVariant *decisions;
  FatiaUndoOptions options;
} UndoCall;

static void
undo_call_clear (UndoCall *undo)
{
  g_clear_pointer (&undo->decisions, g_variant_unref);
  g_clear_object (&undo->options.also);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UndoCall, undo_call_clear)

static gboolean
read_undo_call (const FatiaHelperCall *call, UndoCall *undo, GError **error)
{
  g_variant_get_child (call->parameters, 0, "&s", &undo->id);
  g_variant_get_child (call->parameters, 1, "@a{sb}", &undo->decisions);
  undo->options.decisions = undo->decisions;
  if (g_variant_n_children (undo->decisions) <= DECISIONS_LIMIT)
    return TRUE;
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                       _ ("There are more decisions in the call than a change has files."));
  return FALSE;
}

/* What undoing would do, where it can be done now. */
static FatiaChangeSet *
make_undo_plan (const FatiaHelperCall *call, UndoCall *undo, GError **error)
{
  g_autoptr (FatiaChangeSet) made = NULL;
  g_autoptr (FatiaChangeSet) set = NULL;

  if (!read_undo_call (call, undo, error))
    return NULL;
  made = fatia_changes_get_made (call->root, undo->id, error);
  if (made == NULL)
    return NULL;
  undo->options.also = fatia_change_set_new ("boot");
  fatia_boot_plan_later (call->root, made, undo->options.also);
  set = fatia_changes_plan_undo (call->root, undo->id, &undo->options, error);
  if (set == NULL || !fatia_virtual_functions_check_free (call->root, set, error))
    return NULL;
  return g_steal_pointer (&set);
}

static GVariant *
plan_undo (const FatiaHelperCall *call, GError **error)
{
  g_auto (UndoCall) undo = { 0 };
  g_autoptr (FatiaChangeSet) set = make_undo_plan (call, &undo, error);

  return set ? describe (set) : NULL;
}

/* What a tool's failure means comes before what it said. */
static void
explain (GError *error)
{
  g_autofree char *said = NULL;
  g_autofree char *words =
    error && error->code == FATIA_CHANGE_ERROR_COMMAND && error->domain == FATIA_CHANGE_ERROR
      ? fatia_install_errors_explain (error->message)
      : NULL;

  if (words == NULL)
    return;
  said = error->message;
  error->message = g_strdup_printf ("%s\n%s", words, said);
}

static GVariant *
undo (const FatiaHelperCall *call, GError **error)
{
  g_auto (UndoCall) undo = { 0 };
  g_autoptr (FatiaChangeSet) set = make_undo_plan (call, &undo, error);
  g_autoptr (GError) local = NULL;

  if (set == NULL)
    return NULL;
  if (fatia_changes_undo (call->root, undo.id, &undo.options, get_digest (call),
                          fatia_helper_call_progress, (gpointer) call, &local))
    return g_variant_new ("()");
  explain (local);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/**
 * fatia_helper_call_run:
 *
 * @fds: (out) (nullable): the descriptors that go with the reply, where there are any
 *
 * Does what was called, in a worker thread.
 *
 * Returns: (nullable): a floating tuple, the reply
 */
GVariant *
fatia_helper_call_run (const FatiaHelperCall *call, GUnixFDList **fds, GError **error)
{
  g_autoptr (FatiaChangeSet) set = NULL;
  int topic;

  if (g_str_equal (call->method, "ListChanges"))
    return list_changes (call, error);
  if (g_str_equal (call->method, "ReadFirmware"))
    return fatia_helper_read_firmware (call, fds, error);
  if (g_str_equal (call->method, "PlanUndo"))
    return plan_undo (call, error);
  if (g_str_equal (call->method, "Undo"))
    return undo (call, error);
  topic = find_topic (call->method + strlen (is_apply (call) ? "Apply" : "Plan"));
  set = topic >= 0 ? topics[topic].planner (call, error) : NULL;
  if (set == NULL)
    return NULL;
  return is_apply (call) ? apply (call, set, error)
                         : describe_plan (call, set, topics[topic].add_kept);
}
