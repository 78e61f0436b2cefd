/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a file is the release it is given out for. The format is read by its own tool, which
 * gets the bytes on its standard input: dpkg-deb(1), or tar(1) for the dkms.conf of a source.
 */
#include "software/fatia-module.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-command.h"
#include "software/fatia-module-private.h"

#define CHECK_SECONDS 120
#define LINES_LIMIT   1000

typedef struct
{
  const char *name_key; /* with what stands before the value */
  const char *version_key;
  char *name;
  char *version;
  guint lines;
} Reading;

/* The value behind @key: without quotes, as dkms.conf has them. */
static void
take_value (const char *line, const char *key, char **value)
{
  g_autofree char *rest = NULL;
  gsize length;

  if (!g_str_has_prefix (line, key))
    return;
  /* Of two, the tool that installs it may take the other. */
  if (*value)
    {
      g_free (*value);
      *value = g_strdup ("");
      return;
    }
  rest = g_strstrip (g_strdup (line + strlen (key)));
  length = strlen (rest);
  if (length >= 2 && (*rest == '"' || *rest == '\'') && rest[length - 1] == *rest)
    *value = g_strndup (rest + 1, length - 2);
  else
    *value = g_steal_pointer (&rest);
}

static void
take_line (const char *text, gpointer user_data)
{
  Reading *reading = user_data;

  if (reading->lines++ >= LINES_LIMIT)
    return;
  take_value (text, reading->name_key, &reading->name);
  take_value (text, reading->version_key, &reading->version);
}

/* "2026.05.06", or with a package's own number: "2026.05.06-1" */
static gboolean
is_version (const char *version, const char *release)
{
  gsize length = strlen (release);

  return version && g_str_has_prefix (version, release) &&
         (version[length] == '\0' || version[length] == '-');
}

static gboolean
judge (const Reading *reading, const char *release, GError **error)
{
  if (g_strcmp0 (reading->name, FATIA_MODULE_NAME) == 0 && is_version (reading->version, release))
    return TRUE;
  if (reading->name && reading->version)
    g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                 _ ("The file holds %.64s %.64s, not i915-sriov-dkms %s. Get that release's "
                    "file."),
                 reading->name, reading->version, release);
  else
    g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                 _ ("The file is not i915-sriov-dkms %s, or it is damaged. Get it again from "
                    "its publisher."),
                 release);
  return FALSE;
}

/**
 * fatia_module_check_file:
 * @release: a row of data/tables/module-releases.ini
 * @file: bytes that may be anything
 *
 * Has the format's own tool read what @file says it is. For a caller who is authorised to install
 * it: the tool runs with the helper's rights.
 *
 * Returns: whether it is that release's, else %FATIA_CHANGE_ERROR_REFUSED
 */
gboolean
fatia_module_check_file (FatiaHostRoot *root, const char *release, GBytes *file, GError **error)
{
  static const char *const field[] = { "dpkg-deb", "--field", "-", "Package", "Version", NULL };
  static const char *const conf[] = { "tar",         "--extract",   "--gzip",
                                      "--to-stdout", "--wildcards", "--file",
                                      "-",           "*/dkms.conf", NULL };
  const FatiaCommandLimits limits = { .seconds = CHECK_SECONDS, .input = file };
  g_autoptr (FatiaFacts) facts = fatia_facts_read (root);
  gboolean deb = fatia_module_takes_deb (facts);
  Reading reading = {
    .name_key = deb ? "Package:" : "PACKAGE_NAME=",
    .version_key = deb ? "Version:" : "PACKAGE_VERSION=",
  };
  g_autoptr (GError) local = NULL;
  gboolean good;

  if (!fatia_command_is_there (root, deb ? field[0] : conf[0], error))
    return FALSE;
  /* What it says of a file it can't read is for those who know the format. */
  if (!fatia_command_run_within (root, deb ? field : conf, &limits, take_line, &reading, &local))
    g_debug ("%s", local->message);
  if (local)
    g_clear_pointer (&reading.version, g_free);
  good = judge (&reading, release, error);
  g_free (reading.name);
  g_free (reading.version);
  return good;
}
