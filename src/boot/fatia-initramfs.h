/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

gboolean fatia_initramfs_plan (FatiaHostRoot *root, FatiaChangeSet *set, GError **error);
void fatia_initramfs_plan_before (FatiaHostRoot *root, FatiaChangeSet *later, FatiaChangeSet *set);
gboolean fatia_initramfs_is_outdated (FatiaHostRoot *root, const char *const *arguments);

G_END_DECLS
