/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-firmware.h"

G_BEGIN_DECLS

typedef enum
{
  FATIA_FIRMWARE_ITEM_IMAGE, /* the whole file: the root */
  FATIA_FIRMWARE_ITEM_CAPSULE,
  FATIA_FIRMWARE_ITEM_REGION, /* of an Intel flash descriptor */
  FATIA_FIRMWARE_ITEM_VOLUME,
  FATIA_FIRMWARE_ITEM_FILE,
  FATIA_FIRMWARE_ITEM_SECTION,
  FATIA_FIRMWARE_ITEM_PADDING, /* one byte's value over and over */
  FATIA_FIRMWARE_ITEM_DATA,    /* bytes of no known kind */
} FatiaFirmwareItemKind;

/* A part of a firmware image and, as a list model, the parts in it. It changes no more once
 * fatia_firmware_tree_read() has returned it. */
#define FATIA_TYPE_FIRMWARE_ITEM (fatia_firmware_item_get_type ())
G_DECLARE_FINAL_TYPE (FatiaFirmwareItem, fatia_firmware_item, FATIA, FIRMWARE_ITEM, GObject)

FatiaFirmwareItemKind fatia_firmware_item_get_kind (FatiaFirmwareItem *self);
const char *fatia_firmware_item_get_title (FatiaFirmwareItem *self);
const char *fatia_firmware_item_get_type_name (FatiaFirmwareItem *self);
const char *fatia_firmware_item_get_guid (FatiaFirmwareItem *self);
const char *fatia_firmware_item_get_name (FatiaFirmwareItem *self);
const char *fatia_firmware_item_get_note (FatiaFirmwareItem *self);
guint64 fatia_firmware_item_get_offset (FatiaFirmwareItem *self);
guint64 fatia_firmware_item_get_size (FatiaFirmwareItem *self);
gboolean fatia_firmware_item_is_unpacked (FatiaFirmwareItem *self);
FatiaFirmwareItem *fatia_firmware_item_get_parent (FatiaFirmwareItem *self);
guint fatia_firmware_item_get_n_children (FatiaFirmwareItem *self);
FatiaFirmwareItem *fatia_firmware_item_get_child (FatiaFirmwareItem *self, guint index);

FatiaFirmwareItem *fatia_firmware_tree_read (GBytes *image,
                                             FatiaFirmwareProgress progress,
                                             gpointer data,
                                             GCancellable *cancellable,
                                             GError **error);
/* Whether an item is told of; what stands in one that is not is not either. */
typedef gboolean (*FatiaFirmwareShown) (FatiaFirmwareItem *item, gpointer data);
char *fatia_firmware_tree_format (FatiaFirmwareItem *root, FatiaFirmwareShown shown, gpointer data);

G_END_DECLS
