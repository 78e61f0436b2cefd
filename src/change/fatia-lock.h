/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

int fatia_lock_take (FatiaHostRoot *root, GError **error);
int fatia_lock_wait (FatiaHostRoot *root, guint seconds, GError **error);

G_END_DECLS
