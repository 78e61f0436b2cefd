/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FATIA_TYPE_HOST_ROOT (fatia_host_root_get_type ())
G_DECLARE_FINAL_TYPE (FatiaHostRoot, fatia_host_root, FATIA, HOST_ROOT, GObject)

FatiaHostRoot *fatia_host_root_new (const char *path, GError **error);
const char *fatia_host_root_get_path (FatiaHostRoot *self);
gboolean fatia_host_root_is_system (FatiaHostRoot *self);
int fatia_host_root_open (FatiaHostRoot *self, const char *path, int flags, GError **error);
char *fatia_host_root_read (
  FatiaHostRoot *self, const char *path, gsize limit, gsize *length, GError **error);
char *fatia_host_root_read_line (FatiaHostRoot *self, const char *path);
char *fatia_host_root_read_link (FatiaHostRoot *self, const char *path);
GStrv fatia_host_root_list (FatiaHostRoot *self, const char *path, GError **error);
gboolean fatia_host_root_exists (FatiaHostRoot *self, const char *path);

G_END_DECLS
