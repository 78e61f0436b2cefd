/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether the helper may set @argument: one of the keys Fatia knows, its value well formed. */
gboolean fatia_kernel_argument_is_known (const char *argument);
/* Splits a kernel command line as the kernel does (double quotes). (transfer full) */
GStrv fatia_kernel_arguments_split (const char *line);
/* Whether every one of @wanted is in effect in @have: the last of a key counts, the items of a
 * list such as module_blacklist= are looked for one by one. */
gboolean fatia_kernel_arguments_cover (const char *const *have, const char *const *wanted);

G_END_DECLS
