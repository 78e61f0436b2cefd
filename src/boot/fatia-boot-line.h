/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "boot/fatia-kernel-words.h"
#include "change/fatia-change.h"

G_BEGIN_DECLS

/*
 * Every boot loader keeps the kernel's arguments as one line of text, in a file of its own kind.
 * For each kind there is a function that finds those lines; the edit is the same for all.
 */

/* More than any such file has; a bound for what a reader of one takes on. */
#define FATIA_BOOT_FILE_LIMIT (256 * 1024)

/* A kernel command line as a file has it. */
typedef struct
{
  GString *text;   /* as the boot loader hands it on */
  GArray *origins; /* of FatiaBootOrigin, one for each byte of text */
  gsize where;     /* the line's place in the file, for words */
  /* Where the first argument goes if the file has none, and what is written around and between. */
  gsize insert;
  char *before;
  char *between;
  char *after;
  /* The value is without quotation marks, and needs some to hold more than one word. */
  gboolean bare;
  gsize bare_start;
  gsize bare_end;
} FatiaBootLine;

typedef struct
{
  gsize start; /* G_MAXSIZE: not a byte of this file */
  gsize end;
} FatiaBootOrigin;

/* (element-type FatiaBootLine): the lines to edit in a file, none where it has none that are
 * ours to edit; NULL with %FATIA_CHANGE_ERROR_REFUSED where that is not certain */
typedef GPtrArray *(*FatiaBootFind) (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error);

/* A kind of file. */
typedef struct
{
  FatiaBootFind find;
  gconstpointer data;
  FatiaQuoting quoting;
  FatiaHostRoot *root; /* NULL: all lines count, else those that start this host's system */
} FatiaBootFormat;

GPtrArray *fatia_boot_lines_new (void);
FatiaBootLine *fatia_boot_lines_add (GPtrArray *lines, gsize where, gsize insert);
void fatia_boot_line_free (FatiaBootLine *line);
void fatia_boot_line_add_byte (FatiaBootLine *line, char c, gsize start, gsize end);
void fatia_boot_line_add_span (FatiaBootLine *line, const char *text, gsize start, gsize end);
void fatia_boot_line_add_context (FatiaBootLine *line, const char *text);
void fatia_boot_line_clear (FatiaBootLine *line);
void fatia_boot_line_surround (FatiaBootLine *line,
                               const char *before,
                               const char *between,
                               const char *after);

char *fatia_boot_format_edit (const FatiaBootFormat *self,
                              const char *name,
                              const char *text,
                              gsize length,
                              const char *const *wanted,
                              GError **error);
GPtrArray *fatia_boot_format_read (
  const FatiaBootFormat *self, const char *name, const char *text, gsize length, GError **error);
gboolean fatia_boot_refuse (
  GError **error, const char *name, const char *text, gsize where, const char *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaBootLine, fatia_boot_line_free)

G_END_DECLS
