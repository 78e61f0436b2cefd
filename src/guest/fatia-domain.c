/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/fatia-virt-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

/* How long a guest that was asked to shut down counts as stopping; after that it runs, still. */
#define STOPPING_SECONDS 90

/**
 * FatiaDomain:
 *
 * One VM of ours. Lives in the main context.
 */
struct _FatiaDomain
{
  GObject parent_instance;
  char *name;
  char *uuid;
  char *title;
  char *glass_path;
  char *vf;
  char *disk;
  FatiaDomainState reported; /* by libvirt */
  FatiaDomainState state;
  guint stopping; /* source id while a shutdown is waited for */
};

G_DEFINE_FINAL_TYPE (FatiaDomain, fatia_domain, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_NAME,
  PROP_STATE,
  PROP_TITLE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
fatia_domain_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FatiaDomain *self = FATIA_DOMAIN (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title ? self->title : self->name);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_domain_finalize (GObject *object)
{
  FatiaDomain *self = FATIA_DOMAIN (object);

  g_clear_handle_id (&self->stopping, g_source_remove);
  g_free (self->name);
  g_free (self->uuid);
  g_free (self->title);
  g_free (self->glass_path);
  g_free (self->vf);
  g_free (self->disk);
  G_OBJECT_CLASS (fatia_domain_parent_class)->finalize (object);
}

static void
fatia_domain_class_init (FatiaDomainClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = fatia_domain_get_property;
  object_class->finalize = fatia_domain_finalize;
  properties[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_STATE] =
    g_param_spec_int ("state", NULL, NULL, FATIA_DOMAIN_OFF, FATIA_DOMAIN_CRASHED, FATIA_DOMAIN_OFF,
                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_TITLE] =
    g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
fatia_domain_init (FatiaDomain *self)
{
}

static void
set_state (FatiaDomain *self, FatiaDomainState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

FatiaDomain *
fatia_domain_new (const FatiaDomainRecord *record)
{
  FatiaDomain *self = g_object_new (FATIA_TYPE_DOMAIN, NULL);

  fatia_domain_update (self, record);
  return self;
}

/**
 * fatia_domain_update:
 *
 * Takes over what libvirt says now.
 */
void
fatia_domain_update (FatiaDomain *self, const FatiaDomainRecord *record)
{
  g_assert (FATIA_IS_DOMAIN (self));

  if (g_set_str (&self->name, record->name))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
  if (g_set_str (&self->title, record->title))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
  g_set_str (&self->uuid, record->uuid);
  g_set_str (&self->glass_path, record->glass_path);
  g_set_str (&self->vf, record->vf);
  g_set_str (&self->disk, record->disk);
  self->reported = record->state;
  if (record->state != FATIA_DOMAIN_RUNNING)
    g_clear_handle_id (&self->stopping, g_source_remove);
  set_state (self, self->stopping != 0 ? FATIA_DOMAIN_STOPPING : record->state);
}

static gboolean
stop_waiting (gpointer data)
{
  FatiaDomain *self = data;

  self->stopping = 0;
  set_state (self, self->reported);
  return G_SOURCE_REMOVE;
}

void
fatia_domain_set_stopping (FatiaDomain *self)
{
  g_assert (FATIA_IS_DOMAIN (self));

  if (self->reported != FATIA_DOMAIN_RUNNING)
    return;
  g_clear_handle_id (&self->stopping, g_source_remove);
  self->stopping = g_timeout_add_seconds (STOPPING_SECONDS, stop_waiting, self);
  set_state (self, FATIA_DOMAIN_STOPPING);
}

/**
 * fatia_domain_get_name:
 *
 * Returns: (transfer none): libvirt's name of the VM
 */
const char *
fatia_domain_get_name (FatiaDomain *self)
{
  g_return_val_if_fail (FATIA_IS_DOMAIN (self), NULL);
  return self->name;
}

/**
 * fatia_domain_get_uuid:
 *
 * Returns: (transfer none): libvirt's identifier, which survives a renaming
 */
const char *
fatia_domain_get_uuid (FatiaDomain *self)
{
  g_return_val_if_fail (FATIA_IS_DOMAIN (self), NULL);
  return self->uuid;
}

/**
 * fatia_domain_get_state:
 *
 * Returns: what the VM does; stopping for a while after it was asked to
 */
FatiaDomainState
fatia_domain_get_state (FatiaDomain *self)
{
  g_return_val_if_fail (FATIA_IS_DOMAIN (self), FATIA_DOMAIN_OFF);
  return self->state;
}

/**
 * fatia_domain_get_state_word:
 *
 * Returns: (transfer none): what the VM does, in a word or two for people
 */
const char *
fatia_domain_get_state_word (FatiaDomain *self)
{
  g_return_val_if_fail (FATIA_IS_DOMAIN (self), NULL);

  switch (self->state)
    {
    case FATIA_DOMAIN_RUNNING:
      return _ ("Running");
    case FATIA_DOMAIN_PAUSED:
      return _ ("Paused");
    case FATIA_DOMAIN_STOPPING:
      return _ ("Shutting down");
    case FATIA_DOMAIN_CRASHED:
      return _ ("Crashed");
    case FATIA_DOMAIN_OFF:
    default:
      return _ ("Off");
    }
}

/**
 * fatia_domain_is_on:
 *
 * Returns: whether the VM holds its resources: there is something to see or to stop
 */
gboolean
fatia_domain_is_on (FatiaDomain *self)
{
  g_return_val_if_fail (FATIA_IS_DOMAIN (self), FALSE);
  return self->state != FATIA_DOMAIN_OFF && self->state != FATIA_DOMAIN_CRASHED;
}

/**
 * fatia_domain_state_to_string:
 *
 * Returns: (transfer none): a word for programs, never translated
 */
const char *
fatia_domain_state_to_string (FatiaDomainState state)
{
  static const char *const words[] = { "off", "running", "paused", "stopping", "crashed" };

  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (words), "off");
  return words[state];
}

/**
 * fatia_domain_get_glass_path:
 *
 * Returns: (transfer none) (nullable): the file that is its Looking Glass memory
 */
const char *
fatia_domain_get_glass_path (FatiaDomain *self)
{
  g_return_val_if_fail (FATIA_IS_DOMAIN (self), NULL);
  return self->glass_path;
}

/**
 * fatia_domain_get_vf:
 *
 * Returns: (transfer none) (nullable): the PCI address of the virtual function it is given
 */
const char *
fatia_domain_get_vf (FatiaDomain *self)
{
  g_return_val_if_fail (FATIA_IS_DOMAIN (self), NULL);
  return self->vf;
}

/**
 * fatia_domain_get_disk:
 *
 * Returns: (transfer none) (nullable): the absolute path of its disk's image
 */
const char *
fatia_domain_get_disk (FatiaDomain *self)
{
  g_return_val_if_fail (FATIA_IS_DOMAIN (self), NULL);
  return self->disk;
}
