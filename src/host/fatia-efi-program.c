/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which program the firmware started, and what that is. */
#include "host/fatia-efi-program.h"

#include <string.h>

#include "host/fatia-efi-variable.h"
#include "host/fatia-pe-section.h"

/* Where the EFI system partition, or the partition of the boot loader, is mounted. */
static const char *const partitions[] = { "/efi", "/boot/efi", "/boot" };

/* Nodes of a device path (UEFI specification, 10.3). */
#define NODE_HEADER 4
#define NODE_END    0x7f
#define NODE_MEDIA  4
#define NODE_FILE   4

static guint
get16 (const char *bytes)
{
  return (guint8) bytes[0] | (guint) (guint8) bytes[1] << 8;
}

/* (transfer full): the file's path in a device path, "" where it has none */
static char *
read_path (const char *nodes, gsize length)
{
  GString *path = g_string_new (NULL);

  for (gsize i = 0; i + NODE_HEADER <= length && (guint8) nodes[i] != NODE_END;)
    {
      gsize size = get16 (nodes + i + 2);

      if (size < NODE_HEADER || size > length - i)
        break;
      if (nodes[i] == NODE_MEDIA && nodes[i + 1] == NODE_FILE)
        {
          g_autofree char *part = fatia_efi_text (nodes + i + NODE_HEADER, size - NODE_HEADER);

          if (path->len > 0 && path->str[path->len - 1] != '\\' && *part != '\\')
            g_string_append_c (path, '\\');
          g_string_append (path, part);
        }
      i += size;
    }
  return g_string_free (path, FALSE);
}

/*
 * fatia_efi_current_program:
 *
 * Reads BootCurrent and the entry of the firmware's menu that it names (UEFI specification,
 * 3.1.3: attributes, the device path's length, a title up to a NUL, the device path).
 *
 * Returns: (transfer full) (nullable): the path of the program that the firmware started, with
 *   backslashes, as "\EFI\debian\grubx64.efi"; "" where the entry names none, as do those that
 *   firmware makes for a disk; %NULL where it is not known
 */
char *
fatia_efi_current_program (FatiaHostRoot *root)
{
  gsize length = 0, title = 6, path_length;
  g_autofree char *current =
    fatia_efi_variable_read (root, "BootCurrent", FATIA_EFI_GLOBAL, &length);
  g_autofree char *name =
    current && length == 2 ? g_strdup_printf ("Boot%04X", get16 (current)) : NULL;
  g_autofree char *entry =
    name ? fatia_efi_variable_read (root, name, FATIA_EFI_GLOBAL, &length) : NULL;

  if (entry == NULL || length < title)
    return NULL;
  path_length = get16 (entry + 4);
  while (title + 1 < length && get16 (entry + title) != 0)
    title += 2;
  title += 2;
  if (title > length || path_length > length - title)
    return NULL;
  return read_path (entry + title, path_length);
}

/*
 * fatia_efi_program_find:
 * @path: a path of the firmware's, with backslashes or not
 *
 * Returns: (transfer full) (nullable): where this host has that file mounted
 */
char *
fatia_efi_program_find (FatiaHostRoot *root, const char *path)
{
  g_autofree char *slashed = g_strdelimit (g_strdup (path), "\\", '/');

  for (gsize i = 0; *path != '\0' && i < G_N_ELEMENTS (partitions); i++)
    {
      g_autofree char *found = g_build_filename (partitions[i], slashed, NULL);

      if (fatia_host_root_exists (root, found))
        return g_steal_pointer (&found);
    }
  return NULL;
}

/* Names of components in ".sbat". A shim is no loader: it starts the program beside it. */
static const struct
{
  const char *component;
  const char *name;
} components[] = {
  { "grub,", "GRUB" },
  { "refind,", "rEFInd" },
  { "limine,", "Limine" },
  { "shim,", "shim" },
};

/* systemd's programs say so in a section of their own. */
static const char *
name_by_magic (FatiaHostRoot *root, const char *path)
{
  g_autofree char *magic = fatia_pe_section_read (root, path, ".sdmagic");

  if (magic == NULL)
    return NULL;
  return strstr (magic, "systemd-stub")   ? "UKI"
         : strstr (magic, "systemd-boot") ? "systemd-boot"
                                          : NULL;
}

/* (nullable) */
static const char *
name_by_sbat (FatiaHostRoot *root, const char *path)
{
  g_autofree char *sbat = fatia_pe_section_read (root, path, ".sbat");
  g_auto (GStrv) lines = sbat ? g_strsplit (sbat, "\n", 32) : NULL;

  for (gsize i = 0; lines != NULL && lines[i] != NULL; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (components); j++)
      if (g_str_has_prefix (lines[i], components[j].component))
        return components[j].name;
  return NULL;
}

static const char *
name_by_content (FatiaHostRoot *root, const char *path)
{
  const char *name = name_by_magic (root, path);

  return name ? name : name_by_sbat (root, path);
}

/* Where a file does not say what it is, its path does: distributions keep to these. The
 * removable path (\EFI\BOOT\BOOTX64.EFI) says nothing. */
static const struct
{
  const char *part;
  const char *name;
} parts[] = {
  { "\\refind", "rEFInd" },    { "\\limine", "Limine" },      { "\\systemd\\", "systemd-boot" },
  { "\\efi\\linux\\", "UKI" }, { "\\grub", "GRUB" },          { "\\shim", "GRUB" },
  { "\\vmlinuz", "EFI stub" }, { "\\linux.efi", "EFI stub" },
};

/* (nullable) */
static const char *
name_by_path (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strstr (lower, parts[i].part))
      return parts[i].name;
  return NULL;
}

/* What a shim starts has this name, whatever it is. */
static const char *
name_behind_shim (FatiaHostRoot *root, const char *shim)
{
  g_autofree char *folder = g_path_get_dirname (shim);
  g_autofree char *next = g_build_filename (folder, "grubx64.efi", NULL);

  return name_by_content (root, next);
}

/*
 * fatia_efi_program_name:
 * @path: a path of the firmware's
 *
 * Returns: (transfer full) (nullable): what kind of program that is: "GRUB", "systemd-boot",
 *   "Limine", "rEFInd", "UKI" (a unified kernel image), "EFI stub" (a kernel by itself); %NULL:
 *   unknown
 */
char *
fatia_efi_program_name (FatiaHostRoot *root, const char *path)
{
  g_autofree char *file = fatia_efi_program_find (root, path);
  const char *name = file ? name_by_content (root, file) : NULL;

  if (g_strcmp0 (name, "shim") == 0)
    name = name_behind_shim (root, file);
  if (name == NULL || g_str_equal (name, "shim"))
    name = name_by_path (path);
  return g_strdup (name);
}
