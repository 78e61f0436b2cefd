/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "boot/fatia-kernel-words.h"
#include "host/fatia-host-root.h"

G_BEGIN_DECLS

gboolean fatia_own_root_is_other (FatiaHostRoot *root, GPtrArray *words);

G_END_DECLS
