/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libdex.h>

#include "guest/fatia-domain-spec.h"

G_BEGIN_DECLS

typedef enum
{
  FATIA_DOMAIN_OFF,
  FATIA_DOMAIN_RUNNING,
  FATIA_DOMAIN_PAUSED,
  FATIA_DOMAIN_STOPPING,
  FATIA_DOMAIN_CRASHED,
} FatiaDomainState;

/* One libvirt domain made by Fatia (it carries our metadata). Properties: "name", "state"
 * (FatiaDomainState, as an int), "title"; they change as libvirt's events say. */
#define FATIA_TYPE_DOMAIN (fatia_domain_get_type ())
G_DECLARE_FINAL_TYPE (FatiaDomain, fatia_domain, FATIA, DOMAIN, GObject)

const char *fatia_domain_get_name (FatiaDomain *self);
const char *fatia_domain_get_uuid (FatiaDomain *self);
FatiaDomainState fatia_domain_get_state (FatiaDomain *self);
/* What it does, in a word or two for people. */
const char *fatia_domain_get_state_word (FatiaDomain *self);
/* Whether there is something to see or to stop. */
gboolean fatia_domain_is_on (FatiaDomain *self);
const char *fatia_domain_state_to_string (FatiaDomainState state); /* "running", for JSON */
const char *fatia_domain_get_glass_path (FatiaDomain *self);       /* (nullable) */
const char *fatia_domain_get_vf (FatiaDomain *self);               /* (nullable) */
const char *fatia_domain_get_disk (FatiaDomain *self);             /* (nullable) */

/*
 * The connection to libvirt. Every call runs in a thread, none blocks the main loop; futures
 * reject with a G_IO_ERROR whose message says in words what is wrong and what to do.
 */
#define FATIA_TYPE_VIRT (fatia_virt_get_type ())
G_DECLARE_FINAL_TYPE (FatiaVirt, fatia_virt, FATIA, VIRT, GObject)

/* @uri: "qemu:///system", a private daemon's, … */
FatiaVirt *fatia_virt_new (const char *uri);
const char *fatia_virt_get_uri (FatiaVirt *self);
DexFuture *fatia_virt_connect (FatiaVirt *self);      /* boolean */
GListModel *fatia_virt_get_domains (FatiaVirt *self); /* of FatiaDomain; filled by connect */
DexFuture *fatia_virt_refresh (FatiaVirt *self);      /* boolean */
/* Makes the disk (sparse qcow2, libvirt's storage API) and defines the domain; on any failure
 * nothing is left behind. Resolves to a FatiaDomain. */
DexFuture *fatia_virt_create (FatiaVirt *self, const FatiaDomainSpec *spec);
DexFuture *fatia_virt_start (FatiaVirt *self, FatiaDomain *domain);
DexFuture *fatia_virt_shut_down (FatiaVirt *self, FatiaDomain *domain); /* asks the guest */
DexFuture *fatia_virt_force_off (FatiaVirt *self, FatiaDomain *domain);
DexFuture *fatia_virt_delete (FatiaVirt *self, FatiaDomain *domain, gboolean with_disk);
DexFuture *fatia_virt_get_xml (FatiaVirt *self, FatiaDomain *domain); /* string */
/* Exactly the XML that create would define here; string. */
DexFuture *fatia_virt_describe (FatiaVirt *self, const FatiaDomainSpec *spec);
/* A socket connected to the running VM's SPICE server (it has no address); fd. */
DexFuture *fatia_virt_open_graphics (FatiaVirt *self, FatiaDomain *domain);

G_END_DECLS
