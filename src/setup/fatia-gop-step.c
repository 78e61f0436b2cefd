/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-gop-step-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "setup/fatia-memfd.h"

G_DEFINE_FINAL_TYPE (FatiaGopStep, fatia_gop_step, FATIA_TYPE_STEP)

static void
fatia_gop_step_update (FatiaStep *step)
{
  const FatiaFacts *facts = fatia_step_get_facts (step);

  if (facts->roms && facts->roms[0])
    fatia_step_set_statef (step, FATIA_STEP_DONE, _ ("Installed: %s"), facts->roms[0]);
  else if (!facts->pf)
    fatia_step_set_state (step, FATIA_STEP_BLOCKED,
                          _ ("There is no graphics processor in this computer that Fatia knows how "
                             "to slice, so there is nothing to install a driver for."));
  else
    fatia_step_set_state (step, FATIA_STEP_TODO, NULL);
}

/* The virtual functions of these GPUs have the device id of the physical one; where one is there
 * already, it is asked itself. */
static const FatiaPciDevice *
rom_device (FatiaGopStep *self)
{
  const FatiaFacts *facts = fatia_step_get_facts (FATIA_STEP (self));

  if (!facts)
    return NULL;
  return facts->vfs && facts->vfs->len > 0 ? g_ptr_array_index (facts->vfs, 0) : facts->pf;
}

/* The name and bytes that are sent to the helper. */
static gboolean
prepare_rom (FatiaGopStep *self, char **name, int *fd, GError **error)
{
  g_autoptr (GBytes) rom = fatia_gop_step_get_rom (self, error);

  if (!rom)
    return FALSE;
  *name = g_strdup_printf ("intel-gop-%04x.rom", rom_device (self)->device);
  *fd = fatia_memfd_new_sealed ("fatia-rom", rom, error);
  return *fd >= 0;
}

static DexFuture *
fatia_gop_step_plan (FatiaStep *step)
{
  g_autofree char *name = NULL;
  g_autofd int fd = -1;
  g_autoptr (GError) error = NULL;

  if (!prepare_rom (FATIA_GOP_STEP (step), &name, &fd, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return fatia_host_plan (fatia_step_get_host (step), "Rom", g_variant_new ("(sh)", name, 0), fd);
}

static DexFuture *
fatia_gop_step_apply (FatiaStep *step, FatiaPlan *plan)
{
  g_autofree char *name = NULL;
  g_autofd int fd = -1;
  g_autoptr (GError) error = NULL;

  if (!prepare_rom (FATIA_GOP_STEP (step), &name, &fd, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return fatia_host_apply (fatia_step_get_host (step), "Rom", g_variant_new ("(sh)", name, 0), fd,
                           fatia_plan_get_digest (plan));
}

static void
fatia_gop_step_finalize (GObject *object)
{
  FatiaGopStep *self = FATIA_GOP_STEP (object);

  g_clear_pointer (&self->findings, fatia_gop_findings_unref);
  g_free (self->image);
  G_OBJECT_CLASS (fatia_gop_step_parent_class)->finalize (object);
}

static void
fatia_gop_step_class_init (FatiaGopStepClass *klass)
{
  FatiaStepClass *step_class = FATIA_STEP_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fatia_gop_step_finalize;
  step_class->id = "gop";
  step_class->title = N_ ("GOP Driver");
  step_class->skippable = TRUE;
  step_class->skipping_means =
    N_ ("Without it there is no picture before Windows' own driver runs, and some Windows "
        "drivers stop with Code 43. It can be added at any time.");
  step_class->change_step = "gop";
  step_class->update = fatia_gop_step_update;
  step_class->plan = fatia_gop_step_plan;
  step_class->apply = fatia_gop_step_apply;
}

static void
fatia_gop_step_init (FatiaGopStep *self)
{
  self->chosen = -1;
}

/**
 * fatia_gop_step_get_image:
 *
 * Returns: (transfer none) (nullable): the image that was read last; %NULL where none was, or the
 *   computer's own chip
 */
const char *
fatia_gop_step_get_image (FatiaGopStep *self)
{
  g_return_val_if_fail (FATIA_IS_GOP_STEP (self), NULL);
  return self->image;
}

/**
 * fatia_gop_step_get_unread:
 *
 * Returns: how many bytes of the computer's own chip could not be read
 */
guint64
fatia_gop_step_get_unread (FatiaGopStep *self)
{
  g_return_val_if_fail (FATIA_IS_GOP_STEP (self), 0);
  return self->unread;
}

/**
 * fatia_gop_step_get_candidates:
 *
 * Returns: (transfer none) (element-type FatiaGopCandidate) (nullable): what was found in the
 *   image, best first; %NULL where none was read
 */
GPtrArray *
fatia_gop_step_get_candidates (FatiaGopStep *self)
{
  g_return_val_if_fail (FATIA_IS_GOP_STEP (self), NULL);
  return self->findings ? self->findings->candidates : NULL;
}

/**
 * fatia_gop_step_get_findings:
 *
 * Returns: (transfer none) (nullable): all that was found in the image; %NULL where none was read
 */
FatiaGopFindings *
fatia_gop_step_get_findings (FatiaGopStep *self)
{
  g_return_val_if_fail (FATIA_IS_GOP_STEP (self), NULL);
  return self->findings;
}

/**
 * fatia_gop_step_compare_board:
 *
 * Returns: whether the image that was read says that it is for this computer's board
 */
FatiaBoardsVerdict
fatia_gop_step_compare_board (FatiaGopStep *self)
{
  const FatiaFacts *facts;
  FatiaBoardOfComputer computer = { 0 };

  g_return_val_if_fail (FATIA_IS_GOP_STEP (self), FATIA_BOARDS_UNKNOWN);

  facts = fatia_step_get_facts (FATIA_STEP (self));
  if (!self->findings || !facts)
    return FATIA_BOARDS_UNKNOWN;
  computer.product = facts->product_name;
  computer.board = facts->board_name;
  computer.bios_version = facts->bios_version;
  return fatia_board_of_image_compare (self->findings->boards, &computer);
}

/**
 * fatia_gop_step_get_chosen:
 *
 * Returns: the chosen candidate's index, -1 where none is
 */
int
fatia_gop_step_get_chosen (FatiaGopStep *self)
{
  g_return_val_if_fail (FATIA_IS_GOP_STEP (self), -1);
  return self->chosen;
}

/**
 * fatia_gop_step_choose:
 * @index: of a candidate, or -1
 */
void
fatia_gop_step_choose (FatiaGopStep *self, int index)
{
  g_return_if_fail (FATIA_IS_GOP_STEP (self));
  g_return_if_fail (index >= -1);
  g_return_if_fail (index < 0 ||
                    (self->findings && (guint) index < self->findings->candidates->len));
  self->chosen = index;
}

/**
 * fatia_gop_step_get_driver:
 *
 * Returns: (transfer full) (nullable): the chosen driver as it is in the image;
 *   %G_IO_ERROR_NOT_FOUND where none is chosen, %FATIA_FIRMWARE_ERROR_NOT_A_DRIVER where what is
 *   chosen would not do, with the reason
 */
GBytes *
fatia_gop_step_get_driver (FatiaGopStep *self, GError **error)
{
  FatiaGopCandidate *candidate;

  g_return_val_if_fail (FATIA_IS_GOP_STEP (self), NULL);

  if (self->chosen < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           !self->findings ? _ ("Choose a firmware image first")
                           : self->findings->candidates->len > 0
                             ? _ ("Choose one of the drivers that were found first")
                             : _ ("No graphics driver was found in the image: choose another one"));
      return NULL;
    }
  candidate = g_ptr_array_index (self->findings->candidates, self->chosen);
  if (!candidate->usable)
    {
      g_set_error_literal (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_NOT_A_DRIVER,
                           candidate->why);
      return NULL;
    }
  return g_bytes_ref (candidate->pe);
}

/**
 * fatia_gop_step_get_rom:
 *
 * Returns: (transfer full) (nullable): the chosen driver as option ROM for this host's virtual
 *   functions
 */
GBytes *
fatia_gop_step_get_rom (FatiaGopStep *self, GError **error)
{
  g_autoptr (GBytes) driver = fatia_gop_step_get_driver (self, error);
  const FatiaPciDevice *device;

  if (!driver)
    return NULL;
  device = rom_device (self);
  if (!device)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           _ ("There is no graphics processor in this computer that the driver "
                              "could be for"));
      return NULL;
    }
  return fatia_option_rom_build (driver, device->vendor, device->device, error);
}
