/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-gop-step-private.h"

#include <glib/gi18n-lib.h>

#include "host/fatia-tables.h"
#include "guest/fatia-thread.h"

/* Reading a firmware image, or this computer's own firmware by way of the helper; the walk through
 * it is a thread's. */

typedef struct
{
  FatiaGopStep *step;
  char *path;       /* (nullable): this computer's own */
  char *member;     /* (nullable): of an archive, which file to take */
  GBytes *firmware; /* (nullable): that, once it is there */
  GCancellable *cancellable;
  guint percent; /* as last told */
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_object_unref (reading->step);
  g_object_unref (reading->cancellable);
  g_clear_pointer (&reading->firmware, g_bytes_unref);
  g_free (reading->path);
  g_free (reading->member);
  g_free (reading);
}

typedef struct
{
  FatiaStep *step;
  guint percent;
} Tick;

static void
tick_free (gpointer data)
{
  Tick *tick = data;

  g_object_unref (tick->step);
  g_free (tick);
}

static gboolean
on_tick (gpointer data)
{
  Tick *tick = data;

  if (fatia_step_is_busy (tick->step))
    fatia_step_set_progress (tick->step, _ ("Reading the firmware image"), tick->percent / 100.0);
  return G_SOURCE_REMOVE;
}

/* In the thread; the main context is told each whole percent. */
static void
on_progress (guint64 done, guint64 total, gpointer data)
{
  Reading *reading = data;
  guint percent = total > 0 ? (guint) (MIN (done, total) * 100.0 / total) : 0;
  Tick *tick;

  if (percent == reading->percent)
    return;
  reading->percent = percent;
  tick = g_new0 (Tick, 1);
  tick->step = FATIA_STEP (g_object_ref (reading->step));
  tick->percent = percent;
  g_idle_add_full (G_PRIORITY_DEFAULT, on_tick, tick, tick_free);
}

static DexFuture *
read_thread (gpointer data)
{
  Reading *reading = data;
  g_autoptr (GHashTable) known = fatia_tables_get_gop_drivers ();
  g_autoptr (FatiaGopFindings) findings = NULL;
  g_autoptr (GError) error = NULL;
  FatiaFirmwareSource *source;

  if (reading->path)
    source = fatia_firmware_source_open (reading->path, reading->member, on_progress, reading,
                                         reading->cancellable, &error);
  else
    source = fatia_firmware_source_new (reading->firmware, NULL, NULL, on_progress, reading,
                                        reading->cancellable, &error);
  if (source)
    findings =
      fatia_gop_search_source (source, known, on_progress, reading, reading->cancellable, &error);
  if (!findings)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_take_boxed (FATIA_TYPE_GOP_FINDINGS, g_steal_pointer (&findings));
}

static int
find_chosen (GPtrArray *candidates)
{
  for (guint i = 0; i < candidates->len; i++)
    if (((FatiaGopCandidate *) g_ptr_array_index (candidates, i))->chosen)
      return (int) i;
  return -1;
}

static gboolean
has_driver (GPtrArray *candidates)
{
  for (guint i = 0; i < candidates->len; i++)
    if (((FatiaGopCandidate *) g_ptr_array_index (candidates, i))->driver)
      return TRUE;
  return FALSE;
}

static void
on_fraction (FatiaHost *host, double fraction, FatiaStep *step)
{
  fatia_step_set_progress (step, _ ("Reading the firmware’s chip"), fraction);
}

/* This computer's firmware, from the helper; the step's cancellable ends the reading there. */
static GBytes *
read_chip (Reading *reading, GError **error)
{
  FatiaHost *host = fatia_step_get_host (FATIA_STEP (reading->step));
  g_autoptr (GVariant) bytes = NULL;
  g_autoptr (GVariant) answer = NULL;
  gulong fraction = g_signal_connect_object (host, "fraction", G_CALLBACK (on_fraction),
                                             reading->step, G_CONNECT_DEFAULT);
  gulong cancelled = g_signal_connect_object (
    reading->cancellable, "cancelled", G_CALLBACK (fatia_host_cancel), host, G_CONNECT_SWAPPED);

  answer = dex_await_variant (fatia_host_read_firmware (host), error);
  g_clear_signal_handler (&fraction, host);
  g_clear_signal_handler (&cancelled, reading->cancellable);
  if (!answer)
    return NULL;
  g_variant_get (answer, "(@ayt)", &bytes, &reading->step->unread);
  return g_variant_get_data_as_bytes (bytes);
}

/* (transfer full): what was found */
static FatiaGopFindings *
search (Reading *reading, GError **error)
{
  Reading *work = g_new0 (Reading, 1);

  work->step = g_object_ref (reading->step);
  work->cancellable = g_object_ref (reading->cancellable);
  work->path = g_strdup (reading->path);
  work->member = g_strdup (reading->member);
  work->firmware = reading->firmware ? g_bytes_ref (reading->firmware) : NULL;
  return dex_await_boxed (fatia_thread_run ("firmware", read_thread, work, reading_free), error);
}

static DexFuture *
read_fiber (gpointer user_data)
{
  Reading *reading = user_data;
  FatiaGopStep *self = reading->step;
  g_autoptr (FatiaGopFindings) findings = NULL;
  g_autoptr (GError) error = NULL;

  if (!reading->path)
    reading->firmware = read_chip (reading, &error);
  if (!error)
    findings = search (reading, &error);
  fatia_step_set_cancellable (FATIA_STEP (self), NULL);
  fatia_step_set_busy (FATIA_STEP (self), FALSE);
  if (!findings)
    return dex_future_new_for_error (g_steal_pointer (&error));
  g_set_str (&self->image, reading->path);
  self->findings = fatia_gop_findings_ref (findings);
  self->chosen = find_chosen (findings->candidates);
  return dex_future_new_for_boolean (has_driver (findings->candidates));
}

/* @path NULL: this computer's own firmware */
static DexFuture *
start_reading (FatiaGopStep *self, const char *path, const char *member)
{
  Reading *reading;
  DexFuture *future;

  if (fatia_step_is_busy (FATIA_STEP (self)))
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_BUSY,
                                  _ ("An image is being read already"));
  g_clear_pointer (&self->image, g_free);
  g_clear_pointer (&self->findings, fatia_gop_findings_unref);
  self->chosen = -1;
  self->unread = 0;

  reading = g_new0 (Reading, 1);
  reading->step = g_object_ref (self);
  reading->path = g_strdup (path);
  reading->member = g_strdup (member);
  reading->cancellable = g_cancellable_new ();
  fatia_step_set_cancellable (FATIA_STEP (self), reading->cancellable);
  fatia_step_set_busy (FATIA_STEP (self), TRUE);
  fatia_step_set_progress (
    FATIA_STEP (self), path ? _ ("Reading the firmware image") : _ ("Reading the firmware’s chip"),
    0.0);
  future = dex_scheduler_spawn (NULL, 0, read_fiber, reading, reading_free);
  dex_future_disown (dex_ref (future));
  return future;
}

/**
 * fatia_gop_step_read:
 * @path: (type filename): a firmware image, or what a maker offers it in
 * @member: (nullable): of an archive, which file to take; %NULL for the likely one
 *
 * Looks for the GOP driver in an image; "fraction" tells how far it is, fatia_step_cancel()
 * ends it. What an earlier image held is forgotten.
 *
 * Returns: (transfer full): a boolean: whether a driver was found; rejects with a
 *   #FatiaFirmwareError or #GIOErrorEnum in words where the image can't be read
 */
DexFuture *
fatia_gop_step_read (FatiaGopStep *self, const char *path, const char *member)
{
  g_return_val_if_fail (FATIA_IS_GOP_STEP (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  return start_reading (self, path, member);
}

/**
 * fatia_gop_step_read_chip:
 *
 * The same for the firmware in this computer's own flash chip, which the helper reads.
 *
 * Returns: (transfer full): a boolean: whether a driver was found; rejects with
 *   %G_IO_ERROR_NOT_FOUND in words where the kernel shows no chip
 */
DexFuture *
fatia_gop_step_read_chip (FatiaGopStep *self)
{
  g_return_val_if_fail (FATIA_IS_GOP_STEP (self), NULL);
  return start_reading (self, NULL, NULL);
}
