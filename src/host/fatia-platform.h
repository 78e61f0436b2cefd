/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-facts.h"

G_BEGIN_DECLS

/* A release of i915-sriov-dkms and the kernels it is made for, both ends included. */
typedef struct
{
  char *name;
  char *page;   /* (nullable): where its files are offered */
  char *deb;    /* (nullable): what the Debian package is called there */
  char *source; /* (nullable): what the source is called */
  guint min_major, min_minor;
  guint max_major, max_minor;
} FatiaModuleRelease;

/* Whether kernel @major.@minor is @want_major.@want_minor or newer. */
gboolean fatia_kernel_at_least (guint major, guint minor, guint want_major, guint want_minor);
/* (nullable): the newest release for this kernel */
const FatiaModuleRelease *fatia_module_release_for_kernel (guint major, guint minor);
/* (nullable): the newest release for the running kernel and each newer one that is installed, which
 * starts next */
const FatiaModuleRelease *fatia_module_release_for_host (const FatiaFacts *facts);
gboolean fatia_module_release_fits_host (const FatiaModuleRelease *release,
                                         const FatiaFacts *facts);
/* (nullable): the release of this version */
const FatiaModuleRelease *fatia_module_release_find (const char *version);
gboolean fatia_module_release_fits (const FatiaModuleRelease *release, guint major, guint minor);
/* The newest kernel any release is made for. */
const FatiaModuleRelease *fatia_module_release_newest (void);

/* Which driver makes, or would make, the virtual functions here. */
typedef enum
{
  FATIA_SLICER_NONE,
  FATIA_SLICER_I915, /* i915 from i915-sriov-dkms */
  FATIA_SLICER_XE,   /* the kernel's own xe */
} FatiaSlicer;

FatiaSlicer fatia_slicer_for (const FatiaFacts *facts);

G_END_DECLS
