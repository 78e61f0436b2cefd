/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  FATIA_QUOTING_KERNEL, /* double quotes alone, as lib/cmdline.c next_arg () reads them */
  FATIA_QUOTING_GRUB,   /* a line GRUB's script reads first: '…', "…" and backslashes */
} FatiaQuoting;

/* One argument of a kernel command line: where it stands, and what the kernel makes of it. */
typedef struct
{
  gsize start;
  gsize end;
  char *text; /* without the quotes that only group */
} FatiaKernelWord;

/* What is odd about a line; the words are found all the same. */
typedef enum
{
  FATIA_KERNEL_LINE_SOUND,
  FATIA_KERNEL_LINE_OPEN_QUOTE,
  FATIA_KERNEL_LINE_SPECIAL, /* a character with which GRUB's script ends or splits the line */
} FatiaKernelLineState;

GPtrArray *
fatia_kernel_words_new (const char *line, FatiaQuoting quoting, FatiaKernelLineState *state);
GPtrArray *fatia_kernel_words_from_strv (const char *const *arguments);
guint fatia_kernel_words_find_end (GPtrArray *words);
GStrv fatia_kernel_words_to_strv (GPtrArray *words);

/* One change to a line's words. */
typedef struct
{
  int word;   /* the word's number, or -1: a new one, before what is init's */
  char *text; /* the whole argument */
} FatiaKernelEdit;

typedef gboolean (*FatiaKernelWordFunc) (const FatiaKernelWord *word, gpointer data);

GPtrArray *fatia_kernel_words_merge (GPtrArray *words,
                                     const char *const *wanted,
                                     FatiaKernelWordFunc can_replace,
                                     gpointer data);
char *fatia_kernel_edits_join (GPtrArray *edits, const char *between);

G_END_DECLS
