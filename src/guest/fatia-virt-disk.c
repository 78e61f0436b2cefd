/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The VM's disk, made and deleted by libvirt: it may lie where the person can't write. */
#include "guest/fatia-virt-private.h"

#include <stdlib.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

/* A pool on the disk's folder. One that was not there before is gone when this is cleared. */
typedef struct
{
  virStoragePoolPtr pool;
  gboolean ours;
} Pool;

static void
pool_clear (Pool *pool)
{
  if (pool->pool == NULL)
    return;
  if (pool->ours)
    virStoragePoolDestroy (pool->pool);
  virStoragePoolFree (pool->pool);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pool, pool_clear)

static gboolean
is_test_driver (virConnectPtr connection)
{
  return g_ascii_strcasecmp (virConnectGetType (connection), "test") == 0;
}

static char *
target_of (virStoragePoolPtr pool)
{
  char *text = virStoragePoolGetXMLDesc (pool, 0);
  g_autoptr (xmlDoc) doc = text ? fatia_xml_parse (text, NULL) : NULL;

  free (text);
  return doc ? fatia_xml_get (doc, "/pool[@type='dir']/target/path") : NULL;
}

/* (transfer full) (nullable): the pool whose folder is @folder */
static virStoragePoolPtr
find_pool (virConnectPtr connection, const char *folder)
{
  virStoragePoolPtr *pools = NULL;
  virStoragePoolPtr found = NULL;
  int n = virConnectListAllStoragePools (connection, &pools, 0);

  for (int i = 0; i < n; i++)
    {
      g_autofree char *target = target_of (pools[i]);

      if (found == NULL && g_strcmp0 (target, folder) == 0)
        found = g_steal_pointer (&pools[i]);
      else
        virStoragePoolFree (pools[i]);
    }
  free (pools);
  return found;
}

static virStoragePoolPtr
make_pool (virConnectPtr connection, const char *folder)
{
  g_autoptr (xmlDoc) doc = xmlNewDoc (BAD_CAST "1.0");
  xmlNode *pool = xmlNewDocNode (doc, NULL, BAD_CAST "pool", NULL);
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *name = g_strconcat ("fatia-", uuid, NULL);
  g_autofree char *text = NULL;

  xmlDocSetRootElement (doc, pool);
  xmlNewProp (pool, BAD_CAST "type", BAD_CAST "dir");
  fatia_xml_add_text (pool, "name", name);
  fatia_xml_add_text (fatia_xml_add (pool, "target", NULL), "path", folder);
  text = fatia_xml_to_string (doc);
  /* Built: the folder is made where it is not there. */
  return virStoragePoolCreateXML (connection, text, VIR_STORAGE_POOL_CREATE_WITH_BUILD);
}

/* Opens a pool on @folder, its list of files up to date. */
static gboolean
open_pool (virConnectPtr connection, const char *folder, Pool *pool, GError **error)
{
  pool->pool = find_pool (connection, folder);
  if (pool->pool == NULL && is_test_driver (connection))
    return TRUE;
  if (pool->pool == NULL)
    {
      pool->pool = make_pool (connection, folder);
      pool->ours = pool->pool != NULL;
    }
  else if (virStoragePoolIsActive (pool->pool) != 1 && virStoragePoolCreate (pool->pool, 0) < 0)
    g_clear_pointer (&pool->pool, virStoragePoolFree);
  if (pool->pool != NULL && virStoragePoolRefresh (pool->pool, 0) == 0)
    return TRUE;
  {
    g_autofree char *what =
      g_strdup_printf (_ ("libvirt can't keep a disk in the folder %s."), folder);

    fatia_virt_set_error (error, what);
  }
  return FALSE;
}

static char *
volume_xml (const char *name, guint64 bytes)
{
  g_autoptr (xmlDoc) doc = xmlNewDoc (BAD_CAST "1.0");
  xmlNode *volume = xmlNewDocNode (doc, NULL, BAD_CAST "volume", NULL);
  g_autofree char *capacity = g_strdup_printf ("%" G_GUINT64_FORMAT, bytes);
  xmlNode *target;

  xmlDocSetRootElement (doc, volume);
  fatia_xml_add_text (volume, "name", name);
  fatia_xml_add_text (volume, "capacity", capacity);
  /* Sparse: it takes only what Windows writes. */
  fatia_xml_add_text (volume, "allocation", "0");
  target = fatia_xml_add (volume, "target", NULL);
  fatia_xml_add (target, "format", "type", "qcow2", NULL);
  return fatia_xml_to_string (doc);
}

/**
 * fatia_virt_disk_create:
 * @path: an absolute path at which there is nothing yet
 * @made: (out): whether a volume was made
 *
 * Makes a sparse qcow2 volume, in the pool that has @path's folder or else in one that lasts as
 * long as this call. What is already at @path is never overwritten. Blocks.
 */
gboolean
fatia_virt_disk_create (
  virConnectPtr connection, const char *path, guint64 bytes, gboolean *made, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *xml = volume_xml (name, bytes);
  g_autofree char *what = g_strdup_printf (_ ("The disk %s could not be made."), path);
  g_auto (Pool) pool = { NULL, FALSE };
  g_auto (virStorageVolPtr) volume = NULL;

  *made = FALSE;
  if (!open_pool (connection, folder, &pool, error))
    return FALSE;
  if (pool.pool == NULL)
    return TRUE;
  volume = virStorageVolLookupByName (pool.pool, name);
  if (volume != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   _ ("There is a disk %s already. Choose another name for the VM or its disk, or "
                      "delete that file first if nothing needs it."),
                   path);
      return FALSE;
    }
  volume = virStorageVolCreateXML (pool.pool, xml, 0);
  if (volume == NULL)
    {
      fatia_virt_set_error (error, what);
      return FALSE;
    }
  *made = TRUE;
  return TRUE;
}

/**
 * fatia_virt_disk_delete:
 *
 * Deletes the volume at @path; one that is not there is no error. Blocks.
 */
gboolean
fatia_virt_disk_delete (virConnectPtr connection, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *what = g_strdup_printf (_ ("The disk %s could not be deleted."), path);
  g_auto (Pool) pool = { NULL, FALSE };
  g_auto (virStorageVolPtr) volume = NULL;

  if (!open_pool (connection, folder, &pool, error))
    return FALSE;
  volume = pool.pool ? virStorageVolLookupByName (pool.pool, name) : NULL;
  if (volume == NULL || virStorageVolDelete (volume, 0) == 0)
    return TRUE;
  fatia_virt_set_error (error, what);
  return FALSE;
}
