/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why a shell text is not understood, and where. */
typedef struct
{
  gsize where;
  const char *what; /* translated, static; NULL: no problem */
} FatiaShellProblem;

typedef enum
{
  FATIA_SHELL_TEXT,         /* characters that stand for themselves */
  FATIA_SHELL_ESCAPE,       /* a backslash and the character it gives */
  FATIA_SHELL_CONTINUATION, /* a backslash and the end of the line: nothing */
  FATIA_SHELL_VARIABLE,     /* $NAME or ${NAME} */
  FATIA_SHELL_UNKNOWN,      /* any other expansion: what it gives is not known */
} FatiaShellPieceKind;

typedef enum
{
  FATIA_SHELL_BARE,
  FATIA_SHELL_SINGLE,
  FATIA_SHELL_DOUBLE,
} FatiaShellQuote;

typedef struct
{
  FatiaShellPieceKind kind;
  FatiaShellQuote quote;
  guint run; /* differs where quotes stand between two pieces */
  gsize start;
  gsize end;
} FatiaShellPiece;

/* A word of a shell script, and the pieces it is made of, none for quotes. */
typedef struct
{
  gsize start;
  gsize end;
  GArray *pieces;             /* of FatiaShellPiece */
  FatiaShellQuote last_quote; /* how the word ends: within quotes, or bare */
} FatiaShellWord;

FatiaShellWord *
fatia_shell_word_scan (const char *text, gsize length, gsize start, FatiaShellProblem *problem);
void fatia_shell_word_free (FatiaShellWord *word);
char *fatia_shell_word_get_literal (const FatiaShellWord *word, const char *text, gboolean bare);
gsize fatia_shell_name_length (const char *text);
gsize
fatia_shell_word_find_assignment (const FatiaShellWord *word, const char *text, gboolean *append);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaShellWord, fatia_shell_word_free)

G_END_DECLS
