/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-step-private.h"

#include <glib/gi18n-lib.h>

/**
 * FatiaStep:
 *
 * One step of the setup. Subclasses say what state the facts mean, what would be done and how;
 * this class keeps the order: one thing at a time, facts read again after each.
 */
typedef struct
{
  FatiaSetup *setup; /* (unowned): it owns its steps */
  FatiaStepState state;
  char *message;
  gboolean busy;
  gboolean skipped;
  char *progress;
  double fraction;
  GString *log;
  GCancellable *cancellable; /* (nullable): of work that can be cancelled */
} FatiaStepPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (FatiaStep, fatia_step, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_SETUP,
  PROP_STATE,
  PROP_MESSAGE,
  PROP_BUSY,
  PROP_PROGRESS,
  PROP_FRACTION,
  PROP_LOG,
  N_PROPS,
};
static GParamSpec *properties[N_PROPS];

#define PRIVATE(self) ((FatiaStepPrivate *) fatia_step_get_instance_private (self))

/* Words for the longest log a tool of the host leaves us: what came first goes first. */
#define LOG_LIMIT (256 * 1024)

GType
fatia_step_state_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { FATIA_STEP_TODO, "FATIA_STEP_TODO", "todo" },
    { FATIA_STEP_DONE, "FATIA_STEP_DONE", "done" },
    { FATIA_STEP_RESTART, "FATIA_STEP_RESTART", "restart" },
    { FATIA_STEP_BLOCKED, "FATIA_STEP_BLOCKED", "blocked" },
    { FATIA_STEP_SKIPPED, "FATIA_STEP_SKIPPED", "skipped" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("FatiaStepState", values));
  return type;
}

/**
 * fatia_step_state_to_string:
 *
 * Returns: (transfer none): "todo", "done", "restart", "blocked" or "skipped"
 */
const char *
fatia_step_state_to_string (FatiaStepState state)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (FATIA_TYPE_STEP_STATE);
  GEnumValue *value = g_enum_get_value (klass, state);

  g_return_val_if_fail (value != NULL, NULL);
  return value->value_nick;
}

static void
fatia_step_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FatiaStepPrivate *priv = PRIVATE (FATIA_STEP (object));

  switch (id)
    {
    case PROP_SETUP:
      g_value_set_object (value, priv->setup);
      break;
    case PROP_STATE:
      g_value_set_enum (value, fatia_step_get_state (FATIA_STEP (object)));
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, priv->message);
      break;
    case PROP_BUSY:
      g_value_set_boolean (value, priv->busy);
      break;
    case PROP_PROGRESS:
      g_value_set_string (value, priv->progress);
      break;
    case PROP_FRACTION:
      g_value_set_double (value, priv->fraction);
      break;
    case PROP_LOG:
      g_value_set_string (value, priv->log->str);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_step_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FatiaStepPrivate *priv = PRIVATE (FATIA_STEP (object));

  switch (id)
    {
    case PROP_SETUP:
      g_set_weak_pointer (&priv->setup, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_step_finalize (GObject *object)
{
  FatiaStepPrivate *priv = PRIVATE (FATIA_STEP (object));

  g_clear_weak_pointer (&priv->setup);
  g_free (priv->message);
  g_free (priv->progress);
  g_string_free (priv->log, TRUE);
  g_clear_object (&priv->cancellable);
  G_OBJECT_CLASS (fatia_step_parent_class)->finalize (object);
}

static void
fatia_step_class_init (FatiaStepClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = fatia_step_get_property;
  object_class->set_property = fatia_step_set_property;
  object_class->finalize = fatia_step_finalize;

  properties[PROP_SETUP] =
    g_param_spec_object ("setup", NULL, NULL, FATIA_TYPE_SETUP,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, FATIA_TYPE_STEP_STATE, FATIA_STEP_TODO, readable);
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, readable);
  properties[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, readable);
  properties[PROP_PROGRESS] = g_param_spec_string ("progress", NULL, NULL, NULL, readable);
  properties[PROP_FRACTION] =
    g_param_spec_double ("fraction", NULL, NULL, -1.0, 1.0, -1.0, readable);
  properties[PROP_LOG] = g_param_spec_string ("log", NULL, NULL, "", readable);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
fatia_step_init (FatiaStep *self)
{
  FatiaStepPrivate *priv = PRIVATE (self);

  priv->fraction = -1.0;
  priv->log = g_string_new (NULL);
}

/**
 * fatia_step_get_id:
 *
 * Returns: (transfer none): "gop", "boot", "vfs", "software", "memory" or "vm"
 */
const char *
fatia_step_get_id (FatiaStep *self)
{
  g_return_val_if_fail (FATIA_IS_STEP (self), NULL);
  return FATIA_STEP_GET_CLASS (self)->id;
}

/**
 * fatia_step_get_title:
 *
 * Returns: (transfer none): what the step is about, in words
 */
const char *
fatia_step_get_title (FatiaStep *self)
{
  g_return_val_if_fail (FATIA_IS_STEP (self), NULL);
  return _ (FATIA_STEP_GET_CLASS (self)->title);
}

/**
 * fatia_step_get_setup:
 *
 * Returns: (transfer none) (nullable): the setup it is a step of
 */
FatiaSetup *
fatia_step_get_setup (FatiaStep *self)
{
  g_return_val_if_fail (FATIA_IS_STEP (self), NULL);
  return PRIVATE (self)->setup;
}

/**
 * fatia_step_get_state:
 *
 * Returns: where the step stands
 */
FatiaStepState
fatia_step_get_state (FatiaStep *self)
{
  FatiaStepPrivate *priv;

  g_return_val_if_fail (FATIA_IS_STEP (self), FATIA_STEP_TODO);

  priv = PRIVATE (self);
  if (priv->skipped && (priv->state == FATIA_STEP_TODO || priv->state == FATIA_STEP_BLOCKED))
    return FATIA_STEP_SKIPPED;
  return priv->state;
}

/**
 * fatia_step_get_message:
 *
 * Returns: (transfer none) (nullable): why it stands there, and what to do
 */
const char *
fatia_step_get_message (FatiaStep *self)
{
  g_return_val_if_fail (FATIA_IS_STEP (self), NULL);
  return PRIVATE (self)->message;
}

/**
 * fatia_step_is_busy:
 *
 * Returns: whether something is being done
 */
gboolean
fatia_step_is_busy (FatiaStep *self)
{
  g_return_val_if_fail (FATIA_IS_STEP (self), FALSE);
  return PRIVATE (self)->busy;
}

/**
 * fatia_step_is_skippable:
 *
 * Returns: whether the person may go on without it
 */
gboolean
fatia_step_is_skippable (FatiaStep *self)
{
  g_return_val_if_fail (FATIA_IS_STEP (self), FALSE);
  return FATIA_STEP_GET_CLASS (self)->skippable;
}

/**
 * fatia_step_get_skipping_means:
 *
 * Returns: (transfer none) (nullable): what the person then goes without
 */
const char *
fatia_step_get_skipping_means (FatiaStep *self)
{
  const char *words;

  g_return_val_if_fail (FATIA_IS_STEP (self), NULL);

  words = FATIA_STEP_GET_CLASS (self)->skipping_means;
  return words ? _ (words) : NULL;
}

/**
 * fatia_step_set_skipped:
 * @skipped: whether the person goes on without it, for this session only
 */
void
fatia_step_set_skipped (FatiaStep *self, gboolean skipped)
{
  FatiaStepPrivate *priv;

  g_return_if_fail (FATIA_IS_STEP (self));
  g_return_if_fail (!skipped || FATIA_STEP_GET_CLASS (self)->skippable);

  priv = PRIVATE (self);
  if (priv->skipped == skipped)
    return;
  priv->skipped = skipped;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/**
 * fatia_step_set_state:
 * @state: where the step stands
 * @message: (nullable): why, and what to do
 */
void
fatia_step_set_state (FatiaStep *self, FatiaStepState state, const char *message)
{
  FatiaStepPrivate *priv;

  g_return_if_fail (FATIA_IS_STEP (self));

  priv = PRIVATE (self);
  if (g_set_str (&priv->message, message))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MESSAGE]);
  if (priv->state != state)
    {
      priv->state = state;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
    }
}

void
fatia_step_set_statef (FatiaStep *self, FatiaStepState state, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  fatia_step_set_state (self, state, message);
}

/**
 * fatia_step_set_progress:
 * @progress: (nullable): what is being done
 * @fraction: how much of it is, from 0 to 1; below 0: unknown
 */
void
fatia_step_set_progress (FatiaStep *self, const char *progress, double fraction)
{
  FatiaStepPrivate *priv;

  g_return_if_fail (FATIA_IS_STEP (self));

  priv = PRIVATE (self);
  fraction = fraction < 0 ? -1.0 : MIN (fraction, 1.0);
  if (g_set_str (&priv->progress, progress))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
  if (priv->fraction != fraction)
    {
      priv->fraction = fraction;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FRACTION]);
    }
}

void
fatia_step_set_busy (FatiaStep *self, gboolean busy)
{
  FatiaStepPrivate *priv = PRIVATE (self);

  if (priv->busy == busy)
    return;
  priv->busy = busy;
  if (!busy)
    fatia_step_set_progress (self, NULL, -1.0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

/* @line NULL: begins a new log. */
void
fatia_step_add_log (FatiaStep *self, const char *line)
{
  FatiaStepPrivate *priv = PRIVATE (self);

  if (!line)
    g_string_truncate (priv->log, 0);
  else
    g_string_append_printf (priv->log, "%s\n", line);
  if (priv->log->len > LOG_LIMIT)
    {
      const char *cut = strchr (priv->log->str + priv->log->len - LOG_LIMIT, '\n');

      g_string_erase (priv->log, 0, cut ? cut + 1 - priv->log->str : -1);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOG]);
}

void
fatia_step_set_cancellable (FatiaStep *self, GCancellable *cancellable)
{
  g_set_object (&PRIVATE (self)->cancellable, cancellable);
}

/**
 * fatia_step_cancel:
 *
 * Cancels what is being done where that can be cancelled; its future then rejects with
 * %G_IO_ERROR_CANCELLED.
 */
void
fatia_step_cancel (FatiaStep *self)
{
  g_return_if_fail (FATIA_IS_STEP (self));
  g_cancellable_cancel (PRIVATE (self)->cancellable);
}

/**
 * fatia_step_can_cancel:
 *
 * Returns: whether fatia_step_cancel() would end what is being done; changes with "busy" alone
 */
gboolean
fatia_step_can_cancel (FatiaStep *self)
{
  g_return_val_if_fail (FATIA_IS_STEP (self), FALSE);
  return PRIVATE (self)->cancellable != NULL;
}

void
fatia_step_update (FatiaStep *self)
{
  FATIA_STEP_GET_CLASS (self)->update (self);
}

FatiaHost *
fatia_step_get_host (FatiaStep *self)
{
  return fatia_setup_get_host (PRIVATE (self)->setup);
}

const FatiaFacts *
fatia_step_get_facts (FatiaStep *self)
{
  return fatia_setup_get_facts (PRIVATE (self)->setup);
}
