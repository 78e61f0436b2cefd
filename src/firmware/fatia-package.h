/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-budget.h"
#include "fatia-firmware.h"

G_BEGIN_DECLS

/* How deep packages may stand in packages. Honest ones: an archive, a program, a capsule, PFAT. */
#define FATIA_PACKAGE_DEPTH 12

typedef struct _FatiaPackageFormat FatiaPackageFormat;

/* The work on one file, handed from one unpacker to the next. */
typedef struct
{
  FatiaBudget budget;
  const FatiaPackageFormat *format; /* of the package that is being unpacked */
  const char *member;               /* (nullable): which member the person wants */
  gboolean member_found;
  FatiaFirmwareProgress progress; /* (nullable) */
  gpointer progress_data;
  /* What an unpacker may tell of what it took out. */
  char *name;
  char *note;
  GStrv others;
} FatiaUnpacking;

struct _FatiaPackageFormat
{
  const char *title; /* (translatable) */
  /* Whether a file with these first bytes is one; there may be few of them. */
  gboolean (*begins) (const guint8 *data, gsize size);
  /* (nullable): whether one stands in it, and where; @at is where it begins */
  gboolean (*inside) (const guint8 *data, gsize size, gsize *at);
  /* (nullable): takes the firmware out of the one at @at. NULL where that can't be done; the
   * budget's error goes before @error. */
  GBytes *(*unpack) (FatiaUnpacking *self, GBytes *package, gsize at, GError **error);
  /* For what can only be named: a mark in it, and what to do (translatable). */
  const char *mark;
  gsize mark_size;
  const char *advice;
  int archive; /* libarchive's code */
};

const FatiaPackageFormat *fatia_package_begins (const guint8 *data, gsize size);
const FatiaPackageFormat *fatia_package_find (GBytes *file, gsize *at);
char *fatia_package_describe (GBytes *image, gboolean has_volumes);

/* For unpackers. */
void fatia_package_damaged (FatiaUnpacking *self, gsize at, GError **error, const char *what, ...)
  G_GNUC_PRINTF (4, 5);
void fatia_package_refuse (FatiaUnpacking *self, GError **error, const char *advice);
char *fatia_package_name (const char *raw);
GBytes *fatia_package_hand_over (FatiaUnpacking *self, GBytes *bytes);
GBytes *fatia_package_slice (GBytes *package, gsize at, gsize size);
gboolean
fatia_package_search (const guint8 *data, gsize size, const char *mark, gsize length, gsize *at);

G_END_DECLS
