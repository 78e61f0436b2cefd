/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How the kernel reads a key that stands more than once, or has several values. */
typedef enum
{
  FATIA_KERNEL_KEY_SCALAR, /* the last one counts */
  FATIA_KERNEL_KEY_LIST,   /* a comma list; the last one counts */
  FATIA_KERNEL_KEY_FLAGS,  /* a comma list; each one adds to those before */
} FatiaKernelKeyKind;

typedef struct
{
  const char *key;
  FatiaKernelKeyKind kind;
  const char *grammar; /* a regular expression the whole value matches */
} FatiaKernelKey;

const FatiaKernelKey *fatia_kernel_key_find (const char *argument);
gboolean fatia_kernel_key_is_same (const char *a, const char *b);
gboolean fatia_kernel_key_is_same_item (const char *key, const char *a, const char *b);
gboolean
fatia_kernel_key_is_opposed (const char *key, const char *item, const char *const *wanted_items);

/* What is to be done so that the arguments of one key are in effect. */
typedef struct
{
  gboolean in_effect;
  int where;  /* the argument that counts now, -1: none */
  char *text; /* (nullable): the argument that is to stand there */
} FatiaKernelSettlement;

void fatia_kernel_settle (const char *const *have,
                          const char *const *wanted,
                          guint which,
                          FatiaKernelSettlement *result);

G_END_DECLS
