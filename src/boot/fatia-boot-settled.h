/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

gboolean fatia_boot_was_run (FatiaHostRoot *root, const char *const *tool);
GStrv fatia_boot_settled_arguments (FatiaHostRoot *root, const char *path, const char *const *tool);

G_END_DECLS
