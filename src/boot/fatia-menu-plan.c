/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Menus that people write themselves: Limine's and rEFInd's, edited where they are read. */
#include "boot/fatia-boot-plans.h"

#include <glib/gi18n-lib.h>

#include "boot/fatia-limine-checksum.h"
#include "host/fatia-efi-variable.h"

/* Themes and a file or two; what is more is not looked at. */
#define MAX_INCLUDES 16
/* Of EFI programs on one partition. */
#define MAX_FOLDERS 64

typedef struct
{
  const char *path;
  const FatiaBootFormat *format;
} MenuFile;

/* Limine looks for its file in these places (its CONFIG.md), and before them beside its program: in
 * any folder of EFI. */
static const MenuFile limine_files[] = {
  { "/boot/limine.cfg", &fatia_limine_old_format },
  { "/boot/limine/limine.cfg", &fatia_limine_old_format },
  { "/boot/EFI/BOOT/limine.cfg", &fatia_limine_old_format },
  { "/boot/limine.conf", &fatia_limine_format },
  { "/boot/limine/limine.conf", &fatia_limine_format },
  { "/boot/EFI/limine/limine.conf", &fatia_limine_format },
  { "/boot/EFI/BOOT/limine.conf", &fatia_limine_format },
  { "/boot/efi/limine.conf", &fatia_limine_format },
  { "/boot/efi/EFI/limine/limine.conf", &fatia_limine_format },
  { "/boot/efi/EFI/BOOT/limine.conf", &fatia_limine_format },
  { "/efi/limine.conf", &fatia_limine_format },
  { "/efi/EFI/limine/limine.conf", &fatia_limine_format },
  { "/efi/EFI/BOOT/limine.conf", &fatia_limine_format },
};

/* And rEFInd in these. */
static const MenuFile refind_files[] = {
  { "/boot/refind_linux.conf", &fatia_refind_linux_format },
  { "/boot/efi/EFI/refind/refind.conf", &fatia_refind_format },
  { "/boot/efi/EFI/BOOT/refind.conf", &fatia_refind_format },
  { "/boot/EFI/refind/refind.conf", &fatia_refind_format },
  { "/boot/EFI/BOOT/refind.conf", &fatia_refind_format },
  { "/efi/EFI/refind/refind.conf", &fatia_refind_format },
  { "/efi/EFI/BOOT/refind.conf", &fatia_refind_format },
};

static const FatiaBootFormat *
format_of (const MenuFile *menu, gsize n, const char *path)
{
  gsize i = 0;

  while (i + 1 < n && !g_str_equal (menu[i].path, path))
    i++;
  return menu[i].format;
}

/* Such a menu may have the entries of every system on the computer. */
static FatiaBootFormat
own_format_of (const MenuFile *menu, gsize n, const char *path, FatiaHostRoot *root)
{
  FatiaBootFormat format = *format_of (menu, n, path);

  format.root = root;
  return format;
}

/* Files that are in no row: format_of() takes them for what the last row has. */

static void
add_beside_programs (GPtrArray *files, FatiaHostRoot *root)
{
  static const char *const partitions[] = { "/boot", "/boot/efi", "/efi" };

  for (gsize i = 0; i < G_N_ELEMENTS (partitions); i++)
    {
      g_autofree char *efi = g_build_filename (partitions[i], "EFI", NULL);
      g_auto (GStrv) names = fatia_host_root_list (root, efi, NULL);

      for (gsize j = 0; names != NULL && names[j] != NULL && j < MAX_FOLDERS; j++)
        {
          g_autofree char *path = g_build_filename (efi, names[j], "limine.conf", NULL);

          fatia_boot_files_add (files, root, path);
        }
    }
}

/* rEFInd reads stanzas from more files, which only refind.conf itself can name. */
static void
add_includes (GPtrArray *files, FatiaHostRoot *root, const char *path)
{
  gsize length = 0;
  g_autofree char *text = fatia_host_root_read (root, path, FATIA_BOOT_FILE_LIMIT, &length, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_auto (GStrv) names = text ? fatia_refind_includes (text, length) : NULL;

  for (gsize i = 0; names != NULL && names[i] != NULL && i < MAX_INCLUDES; i++)
    {
      g_autofree char *included = g_build_filename (folder, names[i], NULL);

      fatia_boot_files_add (files, root, included);
    }
}

/* (transfer full) */
static GPtrArray *
find_files (FatiaHostRoot *root, const MenuFile *menu, gsize n)
{
  GPtrArray *files = fatia_boot_files_new ();

  for (gsize i = 0; i < n; i++)
    fatia_boot_files_add (files, root, menu[i].path);
  if (menu == limine_files)
    add_beside_programs (files, root);
  for (guint i = 0, n_files = files->len; i < n_files; i++)
    if (format_of (menu, n, g_ptr_array_index (files, i)) == &fatia_refind_format)
      add_includes (files, root, g_ptr_array_index (files, i));
  return files;
}

/* @check: (nullable): whether the loader would start with files that were changed */
static gboolean
plan_menu (FatiaHostRoot *root,
           const MenuFile *menu,
           gsize n,
           gboolean (*check) (FatiaHostRoot *root, GError **error),
           const char *const *wanted,
           FatiaChangeSet *set,
           GError **error)
{
  g_autoptr (GPtrArray) files = find_files (root, menu, n);
  g_autoptr (FatiaBootEdits) edits = fatia_boot_edits_new (root, wanted);

  for (guint i = 0; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);
      const FatiaBootFormat format = own_format_of (menu, n, path, root);

      if (!fatia_boot_edits_add (edits, &format, path, error))
        return FALSE;
    }
  if (fatia_boot_edits_count_lines (edits) == 0)
    {
      fatia_boot_set_refused (
        error, _ ("none of the boot loader's entries starts this system; is /boot mounted?"));
      return FALSE;
    }
  if (check && fatia_boot_edits_change (edits) && !check (root, error))
    return FALSE;
  fatia_boot_edits_commit (edits, set);
  return TRUE;
}

static GStrv
read_menu (FatiaHostRoot *root, const MenuFile *menu, gsize n, GError **error)
{
  g_autoptr (GPtrArray) files = find_files (root, menu, n);
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();

  for (guint i = 0; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);
      const FatiaBootFormat format = own_format_of (menu, n, path, root);

      if (!fatia_boot_reading_add (lines, root, &format, path, error))
        return NULL;
    }
  return fatia_boot_reading_end (lines, error);
}

static void
find_others (FatiaHostRoot *root, const MenuFile *menu, gsize n, GPtrArray *paths)
{
  g_autoptr (GPtrArray) files = find_files (root, menu, n);

  for (guint i = 0; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);
      const FatiaBootFormat own = own_format_of (menu, n, path, root);
      g_autoptr (GPtrArray) all = fatia_boot_reading_new ();
      g_autoptr (GPtrArray) ours = fatia_boot_reading_new ();

      if (fatia_boot_reading_add (all, root, format_of (menu, n, path), path, NULL) &&
          fatia_boot_reading_add (ours, root, &own, path, NULL) && ours->len < all->len)
        g_ptr_array_add (paths, g_strdup (path));
    }
}

/* The checksum of the file may be in the loader, which would then stop at another one; under Secure
 * Boot it has to be. */
static gboolean
check_limine (FatiaHostRoot *root, GError **error)
{
  if (fatia_efi_secure_boot_is_on (root))
    fatia_boot_set_refused (
      error, _ ("under Secure Boot Limine starts with no other configuration than the one it "
                "was enrolled with"));
  else if (fatia_limine_enrolls (root))
    fatia_boot_set_refused (
      error, _ ("/etc/default/limine wants the configuration's checksum enrolled in Limine, and "
                "the tool that does so (limine-update) was not found"));
  else
    return fatia_limine_check_checksum (root, error);
  return FALSE;
}

gboolean
fatia_limine_plan (FatiaHostRoot *root,
                   const char *const *wanted,
                   FatiaChangeSet *set,
                   GError **error)
{
  return plan_menu (root, limine_files, G_N_ELEMENTS (limine_files), check_limine, wanted, set,
                    error);
}

GStrv
fatia_limine_read (FatiaHostRoot *root, GError **error)
{
  return read_menu (root, limine_files, G_N_ELEMENTS (limine_files), error);
}

void
fatia_limine_find_others (FatiaHostRoot *root, GPtrArray *paths)
{
  find_others (root, limine_files, G_N_ELEMENTS (limine_files), paths);
}

gboolean
fatia_refind_plan (FatiaHostRoot *root,
                   const char *const *wanted,
                   FatiaChangeSet *set,
                   GError **error)
{
  return plan_menu (root, refind_files, G_N_ELEMENTS (refind_files), NULL, wanted, set, error);
}

GStrv
fatia_refind_read (FatiaHostRoot *root, GError **error)
{
  return read_menu (root, refind_files, G_N_ELEMENTS (refind_files), error);
}

void
fatia_refind_find_others (FatiaHostRoot *root, GPtrArray *paths)
{
  find_others (root, refind_files, G_N_ELEMENTS (refind_files), paths);
}
