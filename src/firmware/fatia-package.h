/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *fatia_package_describe (GBytes *image, gboolean has_volumes);

G_END_DECLS
