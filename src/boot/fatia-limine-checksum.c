/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `limine enroll-config` writes the BLAKE2B checksum of limine.conf into Limine's own program,
 * behind a mark. A program with one stops at any other configuration, under Secure Boot or not
 * (Limine's common/lib/config.c, init_config ()); in one without there are zeros.
 */
#include "boot/fatia-limine-checksum.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "boot/fatia-boot-formats.h"
#include "boot/fatia-boot-plan.h"
#include "host/fatia-efi-program.h"

#define MARK   "++CONFIG_B2SUM_SIGNATURE++"
#define DIGITS 128

/* Limine has less than one MiB. Unified kernel images beside it are larger, and not looked into. */
#define PROGRAM_LIMIT (8 * 1024 * 1024)
#define MAX_NAMES     256

#define SETTINGS "/etc/default/limine"

/* Where the partition that Limine is started from may be mounted, and the folders in it with a
 * program of Limine's (its USAGE.md); those below EFI are found. */
static const char *const partitions[] = { "/boot", "/boot/efi", "/efi" };
static const char *const folders[] = { "", "limine", "boot", "boot/limine" };

/* Whether any mark in the program is followed by something but zeros. */
static gboolean
has_checksum (const char *bytes, gsize length)
{
  const gsize mark = strlen (MARK);

  for (const char *at = bytes; (at = memmem (at, length - (at - bytes), MARK, mark)) != NULL;)
    {
      gsize left = length - (at - bytes) - mark;

      at += mark;
      for (gsize i = 0; i < MIN (left, DIGITS); i++)
        if (at[i] != '0')
          return TRUE;
    }
  return FALSE;
}

/* FALSE: @path is a program that wants another configuration than a changed one. */
static gboolean
check_program (FatiaHostRoot *root, const char *path, GError **error)
{
  gsize length = 0;
  g_autofree char *bytes = fatia_host_root_read (root, path, PROGRAM_LIMIT, &length, NULL);

  if (bytes == NULL || !has_checksum (bytes, length))
    return TRUE;
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
               _ ("Limine (%s) starts with no other configuration than the one whose checksum was "
                  "enrolled in it; after any change of it “limine enroll-config” has to be run"),
               path);
  return FALSE;
}

static gboolean
is_program (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_str_has_suffix (lower, ".efi") || g_str_equal (lower, "limine-bios.sys");
}

static gboolean
check_folder (FatiaHostRoot *root, const char *folder, GError **error)
{
  g_auto (GStrv) names = fatia_host_root_list (root, folder, NULL);

  for (gsize i = 0; names != NULL && names[i] != NULL && i < MAX_NAMES; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      if (is_program (names[i]) && !check_program (root, path, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_partition (FatiaHostRoot *root, const char *partition, GError **error)
{
  g_autofree char *efi = g_build_filename (partition, "EFI", NULL);
  g_auto (GStrv) names = fatia_host_root_list (root, efi, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_build_filename (partition, folders[i], NULL);

      if (!check_folder (root, folder, error))
        return FALSE;
    }
  for (gsize i = 0; names != NULL && names[i] != NULL && i < MAX_NAMES; i++)
    {
      g_autofree char *folder = g_build_filename (efi, names[i], NULL);

      if (!check_folder (root, folder, error))
        return FALSE;
    }
  return TRUE;
}

/*
 * fatia_limine_check_checksum:
 *
 * Returns: whether Limine would start with a configuration that was changed; else
 *   %FATIA_CHANGE_ERROR_REFUSED. Programs that can't be read tell nothing.
 */
gboolean
fatia_limine_check_checksum (FatiaHostRoot *root, GError **error)
{
  g_autofree char *current = fatia_efi_current_program (root);
  g_autofree char *started = current ? fatia_efi_program_find (root, current) : NULL;

  if (started && !check_program (root, started, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (partitions); i++)
    if (!check_partition (root, partitions[i], error))
      return FALSE;
  return TRUE;
}

/*
 * fatia_limine_enrolls:
 *
 * Returns: whether limine-entry-tool enrolls the checksum anew each time it writes the
 *   configuration; only /etc/default/limine can say so
 */
gboolean
fatia_limine_enrolls (FatiaHostRoot *root)
{
  gsize length = 0;
  g_autofree char *text =
    fatia_host_root_read (root, SETTINGS, FATIA_BOOT_FILE_LIMIT, &length, NULL);
  g_autofree char *value =
    text ? fatia_assignments_get (text, length, "ENABLE_ENROLL_LIMINE_CONFIG") : NULL;

  return g_strcmp0 (value, "yes") == 0;
}
