/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/* The largest chip that the kernel's driver knows (its FLCOMP_C0DEN_64M). */
#define FATIA_FLASH_LIMIT (64u * 1024 * 1024)

/* The chip that holds the board's firmware, as the kernel shows it. */
typedef struct
{
  guint number; /* of the MTD device */
  guint size;   /* bytes */
} FatiaFlash;

/* What could not be read: bytes 0xff, as erased flash has, stand in its place. */
typedef struct
{
  guint64 offset;
  guint64 length;
} FatiaFlashGap;

/* How far reading is; called in the thread that reads. */
typedef void (*FatiaFlashProgress) (guint64 done, guint64 total, gpointer user_data);

gboolean fatia_flash_find (FatiaHostRoot *root, FatiaFlash *flash, GError **error);
int fatia_flash_open (FatiaHostRoot *root, const FatiaFlash *flash, GError **error);
int fatia_flash_read (int chip,
                      guint size,
                      GArray *gaps,
                      FatiaFlashProgress progress,
                      gpointer user_data,
                      GCancellable *cancellable,
                      GError **error);

G_END_DECLS
