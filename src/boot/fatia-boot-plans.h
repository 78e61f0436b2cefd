/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "boot/fatia-boot-plan.h"
#include "boot/fatia-grub.h"

G_BEGIN_DECLS

/* For the table of boot loaders: how each is told apart, planned and read. */

gboolean fatia_grub_plan (FatiaHostRoot *root,
                          const char *const *wanted,
                          FatiaChangeSet *set,
                          GError **error);
gboolean fatia_grub_uses_entries (FatiaHostRoot *root);
gboolean fatia_grub_edit_defaults (FatiaHostRoot *root,
                                   const char *const *wanted,
                                   FatiaBootEdits *edits,
                                   GError **error);

gboolean fatia_entries_add (GPtrArray *files, FatiaHostRoot *root, GError **error);
void fatia_entries_find_others (FatiaHostRoot *root, GPtrArray *paths);
char *fatia_entry_get (FatiaHostRoot *root, const char *path, const char *key);
gboolean fatia_entries_plan (FatiaHostRoot *root,
                             const char *const *wanted,
                             FatiaChangeSet *set,
                             GError **error);
gboolean fatia_grub_entries_plan (FatiaHostRoot *root,
                                  const char *const *wanted,
                                  FatiaChangeSet *set,
                                  GError **error);
GStrv fatia_entries_read (FatiaHostRoot *root, GError **error);
GStrv fatia_grub_entries_read (FatiaHostRoot *root, GError **error);

/* Loaders whose menu a tool writes from a file. */
gboolean fatia_sdboot_manage_is_used (FatiaHostRoot *root);
gboolean fatia_sdboot_manage_plan (FatiaHostRoot *root,
                                   const char *const *wanted,
                                   FatiaChangeSet *set,
                                   GError **error);
GStrv fatia_sdboot_manage_read (FatiaHostRoot *root, GError **error);
gboolean fatia_kernelstub_plan (FatiaHostRoot *root,
                                const char *const *wanted,
                                FatiaChangeSet *set,
                                GError **error);
GStrv fatia_kernelstub_read (FatiaHostRoot *root, GError **error);
gboolean fatia_proxmox_plan (FatiaHostRoot *root,
                             const char *const *wanted,
                             FatiaChangeSet *set,
                             GError **error);
GStrv fatia_proxmox_read (FatiaHostRoot *root, GError **error);
gboolean fatia_limine_tool_is_used (FatiaHostRoot *root);
const char *const *fatia_limine_tool_find (FatiaHostRoot *root);
gboolean fatia_limine_tool_plan (FatiaHostRoot *root,
                                 const char *const *wanted,
                                 FatiaChangeSet *set,
                                 GError **error);
GStrv fatia_limine_tool_read (FatiaHostRoot *root, GError **error);

gboolean fatia_limine_plan (FatiaHostRoot *root,
                            const char *const *wanted,
                            FatiaChangeSet *set,
                            GError **error);
GStrv fatia_limine_read (FatiaHostRoot *root, GError **error);
void fatia_limine_find_others (FatiaHostRoot *root, GPtrArray *paths);
gboolean fatia_refind_plan (FatiaHostRoot *root,
                            const char *const *wanted,
                            FatiaChangeSet *set,
                            GError **error);
GStrv fatia_refind_read (FatiaHostRoot *root, GError **error);
void fatia_refind_find_others (FatiaHostRoot *root, GPtrArray *paths);
const char *const *fatia_uki_find_tool (FatiaHostRoot *root);
gboolean fatia_uki_plan (FatiaHostRoot *root,
                         const char *const *wanted,
                         FatiaChangeSet *set,
                         GError **error);
GStrv fatia_uki_read (FatiaHostRoot *root, GError **error);
gboolean fatia_rpm_ostree_plan (FatiaHostRoot *root,
                                const char *const *wanted,
                                FatiaChangeSet *set,
                                GError **error);
GStrv fatia_rpm_ostree_read (FatiaHostRoot *root, GError **error);

G_END_DECLS
