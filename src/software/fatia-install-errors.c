/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why something could not be installed, compiled or loaded, in words. */
#include "software/fatia-install-errors.h"

#include <string.h>

#include "host/fatia-tables.h"
#include "software/fatia-module-private.h"

/* A driver of this size prints some hundred kilobytes. */
#define LOG_LIMIT (8 * 1024 * 1024)

static gboolean
has_pattern (GKeyFile *table, const char *id, const char *text)
{
  g_auto (GStrv) patterns = g_key_file_get_string_list (table, id, "Text", NULL, NULL);

  for (gsize i = 0; patterns && patterns[i]; i++)
    if (strstr (text, patterns[i]))
      return TRUE;
  return FALSE;
}

/**
 * fatia_install_errors_explain:
 * @text: what a tool said, DKMS' make.log, the kernel's log
 *
 * Returns: (transfer full) (nullable): what went wrong and what to do, by the first row of the
 *   table that fits; %NULL where none does
 */
char *
fatia_install_errors_explain (const char *text)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("install-errors");
  g_auto (GStrv) ids = g_key_file_get_groups (table, NULL);

  g_return_val_if_fail (text != NULL, NULL);

  for (gsize i = 0; ids[i]; i++)
    if (has_pattern (table, ids[i], text))
      return g_key_file_get_locale_string (table, ids[i], "Words", NULL, NULL);
  return NULL;
}

/* A FatiaExplain; @user_data (nullable): the release of the driver that is compiled. */
static char *
explain (FatiaHostRoot *root, const char *message, gpointer user_data)
{
  g_autofree char *path = user_data ? g_build_filename ("/var/lib/dkms", FATIA_MODULE_NAME,
                                                        user_data, "build", "make.log", NULL)
                                    : NULL;
  g_autofree char *log = path ? fatia_host_root_read (root, path, LOG_LIMIT, NULL, NULL) : NULL;
  char *from_log = log ? fatia_install_errors_explain (log) : NULL;

  return from_log ? from_log : fatia_install_errors_explain (message);
}

/**
 * fatia_install_errors_explain_set:
 * @set: whose commands install software
 * @version: (nullable): the release of the driver that is compiled
 *
 * Has a failure of its commands put into words; for a driver DKMS' log is looked into too.
 */
void
fatia_install_errors_explain_set (FatiaChangeSet *set, const char *version)
{
  fatia_change_set_set_explain (set, explain, g_strdup (version), g_free);
}
