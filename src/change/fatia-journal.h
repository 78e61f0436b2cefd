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
} FatiaRecordState;

/* One change with what it replaces. */
typedef struct
{
  FatiaChangeKind kind;
  char *path;
  FatiaFile *before; /* bytes: a file's, a link's target, an attribute's as read; NULL: none */
  char *after;       /* (nullable): sha256 of a file, a link's target, an attribute's value */
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
} FatiaRecord;

FatiaRecord *fatia_record_new (const char *step);
FatiaRecordItem *fatia_record_add (FatiaRecord *record, FatiaChangeKind kind, const char *path);
void fatia_record_free (FatiaRecord *record);
GKeyFile *fatia_record_to_key_file (FatiaRecord *record);
FatiaRecord *fatia_record_from_key_file (GKeyFile *keys, GError **error);

GPtrArray *fatia_journal_load (FatiaHostRoot *root, GError **error);
gboolean fatia_journal_add (FatiaHostRoot *root, FatiaRecord *record, GError **error);
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
