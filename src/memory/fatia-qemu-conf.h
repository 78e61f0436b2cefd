/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FATIA_QEMU_CONF "/etc/libvirt/qemu.conf"

char *fatia_qemu_conf_allow (const char *text, gsize length, const char *device, GError **error);
char *fatia_qemu_conf_forget (const char *text, gsize length, const char *device, GError **error);

G_END_DECLS
