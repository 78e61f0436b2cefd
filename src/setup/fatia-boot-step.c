/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-steps.h"

#include <glib/gi18n-lib.h>

#include "boot/fatia-boot-loader.h"
#include "boot/fatia-kernel-arguments.h"
#include "setup/fatia-step-private.h"

/**
 * FatiaBootStep:
 *
 * The kernel command line: with what arguments the next start of the computer lets the GPU's
 * driver make virtual functions.
 */
struct _FatiaBootStep
{
  FatiaStep parent_instance;
  GPtrArray *arguments; /* (element-type FatiaArgument) */
};

G_DEFINE_FINAL_TYPE (FatiaBootStep, fatia_boot_step, FATIA_TYPE_STEP)

/* (transfer container) */
static GStrv
wanted_arguments (FatiaBootStep *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->arguments->len; i++)
    g_strv_builder_add (builder,
                        ((FatiaArgument *) g_ptr_array_index (self->arguments, i))->argument);
  return g_strv_builder_end (builder);
}

/* What the boot loader will give the next kernel: whether that is known, and covers @wanted. */
static FatiaTruth
next_start_covers (FatiaBootStep *self, GStrv wanted)
{
  FatiaStep *step = FATIA_STEP (self);
  g_auto (GStrv) next = NULL;

  next = fatia_boot_read_arguments (fatia_host_get_root (fatia_step_get_host (step)), NULL);
  if (!next)
    return FATIA_UNKNOWN;
  return fatia_kernel_arguments_cover ((const char *const *) next, (const char *const *) wanted)
           ? FATIA_YES
           : FATIA_NO;
}

static void
block_on_boot_loader (FatiaStep *self, GStrv wanted)
{
  const FatiaFacts *facts = fatia_step_get_facts (self);
  g_autofree char *line = g_strjoinv (" ", wanted);

  if (facts->boot_loader_name)
    fatia_step_set_statef (self, FATIA_STEP_BLOCKED,
                           _ ("Fatia can't configure %s. Add this to its kernel command line "
                              "yourself, then restart the computer: %s"),
                           facts->boot_loader_name, line);
  else
    fatia_step_set_statef (self, FATIA_STEP_BLOCKED,
                           _ ("Fatia does not recognise this computer's boot loader. Add this to "
                              "the kernel command line yourself, then restart the computer: %s"),
                           line);
}

static void
fatia_boot_step_update (FatiaStep *step)
{
  FatiaBootStep *self = FATIA_BOOT_STEP (step);
  const FatiaFacts *facts = fatia_step_get_facts (step);
  g_auto (GStrv) wanted = NULL;
  gboolean running;
  FatiaTruth next;

  g_clear_pointer (&self->arguments, g_ptr_array_unref);
  self->arguments = fatia_advice_arguments (facts);
  if (self->arguments->len == 0)
    {
      fatia_step_set_state (step, FATIA_STEP_BLOCKED,
                            _ ("There is no graphics processor in this computer that Fatia knows "
                               "how to slice, so there is nothing to tell the kernel."));
      return;
    }

  wanted = wanted_arguments (self);
  next = next_start_covers (self, wanted);
  running = facts->kernel_arguments &&
            fatia_kernel_arguments_cover ((const char *const *) facts->kernel_arguments,
                                          (const char *const *) wanted);
  if (running && next == FATIA_NO)
    fatia_step_set_state (step, FATIA_STEP_TODO,
                          _ ("The arguments are in effect now, but the next start of the computer "
                             "goes without them."));
  else if (running)
    fatia_step_set_state (step, FATIA_STEP_DONE, NULL);
  else if (next == FATIA_YES)
    fatia_step_set_state (step, FATIA_STEP_RESTART,
                          _ ("The boot loader is configured. Restart the computer to go on."));
  else if (!fatia_boot_loader_is_ours (facts->boot_loader))
    block_on_boot_loader (step, wanted);
  else
    fatia_step_set_state (step, FATIA_STEP_TODO, NULL);
}

static GVariant *
helper_arguments (FatiaBootStep *self)
{
  g_auto (GStrv) wanted = wanted_arguments (self);

  return g_variant_new ("(^as)", wanted);
}

static DexFuture *
fatia_boot_step_plan (FatiaStep *step)
{
  return fatia_host_plan (fatia_step_get_host (step), "KernelArguments",
                          helper_arguments (FATIA_BOOT_STEP (step)), -1);
}

static DexFuture *
fatia_boot_step_apply (FatiaStep *step, FatiaPlan *plan)
{
  return fatia_host_apply (fatia_step_get_host (step), "KernelArguments",
                           helper_arguments (FATIA_BOOT_STEP (step)), -1,
                           fatia_plan_get_digest (plan));
}

static void
fatia_boot_step_finalize (GObject *object)
{
  FatiaBootStep *self = FATIA_BOOT_STEP (object);

  g_clear_pointer (&self->arguments, g_ptr_array_unref);
  G_OBJECT_CLASS (fatia_boot_step_parent_class)->finalize (object);
}

static void
fatia_boot_step_class_init (FatiaBootStepClass *klass)
{
  FatiaStepClass *step_class = FATIA_STEP_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fatia_boot_step_finalize;
  step_class->id = "boot";
  step_class->title = N_ ("Kernel arguments");
  step_class->change_step = "boot";
  step_class->update = fatia_boot_step_update;
  step_class->plan = fatia_boot_step_plan;
  step_class->apply = fatia_boot_step_apply;
}

static void
fatia_boot_step_init (FatiaBootStep *self)
{
}

/**
 * fatia_boot_step_get_arguments:
 *
 * Returns: (transfer none) (element-type FatiaArgument) (nullable): the arguments this computer
 *   needs, each with its reason; %NULL before the first refresh
 */
GPtrArray *
fatia_boot_step_get_arguments (FatiaBootStep *self)
{
  g_return_val_if_fail (FATIA_IS_BOOT_STEP (self), NULL);
  return self->arguments;
}

/**
 * fatia_boot_step_get_emergency_exit:
 *
 * Returns: (transfer full): how to start the computer should the screen stay dark, to be read
 *   before the restart
 */
char *
fatia_boot_step_get_emergency_exit (FatiaBootStep *self)
{
  g_return_val_if_fail (FATIA_IS_BOOT_STEP (self), NULL);
  return fatia_advice_emergency_exit (fatia_step_get_facts (FATIA_STEP (self)));
}
