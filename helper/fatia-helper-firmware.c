/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The board's firmware for the caller to read. Nothing in it is looked at here. */
#include "fatia-helper-firmware.h"

#include <glib/gi18n.h>

#include "host/fatia-fd.h"
#include "host/fatia-flash.h"

typedef struct
{
  const FatiaHelperCall *call;
  guint percent; /* as last told */
} Reading;

static void
on_progress (guint64 done, guint64 total, gpointer user_data)
{
  Reading *reading = user_data;
  guint percent = done * 100 / total;

  if (percent == reading->percent)
    return;
  reading->percent = percent;
  fatia_helper_call_fraction (reading->call, percent / 100.0);
}

static GVariant *
describe_gaps (GArray *gaps)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(tt)"));
  for (guint i = 0; i < gaps->len; i++)
    {
      const FatiaFlashGap *gap = &g_array_index (gaps, FatiaFlashGap, i);

      g_variant_builder_add (&builder, "(tt)", gap->offset, gap->length);
    }
  return g_variant_builder_end (&builder);
}

static gboolean
find_chip (const FatiaHelperCall *call, FatiaFlash *flash, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (fatia_flash_find (call->root, flash, &local))
    return TRUE;
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED, local->message);
  return FALSE;
}

/**
 * fatia_helper_read_firmware:
 * @fds: (out) (transfer full): the descriptor the reply's handle 0 is
 *
 * Returns: (nullable): a floating tuple, the reply
 */
GVariant *
fatia_helper_read_firmware (const FatiaHelperCall *call, GUnixFDList **fds, GError **error)
{
  g_autoptr (GArray) gaps = g_array_new (FALSE, FALSE, sizeof (FatiaFlashGap));
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();
  Reading reading = { .call = call };
  fatia_autofd int chip = -1;
  fatia_autofd int memory = -1;
  FatiaFlash flash;

  if (!find_chip (call, &flash, error))
    return NULL;
  chip = fatia_flash_open (call->root, &flash, error);
  if (chip < 0)
    return NULL;
  fatia_helper_call_progress (_ ("Reading the firmware’s chip"), (gpointer) call);
  memory =
    fatia_flash_read (chip, flash.size, gaps, on_progress, &reading, call->cancellable, error);
  if (memory < 0 || g_unix_fd_list_append (list, memory, error) < 0)
    return NULL;
  *fds = g_steal_pointer (&list);
  return g_variant_new ("(h@a(tt))", 0, describe_gaps (gaps));
}
