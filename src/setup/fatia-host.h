/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libdex.h>

#include "guest/fatia-virt.h"
#include "practice/fatia-practice.h"
#include "setup/fatia-plan.h"

G_BEGIN_DECLS

typedef enum
{
  FATIA_HOST_SYSTEM, /* this computer: helper on the system bus, qemu:///system */
  FATIA_HOST_TREE,   /* a folder: helper on a private connection, no libvirt but the test driver */
  FATIA_HOST_PRACTICE, /* a practice host */
} FatiaHostKind;

/* A change the helper's journal tells of. */
#define FATIA_TYPE_PAST_CHANGE (fatia_past_change_get_type ())
G_DECLARE_FINAL_TYPE (FatiaPastChange, fatia_past_change, FATIA, PAST_CHANGE, GObject)

const char *fatia_past_change_get_id (FatiaPastChange *self);
const char *fatia_past_change_get_step (FatiaPastChange *self);
const char *fatia_past_change_get_title (FatiaPastChange *self);
gint64 fatia_past_change_get_time (FatiaPastChange *self);
const char *fatia_past_change_get_state (FatiaPastChange *self); /* "applied", "undone", … */

/*
 * The host a setup works on: its root, its helper, its libvirt. Futures reject with
 * G_IO_ERROR_PERMISSION_DENIED where polkit said no, FATIA_CHANGE_ERROR for what the helper
 * refused, G_IO_ERROR_NOT_FOUND where the helper is not installed (the words say how).
 */
#define FATIA_TYPE_HOST (fatia_host_get_type ())
G_DECLARE_FINAL_TYPE (FatiaHost, fatia_host, FATIA, HOST, GObject)

FatiaHost *fatia_host_new_system (GError **error);
FatiaHost *fatia_host_new_tree (const char *path, GError **error);
FatiaHost *fatia_host_new_practice (FatiaPractice *practice, GError **error);
FatiaHostKind fatia_host_get_kind (FatiaHost *self);
FatiaHostRoot *fatia_host_get_root (FatiaHost *self);
FatiaPractice *fatia_host_get_practice (FatiaHost *self); /* (nullable) */
/* (nullable): another libvirt URI than the kind's own; counts until libvirt is open. */
void fatia_host_set_connect (FatiaHost *self, const char *uri);
/* Opens libvirt where it is not open yet; resolves to the FatiaVirt (object). */
DexFuture *fatia_host_open_virt (FatiaHost *self);

/* Whether its VMs are its own, and go when all is undone; else they are somebody's. */
gboolean fatia_host_owns_virt (FatiaHost *self);

/* The helper. @method without its "Plan" or "Apply"; @args: the tuple before the digest;
 * @fd: -1 or a descriptor that is sent along as the "h" of @args (index 0). */
DexFuture *fatia_host_plan (FatiaHost *self, const char *method, GVariant *args, int fd);
/* Resolves to the change's id (string). The host emits "progress" (const char *text) meanwhile. */
DexFuture *
fatia_host_apply (FatiaHost *self, const char *method, GVariant *args, int fd, const char *digest);
/* Ends what the helper was asked to do: G_IO_ERROR_CANCELLED, and everything is as it was. */
void fatia_host_cancel (FatiaHost *self);
/* The firmware's chip: variant "(ayt)": its bytes, and how many could not be read. "fraction"
 * (double) is emitted meanwhile. G_IO_ERROR_NOT_FOUND in words where the kernel shows no chip. */
DexFuture *fatia_host_read_firmware (FatiaHost *self);
DexFuture *
fatia_host_list_changes (FatiaHost *self); /* GListModel of FatiaPastChange, oldest first */
/* @decisions: (nullable): a{sb}, the paths of files that others changed too, and whether what was
 * there before comes back. Without one for each such file the plan has items of kind "conflict". */
DexFuture *
fatia_host_plan_undo (FatiaHost *self, const char *change, GVariant *decisions); /* FatiaPlan */
DexFuture *fatia_host_undo (FatiaHost *self,
                            const char *change,
                            GVariant *decisions,
                            const char *digest); /* boolean */
/* Practice: replays a boot. System: asks logind, which asks the person. */
DexFuture *fatia_host_restart (FatiaHost *self);

G_END_DECLS
