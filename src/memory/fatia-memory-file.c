/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the plans of this room are put together of. */
#include "memory/fatia-memory-private.h"

#include <stdarg.h>
#include <string.h>

#include "change/fatia-atomic.h"
#include "change/fatia-change-private.h"
#include "change/fatia-command.h"

/**
 * fatia_memory_add_text:
 * @text: (nullable): what the file is to hold, %NULL: it goes
 * @changed: (inout) (optional): set where the file is not so yet
 */
gboolean
fatia_memory_add_text (FatiaHostRoot *root,
                       FatiaChangeSet *set,
                       const char *path,
                       const char *text,
                       gboolean *changed,
                       GError **error)
{
  g_autoptr (FatiaFile) present = fatia_file_read (root, path, error);
  g_autoptr (GBytes) after = text ? g_bytes_new (text, strlen (text)) : NULL;

  if (present == NULL)
    return FALSE;
  if (changed && !fatia_bytes_equal0 (present->bytes, after))
    *changed = TRUE;
  fatia_change_set_add_file (set, path, present->bytes, after, 0644);
  return TRUE;
}

/**
 * fatia_memory_add_command:
 * @again: whether it is to be run after undo, too
 *
 * Adds a tool's run. Where the host lacks the tool, what is set up takes effect at the next
 * start.
 */
void
fatia_memory_add_command (FatiaHostRoot *root,
                          FatiaChangeSet *set,
                          gboolean again,
                          const char *why,
                          const char *program,
                          ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  va_list args;

  if (!fatia_command_is_there (root, program, NULL))
    return;
  va_start (args, program);
  for (const char *word = program; word; word = va_arg (args, const char *))
    g_ptr_array_add (argv, (gpointer) word);
  va_end (args);
  g_ptr_array_add (argv, NULL);
  if (again)
    fatia_change_set_add_command (set, (const char *const *) argv->pdata, why);
  else
    fatia_change_set_add_command_once (set, (const char *const *) argv->pdata, why);
}
