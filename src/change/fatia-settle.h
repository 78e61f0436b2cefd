/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-command.h"
#include "change/fatia-journal.h"

G_BEGIN_DECLS

/* What taking a change back came to. */
typedef enum
{
  FATIA_SETTLED,       /* it is as it was */
  FATIA_SETTLED_NOT,   /* something could not be put back */
  FATIA_SETTLED_OTHER, /* others changed a file where the change had: a person has to decide */
  FATIA_SETTLED_DUE,   /* the files are as they were, a tool has yet to run with them */
} FatiaSettled;

FatiaSettled fatia_record_settle (FatiaRecord *record,
                                  FatiaHostRoot *root,
                                  gboolean tools,
                                  FatiaProgress progress,
                                  gpointer user_data,
                                  GError **error);

G_END_DECLS
