/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "boot/fatia-shell-script.h"

G_BEGIN_DECLS

#define FATIA_GRUB_LINUX   "GRUB_CMDLINE_LINUX"
#define FATIA_GRUB_DEFAULT "GRUB_CMDLINE_LINUX_DEFAULT"
#define FATIA_GRUB_BLSCFG  "GRUB_ENABLE_BLSCFG"
/* More than any such file has; a bound for what a reader of one takes on. */
#define FATIA_GRUB_FILE_LIMIT (256 * 1024)

/* One of the files, read in turn by grub-mkconfig. */
typedef struct
{
  char *name;
  char *text;
  gsize length;
  GPtrArray *statements; /* of FatiaShellStatement */
} FatiaGrubFile;

/* What a byte of a value comes from. */
typedef struct
{
  gboolean literal; /* stands in the last assignment as text, not in a variable */
  guint run;
  FatiaShellQuote quote;
  gsize start; /* in the file */
  gsize end;
} FatiaGrubOrigin;

/* A variable as it is once all the files are read. */
typedef struct
{
  char *text;                           /* NULL: not known with certainty */
  guint file;                           /* where it was set last, or where it became uncertain */
  const FatiaShellStatement *statement; /* (nullable): the last assignment; NULL: never set */
  gsize blame;                          /* where it became uncertain */
  const char *why;                      /* and what the matter is, translated */
  GArray *origins; /* (nullable): of FatiaGrubOrigin, for the two command lines */
} FatiaGrubValue;

FatiaGrubValue *fatia_grub_evaluate (const FatiaGrubFile *file,
                                     const FatiaShellStatement *statement,
                                     GHashTable *values);

typedef struct _FatiaGrubReading FatiaGrubReading;

FatiaGrubReading *fatia_grub_reading_new (void);
void fatia_grub_reading_free (FatiaGrubReading *self);
gboolean fatia_grub_reading_add (
  FatiaGrubReading *self, const char *name, const char *text, gsize length, GError **error);
guint fatia_grub_reading_count (const FatiaGrubReading *self);
const FatiaGrubFile *fatia_grub_reading_get_file (const FatiaGrubReading *self, guint which);
const FatiaGrubValue *
fatia_grub_reading_get (const FatiaGrubReading *self, const char *variable, GError **error);
void
fatia_grub_set_error (GError **error, const FatiaGrubFile *file, gsize where, const char *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaGrubReading, fatia_grub_reading_free)

G_END_DECLS
