/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file that is a kernel command line and nothing else: /etc/kernel/cmdline of kernel-install
 * and Proxmox, /etc/cmdline.d/ *.conf of mkinitcpio. mkinitcpio leaves out lines that begin with
 * '#', others take them for arguments; a comment that would make a difference is refused.
 */
#include "boot/fatia-boot-formats.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-kernel-keys.h"

/* Whether it matters that some take a comment for arguments. */
static gboolean
matters (const char *text, const FatiaTextLine *at)
{
  g_autofree char *comment = g_strndup (text + at->start, at->end - at->start);
  g_auto (GStrv) words = g_strsplit_set (comment, "# \t\v\f\r", -1);

  for (gsize i = 0; words[i] != NULL; i++)
    if (g_str_equal (words[i], "--") || strchr (words[i], '"') ||
        (strchr (words[i], '=') && fatia_kernel_key_find (words[i]) != NULL))
      return TRUE;
  return FALSE;
}

GPtrArray *
fatia_cmdline_file_find (
  const char *name, const char *text, gsize length, gconstpointer data, GError **error)
{
  const FatiaCmdlineFile *what = data;
  g_autoptr (GPtrArray) lines = fatia_boot_lines_new ();
  FatiaBootLine *line = fatia_boot_lines_add (lines, 0, length);
  gboolean ends = length == 0 || text[length - 1] == '\n';
  FatiaTextLine at = { 0 };
  guint n = 0;

  fatia_boot_line_surround (line, ends ? "" : "\n", " ", "\n");
  if (what && what->context)
    fatia_boot_line_add_context (line, what->context);
  while (fatia_text_line_next (text, length, &at))
    {
      gboolean comment = at.end > at.start && text[at.start] == '#';

      if (fatia_text_skip_blanks (text, at.start, at.end) == at.end)
        continue;
      if (comment && matters (text, &at))
        {
          fatia_boot_refuse (error, name, text, at.start,
                             _ ("some programs take this comment for kernel arguments; remove it"));
          return NULL;
        }
      if (++n > 1 && what && what->one_line)
        {
          fatia_boot_refuse (error, name, text, at.start,
                             _ ("all kernel arguments are to stand on one line"));
          return NULL;
        }
      if (comment)
        continue;
      if (line->where == 0)
        line->where = at.start;
      fatia_boot_line_add_span (line, text, at.start, at.end);
      fatia_boot_line_add_context (line, " ");
    }
  return g_steal_pointer (&lines);
}

const FatiaBootFormat fatia_cmdline_file_format = { fatia_cmdline_file_find, NULL,
                                                    FATIA_QUOTING_KERNEL };
static const FatiaCmdlineFile one_line = { TRUE, NULL };
const FatiaBootFormat fatia_cmdline_line_format = { fatia_cmdline_file_find, &one_line,
                                                    FATIA_QUOTING_KERNEL };
