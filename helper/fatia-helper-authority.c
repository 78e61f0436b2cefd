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
  { "PlanUndo", ACTION "read-host" },
  { "ListChanges", ACTION "read-host" },
  { "ApplyKernelArguments", ACTION "configure-boot" },
  { "ApplyVirtualFunctions", ACTION "configure-graphics" },
  { "ApplyGuestMemory", ACTION "configure-virtualization" },
  { "ApplyRom", ACTION "configure-virtualization" },
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

/**
 * fatia_helper_authority_check:
 * @invocation: the call; its own sender is the subject
 *
 * Asks polkit. A dialog comes up only where the caller allowed it in the message's flags.
 */
void
fatia_helper_authority_check (GDBusMethodInvocation *invocation,
                              const char *action,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GDBusMessageFlags flags =
    g_dbus_message_get_flags (g_dbus_method_invocation_get_message (invocation));
  gboolean interactive = flags & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION;
  GVariantBuilder subject, details;

  g_variant_builder_init (&subject, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&subject, "{sv}", "name",
                         g_variant_new_string (g_dbus_method_invocation_get_sender (invocation)));
  g_variant_builder_init (&details, G_VARIANT_TYPE ("a{ss}"));
  /* A person may take minutes to find the password; polkit answers in the end in any case. */
  g_dbus_connection_call (g_dbus_method_invocation_get_connection (invocation),
                          "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
                          "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization",
                          g_variant_new ("((sa{sv})sa{ss}us)", "system-bus-name", &subject, action,
                                         &details, interactive ? ALLOW_USER_INTERACTION : 0u, ""),
                          G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
                          callback, user_data);
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
