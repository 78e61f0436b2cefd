/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/*
 * What a real shell makes of a file: the judge of the product's own reading, which shares no
 * line with it.
 */

/* The kernel's arguments once @shell has read @text; (transfer full) */
GStrv oracle_arguments (const char *shell, const char *text);
/* Whether bash finds no fault in @text's grammar. */
gboolean oracle_can_read (const char *text);
/* Every GRUB_ variable but the two command lines, as bash prints them; (transfer full) */
char *oracle_others (const char *text);
/* Asserts that @after has every one of @wanted in effect, and all else of @before in its order. */
void oracle_check (const char *const *before, const char *const *after, const char *const *wanted);
