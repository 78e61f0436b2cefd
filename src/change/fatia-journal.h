/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-atomic.h"
#include "change/fatia-change-private.h"

G_BEGIN_DECLS

#define FATIA_JOURNAL_FOLDER "/var/lib/fatia/journal"

typedef enum
{
  FATIA_RECORD_PREPARED, /* being applied */
  FATIA_RECORD_APPLIED,
  FATIA_RECORD_UNDOING, /* being undone */
  FATIA_RECORD_UNDONE,
  FATIA_RECORD_ROLLED_BACK, /* interrupted, and put back afterwards */
  FATIA_RECORD_TOOLS_DUE,   /* the files are back, a tool has yet to run with them */
} FatiaRecordState;

/* How a file or link that others changed too is undone. */
typedef enum
{
  FATIA_UNDO_PLAIN,   /* what it replaced comes back */
  FATIA_UNDO_KEEP,    /* a person decided to keep what is there */
  FATIA_UNDO_REPLACE, /* what is there is replaced by what was decided or merged */
} FatiaUndoWay;

/* One change with what it replaces. */
typedef struct
{
  FatiaChangeKind kind;
  char *path;
  FatiaFile *before; /* bytes: a file's, a link's target, an attribute's as read; NULL: none */
  char *after;       /* (nullable): sha256 of a file, a link's target, an attribute's value */
  GBytes *written;   /* (nullable): what a text that was there became; older records lack it */
  /* Counts while it is being undone. */
  FatiaUndoWay way;
  char *found; /* (nullable): like after, what is to be replaced */
  GBytes *to;  /* (nullable): by what, NULL: it goes */
  GStrv argv;
  GStrv inverse; /* (nullable): what is run after undo, where it is not argv */
  gboolean again;
  guint seconds; /* how long a command may take */
} FatiaRecordItem;

/* What the journal knows of one applied change set. */
typedef struct
{
  char *id; /* "0001-boot" */
  char *step;
  gint64 time; /* seconds since 1970 */
  FatiaRecordState state;
  GPtrArray *folders; /* (element-type filename): made for it, outermost first */
  GPtrArray *items;   /* (element-type FatiaRecordItem) */
  gboolean changed;   /* not as it is on the disk, but for the state */
} FatiaRecord;

FatiaRecord *fatia_record_new (const char *step);
FatiaRecordItem *fatia_record_add (FatiaRecord *record, FatiaChangeKind kind, const char *path);
void fatia_record_free (FatiaRecord *record);
void fatia_record_item_set_written (FatiaRecordItem *item, GBytes *after);
void fatia_record_item_set_way (
  FatiaRecord *record, FatiaRecordItem *item, FatiaUndoWay way, GBytes *found, GBytes *to);
GKeyFile *fatia_record_to_key_file (FatiaRecord *record);
FatiaRecord *fatia_record_from_key_file (GKeyFile *keys, GError **error);

GPtrArray *fatia_journal_load (FatiaHostRoot *root, GError **error);
gboolean fatia_journal_add (FatiaHostRoot *root, FatiaRecord *record, GError **error);
gboolean fatia_journal_save (FatiaHostRoot *root, FatiaRecord *record, GError **error);
gboolean fatia_journal_set_state (FatiaHostRoot *root,
                                  FatiaRecord *record,
                                  FatiaRecordState state,
                                  GError **error);
gboolean fatia_journal_remove (FatiaHostRoot *root, FatiaRecord *record, GError **error);
gboolean fatia_journal_prune (FatiaHostRoot *root, GError **error);

gboolean fatia_journal_folder_make (FatiaHostRoot *root, GError **error);
void fatia_journal_folder_remove (FatiaHostRoot *root);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaRecord, fatia_record_free)

G_END_DECLS
