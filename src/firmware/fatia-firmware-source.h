/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-firmware.h"

G_BEGIN_DECLS

/* One thing that was opened on the way to the firmware: the file itself, then a member of it … */
typedef struct
{
  char *name;   /* (nullable): the file's, or a member's as its archive names it; made printable */
  char *format; /* (nullable): what it was opened as, in words (translated): "ZIP archive" */
  char *note;   /* (nullable): why this member was taken, and what is as likely (translated) */
  GStrv others; /* (nullable): the names of those that are as likely, each good for @member */
  guint64 size; /* bytes */
} FatiaFirmwareLayer;

/* A firmware image and how it was come by. */
typedef struct
{
  GBytes *image; /* what to look in for volumes and drivers */
  GPtrArray
    *trail; /* (element-type FatiaFirmwareLayer): from the file inwards; the last is @image */
} FatiaFirmwareSource;

FatiaFirmwareSource *fatia_firmware_source_open (const char *path,
                                                 const char *member,
                                                 FatiaFirmwareProgress progress,
                                                 gpointer data,
                                                 GCancellable *cancellable,
                                                 GError **error);
FatiaFirmwareSource *fatia_firmware_source_new (GBytes *file,
                                                const char *name,
                                                const char *member,
                                                FatiaFirmwareProgress progress,
                                                gpointer data,
                                                GCancellable *cancellable,
                                                GError **error);
void fatia_firmware_source_free (FatiaFirmwareSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaFirmwareSource, fatia_firmware_source_free)

char *fatia_firmware_source_describe (const FatiaFirmwareSource *self);

G_END_DECLS
