/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An option ROM that QEMU is to read: its file, and leave to read it. QEMU runs as a user of its
 * own, so every folder above has to let others through. The names of folders and files it is to
 * open are libvirt's to allow under AppArmor, and it allows no ROM's (see fatia-apparmor.c).
 */
#include "memory/fatia-rom.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-atomic.h"
#include "change/fatia-change-private.h"
#include "host/fatia-fd.h"
#include "memory/fatia-memory-private.h"

#define FOLDER      "/var/lib/fatia/roms"
#define NAME_LENGTH 64
/* What confined virtual machines may read and not write. */
#define SELINUX_TYPE "virt_content_t"

static gboolean
check_name (const char *name, GError **error)
{
  if (strlen (name) <= NAME_LENGTH &&
      g_regex_match_simple ("^[A-Za-z0-9][A-Za-z0-9.-]*\\.(rom|efi)$", name, G_REGEX_DOLLAR_ENDONLY,
                            0))
    return TRUE;
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                       _ ("This is not a name for a ROM: letters, digits, “-” and “.”, with "
                          "“.rom” or “.efi” at the end."));
  return FALSE;
}

/* Those that are not there yet are made for everyone. */
static gboolean
check_folders (FatiaHostRoot *root, GError **error)
{
  static const char *const folders[] = { "/var", "/var/lib", "/var/lib/fatia", FOLDER };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      fatia_autofd int fd = fatia_host_root_open (root, folders[i], O_PATH | O_DIRECTORY, NULL);
      struct stat info;

      if (fd < 0 || fstat (fd, &info) < 0 || info.st_mode & S_IXOTH)
        continue;
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
                   _ ("QEMU, which runs as a user of its own, can’t get into the folder %s. Let "
                      "others through it: sudo chmod o+x %s"),
                   folders[i], folders[i]);
      return FALSE;
    }
  return TRUE;
}

/**
 * fatia_rom_plan:
 * @name: the file's name, checked here
 * @rom: what it is to hold
 * @set: gets the changes
 */
gboolean
fatia_rom_plan (
  FatiaHostRoot *root, const char *name, GBytes *rom, FatiaChangeSet *set, GError **error)
{
  g_autoptr (FatiaFile) present = NULL;
  g_autofree char *path = NULL;
  g_autofree char *rule = NULL;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);
  g_return_val_if_fail (name != NULL && rom != NULL, FALSE);
  g_return_val_if_fail (FATIA_IS_CHANGE_SET (set), FALSE);

  if (!check_name (name, error) || !check_folders (root, error))
    return FALSE;
  path = g_build_filename (FOLDER, name, NULL);
  present = fatia_file_read (root, path, error);
  if (present == NULL)
    return FALSE;
  fatia_change_set_add_file (set, path, present->bytes, rom, 0644);
  /* One rule for each, so that each is undone by itself. */
  rule = g_strdup_printf ("%s r,", path);
  if (!fatia_apparmor_plan (root, set, name, rule, TRUE, error))
    return FALSE;
  fatia_selinux_plan_label (root, set, path, SELINUX_TYPE,
                            !fatia_bytes_equal0 (present->bytes, rom));
  return TRUE;
}
