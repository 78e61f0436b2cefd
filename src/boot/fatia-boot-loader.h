/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

/*
 * The kernel command line, whichever boot loader keeps it: the one that started this system.
 * Where that is not known or not understood nothing is touched, and the words say what to add by
 * hand.
 */
gboolean fatia_boot_plan (FatiaHostRoot *root,
                          const char *const *wanted,
                          FatiaChangeSet *set,
                          GError **error);
GStrv fatia_boot_read_arguments (FatiaHostRoot *root, GError **error);
GPtrArray *fatia_boot_find_others (FatiaHostRoot *root);

G_END_DECLS
