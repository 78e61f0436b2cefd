/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gunixfdlist.h>

#include "change/fatia-change.h"

G_BEGIN_DECLS

/* A method call on its way through a worker thread. Nothing in it changes once it has begun, so
 * what was authorized is what is done. */
typedef struct
{
  FatiaHostRoot *root;
  GDBusConnection *connection;
  char *sender; /* (nullable): NULL on a private connection */
  char *method;
  GVariant *parameters;
  GUnixFDList *fds;          /* (nullable) */
  GCancellable *cancellable; /* whether it is still wanted: the one thing that may change */
  guint serial;              /* which call it is, among this process's */
} FatiaHelperCall;

FatiaHelperCall *fatia_helper_call_new (FatiaHostRoot *root, GDBusMethodInvocation *invocation);
void fatia_helper_call_free (FatiaHelperCall *call);
gboolean fatia_helper_call_changes (const FatiaHelperCall *call);
gboolean fatia_helper_call_is_alone (const FatiaHelperCall *call);
gboolean fatia_helper_call_is_large (const FatiaHelperCall *call);
gboolean fatia_helper_call_get_uid (const FatiaHelperCall *call, uid_t *uid, GError **error);
void fatia_helper_call_progress (const char *text, gpointer user_data);
void fatia_helper_call_fraction (const FatiaHelperCall *call, double fraction);
GVariant *fatia_helper_call_run (const FatiaHelperCall *call, GUnixFDList **fds, GError **error);

/* What the topic of a Plan and an Apply method would do, by the arguments they share. */
FatiaChangeSet *fatia_helper_plan_kernel_arguments (const FatiaHelperCall *call, GError **error);
void fatia_helper_add_other_systems (const FatiaHelperCall *call, GVariantBuilder *items);
FatiaChangeSet *fatia_helper_plan_virtual_functions (const FatiaHelperCall *call, GError **error);
FatiaChangeSet *fatia_helper_plan_guest_memory (const FatiaHelperCall *call, GError **error);
FatiaChangeSet *fatia_helper_plan_rom (const FatiaHelperCall *call, GError **error);
FatiaChangeSet *fatia_helper_plan_software (const FatiaHelperCall *call, GError **error);
FatiaChangeSet *fatia_helper_plan_module (const FatiaHelperCall *call, GError **error);
FatiaChangeSet *fatia_helper_plan_module_key (const FatiaHelperCall *call, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaHelperCall, fatia_helper_call_free)

G_END_DECLS
