/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-steps.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "change/fatia-atomic.h"
#include "host/fatia-platform.h"
#include "setup/fatia-memfd.h"
#include "setup/fatia-step-private.h"
#include "software/fatia-module.h"

/**
 * FatiaModuleStep:
 *
 * The graphics driver that makes slices, i915-sriov-dkms: the release that fits the kernels of
 * this host, from a file the person got from its publisher.
 */
struct _FatiaModuleStep
{
  FatiaStep parent_instance;
  char *path; /* (nullable) */
  GBytes *file;
};

G_DEFINE_FINAL_TYPE (FatiaModuleStep, fatia_module_step, FATIA_TYPE_STEP)

static const FatiaModuleRelease *
get_release (FatiaModuleStep *self)
{
  return fatia_module_release_for_host (fatia_step_get_facts (FATIA_STEP (self)));
}

static void
block_on_release (FatiaStep *step)
{
  const FatiaFacts *facts = fatia_step_get_facts (step);
  g_autofree char *newer =
    facts->newer_kernels ? g_strjoinv (", ", facts->newer_kernels) : g_strdup ("");

  if (*newer)
    fatia_step_set_statef (step, FATIA_STEP_BLOCKED,
                           _ ("No release of i915-sriov-dkms is made for both the running kernel "
                              "(%s) and the one that starts next (%s). Remove the newer kernel, or "
                              "restart with it and look again."),
                           facts->kernel_release, newer);
  else
    fatia_step_set_statef (step, FATIA_STEP_BLOCKED,
                           _ ("No release of i915-sriov-dkms that Fatia could install is made for "
                              "this kernel (%s). Install another kernel: see “Kernel version” in "
                              "what was found."),
                           facts->kernel_release ? facts->kernel_release : "?");
}

static void
fatia_module_step_update (FatiaStep *step)
{
  FatiaModuleStep *self = FATIA_MODULE_STEP (step);
  const FatiaFacts *facts = fatia_step_get_facts (step);

  if (!fatia_advice_needs_module (facts))
    fatia_step_set_state (step, FATIA_STEP_DONE, NULL);
  else if (facts->module_built == FATIA_YES)
    fatia_step_set_state (step, FATIA_STEP_RESTART,
                          _ ("The driver is installed. Restart the computer, so that it is "
                             "loaded."));
  else if (fatia_module_step_get_file_name (self) == NULL)
    block_on_release (step);
  else if (facts->dkms == FATIA_NO || facts->headers == FATIA_NO)
    fatia_step_set_state (step, FATIA_STEP_BLOCKED,
                          _ ("The driver is compiled on this computer, and what that takes is not "
                             "installed: install the missing software first."));
  else
    fatia_step_set_state (step, FATIA_STEP_TODO, NULL);
}

/* What is to be done before there is a file. */
static FatiaPlan *
make_advice (FatiaModuleStep *self)
{
  const char *page = fatia_module_step_get_page (self);
  g_autofree char *text = g_strdup_printf ("%s\n%s", fatia_module_step_get_file_name (self), page);
  FatiaPlan *plan = fatia_plan_new (NULL);

  fatia_plan_add (plan, "advice", page,
                  _ ("Get this file from its publisher, then choose it: Fatia has no network."),
                  text);
  return plan;
}

static int
make_memfd (FatiaModuleStep *self, GError **error)
{
  return fatia_memfd_new_sealed ("fatia-module", self->file, error);
}

static DexFuture *
fatia_module_step_plan (FatiaStep *step)
{
  FatiaModuleStep *self = FATIA_MODULE_STEP (step);
  FatiaStepState state = fatia_step_get_state (step);
  g_autoptr (GError) error = NULL;
  g_autofd int fd = -1;

  if (state == FATIA_STEP_DONE || state == FATIA_STEP_RESTART)
    return dex_future_new_take_object (fatia_plan_new (NULL));
  if (!self->file)
    return dex_future_new_take_object (make_advice (self));
  fd = make_memfd (self, &error);
  if (fd < 0)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return fatia_host_plan (fatia_step_get_host (step), "Module",
                          g_variant_new ("(sh)", get_release (self)->name, 0), fd);
}

static DexFuture *
fatia_module_step_apply (FatiaStep *step, FatiaPlan *plan)
{
  FatiaModuleStep *self = FATIA_MODULE_STEP (step);
  g_autoptr (GError) error = NULL;
  g_autofd int fd = -1;

  if (fatia_plan_is_empty (plan))
    return dex_future_new_true ();
  if (!self->file || !get_release (self))
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                  _ ("Choose the file of the driver's release first"));
  fd = make_memfd (self, &error);
  if (fd < 0)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return fatia_host_apply (fatia_step_get_host (step), "Module",
                           g_variant_new ("(sh)", get_release (self)->name, 0), fd,
                           fatia_plan_get_digest (plan));
}

static void
fatia_module_step_finalize (GObject *object)
{
  FatiaModuleStep *self = FATIA_MODULE_STEP (object);

  g_free (self->path);
  g_clear_pointer (&self->file, g_bytes_unref);
  G_OBJECT_CLASS (fatia_module_step_parent_class)->finalize (object);
}

static void
fatia_module_step_class_init (FatiaModuleStepClass *klass)
{
  FatiaStepClass *step_class = FATIA_STEP_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fatia_module_step_finalize;
  step_class->id = "module";
  step_class->title = N_ ("Graphics Driver");
  step_class->skippable = TRUE;
  step_class->skipping_means =
    N_ ("The kernel's own driver makes no slices, so Windows gets none: its picture is then drawn "
        "by the processor.");
  step_class->change_step = "module";
  step_class->may_be_found = TRUE;
  step_class->update = fatia_module_step_update;
  step_class->plan = fatia_module_step_plan;
  step_class->apply = fatia_module_step_apply;
}

static void
fatia_module_step_init (FatiaModuleStep *self)
{
}

/**
 * fatia_module_step_get_release_name:
 *
 * Returns: (transfer none) (nullable): the release that fits this host's kernels
 */
const char *
fatia_module_step_get_release_name (FatiaModuleStep *self)
{
  const FatiaModuleRelease *release;

  g_return_val_if_fail (FATIA_IS_MODULE_STEP (self), NULL);

  release = get_release (self);
  return release ? release->name : NULL;
}

/**
 * fatia_module_step_get_file_name:
 *
 * Returns: (transfer none) (nullable): what the file to get is called where it is offered
 */
const char *
fatia_module_step_get_file_name (FatiaModuleStep *self)
{
  const FatiaModuleRelease *release;

  g_return_val_if_fail (FATIA_IS_MODULE_STEP (self), NULL);

  release = get_release (self);
  if (!release)
    return NULL;
  return fatia_module_takes_deb (fatia_step_get_facts (FATIA_STEP (self))) ? release->deb
                                                                           : release->source;
}

/**
 * fatia_module_step_get_page:
 *
 * Returns: (transfer none) (nullable): the address where it is offered (https)
 */
const char *
fatia_module_step_get_page (FatiaModuleStep *self)
{
  const FatiaModuleRelease *release;

  g_return_val_if_fail (FATIA_IS_MODULE_STEP (self), NULL);

  release = get_release (self);
  return release ? release->page : NULL;
}

/**
 * fatia_module_step_get_path:
 *
 * Returns: (transfer none) (nullable): the file that was chosen
 */
const char *
fatia_module_step_get_path (FatiaModuleStep *self)
{
  g_return_val_if_fail (FATIA_IS_MODULE_STEP (self), NULL);
  return self->path;
}

/**
 * fatia_module_step_set_path:
 * @path: the release's file
 *
 * Takes the file's content. What is in it the helper has looked at before it is installed.
 *
 * Returns: whether it could be read; where not, the last one stays chosen
 */
gboolean
fatia_module_step_set_path (FatiaModuleStep *self, const char *path, GError **error)
{
  g_autoptr (GBytes) file = NULL;
  GStatBuf info;
  char *data;
  gsize length;

  g_return_val_if_fail (FATIA_IS_MODULE_STEP (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  if (g_stat (path, &info) == 0 &&
      (!S_ISREG (info.st_mode) || info.st_size == 0 || info.st_size > FATIA_FILE_LIMIT))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _ ("This is no release of the driver: it is empty, or too large."));
      return FALSE;
    }
  if (!g_file_get_contents (path, &data, &length, error))
    return FALSE;
  g_clear_pointer (&self->file, g_bytes_unref);
  self->file = g_bytes_new_take (data, length);
  g_set_str (&self->path, path);
  return TRUE;
}
