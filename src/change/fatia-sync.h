/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

gboolean fatia_sync_written (FatiaHostRoot *root, GError **error);

G_END_DECLS
