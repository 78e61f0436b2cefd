/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/fatia-checks-private.h"

/**
 * FatiaFinding:
 *
 * What a check found; immutable. Its properties are for list models and bindings: "id", "title",
 * "meaning" (strings), "state" (a #FatiaState, as int), "remedy" (%G_TYPE_STRV).
 */
struct _FatiaFinding
{
  GObject parent_instance;
  char *id;
  char *title;
  FatiaState state;
  char *meaning;
  GStrv remedy;
};

enum
{
  PROP_0,
  PROP_ID,
  PROP_TITLE,
  PROP_STATE,
  PROP_MEANING,
  PROP_REMEDY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FatiaFinding, fatia_finding, G_TYPE_OBJECT)

static void
fatia_finding_finalize (GObject *object)
{
  FatiaFinding *self = FATIA_FINDING (object);

  g_free (self->id);
  g_free (self->title);
  g_free (self->meaning);
  g_strfreev (self->remedy);
  G_OBJECT_CLASS (fatia_finding_parent_class)->finalize (object);
}

static void
fatia_finding_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FatiaFinding *self = FATIA_FINDING (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_MEANING:
      g_value_set_string (value, self->meaning);
      break;
    case PROP_REMEDY:
      g_value_set_boxed (value, self->remedy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_finding_class_init (FatiaFindingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = fatia_finding_finalize;
  object_class->get_property = fatia_finding_get_property;
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, FATIA_STATE_PASSED,
                                             FATIA_STATE_UNKNOWN, FATIA_STATE_UNKNOWN, flags);
  properties[PROP_MEANING] = g_param_spec_string ("meaning", NULL, NULL, NULL, flags);
  properties[PROP_REMEDY] = g_param_spec_boxed ("remedy", NULL, NULL, G_TYPE_STRV, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
fatia_finding_init (FatiaFinding *self)
{
  self->state = FATIA_STATE_UNKNOWN;
}

/*
 * fatia_finding_new:
 * @remedy: (nullable): %NULL for none
 */
FatiaFinding *
fatia_finding_new (const char *id,
                   const char *title,
                   FatiaState state,
                   const char *meaning,
                   const char *const *remedy)
{
  FatiaFinding *self = g_object_new (FATIA_TYPE_FINDING, NULL);
  const char *const none[] = { NULL };

  self->id = g_strdup (id);
  self->title = g_strdup (title);
  self->state = state;
  self->meaning = g_strdup (meaning);
  self->remedy = g_strdupv ((GStrv) (remedy ? remedy : none));
  return self;
}

/**
 * fatia_finding_get_id:
 *
 * Returns: the check's name for programs, which never changes: "vt-d"
 */
const char *
fatia_finding_get_id (FatiaFinding *self)
{
  g_return_val_if_fail (FATIA_IS_FINDING (self), NULL);
  return self->id;
}

/**
 * fatia_finding_get_state:
 *
 * Returns: passed; warning: something is left to do or to know; failed: it will not work before
 *   this is done; unknown: the host does not tell, or the question makes no sense here
 */
FatiaState
fatia_finding_get_state (FatiaFinding *self)
{
  g_return_val_if_fail (FATIA_IS_FINDING (self), FATIA_STATE_UNKNOWN);
  return self->state;
}

/**
 * fatia_finding_get_title:
 *
 * Returns: what was looked at, a few words
 */
const char *
fatia_finding_get_title (FatiaFinding *self)
{
  g_return_val_if_fail (FATIA_IS_FINDING (self), NULL);
  return self->title;
}

/**
 * fatia_finding_get_meaning:
 *
 * Returns: what was found and what it means, one or more sentences
 */
const char *
fatia_finding_get_meaning (FatiaFinding *self)
{
  g_return_val_if_fail (FATIA_IS_FINDING (self), NULL);
  return self->meaning;
}

/**
 * fatia_finding_get_remedy:
 *
 * Returns: (transfer none): what to do, one step an item; empty where nothing is
 */
const char *const *
fatia_finding_get_remedy (FatiaFinding *self)
{
  g_return_val_if_fail (FATIA_IS_FINDING (self), NULL);
  return (const char *const *) self->remedy;
}

/**
 * fatia_state_to_string:
 *
 * Returns: the state's name for programs, not translated: "passed"
 */
const char *
fatia_state_to_string (FatiaState state)
{
  switch (state)
    {
    case FATIA_STATE_PASSED:
      return "passed";
    case FATIA_STATE_WARNING:
      return "warning";
    case FATIA_STATE_FAILED:
      return "failed";
    case FATIA_STATE_UNKNOWN:
    default:
      return "unknown";
    }
}
