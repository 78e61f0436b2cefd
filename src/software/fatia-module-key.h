/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

gboolean
fatia_module_key_plan (FatiaHostRoot *root, const char *hash, FatiaChangeSet *set, GError **error);

G_END_DECLS
