/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "boot/fatia-boot-plan.h"

G_BEGIN_DECLS

/* What the command line of this host's unified kernel images comes from. */
typedef struct
{
  GPtrArray *files; /* all are edited: which one is read depends on the tool's version */
  const FatiaBootFormat *format;
  /* Several files that are one line together: the last one is edited, next to what comes before. */
  char *context; /* (nullable): there are none */
  FatiaCmdlineFile rest;
  FatiaBootFormat rest_format; /* of the last file */
  const char *const *tool;     /* the words that make the images anew */
} FatiaUkiSource;

FatiaUkiSource *fatia_uki_source_find (FatiaHostRoot *root, GError **error);
void fatia_uki_source_free (FatiaUkiSource *self);
const FatiaBootFormat *fatia_uki_source_get_format (const FatiaUkiSource *self, guint file);
gboolean fatia_uki_has_key (FatiaHostRoot *root);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaUkiSource, fatia_uki_source_free)

G_END_DECLS
