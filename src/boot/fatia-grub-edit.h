/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "boot/fatia-grub-reading.h"

G_BEGIN_DECLS

char *fatia_grub_reading_edit (FatiaGrubReading *self,
                               const char *const *wanted,
                               guint *which,
                               GError **error);
char *fatia_grub_reading_get_line (FatiaGrubReading *self, GError **error);
char *fatia_grub_reading_edit_defaults (FatiaGrubReading *self,
                                        const char *const *wanted,
                                        guint *which,
                                        GError **error);
gboolean fatia_grub_reading_uses_entries (FatiaGrubReading *self);

G_END_DECLS
