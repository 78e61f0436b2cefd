/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-gop-step-private.h"

#include <glib/gi18n-lib.h>

#include "firmware/fatia-firmware-tree.h"
#include "guest/fatia-thread.h"

/* The walk through the image that was read last, all of it, for who wants to see. */

typedef struct
{
  GBytes *image;
  GCancellable *cancellable; /* (nullable) */
} Walk;

static void
walk_free (gpointer data)
{
  Walk *walk = data;

  g_bytes_unref (walk->image);
  g_clear_object (&walk->cancellable);
  g_free (walk);
}

static DexFuture *
walk_thread (gpointer data)
{
  Walk *walk = data;
  g_autoptr (GError) error = NULL;
  FatiaFirmwareItem *root =
    fatia_firmware_tree_read (walk->image, NULL, NULL, walk->cancellable, &error);

  if (!root)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_take_object (root);
}

/**
 * fatia_gop_step_read_tree:
 * @cancellable: (nullable): ends the walk
 *
 * Returns: (transfer full): a #FatiaFirmwareItem, the image; rejects with
 *   %G_IO_ERROR_NOT_FOUND where none was read
 */
DexFuture *
fatia_gop_step_read_tree (FatiaGopStep *self, GCancellable *cancellable)
{
  Walk *walk;

  g_return_val_if_fail (FATIA_IS_GOP_STEP (self), NULL);

  if (!self->findings)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                  _ ("Choose a firmware image first"));
  walk = g_new0 (Walk, 1);
  walk->image = g_bytes_ref (self->findings->image);
  walk->cancellable = cancellable ? g_object_ref (cancellable) : NULL;
  return fatia_thread_run ("firmware", walk_thread, walk, walk_free);
}
