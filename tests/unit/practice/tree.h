/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders for tests, and everything in them as one text. */
#pragma once

#include <glib.h>

char *tree_make_folder (void);
void tree_remove (const char *path);
char *tree_snapshot (const char *path);
void tree_write (const char *root, const char *name, const char *text);
char *tree_read (const char *root, const char *name);
void tree_link (const char *root, const char *name, const char *target);
gboolean tree_has (const char *root, const char *name);
void tree_replace (const char *root, const char *name, const char *old, const char *new);
