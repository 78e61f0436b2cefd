/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done to domains, in threads: each function blocks until libvirt answered. */
#pragma once

#include "guest/fatia-virt-private.h"

G_BEGIN_DECLS

GPtrArray *fatia_virt_work_list (virConnectPtr connection, GError **error);
FatiaDomainRecord *
fatia_virt_work_create (virConnectPtr connection, const FatiaDomainSpec *spec, GError **error);
char *
fatia_virt_work_describe (virConnectPtr connection, const FatiaDomainSpec *spec, GError **error);
gboolean fatia_virt_work_start (virConnectPtr connection, const char *uuid, GError **error);
gboolean fatia_virt_work_shut_down (virConnectPtr connection, const char *uuid, GError **error);
gboolean fatia_virt_work_force_off (virConnectPtr connection, const char *uuid, GError **error);
gboolean fatia_virt_work_delete (virConnectPtr connection,
                                 const char *uuid,
                                 gboolean with_disk,
                                 GError **error);
char *fatia_virt_work_get_xml (virConnectPtr connection, const char *uuid, GError **error);
int fatia_virt_work_open_graphics (virConnectPtr connection, const char *uuid, GError **error);

G_END_DECLS
