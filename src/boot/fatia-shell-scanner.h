/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "boot/fatia-shell-word.h"

G_BEGIN_DECLS

/* A text of a shell's, and how far it is read. */
typedef struct
{
  const char *text;
  gsize length;
  gsize pos;
  FatiaShellProblem *problem;
  GArray *pieces;
  FatiaShellQuote quote;
  guint run;
  guint depth;
} FatiaShellScanner;

static inline char
fatia_shell_peek (const FatiaShellScanner *self, gsize ahead)
{
  return self->pos + ahead < self->length ? self->text[self->pos + ahead] : '\0';
}

static inline gboolean
fatia_shell_at_end (const FatiaShellScanner *self)
{
  return self->pos >= self->length;
}

/* Returns: FALSE */
static inline gboolean
fatia_shell_fail (FatiaShellScanner *self, gsize where, const char *what)
{
  self->problem->where = where;
  self->problem->what = what;
  return FALSE;
}

gboolean fatia_shell_skip_single (FatiaShellScanner *self);
gboolean fatia_shell_skip_backquoted (FatiaShellScanner *self);
gboolean fatia_shell_skip_substitution (FatiaShellScanner *self);

G_END_DECLS
