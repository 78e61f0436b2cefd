/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libdex.h>

#include "guest/fatia-domain-spec.h"
#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/*
 * A practice host: a copy of data/practice/NAME in a folder, a private libvirt, a practice
 * guest. Nothing outside its folder changes.
 */
#define FATIA_TYPE_PRACTICE (fatia_practice_get_type ())
G_DECLARE_FINAL_TYPE (FatiaPractice, fatia_practice, FATIA, PRACTICE, GObject)

/* The trees there are. (transfer full) */
GStrv fatia_practice_list_trees (void);
/* @folder NULL: a temporary one, removed by fatia_practice_close(). A @folder that holds a
 * practice host already is taken up again where it was. */
FatiaPractice *fatia_practice_new (const char *tree, const char *folder, GError **error);
const char *fatia_practice_get_folder (FatiaPractice *self);
const char *fatia_practice_get_root (FatiaPractice *self);           /* the host tree's path */
const char *fatia_practice_get_firmware_image (FatiaPractice *self); /* our own, to try with */
const char *fatia_practice_get_iso (FatiaPractice *self); /* a small stand-in installation image */
/* (transfer full) (nullable): a file that stands in for a release of the graphics driver */
char *fatia_practice_make_driver_file (FatiaPractice *self, const char *release, GError **error);
const char *fatia_practice_get_glass_path (FatiaPractice *self); /* the guest's memory file */
/* Makes of a spec one that runs in practice: emulated, its disk in the practice folder, its memory
 * the guest's, nothing passed through. Call it again when the name changed. */
void fatia_practice_adapt_spec (FatiaPractice *self, FatiaDomainSpec *spec);
/* Starts the private libvirt daemon where QEMU is installed, else names libvirt's test driver;
 * resolves to the URI (string). */
DexFuture *fatia_practice_start_libvirt (FatiaPractice *self);
/* The process that plays the guest's Looking Glass host: a moving picture and cursor. */
gboolean
fatia_practice_start_guest (FatiaPractice *self, guint width, guint height, GError **error);
void fatia_practice_stop_guest (FatiaPractice *self);
/* Ends what was started; removes a temporary folder. */
void fatia_practice_close (FatiaPractice *self);

G_END_DECLS
