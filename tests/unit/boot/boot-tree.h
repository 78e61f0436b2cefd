/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host in a folder: its files, its firmware's variables, and tools that only say they ran. */
#pragma once

#include "../change/tree.h"
#include "boot/fatia-boot-loader.h"

typedef Tree BootTree;

BootTree *boot_tree_new (void);
void boot_tree_free (BootTree *tree);
void boot_tree_put (BootTree *tree, const char *name, const char *text);
void boot_tree_put_bytes (BootTree *tree, const char *name, const char *bytes, gsize length);
void boot_tree_put_tool (BootTree *tree, const char *name);
void boot_tree_put_variable (BootTree *tree, const char *name, const char *text);
/* The entry of the firmware's menu that it started: of a program, "" of a whole disk. */
void boot_tree_put_current (BootTree *tree, const char *program);
/* An EFI program, of sections with a text: name and text by turns, NULL after the last. */
void boot_tree_put_program (BootTree *tree, const char *name, ...) G_GNUC_NULL_TERMINATED;
/* When the file was written, in seconds since 1970. */
void boot_tree_set_time (BootTree *tree, const char *name, gint64 seconds);
void boot_tree_secure_boot (BootTree *tree);
char *boot_tree_get (BootTree *tree, const char *name);
void boot_tree_remove (BootTree *tree, const char *name);
/* The command lines of the tools that ran, each on a line. (transfer full) */
char *boot_tree_runs (BootTree *tree);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BootTree, boot_tree_free)
