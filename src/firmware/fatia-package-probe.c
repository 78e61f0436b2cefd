/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bytes are, as far as that can be told without opening or walking them. */
#include "fatia-package-probe.h"

#include "fatia-bytes.h"
#include "fatia-decode.h"
#include "fatia-pe.h"

#define DESCRIPTOR_AT   16
#define DESCRIPTOR_MARK 0x0FF0A55A

/**
 * fatia_probe_feed:
 * @data: the next bytes of a member
 */
void
fatia_probe_feed (FatiaProbe *self, const guint8 *data, gsize size)
{
  gsize n = MIN (size, FATIA_PROBE_HEAD - self->filled);

  if (size == 0)
    return;
  memcpy (self->head + self->filled, data, n);
  self->filled += n;
  if (!self->volume)
    {
      guint8 seam[6];
      gsize ahead = MIN (size, sizeof seam - sizeof self->tail);

      /* The mark may begin in the piece before. */
      memcpy (seam, self->tail, sizeof self->tail);
      memcpy (seam + sizeof self->tail, data, ahead);
      self->volume = memmem (data, size, "_FVH", 4) != NULL ||
                     memmem (seam, sizeof self->tail + ahead, "_FVH", 4) != NULL;
      for (gsize i = size - MIN (size, sizeof self->tail); i < size; i++)
        {
          memmove (self->tail, self->tail + 1, sizeof self->tail - 1);
          self->tail[sizeof self->tail - 1] = data[i];
        }
    }
  self->size += size;
}

/**
 * fatia_probe_finish:
 *
 * Returns: what the bytes fed so far say of the member
 */
FatiaTraits
fatia_probe_finish (const FatiaProbe *self)
{
  FatiaTraits traits = self->volume ? FATIA_TRAIT_VOLUME : 0;
  FatiaPe pe;

  if (self->filled >= DESCRIPTOR_AT + 4 &&
      fatia_read_u32 (self->head + DESCRIPTOR_AT) == DESCRIPTOR_MARK)
    traits |= FATIA_TRAIT_DESCRIPTOR;
  if (fatia_package_begins (self->head, self->filled))
    traits |= FATIA_TRAIT_PACKAGE;
  if (self->filled >= 2 && memcmp (self->head, "MZ", 2) == 0)
    {
      if (fatia_pe_read (self->head, self->filled, &pe) &&
          (pe.subsystem == FATIA_PE_EFI_BOOT_DRIVER || pe.subsystem == FATIA_PE_EFI_RUNTIME_DRIVER))
        traits |= FATIA_TRAIT_EFI;
      else
        traits |= FATIA_TRAIT_PROGRAM;
    }
  return traits;
}

static FatiaTraits
traits_of (GBytes *bytes)
{
  FatiaProbe probe = { 0 };
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  fatia_probe_feed (&probe, data, size);
  return fatia_probe_finish (&probe);
}

/**
 * fatia_package_decode:
 * @data: packed by the UEFI specification's algorithm, with its header
 *
 * The data don't say which of the algorithm's two forms they are in, and the wrong one may give
 * bytes as well: that form is taken whose bytes are something.
 *
 * Returns: (transfer full) (nullable): the unpacked bytes
 */
GBytes *
fatia_package_decode (FatiaUnpacking *work, const guint8 *data, gsize size)
{
  GBytes *efi = fatia_decode_tiano (data, size, FATIA_TIANO_EFI_1_1, &work->budget);
  GBytes *tiano = NULL;

  if (efi && traits_of (efi) != 0)
    return fatia_package_hand_over (work, efi);
  if (!fatia_budget_failed (&work->budget, NULL))
    tiano = fatia_decode_tiano (data, size, FATIA_TIANO_TIANO, &work->budget);
  if (efi && (tiano == NULL || traits_of (tiano) == 0))
    {
      if (tiano)
        fatia_sink_drop (&work->budget, tiano);
      return fatia_package_hand_over (work, efi);
    }
  if (efi)
    fatia_sink_drop (&work->budget, efi);
  return fatia_package_hand_over (work, tiano);
}
