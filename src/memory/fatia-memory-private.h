/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

#define FATIA_KVMFR_DEVICE "/dev/kvmfr0"

/* Each adds to @set what is to change, and nothing where all is so already. @changed is set where
 * there is something. */
gboolean fatia_memory_add_text (FatiaHostRoot *root,
                                FatiaChangeSet *set,
                                const char *path,
                                const char *text,
                                gboolean *changed,
                                GError **error);
void fatia_memory_add_command (FatiaHostRoot *root,
                               FatiaChangeSet *set,
                               gboolean again,
                               const char *why,
                               const char *program,
                               ...) G_GNUC_NULL_TERMINATED;

gboolean fatia_apparmor_plan (FatiaHostRoot *root,
                              FatiaChangeSet *set,
                              const char *name,
                              const char *rule,
                              gboolean allowed,
                              GError **error);

gboolean fatia_selinux_is_enabled (FatiaHostRoot *root);
gboolean fatia_selinux_plan_kvmfr (FatiaHostRoot *root,
                                   FatiaChangeSet *set,
                                   gboolean allowed,
                                   GError **error);
void fatia_selinux_plan_label (
  FatiaHostRoot *root, FatiaChangeSet *set, const char *path, const char *type, gboolean changes);

gboolean fatia_modprobe_check_size (
  FatiaHostRoot *root, const char *ours, guint megabytes, gboolean *set_by_others, GError **error);

gboolean
fatia_kvmfr_plan (FatiaHostRoot *root, guint megabytes, FatiaChangeSet *set, GError **error);
gboolean fatia_kvmfr_plan_removal (FatiaHostRoot *root, FatiaChangeSet *set, GError **error);

G_END_DECLS
