/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sys/types.h>

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/* The largest file that is read or replaced: an option ROM is at most 16 MiB. */
#define FATIA_FILE_LIMIT (16u * 1024 * 1024)

/* A regular file as it is, or was. */
typedef struct
{
  GBytes *bytes; /* (nullable): there is none */
  guint mode;    /* permission bits */
  uid_t uid;
  gid_t gid;
} FatiaFile;

FatiaFile *fatia_file_new (GBytes *bytes, guint mode);
void fatia_file_free (FatiaFile *file);
FatiaFile *fatia_file_read (FatiaHostRoot *root, const char *path, GError **error);
gboolean
fatia_file_stage (FatiaHostRoot *root, const char *path, const FatiaFile *file, GError **error);
gboolean fatia_file_commit (FatiaHostRoot *root, const char *path, GError **error);
gboolean fatia_file_set_aside (FatiaHostRoot *root, const char *path, GError **error);
gboolean fatia_file_discard (FatiaHostRoot *root, const char *path, GError **error);
void fatia_file_unstage (FatiaHostRoot *root, const char *path);
gboolean
fatia_file_take_back (FatiaHostRoot *root, const char *path, const FatiaFile *file, GError **error);
gboolean
fatia_file_write (FatiaHostRoot *root, const char *path, const FatiaFile *file, GError **error);
gboolean fatia_file_remove (FatiaHostRoot *root, const char *path, GError **error);

gboolean fatia_link_read (FatiaHostRoot *root, const char *path, char **target, GError **error);
gboolean
fatia_link_stage (FatiaHostRoot *root, const char *path, const char *target, GError **error);
gboolean
fatia_link_take_back (FatiaHostRoot *root, const char *path, const char *target, GError **error);

gboolean
fatia_folders_missing (FatiaHostRoot *root, const char *path, GPtrArray *folders, GError **error);
gboolean fatia_folders_make_above (FatiaHostRoot *root, const char *path, GError **error);
gboolean fatia_folder_make (FatiaHostRoot *root, const char *path, guint mode, GError **error);
void fatia_folder_remove (FatiaHostRoot *root, const char *path);
gboolean fatia_rename (FatiaHostRoot *root, const char *from, const char *to, GError **error);
char *fatia_staging_path (const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaFile, fatia_file_free)

G_END_DECLS
