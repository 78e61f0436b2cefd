/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-facts.h"

G_BEGIN_DECLS

/* What a Windows VM shall be; everything the person can choose, with defaults from the host. */
typedef struct
{
  char *name;       /* "Windows" */
  char *iso;        /* (nullable): absolute path of the Windows installation image */
  char *virtio_iso; /* (nullable): virtio-win */
  char *disk;       /* absolute path of the volume */
  guint64 disk_bytes;
  guint64 memory_mib;
  guint cpus;
  guint width, height; /* the resolution the Looking Glass memory is made for */
  guint glass_mib;     /* follows from them */
  char *glass_path;    /* "/dev/shm/looking-glass" */
  char *vf;            /* (nullable): "0000:00:02.1" */
  char *rom;           /* (nullable): absolute path; NULL: <rom bar='off'/> */
  char *rom_sha256;    /* (nullable) */
  gboolean tcg;        /* practice: emulated processor, no device passed through */
} FatiaDomainSpec;

/* ceil(W*4/256)*256*H*3 + 4 MiB, rounded up to a power of two. MiB. */
guint fatia_glass_memory_mib (guint width, guint height);
/* (transfer full): what fits this host */
FatiaDomainSpec *fatia_domain_spec_new (const FatiaFacts *facts);
FatiaDomainSpec *fatia_domain_spec_copy (const FatiaDomainSpec *spec);
void fatia_domain_spec_free (FatiaDomainSpec *spec);
/* Words for the first thing that is not possible (name, sizes against the host, no such file). */
gboolean
fatia_domain_spec_validate (const FatiaDomainSpec *spec, const FatiaFacts *facts, GError **error);
/* Whether @path is a bootable Windows installation image: opened, its volume descriptors read;
 * words where it is not. */
gboolean fatia_media_check_windows (const char *path, GError **error);
/* (transfer full): the domain XML, made with libxml2. */
char *fatia_domain_spec_to_xml (const FatiaDomainSpec *spec);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaDomainSpec, fatia_domain_spec_free)

G_END_DECLS
