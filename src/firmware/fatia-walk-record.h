/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-firmware-tree.h"
#include "fatia-walk-private.h"

G_BEGIN_DECLS

/* The image, a capsule and a region around what the walk's frames stand for, and what the last
 * one of them holds. */
#define FATIA_FIRMWARE_TREE_DEPTH (FATIA_BUDGET_DEPTH + 8)

FatiaFirmwareItem *fatia_firmware_item_new (FatiaFirmwareItem *parent,
                                            FatiaFirmwareItemKind kind,
                                            const char *type,
                                            guint64 offset,
                                            guint64 size);
void fatia_firmware_item_set_unpacked (FatiaFirmwareItem *self);
void fatia_firmware_item_set_type_name (FatiaFirmwareItem *self, const char *type);
void fatia_firmware_item_set_guid (FatiaFirmwareItem *self, const char *guid);
void fatia_firmware_item_set_name (FatiaFirmwareItem *self, const char *name);
void fatia_firmware_item_add_note (FatiaFirmwareItem *self, const char *note);

/* What the walk tells of what it meets; nothing where no tree was asked for. The item told last
 * in a step is the one that is named, noted and, where a frame is pushed, gone into. */
void fatia_walk_record (FatiaWalk *self,
                        const FatiaFrame *frame,
                        FatiaFirmwareItemKind kind,
                        const char *type,
                        gsize start,
                        gsize end);
void fatia_walk_record_type (FatiaWalk *self, const char *type);
void fatia_walk_record_guid (FatiaWalk *self, const guint8 *guid);
void fatia_walk_record_file_name (FatiaWalk *self, const char *name);
void fatia_walk_record_note (FatiaWalk *self, const char *note);
void fatia_walk_record_refusal (FatiaWalk *self);
void fatia_walk_record_gap (FatiaWalk *self, FatiaFrame *frame, gsize start, gsize end);
void fatia_walk_record_outline (FatiaWalk *self);

G_END_DECLS
