/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What changes with time and is therefore data, not code: data/tables/NAME.ini, compiled into
 * the program as a resource. (transfer full)
 */
GKeyFile *fatia_tables_get (const char *name);
/* SHA-256 of a GOP driver's PE, lower case -> words for people. (transfer full) (element-type
 * utf8 utf8) */
GHashTable *fatia_tables_get_gop_drivers (void);

G_END_DECLS
