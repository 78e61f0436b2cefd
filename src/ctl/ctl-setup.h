/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ctl/ctl.h"
#include "setup/fatia-steps.h"

G_BEGIN_DECLS

/* The verbs of fatiactl-setup. */
int ctl_read_firmware (char **args);
int ctl_status (char **args);
int ctl_plan (char **args);
int ctl_apply (char **args);
int ctl_changes (char **args);
int ctl_undo (char **args);
int ctl_restart (char **args);
int ctl_vm_xml (char **args);
int ctl_vm_create (char **args);
int ctl_vm_list (char **args);
int ctl_vm_start (char **args);
int ctl_vm_stop (char **args);
int ctl_vm_delete (char **args);

/* Futures, waited for. @future is taken. */
gboolean ctl_wait (DexFuture *future, GError **error);
gpointer ctl_wait_object (DexFuture *future, GError **error);
char *ctl_wait_string (DexFuture *future, GError **error);
GVariant *ctl_wait_variant (DexFuture *future, GError **error);

/* The host and setup the command line names. */
FatiaHost *ctl_open_host (GError **error);
FatiaSetup *ctl_open_setup (GError **error);
int ctl_fail_setup (const GError *error);
gboolean ctl_ask (const char *question);

/* Puts what the command line says into a step. Returns an exit status. */
int ctl_configure_step (FatiaStep *step);
int ctl_configure_spec (FatiaDomainSpec *spec);
gboolean ctl_spec_options_given (void);

/* Asks for the password the next start asks for. Returns an exit status. */
int ctl_read_password (FatiaKeyStep *step);

/* Shows, asks, applies; @built (nullable): told what became of it. */
int ctl_apply_step (FatiaSetup *setup, FatiaStep *step);
void ctl_print_plan (FatiaPlan *plan);
void ctl_add_plan (JsonBuilder *builder, FatiaPlan *plan);
void ctl_add_step (JsonBuilder *builder, FatiaStep *step);
void ctl_add_domain (JsonBuilder *builder, FatiaDomain *domain);
/* (transfer full): the ids of the journal's changes in that state, oldest first */
GStrv ctl_list_change_ids (FatiaHost *host, const char *state, GError **error);
void ctl_add_ids (JsonBuilder *builder, const char *name, GStrv ids, GStrv without);

G_END_DECLS
