/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where what a tool makes of a file can't be looked into (a boot partition that is not mounted, an
 * image that may not be read), a start of the computer tells: if the file is older than the start
 * and the tool was not run since, the running kernel has what the tool made of it. Where somebody
 * edited the file and did not run the tool, that goes without the edit.
 */
#include "boot/fatia-boot-settled.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "boot/fatia-boot-formats.h"
#include "boot/fatia-kernel-arguments.h"
#include "change/fatia-journal.h"
#include "host/fatia-efi-variable.h"
#include "host/fatia-fd.h"

#define STAT_LIMIT    (1024 * 1024)
#define CMDLINE_LIMIT 65536

/* When the file was last changed, in seconds since 1970; G_MAXINT64: not known */
static gint64
changed (FatiaHostRoot *root, const char *path)
{
  fatia_autofd int fd = fatia_host_root_open (root, path, O_PATH, NULL);
  struct stat info;

  return fd >= 0 && fstat (fd, &info) == 0 ? info.st_mtim.tv_sec : G_MAXINT64;
}

/* When the kernel was started, by the clock as it is now (proc_stat(5)); -1: not known */
static gint64
started (FatiaHostRoot *root)
{
  g_autofree char *text = fatia_host_root_read (root, "/proc/stat", STAT_LIMIT, NULL, NULL);
  const char *line = text ? strstr (text, "\nbtime ") : NULL;

  return line ? g_ascii_strtoll (line + strlen ("\nbtime "), NULL, 10) : -1;
}

static gboolean
has_run (const FatiaRecord *record, const char *const *tool)
{
  for (guint i = 0; i < record->items->len; i++)
    {
      const FatiaRecordItem *item = g_ptr_array_index (record->items, i);

      if (item->argv && g_strv_equal ((const char *const *) item->argv, tool))
        return TRUE;
    }
  return FALSE;
}

/* Not everybody may read the journal; that something was written there everybody sees. */
static gboolean
was_run_since (FatiaHostRoot *root, const char *const *tool, gint64 start)
{
  g_autoptr (GPtrArray) records = fatia_journal_load (root, NULL);

  if (records == NULL)
    return changed (root, FATIA_JOURNAL_FOLDER) >= start;
  for (guint i = 0; i < records->len; i++)
    {
      const FatiaRecord *record = g_ptr_array_index (records, i);

      if (record->state == FATIA_RECORD_APPLIED && record->time >= start && has_run (record, tool))
        return TRUE;
    }
  return FALSE;
}

/* Whether the system was started by an entry that is kept as a way out, and tells nothing about
 * the others. */
static gboolean
was_started_by_way_out (FatiaHostRoot *root)
{
  static const char *const variables[] = { "LoaderEntrySelected", "StubImageIdentifier" };

  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      g_autofree char *entry = fatia_efi_variable_read_text (root, variables[i], FATIA_EFI_LOADER);

      if (entry && fatia_text_is_way_out (entry))
        return TRUE;
    }
  return FALSE;
}

/*
 * fatia_boot_was_run:
 *
 * Returns: whether Fatia ran @tool since the kernel was started: once more would change nothing
 */
gboolean
fatia_boot_was_run (FatiaHostRoot *root, const char *const *tool)
{
  gint64 start = started (root);

  return start >= 0 && was_run_since (root, tool, start);
}

/*
 * fatia_boot_settled_arguments:
 * @path: a file with a kernel command line
 * @tool: the words to run once it was edited
 *
 * Returns: (transfer full) (nullable): what @tool made of @path when it was run last, as the
 *   running kernel has it; %NULL: that does not tell
 */
GStrv
fatia_boot_settled_arguments (FatiaHostRoot *root, const char *path, const char *const *tool)
{
  gint64 start = started (root);
  g_autofree char *line = NULL;

  if (start < 0 || changed (root, path) >= start || was_started_by_way_out (root) ||
      was_run_since (root, tool, start))
    return NULL;
  line = fatia_host_root_read (root, "/proc/cmdline", CMDLINE_LIMIT, NULL, NULL);
  return line ? fatia_kernel_arguments_split (line) : NULL;
}
