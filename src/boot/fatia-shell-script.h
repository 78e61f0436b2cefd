/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "boot/fatia-shell-word.h"

G_BEGIN_DECLS

/*
 * A shell script as a list of statements, in their order. Only what is certain to be done is an
 * assignment; all else is a command, of which no more is said than what it might do.
 */
typedef struct
{
  gsize start;
  gsize end;

  /* An assignment, NULL for a command. */
  char *variable;
  FatiaShellWord *word;
  gsize value;       /* where the value begins in the script */
  gboolean append;   /* NAME+=value */
  gboolean exported; /* export NAME=value, where some shells split the value */

  /* A command, or several: lists, loops, blocks, functions. */
  gboolean opaque;  /* may set variables it does not name */
  gboolean final;   /* may end the script or keep later assignments from being made */
  gboolean defines; /* has a function that later commands may call */
} FatiaShellStatement;

GPtrArray *fatia_shell_script_scan (const char *text, gsize length, FatiaShellProblem *problem);
gboolean fatia_shell_mentions (const char *text, gsize length, const char *name);

G_END_DECLS
