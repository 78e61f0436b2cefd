/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-package.h"

G_BEGIN_DECLS

/* Beside libarchive's codes of formats: gzip, xz and their like, with one file or a tape archive.
 */
#define FATIA_ARCHIVE_COMPRESSED (-1)

void fatia_archive_refuse_encrypted (FatiaUnpacking *work, GError **error);
void fatia_archive_refuse_many (FatiaUnpacking *work, GError **error);

/* What libarchive would take at its word and should not. */
gboolean fatia_archive_check (FatiaUnpacking *work, const guint8 *data, gsize size, GError **error);
gboolean
fatia_archive_check_7z (FatiaUnpacking *work, const guint8 *data, gsize size, GError **error);

G_END_DECLS
