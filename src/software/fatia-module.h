/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"
#include "host/fatia-facts.h"

G_BEGIN_DECLS

gboolean fatia_module_plan (
  FatiaHostRoot *root, const char *release, GBytes *file, FatiaChangeSet *set, GError **error);
gboolean
fatia_module_check_file (FatiaHostRoot *root, const char *release, GBytes *file, GError **error);
gboolean fatia_module_takes_deb (const FatiaFacts *facts);

G_END_DECLS
