/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ctl/ctl.h"
#include "host/fatia-facts.h"

G_BEGIN_DECLS

/* The verbs of fatiactl itself, which stays small enough to start in milliseconds. */
int ctl_check (char **args);
int ctl_report (char **args);
int ctl_gop (char **args);
int ctl_firmware (char **args);

FatiaFacts *ctl_read_facts (GError **error);
/* A progress function for firmware's walks. */
void ctl_walk_progress (guint64 done, guint64 total, gpointer data);

G_END_DECLS
