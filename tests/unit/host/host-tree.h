/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-checks.h"

/* A copy of a practice tree in a temporary folder, to be changed by a test. */
typedef struct
{
  char *path;
  FatiaHostRoot *root;
} HostTree;

/* @practice: a name in data/practice, NULL for an empty tree */
HostTree *host_tree_new (const char *practice);
void host_tree_free (HostTree *tree);
/* @length -1: a string. Folders are made. */
void host_tree_put (HostTree *tree, const char *path, const char *data, gssize length);
void host_tree_link (HostTree *tree, const char *path, const char *target);
void host_tree_remove (HostTree *tree, const char *path);
void host_tree_folder (HostTree *tree, const char *path);
FatiaFacts *host_tree_facts (HostTree *tree);
FatiaFinding *host_tree_finding (HostTree *tree, const char *id);
/* "passed", … */
const char *host_tree_state (HostTree *tree, const char *id);

#define host_tree_assert(tree, id, state)                                                          \
  g_assert_cmpstr (host_tree_state ((tree), (id)), ==, (state))

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HostTree, host_tree_free)
