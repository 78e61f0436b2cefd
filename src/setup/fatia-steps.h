/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "firmware/fatia-gop-findings.h"
#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* The GOP driver: a firmware image is read, one candidate is chosen, its option ROM installed. */
#define FATIA_TYPE_GOP_STEP (fatia_gop_step_get_type ())
G_DECLARE_FINAL_TYPE (FatiaGopStep, fatia_gop_step, FATIA, GOP_STEP, FatiaStep)
/* Reads @path in a thread ("fraction" tells how far); boolean: whether a driver was found. The
 * candidates are kept until the next image. */
DexFuture *fatia_gop_step_read (FatiaGopStep *self, const char *path, const char *member);
DexFuture *fatia_gop_step_read_chip (FatiaGopStep *self); /* the same: this computer's firmware */
guint64 fatia_gop_step_get_unread (FatiaGopStep *self);
const char *fatia_gop_step_get_image (FatiaGopStep *self);     /* (nullable) */
GPtrArray *fatia_gop_step_get_candidates (FatiaGopStep *self); /* (nullable) FatiaGopCandidate */
FatiaGopFindings *fatia_gop_step_get_findings (FatiaGopStep *self); /* (nullable) */
FatiaBoardsVerdict fatia_gop_step_compare_board (FatiaGopStep *self);
/* A FatiaFirmwareItem: the whole walk through the image that was read last. */
DexFuture *fatia_gop_step_read_tree (FatiaGopStep *self, GCancellable *cancellable);
/* -1: none. Reading an image chooses the candidate the rule chose. */
int fatia_gop_step_get_chosen (FatiaGopStep *self);
void fatia_gop_step_choose (FatiaGopStep *self, int index);
/* (transfer full): the chosen driver as it is, or as option ROM for this host's VF. */
GBytes *fatia_gop_step_get_driver (FatiaGopStep *self, GError **error);
GBytes *fatia_gop_step_get_rom (FatiaGopStep *self, GError **error);

/* The kernel command line. */
#define FATIA_TYPE_BOOT_STEP (fatia_boot_step_get_type ())
G_DECLARE_FINAL_TYPE (FatiaBootStep, fatia_boot_step, FATIA, BOOT_STEP, FatiaStep)
GPtrArray *fatia_boot_step_get_arguments (FatiaBootStep *self); /* FatiaArgument */
char *fatia_boot_step_get_emergency_exit (FatiaBootStep *self); /* (transfer full) */

/* The virtual functions. Properties, all writable: "count" (uint), "keep" (boolean: over
 * restarts), "profile" (string: of data/tables/scheduling.ini), "sleep" (boolean: kept ones are
 * put away while the computer sleeps). */
#define FATIA_TYPE_VFS_STEP (fatia_vfs_step_get_type ())
G_DECLARE_FINAL_TYPE (FatiaVfsStep, fatia_vfs_step, FATIA, VFS_STEP, FatiaStep)
guint fatia_vfs_step_get_total (FatiaVfsStep *self);
guint fatia_vfs_step_get_count (FatiaVfsStep *self);
void fatia_vfs_step_set_count (FatiaVfsStep *self, guint count);
gboolean fatia_vfs_step_get_keep (FatiaVfsStep *self);
void fatia_vfs_step_set_keep (FatiaVfsStep *self, gboolean keep);
gboolean fatia_vfs_step_offers_profiles (FatiaVfsStep *self);
const char *fatia_vfs_step_get_profile (FatiaVfsStep *self);
void fatia_vfs_step_set_profile (FatiaVfsStep *self, const char *profile);
gboolean fatia_vfs_step_get_sleep (FatiaVfsStep *self);
void fatia_vfs_step_set_sleep (FatiaVfsStep *self, gboolean sleep);

/* Missing software: installed by the helper, or told with the command that does. */
#define FATIA_TYPE_SOFTWARE_STEP (fatia_software_step_get_type ())
G_DECLARE_FINAL_TYPE (FatiaSoftwareStep, fatia_software_step, FATIA, SOFTWARE_STEP, FatiaStep)
gboolean fatia_software_step_can_install (FatiaSoftwareStep *self);

/* The graphics driver that makes slices, from the file of a release. */
#define FATIA_TYPE_MODULE_STEP (fatia_module_step_get_type ())
G_DECLARE_FINAL_TYPE (FatiaModuleStep, fatia_module_step, FATIA, MODULE_STEP, FatiaStep)
const char *fatia_module_step_get_release_name (FatiaModuleStep *self); /* (nullable) */
const char *fatia_module_step_get_file_name (FatiaModuleStep *self);    /* (nullable) */
const char *fatia_module_step_get_page (FatiaModuleStep *self);         /* (nullable) */
const char *fatia_module_step_get_path (FatiaModuleStep *self);         /* (nullable) */
gboolean fatia_module_step_set_path (FatiaModuleStep *self, const char *path, GError **error);

/* The key Secure Boot asks for, and the password it is confirmed with. */
#define FATIA_TYPE_KEY_STEP (fatia_key_step_get_type ())
G_DECLARE_FINAL_TYPE (FatiaKeyStep, fatia_key_step, FATIA, KEY_STEP, FatiaStep)
gboolean fatia_key_password_check (const char *password, GError **error);
gboolean fatia_key_step_set_password (FatiaKeyStep *self, const char *password, GError **error);

/* The Looking Glass memory. Property "kvmfr" (boolean): the module's device, not a file. */
#define FATIA_TYPE_MEMORY_STEP (fatia_memory_step_get_type ())
G_DECLARE_FINAL_TYPE (FatiaMemoryStep, fatia_memory_step, FATIA, MEMORY_STEP, FatiaStep)
gboolean fatia_memory_step_get_kvmfr (FatiaMemoryStep *self);
void fatia_memory_step_set_kvmfr (FatiaMemoryStep *self, gboolean kvmfr);
gboolean fatia_memory_step_can_choose (FatiaMemoryStep *self);
guint fatia_memory_step_get_megabytes (FatiaMemoryStep *self);

/* The Windows VM. The spec starts with what fits the host; change it, then emit changed. */
#define FATIA_TYPE_VM_STEP (fatia_vm_step_get_type ())
G_DECLARE_FINAL_TYPE (FatiaVmStep, fatia_vm_step, FATIA, VM_STEP, FatiaStep)
FatiaDomainSpec *
fatia_vm_step_get_spec (FatiaVmStep *self); /* (transfer none), never NULL after refresh */
/* The memory follows the resolution. */
void fatia_vm_step_set_resolution (FatiaVmStep *self, guint width, guint height);
void fatia_vm_step_set_rom (FatiaVmStep *self, const char *path);

G_END_DECLS
