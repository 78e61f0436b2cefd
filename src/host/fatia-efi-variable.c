/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The firmware's variables, as efivarfs shows them: four bytes of attributes, then the value. */
#include "host/fatia-efi-variable.h"

#include <string.h>

#define FOLDER     "/sys/firmware/efi/efivars"
#define ATTRIBUTES 4
/* An entry of the boot menu with its device path and options has some hundred bytes. */
#define LIMIT 4096

/*
 * fatia_efi_variable_read:
 * @length: (out): of the value in bytes, at least 1
 *
 * Returns: (transfer full) (nullable): the value; %NULL: it is not there or can't be read
 */
char *
fatia_efi_variable_read (FatiaHostRoot *root, const char *name, const char *guid, gsize *length)
{
  g_autofree char *path = g_strdup_printf (FOLDER "/%s-%s", name, guid);
  gsize size = 0;
  g_autofree char *bytes = fatia_host_root_read (root, path, LIMIT, &size, NULL);

  if (bytes == NULL || size <= ATTRIBUTES)
    return NULL;
  *length = size - ATTRIBUTES;
  return g_memdup2 (bytes + ATTRIBUTES, *length);
}

/*
 * fatia_efi_text:
 * @bytes: (array length=length): UTF-16LE up to its end or a NUL
 *
 * Returns: (transfer full): the text. Loaders' names and paths are ASCII; what is not is "?".
 */
char *
fatia_efi_text (const char *bytes, gsize length)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i + 1 < length; i += 2)
    {
      guint unit = (guint8) bytes[i] | (guint) (guint8) bytes[i + 1] << 8;

      if (unit == 0)
        break;
      g_string_append_c (text, unit >= 0x20 && unit < 0x7f ? (char) unit : '?');
    }
  return g_string_free (text, FALSE);
}

/*
 * fatia_efi_variable_read_text:
 *
 * Returns: (transfer full) (nullable): a variable's text, %NULL where there is none
 */
char *
fatia_efi_variable_read_text (FatiaHostRoot *root, const char *name, const char *guid)
{
  gsize length = 0;
  g_autofree char *bytes = fatia_efi_variable_read (root, name, guid, &length);
  g_autofree char *text = bytes ? fatia_efi_text (bytes, length) : NULL;

  return text && *text != '\0' ? g_steal_pointer (&text) : NULL;
}

gboolean
fatia_efi_secure_boot_is_on (FatiaHostRoot *root)
{
  gsize length = 0;
  g_autofree char *value = fatia_efi_variable_read (root, "SecureBoot", FATIA_EFI_GLOBAL, &length);

  return value && length == 1 && value[0] == 1;
}
