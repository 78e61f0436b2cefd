/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small host tree in a temporary folder, and what it is like to the byte. */
#pragma once

#include "host/fatia-host-root.h"

typedef struct
{
  char *path;
  FatiaHostRoot *root;
} Tree;

void tree_set_up (Tree *tree, gconstpointer data);
void tree_tear_down (Tree *tree, gconstpointer data);
char *tree_path (Tree *tree, const char *name);
void tree_folder (Tree *tree, const char *name);
void tree_write (Tree *tree, const char *name, const char *text);
void tree_write_mode (Tree *tree, const char *name, const char *text, guint mode);
void tree_write_bytes (Tree *tree, const char *name, const char *bytes, gsize length, guint mode);
void tree_variable (Tree *tree, const char *name, const char *text);
void tree_link (Tree *tree, const char *target, const char *name);
char *tree_read (Tree *tree, const char *name);
/* Every path with its type, mode, owner and bytes or target. @skip: a path left out, or NULL. */
char *tree_snapshot (Tree *tree, const char *skip);
