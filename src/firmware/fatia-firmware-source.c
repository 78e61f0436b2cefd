/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From any file a maker offers to the firmware image in it, one package after the other. */
#include "fatia-firmware-source.h"

#include <glib/gi18n-lib.h>

#include "fatia-firmware-private.h"
#include "fatia-package.h"

/* Archives bring tools, drivers and pictures beside the firmware; all is unpacked to be judged, and
 * what is chosen once more. */
#define BESIDE_FACTOR 32
#define BESIDE_LIMIT  ((guint64) 512 * 1024 * 1024)

static void
layer_free (gpointer data)
{
  FatiaFirmwareLayer *layer = data;

  g_free (layer->name);
  g_free (layer->format);
  g_free (layer->note);
  g_strfreev (layer->others);
  g_free (layer);
}

static FatiaFirmwareLayer *
add_layer (FatiaFirmwareSource *self, const char *name)
{
  FatiaFirmwareLayer *layer = g_new0 (FatiaFirmwareLayer, 1);

  layer->name = name ? fatia_package_name (name) : NULL;
  layer->size = g_bytes_get_size (self->image);
  g_ptr_array_add (self->trail, layer);
  return layer;
}

/* Says where in the file it went wrong, where that was not in the file itself. */
static void
propagate (FatiaFirmwareSource *self, FatiaUnpacking *work, GError *own, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (fatia_budget_failed (&work->budget, &reason))
    g_clear_error (&own);
  else
    reason = own;
  if (self->trail->len > 1 && !g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *trail = fatia_firmware_source_describe (self);

      /* TRANSLATORS: what went wrong, then where: "X4.zip (ZIP archive) → bios.cap" */
      g_set_error (error, reason->domain, reason->code, _ ("%s It was opened so far: %s."),
                   reason->message, trail);
    }
  else
    g_propagate_error (error, g_steal_pointer (&reason));
}

static gboolean
open_next (FatiaFirmwareSource *self, FatiaUnpacking *work, gsize at, GError **error)
{
  FatiaFirmwareLayer *outer = g_ptr_array_index (self->trail, self->trail->len - 1);
  FatiaFirmwareLayer *inner;
  g_autoptr (GError) own = NULL;
  GBytes *next = NULL;

  outer->format = g_strdup (_ (work->format->title));
  if (self->trail->len > FATIA_PACKAGE_DEPTH)
    fatia_budget_refuse_depth (&work->budget);
  else if (fatia_budget_goes_on (&work->budget))
    next = work->format->unpack ? work->format->unpack (work, self->image, at, &own) : NULL;
  if (next == NULL || fatia_budget_failed (&work->budget, NULL))
    {
      g_clear_pointer (&next, g_bytes_unref);
      if (own == NULL && !fatia_budget_failed (&work->budget, NULL))
        fatia_package_refuse (work, &own, work->format->advice);
      propagate (self, work, g_steal_pointer (&own), error);
      return FALSE;
    }
  g_bytes_unref (self->image);
  self->image = next;
  inner = add_layer (self, work->name);
  inner->note = g_steal_pointer (&work->note);
  inner->others = g_steal_pointer (&work->others);
  g_clear_pointer (&work->name, g_free);
  return TRUE;
}

static gboolean
open_all (FatiaFirmwareSource *self, FatiaUnpacking *work, GError **error)
{
  gsize at;

  while ((work->format = fatia_package_find (self->image, &at)) != NULL)
    if (!open_next (self, work, at, error))
      return FALSE;
  if (work->member && !work->member_found)
    {
      g_set_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_NO_MEMBER,
                   _ ("There is no “%s” in this file. Give a name as the archive has it."),
                   work->member);
      return FALSE;
    }
  return TRUE;
}

/**
 * fatia_firmware_source_new:
 * @file: a file as a maker offers it
 * @name: (nullable): its name, for the trail
 * @member: (nullable): the name of the member to take where there are several: as in the trail,
 *   or its last part
 * @progress: (nullable): called in this thread
 * @cancellable: (nullable):
 * @error: return location for a #FatiaFirmwareError or %G_IO_ERROR_CANCELLED
 *
 * Opens archives, programs that unpack themselves, update packages, capsules and option ROMs,
 * each in the one before, until what remains is a firmware image, a driver, or nothing known.
 * Everything stays in memory: no name from a package ever meets the file system. Where several
 * members could be the firmware one is chosen by a rule, and the layer's note names it and those
 * that are as likely.
 *
 * Returns: (transfer full) (nullable): the image and the way to it; a file that is no package is
 *   itself the image
 */
FatiaFirmwareSource *
fatia_firmware_source_new (GBytes *file,
                           const char *name,
                           const char *member,
                           FatiaFirmwareProgress progress,
                           gpointer data,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (FatiaFirmwareSource) self = NULL;
  FatiaUnpacking work = { .member = member, .progress = progress, .progress_data = data };
  gboolean done;

  g_return_val_if_fail (file != NULL, NULL);

  if (!fatia_firmware_check_size (file, error))
    return NULL;
  self = g_new0 (FatiaFirmwareSource, 1);
  self->image = g_bytes_ref (file);
  self->trail = g_ptr_array_new_with_free_func (layer_free);
  add_layer (self, name);
  fatia_budget_init (&work.budget, g_bytes_get_size (file), cancellable);
  work.budget.output += MIN (BESIDE_LIMIT, BESIDE_FACTOR * (guint64) g_bytes_get_size (file));
  done = open_all (self, &work, error);
  g_free (work.name);
  g_free (work.note);
  g_strfreev (work.others);
  return done ? g_steal_pointer (&self) : NULL;
}

/**
 * fatia_firmware_source_open:
 * @path: (type filename): a file as a maker offers it
 *
 * fatia_firmware_open(), then fatia_firmware_source_new().
 *
 * Returns: (transfer full) (nullable): the image and the way to it
 */
FatiaFirmwareSource *
fatia_firmware_source_open (const char *path,
                            const char *member,
                            FatiaFirmwareProgress progress,
                            gpointer data,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (GBytes) file = fatia_firmware_open (path, error);
  g_autofree char *name = g_filename_display_basename (path);

  if (file == NULL)
    return NULL;
  return fatia_firmware_source_new (file, name, member, progress, data, cancellable, error);
}

/**
 * fatia_firmware_source_free:
 * @self: (transfer full) (nullable):
 */
void
fatia_firmware_source_free (FatiaFirmwareSource *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->image);
  g_ptr_array_unref (self->trail);
  g_free (self);
}

/**
 * fatia_firmware_source_describe:
 *
 * Returns: (transfer full): the trail in one line (translated):
 *   "X4.zip (ZIP archive) → BIOS/RX4.cap (UEFI capsule) → firmware image"
 */
char *
fatia_firmware_source_describe (const FatiaFirmwareSource *self)
{
  GString *line = g_string_new (NULL);

  for (guint i = 0; i < self->trail->len; i++)
    {
      const FatiaFirmwareLayer *layer = g_ptr_array_index (self->trail, i);

      if (i > 0)
        g_string_append (line, " → ");
      if (layer->name && layer->format)
        /* TRANSLATORS: a file's name and what it is: "X4.zip (ZIP archive)" */
        g_string_append_printf (line, _ ("%s (%s)"), layer->name, layer->format);
      else if (layer->name || layer->format)
        g_string_append (line, layer->name ? layer->name : layer->format);
      else
        g_string_append (line, _ ("firmware image"));
    }
  return g_string_free_and_steal (line);
}
