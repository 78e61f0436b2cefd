/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where practice finds what it is made from: installed, or in the build folder. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *fatia_practice_data_get_trees (void);
char *fatia_practice_data_find (const char *name);
char *fatia_practice_data_get_guest (void);

G_END_DECLS
