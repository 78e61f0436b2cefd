/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "boot/fatia-boot-formats.h"

G_BEGIN_DECLS

typedef gboolean (*FatiaBootPlanFunc) (FatiaHostRoot *root,
                                       const char *const *wanted,
                                       FatiaChangeSet *set,
                                       GError **error);

gboolean fatia_boot_plan_checked (FatiaBootPlanFunc plan,
                                  FatiaHostRoot *root,
                                  const char *const *wanted,
                                  FatiaChangeSet *set,
                                  GError **error);
void fatia_boot_add_advice (GError *error, const char *const *wanted);
void fatia_boot_set_refused (GError **error, const char *what);
char *fatia_boot_find_program (FatiaHostRoot *root, const char *name);

/* Files that are to be changed together: nothing is planned until all are understood. */
typedef struct _FatiaBootEdits FatiaBootEdits;

FatiaBootEdits *fatia_boot_edits_new (FatiaHostRoot *root, const char *const *wanted);
void fatia_boot_edits_free (FatiaBootEdits *self);
gboolean fatia_boot_edits_add (FatiaBootEdits *self,
                               const FatiaBootFormat *format,
                               const char *path,
                               GError **error);
gboolean fatia_boot_edits_add_or_make (FatiaBootEdits *self,
                                       const FatiaBootFormat *format,
                                       const char *path,
                                       GError **error);
gboolean fatia_boot_edits_commit_with_tool (FatiaBootEdits *edits,
                                            FatiaHostRoot *root,
                                            const char *const *tool,
                                            gboolean stale,
                                            FatiaChangeSet *set,
                                            GError **error);
gboolean fatia_boot_edits_add_copy (FatiaBootEdits *self,
                                    const FatiaBootFormat *format,
                                    const char *from,
                                    const char *path,
                                    GError **error);
gboolean fatia_boot_edits_take (
  FatiaBootEdits *self, const char *path, const char *before, gsize length, const char *after);
gboolean fatia_boot_edits_change (const FatiaBootEdits *self);
guint fatia_boot_edits_count_lines (const FatiaBootEdits *self);
void fatia_boot_edits_commit (FatiaBootEdits *self, FatiaChangeSet *set);

/* Lines of arguments, read from several files. */
GPtrArray *fatia_boot_reading_new (void);
gboolean fatia_boot_reading_add (GPtrArray *lines,
                                 FatiaHostRoot *root,
                                 const FatiaBootFormat *format,
                                 const char *path,
                                 GError **error);
GStrv fatia_boot_reading_end (GPtrArray *lines, GError **error);
gboolean fatia_boot_reading_covers (GPtrArray *lines, const char *const *wanted);

/* Paths of files that are there, none of them twice. */
GPtrArray *fatia_boot_files_new (void);
void fatia_boot_files_add (GPtrArray *files, FatiaHostRoot *root, const char *path);
gboolean fatia_boot_files_add_folder (
  GPtrArray *files, FatiaHostRoot *root, const char *folder, const char *suffix, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaBootEdits, fatia_boot_edits_free)

G_END_DECLS
