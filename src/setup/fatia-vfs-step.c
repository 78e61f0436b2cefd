/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-steps.h"

#include <glib/gi18n-lib.h>

#include "host/fatia-scheduling.h"
#include "setup/fatia-step-private.h"

/* Until the driver says how many it offers. */
#define COUNT_UNKNOWN 1

/**
 * FatiaVfsStep:
 *
 * The virtual functions: how many slices the GPU is cut into, how they share its time, whether
 * that is kept over restarts, and whether they are put away while the computer sleeps.
 */
struct _FatiaVfsStep
{
  FatiaStep parent_instance;
  guint count;
  gboolean keep;
  char *profile;
  gboolean sleep;
  gboolean count_chosen; /* by the person: no default */
  gboolean profile_chosen;
  gboolean sleep_chosen;
};

G_DEFINE_FINAL_TYPE (FatiaVfsStep, fatia_vfs_step, FATIA_TYPE_STEP)

enum
{
  PROP_0,
  PROP_COUNT,
  PROP_KEEP,
  PROP_PROFILE,
  PROP_SLEEP,
  N_PROPS,
};
static GParamSpec *properties[N_PROPS];

static void
take_count (FatiaVfsStep *self, guint count)
{
  if (self->count == count)
    return;
  self->count = count;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COUNT]);
}

static void
take_profile (FatiaVfsStep *self, const char *profile)
{
  if (g_set_str (&self->profile, profile))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROFILE]);
}

static void
take_sleep (FatiaVfsStep *self, gboolean sleep)
{
  if (self->sleep == sleep)
    return;
  self->sleep = sleep;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SLEEP]);
}

/* What is so already is not to be changed unasked. */
static void
take_defaults (FatiaVfsStep *self)
{
  const FatiaFacts *facts = fatia_step_get_facts (FATIA_STEP (self));
  guint total = fatia_vfs_step_get_total (self);
  int now = facts->pf ? facts->pf->sriov_numvfs : -1;
  const char *profile = facts->kept_scheduling ? facts->kept_scheduling : facts->scheduling;

  if (total > 0 && !self->count_chosen)
    take_count (self, now > 0 ? (guint) now : total);
  else if (total > 0 && self->count > total)
    take_count (self, total);
  if (!facts->driver_scheduling)
    take_profile (self, FATIA_SCHEDULING_DRIVER);
  else if (!self->profile_chosen && profile && fatia_scheduling_has_profile (profile))
    take_profile (self, profile);
  if (!self->sleep_chosen && facts->kept_vfs > 0)
    take_sleep (self, facts->kept_sleep);
}

static void
block_on_driver (FatiaStep *self)
{
  const FatiaFacts *facts = fatia_step_get_facts (self);
  FatiaStep *boot = fatia_setup_get_step (fatia_step_get_setup (self), "boot");

  if (!facts->pf)
    fatia_step_set_state (self, FATIA_STEP_BLOCKED,
                          _ ("There is no graphics processor in this computer that Fatia knows how "
                             "to slice."));
  else if (fatia_step_get_state (boot) != FATIA_STEP_DONE)
    fatia_step_set_state (self, FATIA_STEP_BLOCKED,
                          _ ("The graphics driver offers no slices yet: set the kernel arguments "
                             "and restart the computer first."));
  else if (facts->driver_sriov != FATIA_YES)
    fatia_step_set_state (self, FATIA_STEP_BLOCKED,
                          _ ("The graphics driver that is loaded can't make slices. The checks say "
                             "which driver this computer needs."));
  else
    fatia_step_set_state (self, FATIA_STEP_BLOCKED,
                          _ ("The graphics driver offers no slices although it could. Look at the "
                             "checks: the firmware's settings are the usual reason."));
}

static void
fatia_vfs_step_update (FatiaStep *step)
{
  FatiaVfsStep *self = FATIA_VFS_STEP (step);
  const FatiaFacts *facts = fatia_step_get_facts (step);
  guint total = fatia_vfs_step_get_total (self);
  /* The PCI core tells of slices the hardware has even where the driver was given leave for
   * none. */
  gboolean offered = total > 0 && facts->driver_sriov != FATIA_NO && facts->driver_max_vfs != 0;
  int now = facts->pf ? facts->pf->sriov_numvfs : -1;

  take_defaults (self);
  if (!offered && now <= 0)
    block_on_driver (step);
  else if (now <= 0 && facts->iommu_groups == 0)
    fatia_step_set_state (step, FATIA_STEP_BLOCKED,
                          _ ("The IOMMU is off, and without it no virtual machine can have a "
                             "slice. The checks say how to turn it on."));
  else if (now > 0 && facts->kept_vfs > 0)
    fatia_step_set_statef (step, FATIA_STEP_DONE,
                           g_dngettext (GETTEXT_PACKAGE, "There is %d slice, also after a restart.",
                                        "There are %d slices, also after a restart.", (gulong) now),
                           now);
  else if (now > 0)
    fatia_step_set_statef (
      step, FATIA_STEP_DONE,
      g_dngettext (GETTEXT_PACKAGE, "There is %d slice, until the computer is restarted.",
                   "There are %d slices, until the computer is restarted.", (gulong) now),
      now);
  else if (facts->kept_vfs > 0)
    fatia_step_set_state (step, FATIA_STEP_TODO,
                          _ ("The slices that are to be there after each restart are missing."));
  else
    fatia_step_set_state (step, FATIA_STEP_TODO, NULL);
}

static GVariant *
helper_arguments (FatiaVfsStep *self)
{
  const FatiaFacts *facts = fatia_step_get_facts (FATIA_STEP (self));

  return g_variant_new ("(subsb)", facts->pf->address, self->count, self->keep, self->profile,
                        self->sleep);
}

static DexFuture *
fatia_vfs_step_plan (FatiaStep *step)
{
  return fatia_host_plan (fatia_step_get_host (step), "VirtualFunctions",
                          helper_arguments (FATIA_VFS_STEP (step)), -1);
}

static DexFuture *
fatia_vfs_step_apply (FatiaStep *step, FatiaPlan *plan)
{
  if (!fatia_step_get_facts (step)->pf)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s",
                                  fatia_step_get_message (step));
  return fatia_host_apply (fatia_step_get_host (step), "VirtualFunctions",
                           helper_arguments (FATIA_VFS_STEP (step)), -1,
                           fatia_plan_get_digest (plan));
}

static void
fatia_vfs_step_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FatiaVfsStep *self = FATIA_VFS_STEP (object);

  switch (id)
    {
    case PROP_COUNT:
      g_value_set_uint (value, self->count);
      break;
    case PROP_KEEP:
      g_value_set_boolean (value, self->keep);
      break;
    case PROP_PROFILE:
      g_value_set_string (value, self->profile);
      break;
    case PROP_SLEEP:
      g_value_set_boolean (value, self->sleep);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_vfs_step_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FatiaVfsStep *self = FATIA_VFS_STEP (object);

  switch (id)
    {
    case PROP_COUNT:
      fatia_vfs_step_set_count (self, g_value_get_uint (value));
      break;
    case PROP_KEEP:
      fatia_vfs_step_set_keep (self, g_value_get_boolean (value));
      break;
    case PROP_PROFILE:
      fatia_vfs_step_set_profile (self, g_value_get_string (value));
      break;
    case PROP_SLEEP:
      fatia_vfs_step_set_sleep (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_vfs_step_finalize (GObject *object)
{
  g_free (FATIA_VFS_STEP (object)->profile);
  G_OBJECT_CLASS (fatia_vfs_step_parent_class)->finalize (object);
}

static void
fatia_vfs_step_class_init (FatiaVfsStepClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  FatiaStepClass *step_class = FATIA_STEP_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = fatia_vfs_step_finalize;
  object_class->get_property = fatia_vfs_step_get_property;
  object_class->set_property = fatia_vfs_step_set_property;
  step_class->id = "vfs";
  step_class->title = N_ ("GPU slices");
  step_class->change_step = "vfs";
  step_class->update = fatia_vfs_step_update;
  step_class->plan = fatia_vfs_step_plan;
  step_class->apply = fatia_vfs_step_apply;

  properties[PROP_COUNT] =
    g_param_spec_uint ("count", NULL, NULL, 0, G_MAXUINT, COUNT_UNKNOWN, flags);
  properties[PROP_KEEP] = g_param_spec_boolean ("keep", NULL, NULL, TRUE, flags);
  properties[PROP_PROFILE] =
    g_param_spec_string ("profile", NULL, NULL, FATIA_SCHEDULING_DRIVER, flags);
  properties[PROP_SLEEP] = g_param_spec_boolean ("sleep", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
fatia_vfs_step_init (FatiaVfsStep *self)
{
  self->count = COUNT_UNKNOWN;
  self->keep = TRUE;
  self->profile = g_strdup (FATIA_SCHEDULING_DRIVER);
  self->sleep = TRUE;
}

/**
 * fatia_vfs_step_get_total:
 *
 * Returns: how many slices the driver offers at most; 0 where it offers none
 */
guint
fatia_vfs_step_get_total (FatiaVfsStep *self)
{
  const FatiaFacts *facts;

  g_return_val_if_fail (FATIA_IS_VFS_STEP (self), 0);

  facts = fatia_step_get_facts (FATIA_STEP (self));
  return facts && facts->pf ? (guint) MAX (facts->pf->sriov_totalvfs, 0) : 0;
}

/**
 * fatia_vfs_step_get_count:
 *
 * Returns: how many slices applying makes
 */
guint
fatia_vfs_step_get_count (FatiaVfsStep *self)
{
  g_return_val_if_fail (FATIA_IS_VFS_STEP (self), 0);
  return self->count;
}

/**
 * fatia_vfs_step_set_count:
 * @count: how many slices there shall be; 0 takes them all away
 */
void
fatia_vfs_step_set_count (FatiaVfsStep *self, guint count)
{
  g_return_if_fail (FATIA_IS_VFS_STEP (self));
  self->count_chosen = TRUE;
  take_count (self, count);
}

/**
 * fatia_vfs_step_get_keep:
 *
 * Returns: whether the slices shall be there after each restart
 */
gboolean
fatia_vfs_step_get_keep (FatiaVfsStep *self)
{
  g_return_val_if_fail (FATIA_IS_VFS_STEP (self), FALSE);
  return self->keep;
}

/**
 * fatia_vfs_step_set_keep:
 * @keep: whether the slices shall be there after each restart
 */
void
fatia_vfs_step_set_keep (FatiaVfsStep *self, gboolean keep)
{
  g_return_if_fail (FATIA_IS_VFS_STEP (self));

  if (self->keep == keep)
    return;
  self->keep = keep;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KEEP]);
}

/**
 * fatia_vfs_step_offers_profiles:
 *
 * Returns: whether the loaded driver lets the slices be given turns
 */
gboolean
fatia_vfs_step_offers_profiles (FatiaVfsStep *self)
{
  const FatiaFacts *facts;

  g_return_val_if_fail (FATIA_IS_VFS_STEP (self), FALSE);

  facts = fatia_step_get_facts (FATIA_STEP (self));
  return facts && facts->driver_scheduling;
}

/**
 * fatia_vfs_step_get_profile:
 *
 * Returns: (transfer none): how the slices share the GPU's time, a profile's name
 */
const char *
fatia_vfs_step_get_profile (FatiaVfsStep *self)
{
  g_return_val_if_fail (FATIA_IS_VFS_STEP (self), NULL);
  return self->profile;
}

/**
 * fatia_vfs_step_set_profile:
 * @profile: one of fatia_scheduling_list_profiles()
 */
void
fatia_vfs_step_set_profile (FatiaVfsStep *self, const char *profile)
{
  g_return_if_fail (FATIA_IS_VFS_STEP (self));
  g_return_if_fail (profile != NULL);

  self->profile_chosen = TRUE;
  take_profile (self, profile);
}

/**
 * fatia_vfs_step_get_sleep:
 *
 * Returns: whether kept slices shall be put away while the computer sleeps
 */
gboolean
fatia_vfs_step_get_sleep (FatiaVfsStep *self)
{
  g_return_val_if_fail (FATIA_IS_VFS_STEP (self), FALSE);
  return self->sleep;
}

/**
 * fatia_vfs_step_set_sleep:
 * @sleep: whether kept slices shall be put away while the computer sleeps
 */
void
fatia_vfs_step_set_sleep (FatiaVfsStep *self, gboolean sleep)
{
  g_return_if_fail (FATIA_IS_VFS_STEP (self));

  self->sleep_chosen = TRUE;
  take_sleep (self, sleep);
}
