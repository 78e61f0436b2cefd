/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-step-private.h"

#include <glib/gi18n-lib.h>

#include "setup/fatia-steps.h"
#include "guest/fatia-thread.h"

/**
 * FatiaSetup:
 *
 * The setup of one host: facts -> findings -> steps. It stores nothing: each refresh derives
 * everything anew, so it goes on after a restart of the computer where the computer stands.
 */
struct _FatiaSetup
{
  GObject parent_instance;
  FatiaHost *host;
  FatiaFacts *facts; /* (nullable) */
  GListStore *findings;
  GListStore *steps;
  FatiaVirt *virt;    /* (nullable): open */
  char *virt_problem; /* (nullable): why it is not, in words */
  gboolean complete;  /* as last notified */
  gboolean restart_needed;
};

G_DEFINE_FINAL_TYPE (FatiaSetup, fatia_setup, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_COMPLETE,
  PROP_RESTART_NEEDED,
  N_PROPS,
};
static GParamSpec *properties[N_PROPS];

enum
{
  CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void
fatia_setup_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FatiaSetup *self = FATIA_SETUP (object);

  switch (id)
    {
    case PROP_COMPLETE:
      g_value_set_boolean (value, self->complete);
      break;
    case PROP_RESTART_NEEDED:
      g_value_set_boolean (value, self->restart_needed);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_setup_dispose (GObject *object)
{
  FatiaSetup *self = FATIA_SETUP (object);

  if (self->virt)
    g_signal_handlers_disconnect_by_data (fatia_virt_get_domains (self->virt), self);
  g_clear_object (&self->virt);
  g_clear_object (&self->steps);
  g_clear_object (&self->findings);
  g_clear_object (&self->host);
  g_clear_pointer (&self->facts, fatia_facts_unref);
  g_clear_pointer (&self->virt_problem, g_free);
  G_OBJECT_CLASS (fatia_setup_parent_class)->dispose (object);
}

static void
fatia_setup_class_init (FatiaSetupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = fatia_setup_get_property;
  object_class->dispose = fatia_setup_dispose;

  properties[PROP_COMPLETE] = g_param_spec_boolean ("complete", NULL, NULL, FALSE, readable);
  properties[PROP_RESTART_NEEDED] =
    g_param_spec_boolean ("restart-needed", NULL, NULL, FALSE, readable);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * FatiaSetup::changed:
   *
   * Facts, findings and steps were derived anew.
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
fatia_setup_init (FatiaSetup *self)
{
  self->findings = g_list_store_new (FATIA_TYPE_FINDING);
  self->steps = g_list_store_new (FATIA_TYPE_STEP);
}

/**
 * fatia_setup_new:
 * @host: what is to be set up
 *
 * Returns: (transfer full): a setup that knows nothing yet: refresh it
 */
FatiaSetup *
fatia_setup_new (FatiaHost *host)
{
  FatiaSetup *self;
  GType types[] = { FATIA_TYPE_SOFTWARE_STEP, FATIA_TYPE_MODULE_STEP, FATIA_TYPE_KEY_STEP,
                    FATIA_TYPE_GOP_STEP,      FATIA_TYPE_BOOT_STEP,   FATIA_TYPE_VFS_STEP,
                    FATIA_TYPE_MEMORY_STEP,   FATIA_TYPE_VM_STEP };

  g_return_val_if_fail (FATIA_IS_HOST (host), NULL);

  self = g_object_new (FATIA_TYPE_SETUP, NULL);
  self->host = g_object_ref (host);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (FatiaStep) step = g_object_new (types[i], "setup", self, NULL);

      g_list_store_append (self->steps, step);
    }
  return self;
}

/**
 * fatia_setup_get_host:
 *
 * Returns: (transfer none): what is set up
 */
FatiaHost *
fatia_setup_get_host (FatiaSetup *self)
{
  g_return_val_if_fail (FATIA_IS_SETUP (self), NULL);
  return self->host;
}

/**
 * fatia_setup_get_facts:
 *
 * Returns: (transfer none) (nullable): the facts as last read; the next refresh replaces them
 */
const FatiaFacts *
fatia_setup_get_facts (FatiaSetup *self)
{
  g_return_val_if_fail (FATIA_IS_SETUP (self), NULL);
  return self->facts;
}

/**
 * fatia_setup_get_findings:
 *
 * Returns: (transfer none): #FatiaFinding, updated in place
 */
GListModel *
fatia_setup_get_findings (FatiaSetup *self)
{
  g_return_val_if_fail (FATIA_IS_SETUP (self), NULL);
  return G_LIST_MODEL (self->findings);
}

/**
 * fatia_setup_get_steps:
 *
 * Returns: (transfer none): #FatiaStep, in order; always the same ones
 */
GListModel *
fatia_setup_get_steps (FatiaSetup *self)
{
  g_return_val_if_fail (FATIA_IS_SETUP (self), NULL);
  return G_LIST_MODEL (self->steps);
}

/* (transfer none) */
static FatiaStep *
step_at (FatiaSetup *self, guint position)
{
  g_autoptr (FatiaStep) step = g_list_model_get_item (G_LIST_MODEL (self->steps), position);

  return step;
}

/**
 * fatia_setup_get_step:
 * @id: "gop", "boot", "vfs", "software", "memory" or "vm"
 *
 * Returns: (transfer none) (nullable): the step, or %NULL where there is none of that id
 */
FatiaStep *
fatia_setup_get_step (FatiaSetup *self, const char *id)
{
  g_return_val_if_fail (FATIA_IS_SETUP (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->steps)); i++)
    if (g_str_equal (fatia_step_get_id (step_at (self, i)), id))
      return step_at (self, i);
  return NULL;
}

/**
 * fatia_setup_is_complete:
 *
 * Returns: whether a VM of ours is defined
 */
gboolean
fatia_setup_is_complete (FatiaSetup *self)
{
  g_return_val_if_fail (FATIA_IS_SETUP (self), FALSE);
  return fatia_setup_get_domain (self) != NULL;
}

/**
 * fatia_setup_is_restart_needed:
 *
 * Returns: whether something that was applied waits for the computer's next start
 */
gboolean
fatia_setup_is_restart_needed (FatiaSetup *self)
{
  g_return_val_if_fail (FATIA_IS_SETUP (self), FALSE);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->steps)); i++)
    if (fatia_step_get_state (step_at (self, i)) == FATIA_STEP_RESTART)
      return TRUE;
  return FALSE;
}

/**
 * fatia_setup_get_domain:
 *
 * Returns: (transfer none) (nullable): our VM
 */
FatiaDomain *
fatia_setup_get_domain (FatiaSetup *self)
{
  g_autoptr (FatiaDomain) domain = NULL;

  g_return_val_if_fail (FATIA_IS_SETUP (self), NULL);

  if (self->virt)
    domain = g_list_model_get_item (fatia_virt_get_domains (self->virt), 0);
  return domain;
}

/**
 * fatia_setup_get_report:
 *
 * Returns: (transfer full): facts and findings as text a person can post
 */
char *
fatia_setup_get_report (FatiaSetup *self)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_val_if_fail (FATIA_IS_SETUP (self), NULL);
  g_return_val_if_fail (self->facts != NULL, NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->findings)); i++)
    g_ptr_array_add (findings, g_list_model_get_item (G_LIST_MODEL (self->findings), i));
  return fatia_report (self->facts, findings);
}

FatiaVirt *
fatia_setup_get_virt (FatiaSetup *self)
{
  return self->virt;
}

const char *
fatia_setup_get_virt_problem (FatiaSetup *self)
{
  return self->virt_problem;
}

static gboolean
same_finding (FatiaFinding *a, FatiaFinding *b)
{
  return g_str_equal (fatia_finding_get_id (a), fatia_finding_get_id (b)) &&
         fatia_finding_get_state (a) == fatia_finding_get_state (b) &&
         g_strcmp0 (fatia_finding_get_meaning (a), fatia_finding_get_meaning (b)) == 0 &&
         g_strv_equal (fatia_finding_get_remedy (a), fatia_finding_get_remedy (b));
}

/* Replaces only what differs, so that a list that shows them keeps its rows and focus. */
static void
update_findings (FatiaSetup *self)
{
  g_autoptr (GPtrArray) findings = fatia_checks_run (self->facts);
  GListModel *model = G_LIST_MODEL (self->findings);

  if (g_list_model_get_n_items (model) != findings->len)
    {
      g_list_store_splice (self->findings, 0, g_list_model_get_n_items (model), findings->pdata,
                           findings->len);
      return;
    }
  for (guint i = 0; i < findings->len; i++)
    {
      g_autoptr (FatiaFinding) old = g_list_model_get_item (model, i);

      if (!same_finding (old, g_ptr_array_index (findings, i)))
        g_list_store_splice (self->findings, i, 1, &g_ptr_array_index (findings, i), 1);
    }
}

static void
derive (FatiaSetup *self)
{
  gboolean complete, restart_needed;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->steps)); i++)
    fatia_step_update (step_at (self, i));

  complete = fatia_setup_is_complete (self);
  restart_needed = fatia_setup_is_restart_needed (self);
  if (self->complete != complete)
    {
      self->complete = complete;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPLETE]);
    }
  if (self->restart_needed != restart_needed)
    {
      self->restart_needed = restart_needed;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RESTART_NEEDED]);
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_domains_changed (FatiaSetup *self)
{
  if (self->facts)
    derive (self);
}

static DexFuture *
read_facts_thread (gpointer data)
{
  return dex_future_new_take_boxed (FATIA_TYPE_FACTS, fatia_facts_read (data));
}

/* Whether asking for libvirt has a point: connecting to one that isn't there takes its time. */
static gboolean
may_have_virt (FatiaSetup *self)
{
  return fatia_host_get_kind (self->host) != FATIA_HOST_SYSTEM || self->facts->libvirt != FATIA_NO;
}

/* Opens libvirt or reads it again; why it can't be is a state, no error. */
static void
refresh_virt (FatiaSetup *self)
{
  g_autoptr (GError) error = NULL;

  if (self->virt)
    dex_await (fatia_virt_refresh (self->virt), &error);
  else
    {
      g_autoptr (FatiaVirt) virt = dex_await_object (fatia_host_open_virt (self->host), &error);

      if (virt && !self->virt)
        {
          self->virt = g_object_ref (virt);
          g_signal_connect_swapped (fatia_virt_get_domains (virt), "items-changed",
                                    G_CALLBACK (on_domains_changed), self);
        }
    }
  g_set_str (&self->virt_problem, error ? error->message : NULL);
}

static DexFuture *
refresh_fiber (gpointer user_data)
{
  FatiaSetup *self = user_data;
  g_autoptr (FatiaFacts) facts = NULL;
  g_autoptr (GError) error = NULL;

  facts = dex_await_boxed (fatia_thread_run ("facts", read_facts_thread,
                                             g_object_ref (fatia_host_get_root (self->host)),
                                             g_object_unref),
                           &error);
  if (!facts)
    return dex_future_new_for_error (g_steal_pointer (&error));
  g_clear_pointer (&self->facts, fatia_facts_unref);
  self->facts = g_steal_pointer (&facts);
  update_findings (self);
  derive (self);
  if (may_have_virt (self))
    {
      refresh_virt (self);
      derive (self);
    }
  return dex_future_new_true ();
}

/**
 * fatia_setup_refresh:
 *
 * Reads the facts in a thread, runs the checks, asks libvirt for our VMs and derives every
 * step's state. "changed" is emitted when the facts are known and again when libvirt answered.
 *
 * Returns: (transfer full): a boolean
 */
DexFuture *
fatia_setup_refresh (FatiaSetup *self)
{
  g_return_val_if_fail (FATIA_IS_SETUP (self), NULL);
  return dex_scheduler_spawn (NULL, 0, refresh_fiber, g_object_ref (self), g_object_unref);
}
