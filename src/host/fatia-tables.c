/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/fatia-tables.h"

#include <gio/gio.h>

#include "fatia-table-data.h"

static GKeyFile *
load_table (const char *name)
{
  g_autofree char *path = g_strdup_printf ("/dev/fatia/tables/%s.ini", name);
  g_autoptr (GKeyFile) table = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  /* By name, not through the global list: a constructor in a static library that nothing
   * refers to is left out by the linker. */
  bytes = g_resource_lookup_data (fatia_table_data_get_resource (), path,
                                  G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  if (bytes == NULL)
    return NULL;
  if (!g_key_file_load_from_bytes (table, bytes, G_KEY_FILE_KEEP_TRANSLATIONS, &error))
    g_error ("data/tables/%s.ini: %s", name, error->message);
  return g_steal_pointer (&table);
}

/**
 * fatia_tables_get:
 * @name: the file's name in data/tables, without ".ini"
 *
 * A table, parsed once for the whole program; for reading only, from any thread. Words for
 * people have translations in the file: ask for them with g_key_file_get_locale_string().
 *
 * Returns: (transfer full) (nullable): the table, or %NULL where there is none of this name
 */
GKeyFile *
fatia_tables_get (const char *name)
{
  static GMutex mutex;
  static GHashTable *tables;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);
  GKeyFile *table;

  g_return_val_if_fail (name != NULL, NULL);

  if (tables == NULL)
    tables = g_hash_table_new (g_str_hash, g_str_equal);
  table = g_hash_table_lookup (tables, name);
  if (table == NULL)
    {
      table = load_table (name);
      if (table == NULL)
        return NULL;
      g_hash_table_insert (tables, g_strdup (name), table);
    }
  return g_key_file_ref (table);
}

/**
 * fatia_tables_get_gop_drivers:
 *
 * The GOP drivers that are known to work, in the language of the session.
 *
 * Returns: (transfer full) (element-type utf8 utf8): SHA-256 of the PE, lower case -> words
 */
GHashTable *
fatia_tables_get_gop_drivers (void)
{
  g_autoptr (GHashTable) drivers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GKeyFile) table = fatia_tables_get ("gop-drivers");
  g_auto (GStrv) keys = g_key_file_get_keys (table, "drivers", NULL, NULL);

  for (gsize i = 0; keys && keys[i]; i++)
    {
      /* The translations are keys of their own: "sha256[pt_BR]". */
      if (strchr (keys[i], '[') == NULL)
        g_hash_table_insert (drivers, g_strdup (keys[i]),
                             g_key_file_get_locale_string (table, "drivers", keys[i], NULL, NULL));
    }
  return g_steal_pointer (&drivers);
}
