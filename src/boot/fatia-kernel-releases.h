/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

GStrv fatia_kernel_releases (FatiaHostRoot *root);
char *fatia_kernel_release_path (const char *pattern, const char *release);
gboolean fatia_kernel_releases_have_newer_module (FatiaHostRoot *root, const char *module);

G_END_DECLS
