/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"
#include "change/fatia-command.h"

G_BEGIN_DECLS

typedef enum
{
  FATIA_CHANGE_FILE,
  FATIA_CHANGE_LINK,
  FATIA_CHANGE_ATTRIBUTE,
  FATIA_CHANGE_COMMAND,
  FATIA_CHANGE_DRIVER,
  /* Of undoing, where others changed the same: nothing is done about either. */
  FATIA_CHANGE_CONFLICT, /* a person has yet to decide */
  FATIA_CHANGE_KEPT,     /* a person decided to keep what is there */
} FatiaChangeKind;

/* One typed change. A link's target, an attribute's value and a driver's name are kept as bytes
 * without a NUL. */
typedef struct
{
  FatiaChangeKind kind;
  char *path;       /* NULL for a command */
  GBytes *before;   /* (nullable): not there */
  GBytes *after;    /* (nullable): not there */
  guint mode;       /* of a new file */
  GStrv argv;       /* a command's */
  GStrv inverse;    /* (nullable): what is run after undo, where it is not argv */
  char *why;        /* a command's, a driver's; (nullable): an attribute's */
  gboolean again;   /* a command's: to be run after undo too */
  guint seconds;    /* how long a command may take */
  gboolean network; /* whether a command may talk to other computers; its inverse never does */
  gboolean whole;   /* a command that does all or nothing */
  GBytes *input;    /* (nullable): what a command reads, and nobody else */
} FatiaChange;

/* (element-type FatiaChange), in the order they were added */
GPtrArray *fatia_change_set_get_changes (FatiaChangeSet *self);
const char *fatia_change_set_get_step (FatiaChangeSet *self);
/* (transfer full) (nullable): what a command's failure @message means, where it is known; asked
 * while what the tools left is still there */
char *fatia_change_set_explain (FatiaChangeSet *self, FatiaHostRoot *root, const char *message);
/* The change that takes back is described like one that does. */
void fatia_change_set_add_link_undo (FatiaChangeSet *self,
                                     const char *path,
                                     const char *before,
                                     const char *after);
/* @kind: %FATIA_CHANGE_CONFLICT or %FATIA_CHANGE_KEPT; @mode: the file's; what others wrote to one
 * that not everyone may read is not shown */
void fatia_change_set_add_decision (FatiaChangeSet *self,
                                    FatiaChangeKind kind,
                                    const char *path,
                                    GBytes *before,
                                    GBytes *after,
                                    guint mode);
const char *fatia_change_set_get_conflict (FatiaChangeSet *self);
const char *fatia_change_kind_to_string (FatiaChangeKind kind);
gboolean fatia_bytes_equal0 (GBytes *a, GBytes *b);

/* The words that give a command a unit of its own. */
void
fatia_command_add_unit (GPtrArray *argv, const char *systemd_run, const FatiaCommandLimits *limits);

/* Sets a #GError of %G_IO_ERROR from @error_number, its words beginning with @path. */
void fatia_change_set_errno (GError **error, const char *path, int error_number);

G_END_DECLS
