/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-walk.h"

G_BEGIN_DECLS

gboolean fatia_firmware_check_size (GBytes *image, GError **error);
gboolean fatia_firmware_explain (GBytes *image,
                                 const FatiaWalkSummary *summary,
                                 gboolean found_any,
                                 GError **error);

G_END_DECLS
