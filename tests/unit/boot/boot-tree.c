/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot-tree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

BootTree *
boot_tree_new (void)
{
  BootTree *tree = g_new0 (BootTree, 1);

  tree_set_up (tree, NULL);
  return tree;
}

void
boot_tree_free (BootTree *tree)
{
  tree_tear_down (tree, NULL);
  g_free (tree);
}

void
boot_tree_put_bytes (BootTree *tree, const char *name, const char *bytes, gsize length)
{
  tree_write_bytes (tree, name, bytes, length, 0644);
}

void
boot_tree_put (BootTree *tree, const char *name, const char *text)
{
  tree_write (tree, name, text);
}

/* A tool that writes down how it was called. */
void
boot_tree_put_tool (BootTree *tree, const char *name)
{
  tree_write_mode (tree, name, "#!/bin/sh\necho \"${0##*/} $*\" >>\"$FATIA_HOST_ROOT/runs\"\n",
                   0755);
}

void
boot_tree_put_variable (BootTree *tree, const char *name, const char *text)
{
  tree_variable (tree, name, text);
}

static void
append_text (GByteArray *bytes, const char *text)
{
  do
    {
      const guint8 unit[2] = { (guint8) *text, 0 };

      g_byte_array_append (bytes, unit, 2);
    }
  while (*text++ != '\0');
}

static void
append_node (GByteArray *bytes, guint8 type, guint8 subtype, const guint8 *data, guint length)
{
  const guint8 header[4] = { type, subtype, (length + 4) & 0xff, (length + 4) >> 8 };

  g_byte_array_append (bytes, header, 4);
  g_byte_array_append (bytes, data, length);
}

void
boot_tree_put_current (BootTree *tree, const char *program)
{
  static const char *const current =
    "sys/firmware/efi/efivars/BootCurrent-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  static const char *const entry =
    "sys/firmware/efi/efivars/Boot0003-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  const guint8 disk[38] = { 1, 0, 0, 0, 0, 8 };
  g_autoptr (GByteArray) nodes = g_byte_array_new ();
  g_autoptr (GByteArray) path = g_byte_array_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  append_node (nodes, 4, 1, disk, sizeof disk);
  append_text (path, program);
  if (*program != '\0')
    append_node (nodes, 4, 4, path->data, path->len);
  append_node (nodes, 0x7f, 0xff, NULL, 0);
  g_byte_array_append (bytes, (const guint8[]) { 7, 0, 0, 0, 1, 0, 0, 0 }, 8);
  g_byte_array_append (bytes, (const guint8[]) { nodes->len & 0xff, nodes->len >> 8 }, 2);
  append_text (bytes, "A title");
  g_byte_array_append (bytes, nodes->data, nodes->len);
  /* What follows is the entry's options, which are no path. */
  g_byte_array_append (bytes, (const guint8 *) "\4\4\6\0x\0", 6);
  boot_tree_put_bytes (tree, current, "\6\0\0\0\3\0", 6);
  boot_tree_put_bytes (tree, entry, (const char *) bytes->data, bytes->len);
}

static void
put32 (GByteArray *bytes, guint where, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    bytes->data[where + i] = (guint8) (value >> (8 * i));
}

/* The parts of the PE format that say where a section is. */
void
boot_tree_put_program (BootTree *tree, const char *name, ...)
{
  const guint header = 128, optional = 240, table = header + 24 + optional;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const char *section;
  guint n = 0;
  va_list list;

  g_byte_array_set_size (bytes, 4096);
  memset (bytes->data, 0, bytes->len);
  memcpy (bytes->data, "MZ", 2);
  put32 (bytes, 0x3c, header);
  memcpy (bytes->data + header, "PE\0\0\x64\x86", 6);
  put32 (bytes, header + 20, optional);
  va_start (list, name);
  while ((section = va_arg (list, const char *)) != NULL)
    {
      const char *text = va_arg (list, const char *);
      guint row = table + 40 * n++, start = bytes->len, length = strlen (text);

      g_byte_array_set_size (bytes, start + 512 * (length / 512 + 1));
      memset (bytes->data + start, 0, bytes->len - start);
      memcpy (bytes->data + start, text, length);
      memcpy (bytes->data + row, section, MIN (strlen (section), 8));
      put32 (bytes, row + 8, length);
      put32 (bytes, row + 16, bytes->len - start);
      put32 (bytes, row + 20, start);
    }
  va_end (list);
  bytes->data[header + 6] = (guint8) n;
  boot_tree_put_bytes (tree, name, (const char *) bytes->data, bytes->len);
}

void
boot_tree_set_time (BootTree *tree, const char *name, gint64 seconds)
{
  g_autofree char *path = g_build_filename (tree->path, name, NULL);
  const struct timespec times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };

  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

void
boot_tree_secure_boot (BootTree *tree)
{
  boot_tree_put_bytes (tree,
                       "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
                       "\6\0\0\0\1", 5);
}

char *
boot_tree_get (BootTree *tree, const char *name)
{
  return tree_read (tree, name);
}

void
boot_tree_remove (BootTree *tree, const char *name)
{
  g_autofree char *path = g_build_filename (tree->path, name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

char *
boot_tree_runs (BootTree *tree)
{
  char *runs = boot_tree_get (tree, "runs");

  return runs ? runs : g_strdup ("");
}
