/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-host-private.h"

/**
 * FatiaPastChange:
 *
 * A change the helper's journal tells of.
 */
struct _FatiaPastChange
{
  GObject parent_instance;
  char *id;
  char *step;
  char *title;
  char *state;
  gint64 time;
};

G_DEFINE_FINAL_TYPE (FatiaPastChange, fatia_past_change, G_TYPE_OBJECT)

static void
fatia_past_change_finalize (GObject *object)
{
  FatiaPastChange *self = FATIA_PAST_CHANGE (object);

  g_free (self->id);
  g_free (self->step);
  g_free (self->title);
  g_free (self->state);
  G_OBJECT_CLASS (fatia_past_change_parent_class)->finalize (object);
}

static void
fatia_past_change_class_init (FatiaPastChangeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fatia_past_change_finalize;
}

static void
fatia_past_change_init (FatiaPastChange *self)
{
}

/**
 * fatia_past_changes_new_from_variant:
 * @changes: the helper's answer, a(ssxss): id, step, time, title, state
 *
 * Returns: (transfer full): a #GListStore of #FatiaPastChange, in the same order
 */
GListStore *
fatia_past_changes_new_from_variant (GVariant *changes)
{
  GListStore *store = g_list_store_new (FATIA_TYPE_PAST_CHANGE);
  const char *id, *step, *title, *state;
  GVariantIter iter;
  gint64 when;

  g_variant_iter_init (&iter, changes);
  while (g_variant_iter_next (&iter, "(&s&sx&s&s)", &id, &step, &when, &title, &state))
    {
      g_autoptr (FatiaPastChange) change = g_object_new (FATIA_TYPE_PAST_CHANGE, NULL);

      change->id = g_strdup (id);
      change->step = g_strdup (step);
      change->title = g_strdup (title);
      change->state = g_strdup (state);
      change->time = when;
      g_list_store_append (store, change);
    }
  return store;
}

/**
 * fatia_past_change_get_id:
 *
 * Returns: (transfer none): the journal's name for it
 */
const char *
fatia_past_change_get_id (FatiaPastChange *self)
{
  g_return_val_if_fail (FATIA_IS_PAST_CHANGE (self), NULL);
  return self->id;
}

/**
 * fatia_past_change_get_step:
 *
 * Returns: (transfer none): the step it belongs to: "gop", "boot", "vfs" or "memory"
 */
const char *
fatia_past_change_get_step (FatiaPastChange *self)
{
  g_return_val_if_fail (FATIA_IS_PAST_CHANGE (self), NULL);
  return self->step;
}

/**
 * fatia_past_change_get_title:
 *
 * Returns: (transfer none): what was done, in words
 */
const char *
fatia_past_change_get_title (FatiaPastChange *self)
{
  g_return_val_if_fail (FATIA_IS_PAST_CHANGE (self), NULL);
  return self->title;
}

/**
 * fatia_past_change_get_time:
 *
 * Returns: when it was applied, in seconds since 1970
 */
gint64
fatia_past_change_get_time (FatiaPastChange *self)
{
  g_return_val_if_fail (FATIA_IS_PAST_CHANGE (self), 0);
  return self->time;
}

/**
 * fatia_past_change_get_state:
 *
 * Returns: (transfer none): "applied", "undone" or "rolled-back"
 */
const char *
fatia_past_change_get_state (FatiaPastChange *self)
{
  g_return_val_if_fail (FATIA_IS_PAST_CHANGE (self), NULL);
  return self->state;
}
