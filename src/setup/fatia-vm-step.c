/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-steps.h"

#include <glib/gi18n-lib.h>

#include "change/fatia-change.h"
#include "setup/fatia-step-private.h"
#include "guest/fatia-thread.h"

/**
 * FatiaVmStep:
 *
 * The Windows VM. Unlike the other steps it needs no helper: libvirt is asked, with the rights
 * the person has there.
 */
struct _FatiaVmStep
{
  FatiaStep parent_instance;
  FatiaDomainSpec *spec; /* (nullable) before the first refresh */
  /* What was put there for the person; NULL where nothing was. */
  char *offered_vf;
  char *offered_rom;
};

#define ROM_LIMIT (16 * 1024 * 1024)

G_DEFINE_FINAL_TYPE (FatiaVmStep, fatia_vm_step, FATIA_TYPE_STEP)

/* In a tree nothing can be passed through; practice keeps disk and memory in its own place. */
static void
adapt (FatiaVmStep *self, FatiaDomainSpec *spec)
{
  FatiaHost *host = fatia_step_get_host (FATIA_STEP (self));
  FatiaPractice *practice = fatia_host_get_practice (host);

  spec->tcg = fatia_host_get_kind (host) != FATIA_HOST_SYSTEM;
  if (practice)
    fatia_practice_adapt_spec (practice, spec);
}

/* (transfer full): a copy to work on, while the person may change theirs */
static FatiaDomainSpec *
copy_spec (FatiaVmStep *self)
{
  FatiaDomainSpec *spec = fatia_domain_spec_copy (self->spec);

  adapt (self, spec);
  return spec;
}

static gboolean
has_vf (const FatiaFacts *facts, const char *address)
{
  for (guint i = 0; facts->vfs && i < facts->vfs->len; i++)
    if (g_str_equal (((const FatiaPciDevice *) g_ptr_array_index (facts->vfs, i))->address,
                     address))
      return TRUE;
  return FALSE;
}

static gboolean
has_rom (const FatiaFacts *facts, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  return facts->roms && g_strv_contains ((const char *const *) facts->roms, name);
}

/* Replaces what was never set or is no longer there. Nothing, where something was offered, is what
 * the person chose. */
static void
follow (char **value, char **offered, const char *fresh, gboolean possible)
{
  if (*value ? possible : *offered != NULL)
    return;
  g_set_str (value, fresh);
  g_set_str (offered, fresh);
}

/* The checksum that goes into the domain is that of the file as it lies there now. */
static void
checksum_rom (FatiaVmStep *self)
{
  FatiaHostRoot *root = fatia_host_get_root (fatia_step_get_host (FATIA_STEP (self)));
  g_autofree char *rom = NULL;
  gsize length = 0;

  g_clear_pointer (&self->spec->rom_sha256, g_free);
  if (self->spec->rom)
    rom = fatia_host_root_read (root, self->spec->rom, ROM_LIMIT, &length, NULL);
  if (rom)
    self->spec->rom_sha256 =
      g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) rom, length);
}

/* The memory is what the host has been set up for, or practice's own. */
static void
follow_memory (FatiaVmStep *self, const FatiaDomainSpec *fresh)
{
  FatiaPractice *practice = fatia_host_get_practice (fatia_step_get_host (FATIA_STEP (self)));

  if (practice == NULL)
    g_set_str (&self->spec->glass_path, fresh->glass_path);
}

/* What the person chose stays as long as the host has it; the rest follows the host. */
static void
update_spec (FatiaVmStep *self)
{
  const FatiaFacts *facts = fatia_step_get_facts (FATIA_STEP (self));
  g_autoptr (FatiaDomainSpec) fresh = fatia_domain_spec_new (facts);

  if (!self->spec)
    {
      FatiaPractice *practice = fatia_host_get_practice (fatia_step_get_host (FATIA_STEP (self)));

      self->spec = fatia_domain_spec_copy (fresh);
      adapt (self, self->spec);
      if (practice)
        g_set_str (&self->spec->iso, fatia_practice_get_iso (practice));
      g_set_str (&self->offered_vf, fresh->vf);
      g_set_str (&self->offered_rom, fresh->rom);
    }
  else
    {
      follow (&self->spec->vf, &self->offered_vf, fresh->vf,
              self->spec->vf && has_vf (facts, self->spec->vf));
      follow (&self->spec->rom, &self->offered_rom, fresh->rom,
              self->spec->rom && has_rom (facts, self->spec->rom));
      follow_memory (self, fresh);
    }
  checksum_rom (self);
}

static void
fatia_vm_step_update (FatiaStep *step)
{
  FatiaVmStep *self = FATIA_VM_STEP (step);
  FatiaSetup *setup = fatia_step_get_setup (step);
  const FatiaFacts *facts = fatia_step_get_facts (step);
  const char *problem = fatia_setup_get_virt_problem (setup);

  update_spec (self);
  if (fatia_setup_get_domain (setup))
    fatia_step_set_state (step, FATIA_STEP_DONE, NULL);
  else if (!fatia_setup_get_virt (setup) && !problem && facts->libvirt == FATIA_NO)
    fatia_step_set_state (step, FATIA_STEP_BLOCKED,
                          _ ("libvirt, which runs the VM, is not installed: install the missing "
                             "software first."));
  else if (problem)
    fatia_step_set_state (step, FATIA_STEP_BLOCKED, problem);
  else if (!self->spec->vf)
    fatia_step_set_state (step, FATIA_STEP_TODO,
                          _ ("There is no slice of the graphics processor yet. A VM made now goes "
                             "without one."));
  else
    fatia_step_set_state (step, FATIA_STEP_TODO, NULL);
}

static DexFuture *
check_media_thread (gpointer path)
{
  g_autoptr (GError) error = NULL;

  if (!fatia_media_check_windows (path, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_true ();
}

/* Names everything the person chose. */
static char *
plan_digest (const FatiaDomainSpec *spec)
{
  g_autofree char *xml = fatia_domain_spec_to_xml (spec);
  g_autofree char *all = g_strdup_printf ("%s%" G_GUINT64_FORMAT, xml, spec->disk_bytes);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, all, -1);
}

/* What libvirt would be given, which is what @spec says and this libvirt can do. */
static char *
describe (FatiaVmStep *self, const FatiaDomainSpec *spec, GError **error)
{
  g_autoptr (FatiaVirt) virt = NULL;

  virt = dex_await_object (fatia_host_open_virt (fatia_step_get_host (FATIA_STEP (self))), error);
  return virt ? dex_await_string (fatia_virt_describe (virt, spec), error) : NULL;
}

static DexFuture *
plan_fiber (gpointer user_data)
{
  FatiaVmStep *self = user_data;
  g_autoptr (FatiaDomainSpec) spec = copy_spec (self);
  g_autofree char *size = g_format_size_full (spec->disk_bytes, G_FORMAT_SIZE_IEC_UNITS);
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *title = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *xml = NULL;

  if (!fatia_domain_spec_validate (spec, fatia_step_get_facts (FATIA_STEP (self)), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (spec->iso &&
      !dex_await (fatia_thread_run ("media", check_media_thread, g_strdup (spec->iso), g_free),
                  &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  xml = describe (self, spec, &error);
  if (!xml)
    return dex_future_new_for_error (g_steal_pointer (&error));

  digest = plan_digest (spec);
  plan = fatia_plan_new (digest);
  /* TRANSLATORS: a VM's name, its disk's path and size */
  title = g_strdup_printf (_ ("Make the VM “%s” in libvirt, with a new disk %s of %s"), spec->name,
                           spec->disk, size);
  fatia_plan_add (plan, "domain", spec->name, title, xml);
  return dex_future_new_take_object (g_steal_pointer (&plan));
}

static DexFuture *
fatia_vm_step_plan (FatiaStep *step)
{
  if (fatia_setup_get_domain (fatia_step_get_setup (step)))
    return dex_future_new_take_object (fatia_plan_new (NULL));
  return dex_scheduler_spawn (NULL, 0, plan_fiber, g_object_ref (step), g_object_unref);
}

static DexFuture *
create_fiber (gpointer user_data)
{
  FatiaVmStep *self = user_data;
  g_autoptr (FatiaDomainSpec) spec = copy_spec (self);
  g_autoptr (FatiaVirt) virt = NULL;
  g_autoptr (GError) error = NULL;

  virt = dex_await_object (fatia_host_open_virt (fatia_step_get_host (FATIA_STEP (self))), &error);
  if (!virt || !dex_await (fatia_virt_create (virt, spec), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_true ();
}

static DexFuture *
fatia_vm_step_apply (FatiaStep *step, FatiaPlan *plan)
{
  FatiaVmStep *self = FATIA_VM_STEP (step);
  g_autoptr (FatiaDomainSpec) spec = copy_spec (self);
  g_autofree char *digest = plan_digest (spec);

  if (fatia_plan_is_empty (plan))
    return dex_future_new_true ();
  if (!g_str_equal (digest, fatia_plan_get_digest (plan)))
    return dex_future_new_reject (FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_STALE,
                                  _ ("The VM is no longer the one that was shown: look again"));
  fatia_step_set_progress (step, _ ("Making the VM and its disk"), -1.0);
  return dex_scheduler_spawn (NULL, 0, create_fiber, g_object_ref (step), g_object_unref);
}

static DexFuture *
delete_fiber (gpointer user_data)
{
  FatiaStep *step = user_data;
  FatiaSetup *setup = fatia_step_get_setup (step);
  FatiaVirt *virt = fatia_setup_get_virt (setup);
  g_autoptr (FatiaDomain) domain = NULL;
  g_autoptr (GError) error = NULL;

  g_set_object (&domain, fatia_setup_get_domain (setup));
  if (!domain)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                  _ ("There is no VM that Fatia made"));
  if (fatia_domain_is_on (domain))
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_BUSY,
                                  _ ("“%s” is running: shut it down first"),
                                  fatia_domain_get_name (domain));
  if (!dex_await (fatia_virt_delete (virt, domain, TRUE), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_true ();
}

/* The VM and the disk that was made for it; whether to is asked before. */
static DexFuture *
fatia_vm_step_undo (FatiaStep *step)
{
  return dex_scheduler_spawn (NULL, 0, delete_fiber, g_object_ref (step), g_object_unref);
}

static void
fatia_vm_step_finalize (GObject *object)
{
  FatiaVmStep *self = FATIA_VM_STEP (object);

  g_clear_pointer (&self->spec, fatia_domain_spec_free);
  g_free (self->offered_vf);
  g_free (self->offered_rom);
  G_OBJECT_CLASS (fatia_vm_step_parent_class)->finalize (object);
}

static void
fatia_vm_step_class_init (FatiaVmStepClass *klass)
{
  FatiaStepClass *step_class = FATIA_STEP_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fatia_vm_step_finalize;
  step_class->id = "vm";
  step_class->title = N_ ("Windows VM");
  step_class->update = fatia_vm_step_update;
  step_class->plan = fatia_vm_step_plan;
  step_class->apply = fatia_vm_step_apply;
  step_class->undo = fatia_vm_step_undo;
}

static void
fatia_vm_step_init (FatiaVmStep *self)
{
}

/**
 * fatia_vm_step_get_spec:
 *
 * Returns: (transfer none) (nullable): what the VM shall be, to be changed in place; %NULL only
 *   before the first refresh
 */
FatiaDomainSpec *
fatia_vm_step_get_spec (FatiaVmStep *self)
{
  g_return_val_if_fail (FATIA_IS_VM_STEP (self), NULL);
  return self->spec;
}

/**
 * fatia_vm_step_set_resolution:
 * @width: pixels
 * @height: pixels
 *
 * Sets the resolution and the Looking Glass memory it needs.
 */
void
fatia_vm_step_set_resolution (FatiaVmStep *self, guint width, guint height)
{
  g_return_if_fail (FATIA_IS_VM_STEP (self));
  g_return_if_fail (self->spec != NULL);

  self->spec->width = width;
  self->spec->height = height;
  self->spec->glass_mib = fatia_glass_memory_mib (width, height);
  fatia_step_update (fatia_setup_get_step (fatia_step_get_setup (FATIA_STEP (self)), "memory"));
}

/**
 * fatia_vm_step_set_rom:
 * @path: (nullable): one of the ROMs this host keeps, or none
 *
 * Sets the option ROM and its checksum.
 */
void
fatia_vm_step_set_rom (FatiaVmStep *self, const char *path)
{
  g_return_if_fail (FATIA_IS_VM_STEP (self));
  g_return_if_fail (self->spec != NULL);

  g_set_str (&self->spec->rom, path);
  checksum_rom (self);
}
