/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "boot/fatia-shell-script.h"

G_BEGIN_DECLS

/* Where in which compound command the scanner is; reserved_words in fatia-shell-command.c
 * says what leads there. */
typedef enum
{
  FATIA_SHELL_BLOCK_IF, /* before its "then" */
  FATIA_SHELL_BLOCK_THEN,
  FATIA_SHELL_BLOCK_ELSE,
  FATIA_SHELL_BLOCK_WHILE, /* before its "do" */
  FATIA_SHELL_BLOCK_FOR,   /* the same, where no commands stand */
  FATIA_SHELL_BLOCK_LOOP,
  FATIA_SHELL_BLOCK_GROUP,
  FATIA_SHELL_BLOCK_SUBSHELL,
  FATIA_SHELL_BLOCK_TEST,    /* [[ … ]] */
  FATIA_SHELL_BLOCK_CASE,    /* before "in" */
  FATIA_SHELL_BLOCK_PATTERN, /* case, where a pattern stands */
  FATIA_SHELL_BLOCK_BODY,    /* case, behind the pattern */
  FATIA_SHELL_BLOCK_NONE,
} FatiaShellBlock;

typedef struct
{
  char *delimiter;
  gboolean tabs; /* <<-: tabs before the delimiter don't count */
} FatiaShellHereDocument;

/* What fatia_shell_script_scan() knows while it reads. */
typedef struct
{
  const char *text;
  gsize length;
  gsize pos;
  FatiaShellProblem *problem;
  GPtrArray *statements;
  GArray *blocks;            /* of FatiaShellBlock */
  GPtrArray *here_documents; /* whose text begins on the next line */

  /* The statement being read */
  gboolean begun;
  gsize start;
  GPtrArray *assignments; /* the words, while there is nothing else */
  gboolean plain;
  gboolean joined;      /* after && || | */
  gboolean awaits_body; /* after NAME () */
  FatiaShellStatement flags;

  /* The simple command being read */
  gboolean head;   /* the command's name is still to come */
  gboolean fresh;  /* nothing was read yet, so that reserved words count */
  gboolean closed; /* a block ended: of words, only such as end or go on with another may follow */
  gboolean exporting;
  gboolean names_function; /* after "function" */
  guint words;
  gboolean redirects;  /* the next word is a file's name */
  gboolean reads_here; /* or a here-document's delimiter */
  gboolean here_tabs;
} FatiaShellState;

void fatia_shell_state_init (FatiaShellState *self);
void fatia_shell_state_clear (FatiaShellState *self);
gboolean fatia_shell_state_fail (FatiaShellState *self, gsize where, const char *what);
FatiaShellBlock fatia_shell_state_get_block (const FatiaShellState *self);
void fatia_shell_state_set_block (FatiaShellState *self, FatiaShellBlock block);
void fatia_shell_state_push (FatiaShellState *self, FatiaShellBlock block);
gboolean fatia_shell_state_pop (FatiaShellState *self, FatiaShellBlock block, gsize where);
void fatia_shell_state_begin_command (FatiaShellState *self);
void fatia_shell_state_end_command (FatiaShellState *self);
void fatia_shell_state_end_statement (FatiaShellState *self);
void fatia_shell_state_join (FatiaShellState *self);

/* fatia-shell-command.c */
void fatia_shell_state_define_function (FatiaShellState *self);
gboolean fatia_shell_state_take_word (FatiaShellState *self, FatiaShellWord *word, gboolean *kept);

G_END_DECLS
