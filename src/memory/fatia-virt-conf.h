/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A string in a list: where it stands, with its quotes, and what is between them. */
typedef struct
{
  gsize start, end;
  gsize value, value_end;
} FatiaVirtString;

/* Where one setting, a list of strings, stands in a text. */
typedef struct
{
  gsize start, end; /* its name, and what follows its last bracket */
  gsize list;       /* what follows the first bracket */
  GArray *strings;  /* (element-type FatiaVirtString) */
  gboolean is_there;
} FatiaVirtList;

gboolean fatia_virt_conf_find_list (
  const char *text, gsize length, const char *name, FatiaVirtList *list, GError **error);
void fatia_virt_list_clear (FatiaVirtList *list);
gboolean fatia_virt_list_has (const FatiaVirtList *list, const char *text, const char *value);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FatiaVirtList, fatia_virt_list_clear)

G_END_DECLS
