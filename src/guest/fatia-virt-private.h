/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this room's files share; nothing here is for others. */
#pragma once

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "guest/fatia-virt.h"
#include "guest/fatia-xml.h"

G_BEGIN_DECLS

/* What is read of a domain in a thread and told to its FatiaDomain in the main context. */
typedef struct
{
  char *name;
  char *uuid;
  char *title;      /* (nullable) */
  char *glass_path; /* (nullable) */
  char *vf;         /* (nullable) */
  char *disk;       /* (nullable) */
  FatiaDomainState state;
} FatiaDomainRecord;

#define FATIA_TYPE_DOMAIN_RECORD (fatia_domain_record_get_type ())
GType fatia_domain_record_get_type (void);
FatiaDomainRecord *fatia_domain_record_read (virDomainPtr domain);
FatiaDomainRecord *fatia_domain_record_copy (const FatiaDomainRecord *record);
void fatia_domain_record_free (FatiaDomainRecord *record);

FatiaDomain *fatia_domain_new (const FatiaDomainRecord *record);
void fatia_domain_update (FatiaDomain *self, const FatiaDomainRecord *record);
/* The guest was asked to shut down; it may not listen. */
void fatia_domain_set_stopping (FatiaDomain *self);

/* The opened connection, shared with the threads that use it. */
typedef struct _FatiaVirtLink FatiaVirtLink;

typedef void (*FatiaVirtLinkFunc) (gpointer owner);

FatiaVirtLink *fatia_virt_link_new (const char *uri,
                                    GObject *owner,
                                    FatiaVirtLinkFunc changed,
                                    FatiaVirtLinkFunc closed);
FatiaVirtLink *fatia_virt_link_ref (FatiaVirtLink *link);
void fatia_virt_link_unref (FatiaVirtLink *link);
virConnectPtr fatia_virt_link_get (FatiaVirtLink *link, GError **error);

/* What a connection offers to a VM of ours. */
typedef struct
{
  gboolean test_driver;
  gboolean efi;
  gboolean secure_boot;
  gboolean tpm;
  gboolean spice;
  gboolean network; /* there is a network "default" */
} FatiaVirtOffer;

gboolean fatia_virt_offer_read (virConnectPtr connection,
                                gboolean tcg,
                                FatiaVirtOffer *offer,
                                GError **error);
gboolean
fatia_virt_offer_fit (const FatiaVirtOffer *offer, gboolean tcg, xmlDoc *doc, GError **error);

/* The disk. @made says whether one was made; a test driver without a fitting pool makes none. */
gboolean fatia_virt_disk_create (
  virConnectPtr connection, const char *path, guint64 bytes, gboolean *made, GError **error);
gboolean fatia_virt_disk_delete (virConnectPtr connection, const char *path, GError **error);

void fatia_virt_silence (void);
/* Words for libvirt's last error in this thread. */
void fatia_virt_set_error (GError **error, const char *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaDomainRecord, fatia_domain_record_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaVirtLink, fatia_virt_link_unref)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (virDomainPtr, virDomainFree, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (virConnectPtr, virConnectClose, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (virNetworkPtr, virNetworkFree, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (virNodeDevicePtr, virNodeDeviceFree, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (virStoragePoolPtr, virStoragePoolFree, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (virStorageVolPtr, virStorageVolFree, NULL)

G_END_DECLS
