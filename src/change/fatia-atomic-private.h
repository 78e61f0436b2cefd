/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sys/stat.h>

#include "change/fatia-atomic.h"

G_BEGIN_DECLS

int fatia_folder_open (FatiaHostRoot *root, const char *path, char **name, GError **error);
gboolean fatia_folder_sync (int folder, const char *path, GError **error);
gboolean
fatia_rename_in (int folder, const char *from, const char *to, const char *path, GError **error);
gboolean fatia_remove_in (int folder, const char *name, const char *path, GError **error);
gboolean fatia_is_not_found (const GError *error);

int fatia_file_open_plain (
  int folder, const char *name, const char *path, struct stat *info, GError **error);
gboolean fatia_file_refuse (GError **error, const char *path, const char *what);

/* Where the old version of @path stays until the whole change is made: to take it back needs no
 * room on a disk that may be full by then. */
char *fatia_aside_path (const char *path);

G_END_DECLS
