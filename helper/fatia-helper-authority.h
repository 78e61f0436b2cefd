/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-helper-call.h"

G_BEGIN_DECLS

const char *fatia_helper_authority_get_action (const char *method);
void fatia_helper_authority_check (const FatiaHelperCall *call,
                                   GDBusMethodInvocation *invocation,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
void fatia_helper_authority_forget (const FatiaHelperCall *call);
gboolean fatia_helper_authority_check_finish (GDBusConnection *connection,
                                              GAsyncResult *result,
                                              GError **error);

G_END_DECLS
