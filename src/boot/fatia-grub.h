/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

/*
 * GRUB: /etc/default/grub and /etc/default/grub.d/ *.cfg, read as text, never sourced by a shell.
 * Everything that is not ours keeps every byte. What can't be parsed with certainty is refused
 * with file, line and what to do (FATIA_CHANGE_ERROR_REFUSED).
 */

/* The pure edit of one file's text, for tests, fuzzing and the plan. @name is used in errors.
 * (transfer full) */
char *fatia_grub_edit (
  const char *name, const char *text, gsize length, const char *const *wanted, GError **error);
/* What the next boot's command line will have by these files, GRUB_CMDLINE_LINUX and
 * GRUB_CMDLINE_LINUX_DEFAULT together. (transfer full) (nullable) */
GStrv fatia_grub_read_arguments (FatiaHostRoot *root, GError **error);

G_END_DECLS
