/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fedora's atomic desktops: the arguments belong to a deployment, and rpm-ostree makes a new one
 * with others. Its own command is the change, and the same command the other way its undo. The
 * options below do nothing where nothing is to be done.
 */
#include "boot/fatia-boot-plans.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define ENTRIES "/boot/loader/entries"
/* A deployment that waits for the next start (ostree-sysroot-deploy.c): a serialised a{sv}. One
 * that is locked waits until somebody lets it go; older versions have a file for that. */
#define STAGED       "/run/ostree/staged-deployment"
#define LOCKED       "/run/ostree/staged-deployment-locked"
#define STAGED_LIMIT (1024 * 1024)

/* (transfer full) (nullable): the arguments of the deployment that waits, if one does */
static GStrv
read_staged (FatiaHostRoot *root)
{
  gsize length = 0;
  char *data = fatia_host_root_read (root, STAGED, STAGED_LIMIT, &length, NULL);
  g_autoptr (GVariant) staged = NULL;
  GStrv arguments = NULL;
  gboolean locked = fatia_host_root_exists (root, LOCKED);

  if (data == NULL)
    return NULL;
  staged = g_variant_ref_sink (
    g_variant_new_from_data (G_VARIANT_TYPE_VARDICT, data, length, FALSE, g_free, data));
  if (!locked)
    g_variant_lookup (staged, "locked", "b", &locked);
  if (!locked)
    g_variant_lookup (staged, "kargs", "^as", &arguments);
  return arguments;
}

/* The entry with the highest version is started next; -1: none such. */
static gint64
entry_version (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gint64 version = -1;

  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "version "))
      g_ascii_string_to_signed (g_strstrip (lines[i] + strlen ("version ")), 10, 0, G_MAXINT32,
                                &version, NULL);
  return version;
}

static char *
find_entry (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();
  g_autofree char *newest = NULL;
  gint64 newest_version = -1;

  if (!fatia_boot_files_add_folder (files, root, ENTRIES, ".conf", error))
    return NULL;
  for (guint i = 0; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);
      g_autofree char *text = fatia_host_root_read (root, path, FATIA_BOOT_FILE_LIMIT, NULL, NULL);
      gint64 version = text && strstr (path, "/ostree-") ? entry_version (text) : -1;

      if (version <= newest_version)
        continue;
      newest_version = version;
      g_free (newest);
      newest = g_strdup (path);
    }
  if (newest == NULL)
    fatia_boot_set_refused (error, _ ("none of the boot loader's entries starts this system; is "
                                      "/boot mounted?"));
  return g_steal_pointer (&newest);
}

GStrv
fatia_rpm_ostree_read (FatiaHostRoot *root, GError **error)
{
  GStrv staged = read_staged (root);
  g_autofree char *path = NULL;
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();

  if (staged)
    return staged;
  path = find_entry (root, error);
  if (path == NULL || !fatia_boot_reading_add (lines, root, &fatia_entry_format, path, error))
    return NULL;
  return fatia_boot_reading_end (lines, error);
}

/* An argument that is safe as a part of an option's word. */
static gboolean
is_safe (const char *argument)
{
  return g_regex_match_simple ("\\A[A-Za-z0-9._-]+=[A-Za-z0-9._,:!*/+-]*\\z", argument, 0, 0);
}

/* @out takes what is to go, @in what is to come. */
static void
add_options (GStrvBuilder *argv, const char *out, const char *in)
{
  g_autofree char *remove = out ? g_strconcat ("--delete-if-present=", out, NULL) : NULL;
  g_autofree char *append = in ? g_strconcat ("--append-if-missing=", in, NULL) : NULL;

  if (remove)
    g_strv_builder_add (argv, remove);
  if (append)
    g_strv_builder_add (argv, append);
}

static gboolean
has_word (GPtrArray *words, const char *text)
{
  for (guint i = 0; i < words->len; i++)
    if (g_str_equal (((FatiaKernelWord *) g_ptr_array_index (words, i))->text, text))
      return TRUE;
  return FALSE;
}

static gboolean
add_edits (const FatiaKernelEdit *edit, GPtrArray *words, GStrvBuilder *argv, GStrvBuilder *inverse)
{
  const char *old =
    edit->word < 0 ? NULL : ((FatiaKernelWord *) g_ptr_array_index (words, edit->word))->text;
  gboolean had;

  if (!is_safe (edit->text) || (old && !is_safe (old)))
    return FALSE;
  /* What stood there before, if only ahead of another one, undo is not to take away. */
  had = has_word (words, edit->text);
  add_options (argv, old, had ? NULL : edit->text);
  add_options (inverse, had ? NULL : edit->text, old);
  return TRUE;
}

gboolean
fatia_rpm_ostree_plan (FatiaHostRoot *root,
                       const char *const *wanted,
                       FatiaChangeSet *set,
                       GError **error)
{
  g_autofree char *program = fatia_boot_find_program (root, "rpm-ostree");
  g_auto (GStrv) have = program ? fatia_rpm_ostree_read (root, error) : NULL;
  g_autoptr (GPtrArray) words =
    have ? fatia_kernel_words_from_strv ((const char *const *) have) : NULL;
  g_autoptr (GPtrArray) edits = words ? fatia_kernel_words_merge (words, wanted, NULL, NULL) : NULL;
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();
  g_autoptr (GStrvBuilder) inverse = g_strv_builder_new ();
  g_auto (GStrv) command = NULL;
  g_auto (GStrv) inverse_command = NULL;

  if (program == NULL)
    fatia_boot_set_refused (error, _ ("rpm-ostree is not installed"));
  if (edits == NULL)
    return FALSE;
  if (edits->len == 0)
    return TRUE;
  g_strv_builder_add_many (argv, "rpm-ostree", "kargs", NULL);
  g_strv_builder_add_many (inverse, "rpm-ostree", "kargs", NULL);
  for (guint i = 0; i < edits->len; i++)
    if (!add_edits (g_ptr_array_index (edits, i), words, argv, inverse))
      {
        fatia_boot_set_refused (error, _ ("a list that is to be extended has odd characters"));
        return FALSE;
      }
  command = g_strv_builder_end (argv);
  inverse_command = g_strv_builder_end (inverse);
  fatia_change_set_add_command_pair (
    set, (const char *const *) command, (const char *const *) inverse_command,
    _ ("Makes a deployment with the new kernel command line, which the next start uses."));
  return TRUE;
}
