/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "boot/fatia-grub-reading.h"
#include "boot/fatia-kernel-words.h"

G_BEGIN_DECLS

/* The kernel's command line as GRUB's files make it, and where in them ours go. */
typedef struct
{
  FatiaGrubReading *reading;
  const FatiaGrubValue *target; /* (nullable): a new line */
  char *text;                   /* the kernel's line */
  gsize offset;                 /* where the target's value begins in it */
  GPtrArray *words;             /* of FatiaKernelWord */
} FatiaGrubLine;

gboolean fatia_grub_line_init (FatiaGrubLine *self, FatiaGrubReading *reading, GError **error);
void fatia_grub_line_clear (FatiaGrubLine *self);
char *
fatia_grub_line_edit (FatiaGrubLine *self, const char *const *wanted, guint *which, GError **error);
gboolean fatia_grub_refuse (const FatiaGrubReading *reading,
                            const FatiaGrubValue *value,
                            const char *what,
                            GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FatiaGrubLine, fatia_grub_line_clear)

G_END_DECLS
