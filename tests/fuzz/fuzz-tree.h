/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host in a folder in memory, whose files are the input: each begins with a record separator
 * (0x1e) and a letter that says which file it is. */
#pragma once

#include "fuzz.h"
#include "host/fatia-host-root.h"

#define FUZZ_SEPARATOR 0x1e

typedef struct
{
  char *path;
  FatiaHostRoot *root;
  const char *const *files;
  guint n_files;
  gboolean *there;
} FuzzTree;

FuzzTree *fuzz_tree_new (const char *const *files, guint n_files);
void fuzz_tree_fill (FuzzTree *self, const uint8_t *data, size_t size);
void fuzz_tree_put (FuzzTree *self, const char *name, const char *bytes, gsize length);
void fuzz_tree_put_tool (FuzzTree *self, const char *name);
char *fuzz_tree_look (FuzzTree *self);
