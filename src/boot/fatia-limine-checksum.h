/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

gboolean fatia_limine_check_checksum (FatiaHostRoot *root, GError **error);
gboolean fatia_limine_enrolls (FatiaHostRoot *root);

G_END_DECLS
