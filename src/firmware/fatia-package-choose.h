/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-package-probe.h"

G_BEGIN_DECLS

/* The members of a package, for one to be chosen. */
typedef struct
{
  char *name; /* printable */
  guint64 size;
  gint64 index; /* the caller's */
  int score;
} FatiaMember;

GPtrArray *fatia_members_new (void);
void
fatia_members_add (GPtrArray *self, char *name, guint64 size, FatiaTraits traits, gint64 index);
const FatiaMember *fatia_members_choose (GPtrArray *self, FatiaUnpacking *work, GError **error);

G_END_DECLS
