/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

char *fatia_kernel_install_find (FatiaHostRoot *root, const char *name);
GPtrArray *fatia_kernel_install_list (FatiaHostRoot *root, const char *name);
char *fatia_kernel_install_get (FatiaHostRoot *root, const char *name, const char *key);

G_END_DECLS
