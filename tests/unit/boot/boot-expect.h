/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is expected of a host's boot loader with the same three arguments. */
#pragma once

#include "boot-tree.h"

#define OURS "intel_iommu=on i915.max_vfs=7 module_blacklist=xe"

extern const char *const ours[];

FatiaChangeSet *plan (BootTree *tree);
/* @expected: each change's target, or the tool's words, on a line */
void assert_planned (BootTree *tree, const char *expected);
void assert_refused (BootTree *tree, FatiaChangeError code, const char *words);
char *apply (BootTree *tree);
void undo (BootTree *tree, const char *id);
/* @expected: the file's text, NULL: it is not there */
void assert_file (BootTree *tree, const char *name, const char *expected);
/* @expected: the next start's arguments */
void assert_next (BootTree *tree, const char *expected);
