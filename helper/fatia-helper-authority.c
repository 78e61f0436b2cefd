/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may do what: polkit is asked for every method, by its own D-Bus interface. */
#include "fatia-helper-authority.h"

#include <glib/gi18n.h>

#define ACTION "dev.fatia.helper."
/* CheckAuthorization's flag AllowUserInteraction */
#define ALLOW_USER_INTERACTION 1u

static const struct
{
  const char *method;
  const char *action;
} actions[] = {
  { "PlanKernelArguments", ACTION "read-host" },
  { "PlanVirtualFunctions", ACTION "read-host" },
  { "PlanGuestMemory", ACTION "read-host" },
  { "PlanRom", ACTION "read-host" },
  { "PlanSoftware", ACTION "read-host" },
  { "PlanModule", ACTION "read-host" },
  { "PlanModuleKey", ACTION "read-host" },
  { "PlanUndo", ACTION "read-host" },
  { "ListChanges", ACTION "read-host" },
  { "Cancel", ACTION "read-host" },
  { "ReadFirmware", ACTION "read-firmware" },
  { "ApplyKernelArguments", ACTION "configure-boot" },
  { "ApplyVirtualFunctions", ACTION "configure-graphics" },
  { "ApplyGuestMemory", ACTION "configure-virtualization" },
  { "ApplyRom", ACTION "configure-virtualization" },
  { "ApplySoftware", ACTION "install-software" },
  { "ApplyModule", ACTION "install-software" },
  { "ApplyModuleKey", ACTION "install-software" },
  { "Undo", ACTION "undo" },
};

/**
 * fatia_helper_authority_get_action:
 *
 * Returns: (nullable): the polkit action @method needs; %NULL: nobody may call it
 */
const char *
fatia_helper_authority_get_action (const char *method)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].method, method))
      return actions[i].action;
  return NULL;
}

#define POLKIT    "org.freedesktop.PolicyKit1"
#define OBJECT    "/org/freedesktop/PolicyKit1/Authority"
#define INTERFACE POLKIT ".Authority"

/* Our name for a question, by which it can be taken back. */
static char *
question_id (const FatiaHelperCall *call)
{
  return g_strdup_printf ("dev.fatia.Helper-%u", call->serial);
}

/**
 * fatia_helper_authority_check:
 * @invocation: what @call came by; its own sender is the subject
 *
 * Asks polkit. A dialog comes up only where the caller allowed it in the message's flags.
 */
void
fatia_helper_authority_check (const FatiaHelperCall *call,
                              GDBusMethodInvocation *invocation,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GDBusMessageFlags flags =
    g_dbus_message_get_flags (g_dbus_method_invocation_get_message (invocation));
  gboolean interactive = flags & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION;
  const char *action = fatia_helper_authority_get_action (call->method);
  g_autofree char *id = question_id (call);
  GVariantBuilder subject, details;

  g_variant_builder_init (&subject, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&subject, "{sv}", "name", g_variant_new_string (call->sender));
  g_variant_builder_init (&details, G_VARIANT_TYPE ("a{ss}"));
  /* A person may take minutes to find the password; polkit answers in the end in any case. */
  g_dbus_connection_call (call->connection, POLKIT, OBJECT, INTERFACE, "CheckAuthorization",
                          g_variant_new ("((sa{sv})sa{ss}us)", "system-bus-name", &subject, action,
                                         &details, interactive ? ALLOW_USER_INTERACTION : 0u, id),
                          G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT,
                          call->cancellable, callback, user_data);
}

/**
 * fatia_helper_authority_forget:
 * @call: is no longer wanted
 *
 * Takes the question about @call back, so that no dialog stays for it.
 */
void
fatia_helper_authority_forget (const FatiaHelperCall *call)
{
  g_autofree char *id = question_id (call);

  g_dbus_connection_call (call->connection, POLKIT, OBJECT, INTERFACE, "CancelCheckAuthorization",
                          g_variant_new ("(s)", id), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          NULL, NULL, NULL);
}

/**
 * fatia_helper_authority_check_finish:
 *
 * Returns: whether polkit said yes. Everything else is a no, %G_DBUS_ERROR_ACCESS_DENIED
 */
gboolean
fatia_helper_authority_check_finish (GDBusConnection *connection,
                                     GAsyncResult *result,
                                     GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (connection, result, &local);
  gboolean authorized, challenge;

  if (reply == NULL)
    {
      g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                   _ ("polkit could not be asked whether this is allowed: %s"), local->message);
      return FALSE;
    }
  g_variant_get (reply, "((bba{ss}))", &authorized, &challenge, NULL);
  if (authorized)
    return TRUE;
  g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                       challenge ? _ ("An administrator has to allow this.")
                                 : _ ("This is not allowed to you."));
  return FALSE;
}
