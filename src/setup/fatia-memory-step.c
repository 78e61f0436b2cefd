/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-steps.h"

#include <glib/gi18n-lib.h>

#include "setup/fatia-step-private.h"

#define SHM   "/dev/shm/looking-glass"
#define KVMFR "/dev/kvmfr0"

/**
 * FatiaMemoryStep:
 *
 * The memory that the guest's picture comes through: the device of the module kvmfr, which the
 * graphics processor reads from itself, or a file in /dev/shm, which needs nothing but a rule
 * about who may open it.
 */
struct _FatiaMemoryStep
{
  FatiaStep parent_instance;
  gboolean kvmfr;
  gboolean chosen; /* by the person */
};

G_DEFINE_FINAL_TYPE (FatiaMemoryStep, fatia_memory_step, FATIA_TYPE_STEP)

enum
{
  PROP_0,
  PROP_KVMFR,
  N_PROPS,
};
static GParamSpec *properties[N_PROPS];

static void
take_kvmfr (FatiaMemoryStep *self, gboolean kvmfr)
{
  if (self->kvmfr == kvmfr)
    return;
  self->kvmfr = kvmfr;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KVMFR]);
}

/* The memory the VM that is there was made for; NULL: none, or one of practice's own. */
static const char *
domain_path (FatiaMemoryStep *self)
{
  FatiaDomain *domain = fatia_setup_get_domain (fatia_step_get_setup (FATIA_STEP (self)));
  const char *path = domain ? fatia_domain_get_glass_path (domain) : NULL;

  return g_strcmp0 (path, SHM) == 0 || g_strcmp0 (path, KVMFR) == 0 ? path : NULL;
}

/* What is there already, or what the VM needs; else kvmfr where the kernel has it. */
static gboolean
is_kvmfr_better (FatiaMemoryStep *self)
{
  const FatiaFacts *facts = fatia_step_get_facts (FATIA_STEP (self));
  const char *path = domain_path (self);

  if (path)
    return g_str_equal (path, KVMFR);
  if (facts->kvmfr_rule == FATIA_YES || facts->memory_rule == FATIA_YES)
    return facts->kvmfr_rule == FATIA_YES;
  return facts->kvmfr_installed == FATIA_YES;
}

static void
update_shm (FatiaStep *step, const FatiaFacts *facts)
{
  switch (facts->memory_rule)
    {
    case FATIA_YES:
      fatia_step_set_state (step, FATIA_STEP_DONE, NULL);
      break;
    case FATIA_NO:
      fatia_step_set_state (step, FATIA_STEP_TODO, NULL);
      break;
    case FATIA_UNKNOWN:
      fatia_step_set_state (step, FATIA_STEP_TODO,
                            _ ("Whether the rule is there can't be read; setting it again does no "
                               "harm."));
      break;
    }
}

static void
update_kvmfr (FatiaStep *step, const FatiaFacts *facts)
{
  guint needed = fatia_memory_step_get_megabytes (FATIA_MEMORY_STEP (step));

  if (facts->kvmfr_path == FATIA_YES && facts->kvmfr_device == FATIA_NO)
    fatia_step_set_state (step, FATIA_STEP_TODO,
                          _ ("/dev/kvmfr0 is a plain file that a VM left which was started before "
                             "the module kvmfr was loaded. Shut the VM down and set the memory up "
                             "again."));
  else if (facts->kvmfr_installed == FATIA_NO)
    fatia_step_set_state (step, FATIA_STEP_BLOCKED,
                          _ ("The running kernel has no module kvmfr. Install it, or choose plain "
                             "shared memory."));
  else if (facts->kvmfr_rule != FATIA_YES)
    fatia_step_set_state (step, FATIA_STEP_TODO, NULL);
  else if (facts->kvmfr_mib > 0 && facts->kvmfr_mib < needed)
    fatia_step_set_statef (step, FATIA_STEP_TODO,
                           _ ("The resolution needs %u MiB, and kvmfr’s memory has %u."), needed,
                           facts->kvmfr_mib);
  else if (facts->kvmfr_device == FATIA_NO)
    fatia_step_set_state (step, FATIA_STEP_RESTART,
                          _ ("Restart the computer: then the module kvmfr is loaded."));
  else if (facts->kvmfr_access == FATIA_NO)
    fatia_step_set_state (step, FATIA_STEP_DONE,
                          _ ("You may not open /dev/kvmfr0 as you are logged in now. The checks "
                             "say what to do."));
  else
    fatia_step_set_state (step, FATIA_STEP_DONE, NULL);
}

static void
fatia_memory_step_update (FatiaStep *step)
{
  FatiaMemoryStep *self = FATIA_MEMORY_STEP (step);
  const FatiaFacts *facts = fatia_step_get_facts (step);
  const char *path = domain_path (self);

  if (!self->chosen || path)
    take_kvmfr (self, is_kvmfr_better (self));
  if (self->kvmfr)
    update_kvmfr (step, facts);
  else
    update_shm (step, facts);
}

static GVariant *
helper_arguments (FatiaMemoryStep *self)
{
  return g_variant_new ("(su)", self->kvmfr ? "kvmfr" : "shm",
                        fatia_memory_step_get_megabytes (self));
}

static DexFuture *
fatia_memory_step_plan (FatiaStep *step)
{
  return fatia_host_plan (fatia_step_get_host (step), "GuestMemory",
                          helper_arguments (FATIA_MEMORY_STEP (step)), -1);
}

static DexFuture *
fatia_memory_step_apply (FatiaStep *step, FatiaPlan *plan)
{
  return fatia_host_apply (fatia_step_get_host (step), "GuestMemory",
                           helper_arguments (FATIA_MEMORY_STEP (step)), -1,
                           fatia_plan_get_digest (plan));
}

static void
fatia_memory_step_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_KVMFR:
      g_value_set_boolean (value, FATIA_MEMORY_STEP (object)->kvmfr);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_memory_step_class_init (FatiaMemoryStepClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  FatiaStepClass *step_class = FATIA_STEP_CLASS (klass);

  object_class->get_property = fatia_memory_step_get_property;
  step_class->id = "memory";
  step_class->title = N_ ("Memory for the picture");
  step_class->change_step = "memory";
  step_class->update = fatia_memory_step_update;
  step_class->plan = fatia_memory_step_plan;
  step_class->apply = fatia_memory_step_apply;

  properties[PROP_KVMFR] =
    g_param_spec_boolean ("kvmfr", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
fatia_memory_step_init (FatiaMemoryStep *self)
{
}

/**
 * fatia_memory_step_get_kvmfr:
 *
 * Returns: whether the memory is, or is to be, that of the module kvmfr; else a file in /dev/shm
 */
gboolean
fatia_memory_step_get_kvmfr (FatiaMemoryStep *self)
{
  g_return_val_if_fail (FATIA_IS_MEMORY_STEP (self), FALSE);
  return self->kvmfr;
}

/**
 * fatia_memory_step_set_kvmfr:
 *
 * Chooses the kind. A VM that is there keeps the kind it was made for.
 */
void
fatia_memory_step_set_kvmfr (FatiaMemoryStep *self, gboolean kvmfr)
{
  g_return_if_fail (FATIA_IS_MEMORY_STEP (self));

  self->chosen = TRUE;
  take_kvmfr (self, kvmfr);
  if (fatia_step_get_facts (FATIA_STEP (self)))
    fatia_step_update (FATIA_STEP (self));
}

/**
 * fatia_memory_step_can_choose:
 *
 * Returns: whether there is a choice: no VM is there that was made for one kind, and the running
 *   kernel has the module
 */
gboolean
fatia_memory_step_can_choose (FatiaMemoryStep *self)
{
  const FatiaFacts *facts;

  g_return_val_if_fail (FATIA_IS_MEMORY_STEP (self), FALSE);

  facts = fatia_step_get_facts (FATIA_STEP (self));
  return facts && facts->kvmfr_installed != FATIA_NO && domain_path (self) == NULL;
}

/**
 * fatia_memory_step_get_megabytes:
 *
 * Returns: the size that the VM's resolution needs, in MiB
 */
guint
fatia_memory_step_get_megabytes (FatiaMemoryStep *self)
{
  FatiaSetup *setup;
  FatiaDomainSpec *spec;

  g_return_val_if_fail (FATIA_IS_MEMORY_STEP (self), 0);

  setup = fatia_step_get_setup (FATIA_STEP (self));
  spec = fatia_vm_step_get_spec (FATIA_VM_STEP (fatia_setup_get_step (setup, "vm")));
  return spec ? spec->glass_mib : fatia_glass_memory_mib (1920, 1080);
}
