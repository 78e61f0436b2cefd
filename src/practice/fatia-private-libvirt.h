/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libdex.h>

G_BEGIN_DECLS

/* A libvirt daemon that knows nothing of this computer's own VMs, and its folder. */
typedef struct _FatiaPrivateLibvirt FatiaPrivateLibvirt;

FatiaPrivateLibvirt *fatia_private_libvirt_start (const char *folder, GError **error);
DexFuture *fatia_private_libvirt_get_uri (FatiaPrivateLibvirt *self);
void fatia_private_libvirt_stop (FatiaPrivateLibvirt *self);

/* The program of this name, also where only root's PATH has it. */
char *fatia_private_libvirt_find (const char *program);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaPrivateLibvirt, fatia_private_libvirt_stop)

G_END_DECLS
