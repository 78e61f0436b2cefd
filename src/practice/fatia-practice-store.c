/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice/fatia-practice-store.h"

#include <errno.h>
#include <stdlib.h>

#include <glib/gstdio.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "guest/fatia-virt.h"
#include "guest/fatia-xml.h"

struct _FatiaPracticeStore
{
  char *folder;
  char *glass_path;         /* (nullable): of this host's VMs, and no other's in this process */
  FatiaVirt *virt;          /* it knows when something changed */
  virConnectPtr connection; /* the test driver's state is the process's: the same VMs */
};

static char *
file_of (FatiaPracticeStore *self, const char *uuid)
{
  g_autofree char *name = g_strconcat (uuid, ".xml", NULL);

  return g_build_filename (self->folder, name, NULL);
}

static gboolean
is_ours (FatiaPracticeStore *self, const char *xml)
{
  g_autoptr (xmlDoc) doc = fatia_xml_parse (xml, NULL);
  g_autofree char *path =
    doc ? fatia_xml_get (doc, "/domain/metadata/fatia:vm/fatia:glass/@path") : NULL;

  return path != NULL && (self->glass_path == NULL || g_str_equal (path, self->glass_path));
}

/* The folder is there while it holds something: who only looks leaves nothing behind. */
static void
write_domain (FatiaPracticeStore *self, const char *path, const char *xml)
{
  g_autoptr (GError) error = NULL;

  if (g_mkdir_with_parents (self->folder, 0700) < 0)
    g_message ("%s: %s", self->folder, g_strerror (errno));
  else if (!g_file_set_contents (path, xml, -1, &error))
    g_message ("%s", error->message);
}

/* Adds the name of the file that was written to @kept. */
static void
save_domain (FatiaPracticeStore *self, virDomainPtr domain, GHashTable *kept)
{
  char uuid[VIR_UUID_STRING_BUFLEN] = "";
  char *xml = virDomainGetXMLDesc (domain, VIR_DOMAIN_XML_INACTIVE);
  g_autofree char *path = NULL;

  if (xml != NULL && virDomainGetUUIDString (domain, uuid) == 0 && is_ours (self, xml))
    {
      path = file_of (self, uuid);
      write_domain (self, path, xml);
      g_hash_table_add (kept, g_path_get_basename (path));
    }
  free (xml);
}

static void
save (FatiaPracticeStore *self)
{
  g_autoptr (GHashTable) kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GDir) dir = NULL;
  virDomainPtr *domains = NULL;
  int n = virConnectListAllDomains (self->connection, &domains, 0);
  const char *name;

  if (n < 0)
    return;
  for (int i = 0; i < n; i++)
    {
      save_domain (self, domains[i], kept);
      virDomainFree (domains[i]);
    }
  free (domains);
  dir = g_dir_open (self->folder, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".xml") && !g_hash_table_contains (kept, name))
      {
        g_autofree char *path = g_build_filename (self->folder, name, NULL);

        g_unlink (path);
      }
  if (g_hash_table_size (kept) == 0)
    g_rmdir (self->folder);
}

static void
restore (FatiaPracticeStore *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      g_autofree char *xml = NULL;
      virDomainPtr domain;

      if (!g_str_has_suffix (name, ".xml") || !g_file_get_contents (path, &xml, NULL, NULL))
        continue;
      domain = virDomainDefineXML (self->connection, xml);
      if (domain != NULL)
        virDomainFree (domain);
      else
        g_message ("%s: %s", path, virGetLastErrorMessage ());
    }
}

/**
 * fatia_practice_store_open:
 * @folder: where the definitions lie; there while there are any
 * @glass_path: (nullable): what the VMs of this host name as their Looking Glass memory; %NULL:
 *   every VM is this host's
 *
 * Defines what was kept, and from now on keeps what is defined. Whether a VM runs is not kept.
 *
 * Returns: (transfer full): the store
 */
FatiaPracticeStore *
fatia_practice_store_open (const char *folder, const char *glass_path)
{
  FatiaPracticeStore *self = g_new0 (FatiaPracticeStore, 1);

  self->folder = g_strdup (folder);
  self->glass_path = g_strdup (glass_path);
  self->virt = fatia_virt_new (FATIA_PRACTICE_STORE_URI);
  self->connection = virConnectOpen (FATIA_PRACTICE_STORE_URI);
  restore (self);
  g_signal_connect_swapped (fatia_virt_get_domains (self->virt), "items-changed", G_CALLBACK (save),
                            self);
  dex_future_disown (fatia_virt_connect (self->virt));
  return self;
}

/**
 * fatia_practice_store_close:
 * @self: (transfer full) (nullable):
 */
void
fatia_practice_store_close (FatiaPracticeStore *self)
{
  if (self == NULL)
    return;
  save (self);
  g_signal_handlers_disconnect_by_data (fatia_virt_get_domains (self->virt), self);
  g_object_unref (self->virt);
  virConnectClose (self->connection);
  g_free (self->folder);
  g_free (self->glass_path);
  g_free (self);
}
