/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

gboolean fatia_packages_plan (FatiaHostRoot *root,
                              const char *const *needs,
                              FatiaChangeSet *set,
                              GError **error);

G_END_DECLS
