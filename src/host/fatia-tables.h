/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What changes with time and is therefore data, not code: data/tables/NAME.ini, compiled into
 * the program as a resource.
 */
GKeyFile *fatia_tables_get (const char *name);

G_END_DECLS
