/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What AppArmor lets QEMU open besides what libvirt's virt-aa-helper finds in a domain: it finds
 * neither what stands in qemu:commandline nor the ROM of a passed-through device (tried with
 * libvirt 11.3). libvirt compiles a virtual machine's profile anew at each start, so nothing is
 * to be loaded here.
 */
#include "memory/fatia-memory-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-atomic.h"

#define ABSTRACTION "/etc/apparmor.d/abstractions/libvirt-qemu"
/* A folder for files of anyone's, or, in older versions, one file. */
#define FOLDER ABSTRACTION ".d"
#define LOCAL  "/etc/apparmor.d/local/abstractions/libvirt-qemu"
#define LIMIT  (1024 * 1024)
/* How a line of ours is told in a file of others'. */
#define MARK " # Fatia"

/* Whether the abstraction includes what is at @place. AppArmor reads "#include", too. */
static gboolean
includes (const char *abstraction, const char *place)
{
  g_autofree char *pattern =
    g_strdup_printf ("^[ \t]*#?include[ \t]+(if[ \t]+exists[ \t]+)?<%s>", place);

  return g_regex_match_simple (pattern, abstraction, G_REGEX_MULTILINE | G_REGEX_RAW, 0);
}

/* A file of ours. */
static gboolean
plan_file (FatiaHostRoot *root,
           FatiaChangeSet *set,
           const char *name,
           const char *rule,
           gboolean allowed,
           GError **error)
{
  g_autofree char *path = g_strdup_printf (FOLDER "/fatia-%s", name);
  g_autofree char *text =
    g_strdup_printf ("# Written by Fatia: what a virtual machine's QEMU may open.\n%s\n", rule);

  return fatia_memory_add_text (root, set, path, allowed ? text : NULL, NULL, error);
}

/* The lines of @text without ours; @others: whether one says the same. */
static char *
take_out (const char *text, const char *rule, gboolean *others)
{
  g_autofree char *ours = g_strconcat (rule, MARK, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();

  *others = FALSE;
  for (guint i = 0; lines[i]; i++)
    {
      g_autofree char *line = g_strstrip (g_strdup (lines[i]));

      if (g_str_equal (line, ours))
        continue;
      *others |= g_str_equal (line, rule);
      g_ptr_array_add (kept, lines[i]);
    }
  g_ptr_array_add (kept, NULL);
  return g_strjoinv ("\n", (GStrv) kept->pdata);
}

/* A line of ours in a file of others'. */
static gboolean
plan_line (
  FatiaHostRoot *root, FatiaChangeSet *set, const char *rule, gboolean allowed, GError **error)
{
  g_autoptr (FatiaFile) present = fatia_file_read (root, LOCAL, error);
  gsize length = 0;
  const char *data = present && present->bytes ? g_bytes_get_data (present->bytes, &length) : NULL;
  g_autofree char *text = g_strndup (data ? data : "", length);
  g_autofree char *rest = NULL;
  g_autofree char *after = NULL;
  gboolean others;

  if (present == NULL)
    return FALSE;
  if (strlen (text) != length)
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                   _ ("%s holds a byte that is no text. Put it right by hand; nothing was "
                      "changed."),
                   LOCAL);
      return FALSE;
    }
  rest = take_out (text, rule, &others);
  if (allowed ? strlen (rest) != length || others : strlen (rest) == length)
    return TRUE;
  if (allowed)
    after = g_strdup_printf ("%s%s%s" MARK "\n", rest,
                             *rest && !g_str_has_suffix (rest, "\n") ? "\n" : "", rule);
  return fatia_memory_add_text (root, set, LOCAL, allowed ? after : rest, NULL, error);
}

/**
 * fatia_apparmor_plan:
 * @name: of what @rule is for, a plain word
 * @rule: a rule of AppArmor's language, with its comma
 * @allowed: whether the rule is to be there; else it goes
 *
 * Nothing is to be done where AppArmor's rules for libvirt are not installed.
 *
 * Returns: FALSE, %FATIA_CHANGE_ERROR_UNSUPPORTED, where they take no additions
 */
gboolean
fatia_apparmor_plan (FatiaHostRoot *root,
                     FatiaChangeSet *set,
                     const char *name,
                     const char *rule,
                     gboolean allowed,
                     GError **error)
{
  g_autofree char *abstraction = fatia_host_root_read (root, ABSTRACTION, LIMIT, NULL, NULL);

  if (!allowed)
    return plan_file (root, set, name, rule, FALSE, error) &&
           plan_line (root, set, rule, FALSE, error);
  if (abstraction == NULL)
    return TRUE;
  if (includes (abstraction, "abstractions/libvirt-qemu\\.d"))
    return plan_file (root, set, name, rule, TRUE, error);
  if (includes (abstraction, "local/abstractions/libvirt-qemu"))
    return plan_line (root, set, rule, TRUE, error);
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
               _ ("AppArmor’s rules for virtual machines (%s) take no additions from other files. "
                  "Update libvirt, or add the line “%s” there by hand."),
               ABSTRACTION, rule);
  return FALSE;
}
