/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-firmware.h"

#include <glib/gi18n-lib.h>

#include "fatia-budget.h"
#include "fatia-firmware-private.h"
#include "fatia-package.h"

G_DEFINE_QUARK (fatia - firmware - error - quark, fatia_firmware_error)

static void
file_free (gpointer data)
{
  FatiaFirmwareFile *file = data;

  g_free (file->guid);
  g_free (file->name);
  g_free (file->sha256);
  g_free (file->path);
  g_free (file);
}

/* The files met so far, and their nodes, which are given names only later. */
typedef struct
{
  GPtrArray *files;
  GPtrArray *nodes;
} Listing;

static void
list_file (FatiaWalkNode *node, GBytes *bytes, gsize offset, gsize length, gpointer data)
{
  Listing *self = data;
  FatiaFirmwareFile *file = g_new0 (FatiaFirmwareFile, 1);
  const guint8 *body = g_bytes_get_data (bytes, NULL);

  file->guid = g_strdup (node->label);
  file->type = node->type;
  file->size = node->size;
  file->sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, body + offset, length);
  file->path = fatia_walk_node_path (node);
  g_ptr_array_add (self->files, file);
  g_ptr_array_add (self->nodes, fatia_walk_node_ref (node));
}

/*
 * fatia_firmware_explain:
 *
 * Says why what was looked for was not found in an image; @found_any: though something like it
 * was. Returns whether there is a reason, which is then in @error.
 */
gboolean
fatia_firmware_explain (GBytes *image,
                        const FatiaWalkSummary *summary,
                        gboolean found_any,
                        GError **error)
{
  g_autofree char *package = fatia_package_describe (image, summary->volumes > 0);
  g_autofree char *unread = fatia_budget_explain (summary->unread);

  if (unread)
    g_set_error_literal (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_BUDGET, unread);
  else if (package)
    g_set_error_literal (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_WRAPPED, package);
  else if (summary->truncated)
    g_set_error_literal (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_TRUNCATED,
                         _ ("This file ends in the middle of a firmware volume: a part of it is "
                            "missing. Download it again."));
  else if (summary->volumes == 0 && !found_any)
    g_set_error_literal (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_NO_VOLUME,
                         _ ("There is no firmware volume in this file. Choose the firmware (BIOS) "
                            "file from the page of your computer's or mainboard's maker."));
  else
    return FALSE;
  return TRUE;
}

/* An image without a byte has no error of the walk's. */
gboolean
fatia_firmware_check_size (GBytes *image, GError **error)
{
  if (g_bytes_get_size (image) > 0)
    return TRUE;
  g_set_error_literal (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_EMPTY,
                       _ ("This file is empty. Download it again."));
  return FALSE;
}

/**
 * fatia_firmware_list:
 * @image: a firmware image
 * @progress: (nullable): called in this thread
 * @cancellable: (nullable):
 * @error: return location for a #FatiaFirmwareError or %G_IO_ERROR_CANCELLED
 *
 * Lists the FFS files of every volume in @image, pad files among them, in the order in which
 * they stand; the files of a packed volume follow the file that packs it.
 *
 * Returns: (transfer full) (nullable) (element-type FatiaFirmwareFile): the files, which the
 *   array frees; %NULL where there is none or the image could not be read to its end
 */
GPtrArray *
fatia_firmware_list (GBytes *image,
                     FatiaFirmwareProgress progress,
                     gpointer data,
                     GCancellable *cancellable,
                     GError **error)
{
  const FatiaWalkVisitor visitor = { .file = list_file };
  g_autoptr (GPtrArray) nodes =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_walk_node_unref);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (file_free);
  Listing listing = { files, nodes };
  FatiaWalkSummary summary;

  g_return_val_if_fail (image != NULL, NULL);

  if (!fatia_firmware_check_size (image, error) ||
      !fatia_walk (image, &visitor, &listing, progress, data, cancellable, &summary, error))
    return NULL;
  if ((nodes->len == 0 || summary.unread) && fatia_firmware_explain (image, &summary, FALSE, error))
    return NULL;
  for (guint i = 0; i < nodes->len; i++)
    ((FatiaFirmwareFile *) files->pdata[i])->name =
      g_strdup (((FatiaWalkNode *) nodes->pdata[i])->name);
  return g_steal_pointer (&files);
}
