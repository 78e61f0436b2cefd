/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

#define FATIA_HELPER_NAME      "dev.fatia.Helper"
#define FATIA_HELPER_PATH      "/dev/fatia/Helper"
#define FATIA_HELPER_INTERFACE "dev.fatia.Helper1"

#define FATIA_TYPE_HELPER_SERVICE (fatia_helper_service_get_type ())
G_DECLARE_FINAL_TYPE (FatiaHelperService, fatia_helper_service, FATIA, HELPER_SERVICE, GObject)

FatiaHelperService *fatia_helper_service_new (FatiaHostRoot *root, gboolean authorize);
gboolean
fatia_helper_service_export (FatiaHelperService *self, GDBusConnection *connection, GError **error);
gboolean fatia_helper_service_is_idle (FatiaHelperService *self);

G_END_DECLS
