/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

const char *fatia_helper_authority_get_action (const char *method);
void fatia_helper_authority_check (GDBusMethodInvocation *invocation,
                                   const char *action,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean fatia_helper_authority_check_finish (GDBusConnection *connection,
                                              GAsyncResult *result,
                                              GError **error);

G_END_DECLS
