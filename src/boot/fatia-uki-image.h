/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

GPtrArray *fatia_uki_images_read (FatiaHostRoot *root);
gboolean fatia_uki_images_go_without (GPtrArray *lines, const char *const *wanted);

G_END_DECLS
