/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "boot/fatia-boot-line.h"

G_BEGIN_DECLS

/* How assignments in a file of shell variables make up kernel command lines. */
typedef struct
{
  gboolean (*is_ours) (const char *name);
  const char *name;    /* of the variable that is to be there */
  const char *create;  /* (nullable): where it is not, what a new line begins with */
  const char *context; /* (nullable): what files read before this one have given it */
} FatiaAssignments;

/* How a file of nothing but arguments makes up a kernel command line. */
typedef struct
{
  gboolean one_line;   /* more than one is refused */
  const char *context; /* (nullable): what files read before this one have given the line */
} FatiaCmdlineFile;

/* What a file of key and value lines says of one variable; it is not a kernel command line. */
char *fatia_assignments_get (const char *text, gsize length, const char *name);

GPtrArray *fatia_assignments_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error);
GPtrArray *fatia_cmdline_file_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error);
GPtrArray *fatia_entry_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error);
GPtrArray *fatia_limine_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error);
GPtrArray *fatia_refind_linux_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error);
GPtrArray *fatia_refind_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error);
GStrv fatia_refind_includes (const char *text, gsize length);
GPtrArray *fatia_kernelstub_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error);

extern const FatiaBootFormat fatia_cmdline_file_format;
extern const FatiaBootFormat fatia_cmdline_line_format; /* all on one line */
extern const FatiaBootFormat fatia_entry_format;
extern const FatiaBootFormat fatia_grub_entry_format;
extern const FatiaBootFormat fatia_limine_format;
extern const FatiaBootFormat fatia_limine_old_format; /* before version 8: NAME=value */
extern const FatiaBootFormat fatia_refind_linux_format;
extern const FatiaBootFormat fatia_refind_format;
extern const FatiaBootFormat fatia_kernelstub_format;

/* One line of a text file; its end of line is not a part of it. */
typedef struct
{
  gsize start;
  gsize end;
  gsize next;
} FatiaTextLine;

gboolean fatia_text_line_next (const char *text, gsize length, FatiaTextLine *line);
gsize fatia_text_skip_blanks (const char *text, gsize start, gsize end);
gsize fatia_text_skip_word (const char *text, gsize start, gsize end);
gboolean fatia_text_is_way_out (const char *title);

G_END_DECLS
