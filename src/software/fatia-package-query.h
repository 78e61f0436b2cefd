/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

GStrv fatia_package_query_missing (FatiaHostRoot *root,
                                   const char *family,
                                   const char *const *packages,
                                   GError **error);

G_END_DECLS
